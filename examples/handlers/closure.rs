//! A closure over what all invocations share. There is no function to put an attribute on, so the
//! one changed word is `warm_runtime::run`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let directory = Directory::load();
    warm_runtime::run(service_fn(async |event: LambdaEvent<Lookup>| directory.find(&event.payload).await)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lookup {
    phone_number: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Customer {
    name: &'static str,
    tier: &'static str,
}

/// The customers by their phone numbers: a client of a database, were this more than an example.
struct Directory(HashMap<&'static str, Customer>);

impl Directory {
    fn load() -> Self {
        Self(HashMap::from([
            ("+14155550123", Customer { name: "Ada", tier: "gold" }),
            ("+14155550124", Customer { name: "Grace", tier: "silver" }),
        ]))
    }

    async fn find(&self, lookup: &Lookup) -> Result<Customer, Error> {
        let number = lookup.phone_number.as_str();
        self.0.get(number).cloned().ok_or_else(|| format!("nobody has the number {number}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn find(number: &str) -> Result<Customer, Error> {
        Directory::load().find(&Lookup { phone_number: number.to_owned() }).await
    }

    #[tokio::test]
    async fn a_customer_is_found_by_the_number() {
        assert_eq!(find("+14155550123").await.unwrap().name, "Ada");
    }

    #[tokio::test]
    async fn an_unknown_number_is_named() {
        assert_eq!(find("+1").await.unwrap_err().to_string(), "nobody has the number +1");
    }
}
