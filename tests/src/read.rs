use lambda_runtime::{Context, LambdaEvent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::pin::pin;
use std::task::{self, Poll, Waker};
use warm_runtime::{Incoming, Policy};

/// Reads a payload as `lambda_runtime` 1.5 does, and reports as it does (`deserializer.rs` there; neither is public).
///
/// # Errors
///
/// The text that would be the `errorMessage`.
pub fn read_as_the_runtime<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    const ERROR_CONTEXT: &str = "failed to deserialize the incoming data into the function's payload type";
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| match error.path().to_string() {
        path if path == "." => format!("{ERROR_CONTEXT}: {error}\n"),
        path => format!("{ERROR_CONTEXT}: [{path}] {error}\n"),
    })
}

/// The payload that the function behind an annotated handler gets; `None` for a ping.
#[must_use]
pub fn payload<T, P: Policy>(incoming: Incoming<T, P>) -> Option<T> {
    Incoming::open(LambdaEvent::new(incoming, Context::default())).ok().map(|event| event.payload)
}

/// What a handler returns that waits for nothing.
///
/// # Panics
///
/// If it waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the handler waits"),
    }
}

/// Reads what may be a ping as a handler does that looks into a `Value` first.
#[must_use]
pub fn read_by_value<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let value: Value = read_as_the_runtime(body).ok()?;
    if value["source"] == "aws.events" { None } else { serde_json::from_value(value).ok() }
}

/// Reads what may be a ping as a handler does whose payload is an enum of both.
#[must_use]
pub fn read_by_enum<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    match read_as_the_runtime(body).ok()? {
        PingOr::Ping { source: Source::Events } => None,
        PingOr::Event(event) => Some(event),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PingOr<T> {
    Ping { source: Source },
    Event(T),
}

#[derive(Deserialize)]
enum Source {
    #[serde(rename = "aws.events")]
    Events,
}
