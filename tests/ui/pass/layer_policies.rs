//! A layer by the default policy, by another one, and by one that is generic; with a prime and without.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::sync::Arc;

use lambda_runtime::tower::{Layer, ServiceBuilder};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use warm_runtime::{EventBridge, Ping, Policy, WarmLayer};

enum Pings {}

impl Policy for Pings {
    const SOURCES: &'static [&'static str] = &["aws.scheduler"];
}

#[derive(Clone)]
struct Client;

impl Client {
    async fn refresh(&self, _ping: &Ping) -> Result<(), Error> {
        Ok(())
    }
}

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn warm<P: Policy>() -> WarmLayer<P> {
    WarmLayer::default()
}

fn main() {
    drop(run(WarmLayer::<EventBridge>::default().layer(service_fn(handler))));
    drop(run(WarmLayer::<Pings>::new().layer(service_fn(handler))));
    drop(run(warm::<Pings>().clone().layer(service_fn(handler))));
    drop(run(ServiceBuilder::new().layer(WarmLayer::<Pings>::new()).service_fn(handler)));

    let client = Client;
    let borrowing = async |ping: Ping| client.refresh(&ping).await;
    drop(run(WarmLayer::<EventBridge>::new().prime(borrowing).layer(service_fn(handler))));

    let shared = Arc::new(Client);
    let owning = move |ping: Ping| {
        let client = Arc::clone(&shared);
        async move { client.refresh(&ping).await }
    };
    let service = WarmLayer::<Pings>::new().prime(owning).layer(service_fn(handler));
    drop(lambda_runtime::run_concurrent(service));
}
