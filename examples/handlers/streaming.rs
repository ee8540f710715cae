//! A function that streams its response: the attribute takes it as it takes a buffered one.

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use warm_runtime::warmable;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}

/// The part of a day's calls to export.
#[derive(Deserialize)]
struct Export {
    calls: u32,
}

#[warmable]
async fn handler(event: LambdaEvent<Export>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    let Export { calls } = event.payload;
    tokio::spawn(async move {
        for line in lines(calls) {
            // It fails when the reader has gone: then there is nobody to write for.
            if sender.send_data(line.into()).await.is_err() {
                break;
            }
        }
    });
    let mut response = Response::from(body);
    response.metadata_prelude.headers.insert("content-type", "text/csv".parse()?);
    Ok(response)
}

/// The lines of the export, each made only when it is sent.
fn lines(calls: u32) -> impl Iterator<Item = String> {
    let title = "call,minutes\n".to_owned();
    std::iter::once(title).chain((1..=calls).map(|call| format!("{call},{}\n", call % 7 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_export_has_a_title_and_a_line_for_each_call() {
        let event = LambdaEvent::new(Export { calls: 2 }, Default::default());
        let response = handler_unwarmed(event).await.unwrap();
        assert_eq!(response.metadata_prelude.headers["content-type"], "text/csv");
        let body = response.stream.collect().await.unwrap().to_bytes();
        assert_eq!(body, "call,minutes\n1,2\n2,3\n");
    }
}
