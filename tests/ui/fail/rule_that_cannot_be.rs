use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable(rule = "arn:aws:events:eu-west-1:123456789012:rule/KeepWarm")]
async fn arn(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(rule = ["KeepWarm", "Keep Warm"])]
async fn blank(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
