use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: LambdaEvent<Value>) -> impl Into<Result<Value, Error>> {
    Ok(event.payload)
}

fn main() {}
