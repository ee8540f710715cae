//! A `Runtime` of the program's own, with `lambda_runtime`'s layers around and a resource for SnapStart.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::sync::Arc;

use lambda_runtime::layers::{OpenTelemetryFaasTrigger, OpenTelemetryLayer, TracingLayer};
use lambda_runtime::tower::{Layer, ServiceBuilder};
use lambda_runtime::{BoxFuture, Error, LambdaEvent, Runtime, SnapStartResource, service_fn};
use serde_json::Value;
use warm_runtime::{EventBridge, Policy, WarmLayer};

enum Pings {}

impl Policy for Pings {
    const SOURCES: &'static [&'static str] = &["aws.scheduler"];
}

struct Pool;

impl SnapStartResource for Pool {
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

async fn sequential() -> Result<(), Error> {
    let warm = WarmLayer::<Pings>::new().prime(async |_ping| Ok::<_, Error>(()));
    Runtime::new(warm.layer(service_fn(handler)))
        .layer(TracingLayer::new())
        .layer(OpenTelemetryLayer::new(|| {}).with_trigger(OpenTelemetryFaasTrigger::Timer))
        .register_snapstart_resource(Arc::new(Pool))
        .run()
        .await
}

async fn concurrent() -> Result<(), Error> {
    let service = ServiceBuilder::new().layer(WarmLayer::<EventBridge>::new()).service_fn(handler);
    Runtime::new(service)
        .layer(TracingLayer::new())
        .register_snapstart_resource(Arc::new(Pool))
        .run_concurrent()
        .await
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn main() {
    // A `Runtime` reads the environment as soon as it is made, so it is made in a future that never runs.
    drop(sequential());
    drop(is_send(concurrent()));
}
