//! A program that has given the prelude's names another meaning.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::warmable;

#[allow(dead_code)]
enum Other {
    Ok,
    Err,
    Some,
    None,
}

#[allow(unused_imports)]
use Other::{Err, None, Ok, Some};

type Option = u32;

#[warmable(flag = "warmer", log = "debug")]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    let number: Option = 1;
    let _ = number;
    Result::Ok(event.payload)
}

fn main() {
    drop(lambda_runtime::run(service_fn(handler)));
}
