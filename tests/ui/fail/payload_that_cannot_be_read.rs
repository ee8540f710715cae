use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

struct NotDeserialize;

#[warmable]
async fn handler(_event: LambdaEvent<NotDeserialize>) -> Result<Value, Error> {
    Ok(Value::Null)
}

fn start() {
    drop(lambda_runtime::run(lambda_runtime::service_fn(handler)));
}

fn main() {}
