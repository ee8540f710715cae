//! Any `Result` that `lambda_runtime` accepts, through aliases and `impl Trait` too.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::convert::Infallible;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use warm_runtime::warmable;

#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("no such caller")]
    NoSuchCaller,
}

impl From<CallError> for Diagnostic {
    fn from(error: CallError) -> Self {
        Diagnostic { error_type: "CallError".into(), error_message: error.to_string() }
    }
}

type HandlerResult = Result<Value, lambda_runtime::Error>;

#[warmable]
async fn alias(event: LambdaEvent<Value>) -> HandlerResult {
    Ok(event.payload)
}

#[warmable]
async fn anyhow(event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    Ok(event.payload)
}

#[warmable]
async fn nothing(_event: LambdaEvent<Value>) -> Result<(), lambda_runtime::Error> {
    Ok(())
}

#[warmable]
async fn opaque(event: LambdaEvent<Value>) -> Result<impl Serialize, lambda_runtime::Error> {
    Ok(event.payload)
}

#[warmable]
async fn opaque_within(event: LambdaEvent<Value>) -> anyhow::Result<Vec<impl Serialize>> {
    Ok(vec![event.payload])
}

#[warmable]
async fn diagnostic(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    Ok(event.payload)
}

#[warmable]
async fn text(_event: LambdaEvent<Value>) -> Result<Value, &'static str> {
    Err("no")
}

#[warmable]
async fn typed(_event: LambdaEvent<Value>) -> Result<Value, CallError> {
    Err(CallError::NoSuchCaller)
}

#[warmable]
async fn infallible(event: LambdaEvent<Value>) -> Result<Value, Infallible> {
    Ok(event.payload)
}

fn main() {
    drop(lambda_runtime::run(service_fn(alias)));
    drop(lambda_runtime::run(service_fn(anyhow)));
    drop(lambda_runtime::run(service_fn(nothing)));
    drop(lambda_runtime::run(service_fn(opaque)));
    drop(lambda_runtime::run(service_fn(opaque_within)));
    drop(lambda_runtime::run(service_fn(diagnostic)));
    drop(lambda_runtime::run(service_fn(text)));
    drop(lambda_runtime::run(service_fn(typed)));
    drop(lambda_runtime::run(service_fn(infallible)));
}
