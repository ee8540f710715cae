//! A function whose HTTP response is streamed, from any body.

#![deny(warnings, missing_docs, unreachable_pub)]

use bytes::Bytes;
use http_body_util::StreamBody;
use http_body_util::combinators::BoxBody;
use lambda_http::{Body, Error, Request, Response, service_fn};
use tokio_stream::StreamExt;
use warm_runtime::http::{run_with_streaming_response, run_with_streaming_response_concurrent};

async fn chunks(_request: Request) -> Result<Response<impl http_body::Body<Data = Bytes, Error = Error> + Unpin + Send>, Error> {
    let chunks = tokio_stream::iter(["a", "b"]).map(|chunk| Ok(http_body::Frame::data(Bytes::from(chunk))));
    Ok(Response::new(StreamBody::new(chunks)))
}

async fn whole(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(request.into_body()))
}

async fn boxed(_request: Request) -> Result<Response<BoxBody<Bytes, Error>>, Error> {
    Ok(Response::new(BoxBody::default()))
}

fn main() {
    drop(run_with_streaming_response(service_fn(chunks)));
    drop(run_with_streaming_response(service_fn(whole)));
    drop(run_with_streaming_response_concurrent(service_fn(chunks)));
    drop(run_with_streaming_response_concurrent(service_fn(boxed)));
}
