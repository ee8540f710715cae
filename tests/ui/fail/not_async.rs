use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

// The function is still there, so that nothing else fails.
fn uses(event: LambdaEvent<Value>) -> Result<Value, Error> {
    handler(event)
}

fn main() {}
