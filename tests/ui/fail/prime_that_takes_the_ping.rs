use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::{Ping, warmable};

async fn refresh(_ping: Ping) -> Result<(), Error> {
    Ok(())
}

#[warmable(prime = refresh)]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
