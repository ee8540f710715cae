use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: Value) -> Result<LambdaEvent<Value>, Error> {
    Ok(LambdaEvent::new(event, Default::default()))
}

fn main() {}
