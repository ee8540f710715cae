use lambda_runtime::{Context, LambdaEvent};
use serde::de::DeserializeOwned;
use warm_runtime::Incoming;

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
pub fn payload<T, P>(incoming: Incoming<T, P>) -> Option<T> {
    Incoming::open(LambdaEvent::new(incoming, Context::default())).ok().map(|event| event.payload)
}
