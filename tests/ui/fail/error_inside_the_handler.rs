use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    event.payload.no_such_method();
    let half_written = 
}

fn main() {}
