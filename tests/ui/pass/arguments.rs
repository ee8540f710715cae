//! Every argument, and all of them together.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::{ScheduledEvent, warmable};

/// What a team's shared crate would hold.
pub mod acme {
    pub use warm_runtime;

    /// The team's pings.
    pub enum Pings {}

    impl warm_runtime::Policy for Pings {
        const SOURCES: &'static [&'static str] = &["acme.pings"];
    }
}

fn of_this_region(event: &ScheduledEvent<'_>) -> bool {
    event.region.as_deref() == Some("eu-west-1")
}

#[warmable(
    source = ["aws.events", "aws.scheduler"],
    flag = "warmer",
    rule = ["KeepSCVFunctionsWarm", "KeepIvrWarm"],
    when = of_this_region,
    status = 202,
    response = "still warm",
    event_type = "Schedule",
    case = "snake_case",
    log = "debug",
    crate = acme::warm_runtime,
)]
async fn all(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(policy = acme::Pings)]
async fn shared(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(rule = "KeepWarm", case = "camelCase", log = true)]
async fn one_rule(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable()]
async fn none(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {
    drop(lambda_runtime::run(service_fn(all)));
    drop(lambda_runtime::run(service_fn(shared)));
    drop(lambda_runtime::run(service_fn(one_rule)));
    drop(lambda_runtime::run(service_fn(none)));
}
