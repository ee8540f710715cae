use serde_json::Value;
use warm_local::{Environment, Function, Invocation, events};

/// What a ping is answered where a policy says nothing else.
pub const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

/// The event that a rule sends on its schedule.
#[must_use]
pub fn ping() -> String {
    events::scheduled_event("KeepWarm")
}

/// The same with a `detail` that says something, as from a rule with a constant input.
#[must_use]
pub fn ping_with(detail: &Value) -> String {
    ping().replace(r#""detail":{}"#, &format!(r#""detail":{detail}"#))
}

/// Starts a function without what this process may have set for its log.
///
/// # Panics
///
/// If the function does not start.
pub async fn start(function: Function) -> Environment {
    let function = ["RUST_LOG", "SUBSCRIBER"].into_iter().fold(function, Function::env_remove);
    function.start().await.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Invokes a function.
///
/// # Panics
///
/// If there is no answer.
pub async fn send(environment: &Environment, event: impl Into<Vec<u8>>) -> Invocation {
    environment.invoke(event.into()).await.unwrap_or_else(|error| panic!("{error:?}"))
}
