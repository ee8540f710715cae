//! Closures and services whose responses are streamed.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, FunctionResponse, LambdaEvent, StreamResponse, service_fn};
use serde_json::Value;
use tokio_stream::{Stream, StreamExt};

fn parts() -> impl Stream<Item = Result<String, Error>> + Unpin + Send {
    tokio_stream::iter(["a", "b"]).map(|part| Ok(part.to_owned()))
}

fn main() {
    drop(warm_runtime::run(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(StreamResponse::from(parts())))));
    drop(warm_runtime::run(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(Response::from(channel().1)))));
    drop(warm_runtime::run_concurrent(service_fn(|event: LambdaEvent<Value>| async {
        Ok::<FunctionResponse<Value, Body>, Error>(FunctionResponse::BufferedResponse(event.payload))
    })));
}
