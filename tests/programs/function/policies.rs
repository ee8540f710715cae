//! Handlers with arguments.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use warm_runtime::{Level, Ping, Policy, ScheduledEvent, warmable};

pub(crate) async fn start(policy: &str) -> Result<(), Error> {
    match policy {
        "all" => run(service_fn(all)).await,
        "shared" => run(service_fn(shared)).await,
        "silent" => run(service_fn(silent)).await,
        "level" => run(service_fn(level)).await,
        "figures" => run(service_fn(figures)).await,
        "primed" => run(service_fn(primed)).await,
        _ => Err(format!("there is no policy `{policy}`").into()),
    }
}

fn in_use(event: &ScheduledEvent<'_>) -> bool {
    event.region.as_deref() != Some("eu-west-2")
}

#[warmable(
    source = ["aws.events", "aws.scheduler"],
    flag = "warmer",
    rule = ["KeepSCVFunctionsWarm", "KeepIvrWarm"],
    when = in_use,
    status = 202,
    response = "still \"warm\"",
    event_type = "Schedule",
    case = "snake_case",
    log = "warn",
)]
async fn all(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

enum Pings {}

impl Policy for Pings {
    const SOURCES: &'static [&'static str] = &["acme.pings"];
    const RESPONSE: &'static str = "here";
    const LOG: Option<Level> = Some(Level::ERROR);
}

#[warmable(policy = Pings)]
async fn shared(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(log = false)]
async fn silent(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(log = "debug")]
async fn level(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(report = true, metrics = "Acme/Warm", log = false)]
async fn figures(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(prime = prime, prime_timeout = "20s", log = false)]
async fn primed(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

async fn prime(ping: &Ping) -> Result<(), String> {
    println!("primed by {}", ping.event.source);
    match &ping.event.detail {
        Some(detail) if detail.get() == r#""fail""# => Err("no connection".to_owned()),
        Some(detail) if detail.get() == r#""panic""# => panic!("no connection at all"),
        _ => Ok(()),
    }
}
