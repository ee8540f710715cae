//! Several handlers in one module, public ones, and ones in other modules and in a function.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde_json::Value;

/// Handlers that are part of a library.
pub mod handlers {
    use lambda_runtime::{Error, LambdaEvent};
    use serde_json::Value;
    use warm_runtime::warmable;

    /// Everybody may call it.
    ///
    /// # Errors
    ///
    /// Never.
    #[warmable(source = "acme.pings")]
    pub async fn public(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }

    #[warmable(status = 202)]
    pub(crate) async fn of_the_crate(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

mod private {
    use super::*;

    #[warm_runtime::warmable]
    pub(super) async fn of_the_parent(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

fn main() {
    #[warm_runtime::warmable(flag = "warmer")]
    async fn within(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }

    drop(lambda_runtime::run(service_fn(handlers::public)));
    drop(lambda_runtime::run(service_fn(handlers::of_the_crate)));
    drop(lambda_runtime::run(service_fn(private::of_the_parent)));
    drop(lambda_runtime::run(service_fn(within)));
    drop(handlers::public_unwarmed(LambdaEvent::new(Value::Null, Context::default())));
    drop(handlers::public(LambdaEvent::new(Value::Null.into(), Context::default())));
}
