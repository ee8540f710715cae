use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: LambdaEvent<Value>) {
    let _: Result<LambdaEvent<Value>, Error> = Ok(event);
}

fn main() {}
