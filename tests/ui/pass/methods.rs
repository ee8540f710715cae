//! Methods, and associated functions: one shows it by `Self` in its signature, the other says so.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use warm_runtime::{Policy, warmable};

enum Pings {}

impl Policy for Pings {
    const RESPONSE: &'static str = "still here";
}

struct Api<T> {
    value: T,
}

impl<T: Clone + Into<Value>> Api<T> {
    #[warmable]
    async fn by_reference(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let _ = event;
        Ok(self.value.clone().into())
    }

    #[warmable(policy = Pings)]
    async fn by_value(mut self, number: u32, _event: LambdaEvent<Value>) -> Result<(T, u32), Error> {
        self.value = self.value.clone();
        Ok((self.value, number))
    }

    #[warmable]
    async fn by_exclusive_reference(&mut self, _event: LambdaEvent<Value>) -> Result<(), Error> {
        self.value = self.value.clone();
        Ok(())
    }

    #[warmable]
    async fn by_arc(self: std::sync::Arc<Self>, _event: LambdaEvent<Value>) -> Result<T, Error> {
        Ok(self.value.clone())
    }

    #[warmable]
    async fn associated(_event: LambdaEvent<Value>, api: &Self) -> Result<T, Error> {
        Ok(api.value.clone())
    }

    #[warmable(Self)]
    async fn associated_without_a_sign(event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

fn main() {
    let api = Api { value: "value" };
    drop(lambda_runtime::run(service_fn(|event| api.by_reference(event))));
    drop(lambda_runtime::run(service_fn(|event| Api { value: "value" }.by_value(1, event))));
    drop(lambda_runtime::run(service_fn(|event| async { Api { value: "value" }.by_exclusive_reference(event).await })));
    drop(lambda_runtime::run(service_fn(|event| std::sync::Arc::new(Api { value: "value" }).by_arc(event))));
    drop(lambda_runtime::run(service_fn(|event| Api::associated(event, &api))));
    drop(lambda_runtime::run(service_fn(Api::<&str>::associated_without_a_sign)));
    drop(api.by_reference_unwarmed(LambdaEvent::new(Value::Null, lambda_runtime::Context::default())));
}
