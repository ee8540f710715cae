//! A closure over shared state, borrowed or counted, as `lambda_runtime` takes it; its payload is inferred from its body.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::cell::Cell;
use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Request {
    name: String,
}

struct Client;

impl Client {
    async fn greet(&self, name: &str) -> Result<String, Error> {
        Ok(format!("hello {name}"))
    }
}

async fn handler(event: LambdaEvent<Request>, client: &Client) -> anyhow::Result<String> {
    client.greet(&event.payload.name).await.map_err(anyhow::Error::from_boxed)
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn main() {
    let client = Client;
    drop(warm_runtime::run(service_fn(|event: LambdaEvent<Request>| client.greet_payload(event))));
    drop(warm_runtime::run(service_fn(|event| handler(event, &client))));
    drop(warm_runtime::run(service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(event.payload))));

    let shared = Arc::new(Client);
    drop(is_send(warm_runtime::run(service_fn(move |event: LambdaEvent<Request>| {
        let client = Arc::clone(&shared);
        async move { client.greet(&event.payload.name).await }
    }))));

    // What `run` takes need be neither `Send` nor `'static`, nor even `Fn`.
    let mut count = 0;
    let last = Cell::new(String::new());
    drop(warm_runtime::run(service_fn(|event: LambdaEvent<Request>| {
        count += 1;
        let (count, last) = (count, &last);
        async move {
            last.set(event.payload.name);
            Ok::<i32, &'static str>(count)
        }
    })));
}

impl Client {
    async fn greet_payload(&self, event: LambdaEvent<Request>) -> Result<String, Error> {
        self.greet(&event.payload.name).await
    }
}
