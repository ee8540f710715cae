//! Type parameters, const parameters, lifetimes and `where` clauses.

#![deny(warnings, missing_docs, unreachable_pub)]

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use serde_json::Value;
use warm_runtime::warmable;

trait Store {
    const NAME: &'static str;
    fn get<'a>(&'a self, key: &'a str) -> &'a str;
}

struct Memory;

impl Store for Memory {
    const NAME: &'static str = "memory";
    fn get<'a>(&'a self, key: &'a str) -> &'a str {
        key
    }
}

#[warmable]
async fn bounded<T: DeserializeOwned + ToString>(event: LambdaEvent<T>) -> Result<String, Error> {
    Ok(event.payload.to_string())
}

#[warmable]
async fn borrowed<'a, S>(event: LambdaEvent<Value>, store: &'a S, key: &'a str) -> Result<&'a str, Error>
where
    S: Store + ?Sized,
{
    let _ = event;
    Ok(store.get(key))
}

#[warmable]
async fn named_only<S: Store, const N: usize>(_event: LambdaEvent<Value>) -> Result<Vec<&'static str>, Error> {
    Ok(vec![S::NAME; N])
}

fn main() {
    let store = Memory;
    drop(lambda_runtime::run(service_fn(bounded::<Value>)));
    drop(lambda_runtime::run(service_fn(|event| borrowed(event, &store, "key"))));
    drop(lambda_runtime::run(service_fn(named_only::<Memory, 3>)));
}
