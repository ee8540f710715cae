use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable(
    source = 5,
    flag = true,
    rule = ["KeepWarm", 7],
    when = |_| true,
    status = "200",
    response = warm,
    event_type = 1,
    case = "PascalCase",
    log = "loud",
    report = "yes",
    metrics = "AWS/Lambda",
    prime_timeout = 2,
    max_hold = "soon",
    prime = "refresh",
    crate = "acme"
)]
async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(policy = "acme::Pings")]
async fn policy(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(source)]
async fn none(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(Self = true)]
async fn too_much(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable("aws.events")]
async fn no_name(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {}
