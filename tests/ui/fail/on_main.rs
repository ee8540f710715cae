use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::warmable;

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable]
#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handler)).await
}
