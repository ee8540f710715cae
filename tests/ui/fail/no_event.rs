use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler() -> Result<Option<LambdaEvent<Value>>, Error> {
    Ok(None)
}

fn main() {}
