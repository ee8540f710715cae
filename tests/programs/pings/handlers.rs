//! Handlers that differ in what they do on a ping. Each gives its event back.

use std::time::SystemTime;

use lambda_runtime::tower::Layer;
use lambda_runtime::{Error, LambdaEvent, run_concurrent, service_fn};
use serde_json::{Value, json};
use warm_runtime::{EventBridge, WarmLayer, environment, warmable};

use crate::prime::{obey, obey_in_a_closure};

pub(crate) async fn start(handler: &str) -> Result<(), Error> {
    match handler {
        "patient" => run_concurrent(service_fn(patient)).await,
        "impatient" => run_concurrent(service_fn(impatient)).await,
        "layered" => {
            let layer = WarmLayer::<EventBridge>::new().prime(obey_in_a_closure);
            run_concurrent(layer.layer(service_fn(echo))).await
        }
        "brief" => run_concurrent(service_fn(brief)).await,
        "lasting" => run_concurrent(service_fn(lasting)).await,
        "reporting" => run_concurrent(service_fn(reporting)).await,
        "reporting_in_snake_case" => run_concurrent(service_fn(reporting_in_snake_case)).await,
        "measured" => run_concurrent(service_fn(measured)).await,
        "measured_without_prime" => run_concurrent(service_fn(measured_without_prime)).await,
        "remembering" => run_concurrent(service_fn(remembering)).await,
        _ => Err(format!("there is no handler `{handler}`").into()),
    }
}

async fn echo(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(prime = obey)]
async fn patient(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(prime = obey, prime_timeout = "100ms")]
async fn impatient(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(flag = "warmer", max_hold = "300ms")]
async fn brief(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(prime = obey, max_hold = "10m")]
async fn lasting(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(report = true)]
async fn reporting(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(report = true, case = "snake_case")]
async fn reporting_in_snake_case(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(prime = obey, prime_timeout = "100ms", metrics = "Acme/Warm", report = true)]
async fn measured(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

#[warmable(metrics = "Acme/Warm")]
async fn measured_without_prime(event: LambdaEvent<Value>) -> Result<Value, Error> {
    echo(event).await
}

/// Tells what the environment remembers.
#[warmable]
async fn remembering(_event: LambdaEvent<Value>) -> Result<Value, Error> {
    let environment = environment();
    let ms = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map(|time| time.as_millis() as u64);
    Ok(json!({
        "id": environment.id,
        "startedMs": ms(environment.started)?,
        "pings": environment.pings,
        "invocations": environment.invocations,
        "lastInvocationMs": environment.last_invocation.map(ms).transpose()?,
    }))
}
