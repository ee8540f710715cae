use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

enum Pings {}

impl warm_runtime::Policy for Pings {}

#[warmable(source = "aws.events", policy = Pings, status = 202)]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
