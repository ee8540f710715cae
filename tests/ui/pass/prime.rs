//! A prime is given the ping, and what else the handler is given.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::{Ping, Policy, warmable};

struct Client;

enum Pings {}

impl Policy for Pings {
    const PRIME_TIMEOUT: Option<Duration> = Some(Duration::from_secs(1));
}

async fn refresh(_ping: &Ping) -> Result<(), Error> {
    Ok(())
}

async fn refresh_client(ping: &Ping, _client: &Client, label: String) -> Result<(), String> {
    Err(format!("{label}: {:?}", ping.context.request_id))
}

fn refresh_in_a_future(_ping: &Ping) -> impl Future<Output = anyhow::Result<()>> + use<> {
    async { Ok(()) }
}

#[warmable(prime = refresh, prime_timeout = "2s", max_hold = "500ms", report = true, metrics = "Acme/Warm")]
async fn alone(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

#[warmable(policy = Pings, prime = refresh_client)]
async fn with_parameters(client: &Client, ping: LambdaEvent<Value>, label: String) -> Result<Value, Error> {
    let _ = (client, label);
    Ok(ping.payload)
}

#[warmable(prime = refresh_in_a_future)]
async fn not_an_async_fn(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}

struct Api {
    client: Client,
}

impl Api {
    async fn refresh(&self, _ping: &Ping, number: u32) -> Result<(), Error> {
        let _ = (&self.client, number);
        Ok(())
    }

    async fn refresh_without(_ping: &Ping) -> Result<(), Error> {
        Ok(())
    }

    #[warmable(prime = Self::refresh)]
    async fn handle(&self, event: LambdaEvent<Value>, number: u32) -> Result<Value, Error> {
        let _ = (&self.client, number);
        Ok(event.payload)
    }

    #[warmable(prime = refresh)]
    async fn handle_with_a_function(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let _ = &self.client;
        Ok(event.payload)
    }

    #[warmable(Self, prime = Self::refresh_without)]
    async fn associated(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn main() {
    let client = Client;
    let api = Api { client: Client };
    drop(lambda_runtime::run(service_fn(alone)));
    drop(lambda_runtime::run(service_fn(|event| is_send(with_parameters(&client, event, String::new())))));
    drop(lambda_runtime::run(service_fn(not_an_async_fn)));
    drop(lambda_runtime::run(service_fn(|event| is_send(api.handle(event, 1)))));
    drop(lambda_runtime::run(service_fn(|event| api.handle_with_a_function(event))));
    drop(lambda_runtime::run(service_fn(Api::associated)));
}
