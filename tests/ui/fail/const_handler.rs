use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
const fn handler(event: LambdaEvent<Value>) -> Result<LambdaEvent<Value>, Error> {
    Ok(event)
}

fn main() {}
