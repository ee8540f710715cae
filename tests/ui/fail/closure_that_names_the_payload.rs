use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn start() {
    drop(lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<Value>| handler(event))));
}

fn main() {}
