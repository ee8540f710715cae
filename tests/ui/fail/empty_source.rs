use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable(source = [])]
async fn no_source(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(source = "")]
async fn empty_source(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
