use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::{Ping, warmable};

async fn without_the_ping() -> Result<(), Error> {
    Ok(())
}

async fn without_a_result(_ping: &Ping) {}

#[warmable(prime = without_the_ping)]
async fn one(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(prime = without_a_result)]
async fn two(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

async fn refresh(_ping: &Ping) -> Result<(), Error> {
    Ok(())
}

#[warmable(prime = refresh)]
async fn three(event: LambdaEvent<Value>, client: &str) -> Result<Value, Error> {
    let _ = client;
    Ok(event.payload)
}

fn main() {}
