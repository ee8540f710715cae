use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable(status = 42)]
async fn low(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(status = 600)]
async fn high(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
