//! Nothing that is written for the user causes a warning, under the strictest lints either, and nothing needs a lint's
//! permission, which `forbid` would refuse.

#![deny(warnings, clippy::pedantic, clippy::nursery)]
#![forbid(missing_docs, unreachable_pub, dead_code, nonstandard_style, unused, unsafe_code, clippy::all)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::warmable;

/// Handlers that are part of a library.
pub mod library {
    use lambda_runtime::{Error, LambdaEvent};
    use serde_json::Value;
    use warm_runtime::warmable;

    /// Answers with what it was sent.
    ///
    /// # Errors
    ///
    /// If nothing was sent.
    ///
    /// # Panics
    ///
    /// If a number was sent.
    #[warmable(source = "acme.pings", flag = "warmer", status = 202)]
    pub async fn find_caller(event: LambdaEvent<Value>) -> Result<Value, Error> {
        assert!(!event.payload.is_number(), "a number");
        let payload = async { event.payload }.await;
        if payload.is_null() { Err("nothing was sent".into()) } else { Ok(payload) }
    }

    /// What answers.
    pub struct Api;

    impl Api {
        /// Answers with what it was sent.
        ///
        /// # Errors
        ///
        /// Never.
        #[warmable]
        pub async fn handle(&self, event: LambdaEvent<Value>, client: &str) -> Result<Value, Error> {
            let _: &Self = self;
            Ok(async { Value::from(format!("{client} {}", event.payload)) }.await)
        }
    }
}

#[warmable]
async fn handler(
    _event: LambdaEvent<Value>,
    _: u32,
    LambdaEvent { payload, .. }: LambdaEvent<Value>,
) -> Result<Value, Error> {
    Ok(async { payload }.await)
}

fn main() {
    drop(lambda_runtime::run(service_fn(library::find_caller)));
    drop(lambda_runtime::run(service_fn(|event| library::Api.handle(event, "client"))));
    drop(lambda_runtime::run(service_fn(|event| {
        handler(event, 1, LambdaEvent::new(Value::Null, lambda_runtime::Context::default()))
    })));
}
