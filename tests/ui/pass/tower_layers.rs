//! Layers of `tower`, within the warm layer and around it.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::time::Duration;

use lambda_runtime::tower::{BoxError, Layer, ServiceBuilder};
use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt;
use warm_runtime::{EventBridge, Incoming, Outcome, WarmLayer};

#[derive(Clone, Deserialize)]
struct Request {
    name: String,
}

async fn handler(event: LambdaEvent<Request>) -> Result<String, BoxError> {
    Ok(event.payload.name)
}

fn main() {
    let warm = WarmLayer::<EventBridge>::new();

    let within = ServiceBuilder::new()
        .layer(warm.clone())
        .concurrency_limit(2)
        .timeout(Duration::from_secs(3))
        .map_response(|name: String| Value::String(name))
        .map_request(|event: LambdaEvent<Request>| event)
        .service_fn(handler);
    drop(run(within.clone()));
    drop(lambda_runtime::run_concurrent(within));

    let around = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(2)
        .timeout(Duration::from_secs(3))
        .map_response(|outcome: Outcome<String>| outcome)
        .layer(warm.clone())
        .service_fn(handler);
    drop(run(around.clone()));
    drop(lambda_runtime::run_concurrent(around));

    let mapped = warm
        .layer(service_fn(handler))
        .map_request(|event: LambdaEvent<Incoming<Request>>| event)
        .map_err(|error| Diagnostic { error_type: "Handler".into(), error_message: error.to_string() })
        .map_result(|result| result)
        .boxed_clone();
    drop(run(mapped.clone()));

    // `run` puts the warm layer around a whole stack.
    drop(warm_runtime::run(ServiceBuilder::new().timeout(Duration::from_secs(3)).service_fn(handler)));
}
