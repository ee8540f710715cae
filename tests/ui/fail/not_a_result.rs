use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: LambdaEvent<Value>) -> Option<Value> {
    let _: Option<Error> = None;
    Some(event.payload)
}

fn main() {}
