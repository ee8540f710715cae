//! Further parameters at any position, and any pattern for the event.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::sync::Arc;

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::warmable;

struct Client;

trait Store: Send + Sync {
    fn get(&self) -> Value;
}

impl Store for Client {
    fn get(&self) -> Value {
        Value::Null
    }
}

#[warmable]
async fn client(event: LambdaEvent<Value>, _client: &Client) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable]
async fn number_first(number: u32, event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(Value::from(number + u32::from(event.payload.is_null())))
}

#[warmable]
async fn in_between(client: &Client, event: LambdaEvent<Value>, store: Arc<dyn Store>) -> Result<Value, Error> {
    let _ = (client, event);
    Ok(store.get())
}

#[warmable]
async fn callback(event: LambdaEvent<Value>, reply: impl Fn(&Context) -> Value) -> Result<Value, Error> {
    Ok(reply(&event.context))
}

#[warmable]
async fn destructured(LambdaEvent { payload, context: _ }: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(payload)
}

#[warmable]
async fn changed(mut event: LambdaEvent<Value>, mut number: u32) -> Result<Value, Error> {
    number += 1;
    event.payload = number.into();
    Ok(event.payload)
}

#[warmable]
async fn of_the_same_name(argument: LambdaEvent<Value>, event: u32, ping: u32) -> Result<Value, Error> {
    Ok(Value::from(event + ping + u32::from(argument.payload.is_null())))
}

#[warmable]
async fn patterns((first, _): (u32, u32), _: LambdaEvent<Value>, _unused: &str) -> Result<u32, Error> {
    Ok(first)
}

fn main() {
    let shared = Client;
    let store: Arc<dyn Store> = Arc::new(Client);
    drop(lambda_runtime::run(service_fn(|event| client(event, &shared))));
    drop(lambda_runtime::run(service_fn(|event| number_first(1, event))));
    drop(lambda_runtime::run(service_fn(|event| in_between(&shared, event, store.clone()))));
    drop(lambda_runtime::run(service_fn(|event| callback(event, |_| Value::Null))));
    drop(lambda_runtime::run(service_fn(destructured)));
    drop(lambda_runtime::run(service_fn(|event| changed(event, 1))));
    drop(lambda_runtime::run(service_fn(|event| of_the_same_name(event, 1, 2))));
    drop(lambda_runtime::run(service_fn(|event| patterns((1, 2), event, ""))));
}
