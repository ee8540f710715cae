//! Whether a handler gets the same payload or the same error with the attribute as without, whatever the event.

#![no_main]

#[path = "../../tests/src/read.rs"]
#[allow(dead_code, reason = "the tests read events in more ways")]
mod read;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::dynamodb::Event as DynamoDbEvent;
use aws_lambda_events::sqs::SqsEvent;
use libfuzzer_sys::fuzz_target;
use read::{payload, read_as_the_runtime};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Debug;
use warm_runtime::{EventBridge, Incoming};

fuzz_target!(|body: &[u8]| {
    // Lambda refuses what is no JSON, and a line break before it moves the place of an error.
    let body = body.trim_ascii();
    if serde_json::from_slice::<&RawValue>(body).is_err() {
        return;
    }
    check(body, debug::<()>);
    check(body, debug::<u8>);
    check(body, debug::<f64>);
    check(body, debug::<String>);
    check(body, debug::<Option<Vec<String>>>);
    check(body, debug::<Value>);
    check(body, debug::<IgnoredAny>);
    check(body, debug::<Box<RawValue>>);
    check(body, debug::<Order>);
    check(body, debug::<Either>);
    check(body, json::<ApiGatewayV2httpRequest>);
    check(body, json::<DynamoDbEvent>);
    check(body, json::<SqsEvent>);
});

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "its fields are seen through `Debug`")]
struct Order {
    id: u32,
    #[serde(default)]
    source: Option<String>,
    items: Vec<Item>,
    detail: Option<Box<Order>>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "its fields are seen through `Debug`")]
enum Item {
    Tea { grams: u16 },
    Other(BTreeMap<String, Value>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "its fields are seen through `Debug`")]
enum Either {
    Numbers(Vec<i64>),
    Flat {
        version: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    },
}

fn check<T: DeserializeOwned>(body: &[u8], show: fn(&T) -> String) {
    let with = read_as_the_runtime::<Incoming<T, EventBridge>>(body);
    if matches!(&with, Ok(incoming) if incoming.is_ping()) {
        return;
    }
    let with = with.map(|incoming| show(&payload(incoming).expect("it is no ping")));
    let without = read_as_the_runtime::<T>(body).map(|payload| show(&payload));
    assert_eq!(with, without, "{}", std::any::type_name::<T>());
}

fn debug<T: Debug>(payload: &T) -> String {
    format!("{payload:?}")
}

/// For payloads with a `HashMap`, whose entries come in any order.
fn json<T: Serialize>(payload: &T) -> String {
    serde_json::to_value(payload).map_or_else(|error| error.to_string(), |value| value.to_string())
}
