//! Attributes on the handler: each applies where its author meant it.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing::instrument;
use warm_runtime::warmable;

#[warmable(log = false)]
#[cfg(not(all()))]
async fn compiled_out(event: NoSuchType) {}

#[warmable(log = false)]
#[allow(non_snake_case)]
async fn InvokeTelephonyIntegrationApiFunction(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(log = false)]
#[expect(unused_variables)]
async fn expected(event: LambdaEvent<Value>) -> Result<(), Error> {
    Ok(())
}

#[warmable]
#[instrument(skip_all)]
async fn traced_within(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[instrument(skip_all)]
#[warmable]
async fn traced_around(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

/// Documented.
#[deprecated(note = "use another")]
#[warmable]
pub async fn deprecated(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

fn main() {
    drop(lambda_runtime::run(service_fn(InvokeTelephonyIntegrationApiFunction)));
    drop(lambda_runtime::run(service_fn(expected)));
    drop(lambda_runtime::run(service_fn(traced_within)));
    drop(lambda_runtime::run(service_fn(traced_around)));
    #[allow(deprecated)]
    drop(lambda_runtime::run(service_fn(deprecated)));
}
