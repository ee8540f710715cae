//! Any payload that `lambda_runtime` accepts: a struct, `()`, a `Value`, through an alias of the event.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use warm_runtime::warmable;

#[derive(Deserialize)]
struct Request {
    name: String,
}

type Call = LambdaEvent<Request>;

#[warmable]
async fn structured(event: LambdaEvent<Request>) -> Result<String, Error> {
    Ok(event.payload.name)
}

#[warmable]
async fn aliased(event: Call) -> Result<String, Error> {
    Ok(event.payload.name)
}

#[warmable]
async fn unit(_event: LambdaEvent<()>) -> Result<(), Error> {
    Ok(())
}

#[warmable]
async fn value(event: lambda_runtime::LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {
    drop(lambda_runtime::run(service_fn(structured)));
    drop(lambda_runtime::run(service_fn(aliased)));
    drop(lambda_runtime::run(service_fn(unit)));
    drop(lambda_runtime::run(service_fn(value)));
}
