//! Buffered and streaming responses.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, FunctionResponse, LambdaEvent, StreamResponse, service_fn};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn stream(_event: LambdaEvent<Value>) -> Result<StreamResponse<Body>, Error> {
    Ok(channel().1.into())
}

#[warmable]
async fn response(_event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    Ok(Response::from(channel().1))
}

#[warmable]
async fn either(event: LambdaEvent<Value>) -> Result<FunctionResponse<Value, Body>, Error> {
    Ok(FunctionResponse::BufferedResponse(event.payload))
}

fn main() {
    drop(lambda_runtime::run(service_fn(stream)));
    drop(lambda_runtime::run(service_fn(response)));
    drop(lambda_runtime::run(service_fn(either)));
}
