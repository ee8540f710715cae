//! Whatever the body: with the attribute a payload reads as the same value, or fails with the same text, and a ping is what
//! a naive reading of the body takes for one. `PROPTEST_CASES` asks for more bodies than the usual few.

mod bodies;
mod json;
mod oracle;
mod payloads;
mod policies;

use bodies::{any_body, mutated_sample, policy_body};
use payloads::for_each_payload;
use policies::for_each_policy;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use warm_runtime::{EventBridge, Incoming, Policy};
use warm_tests::{payload, read_as_the_runtime};

fn config(cases: u32) -> Config {
    let asked_for = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config::default();
    if asked_for { config } else { Config { cases, ..config } }
}

/// That `T` reads the same with the attribute and without.
fn same<T: DeserializeOwned + Debug + PartialEq>(body: &str) -> Result<(), TestCaseError> {
    let plain = read_as_the_runtime::<T>(body.as_bytes());
    match read_as_the_runtime::<Incoming<T>>(body.as_bytes()) {
        Ok(incoming) if incoming.is_ping() => prop_assert!(oracle::is_ping::<EventBridge>(body), "not a ping"),
        incoming => prop_assert_eq!(incoming.map(payload), plain.map(Some), "{}", std::any::type_name::<T>()),
    }
    Ok(())
}

/// That a ping by the policy `P` is what it should be.
fn recognised<P: Policy>(body: &str) -> Result<(), TestCaseError> {
    let incoming = read_as_the_runtime::<Incoming<serde::de::IgnoredAny, P>>(body.as_bytes());
    let is_ping = incoming.is_ok_and(|incoming| incoming.is_ping());
    prop_assert_eq!(is_ping, oracle::is_ping::<P>(body), "by the policy {}", std::any::type_name::<P>());
    Ok(())
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_body_reads_the_same(json in any_body()) {
        let body = json.to_string();
        for_each_payload!(same, &body);
    }

    #[test]
    fn a_mutated_sample_reads_the_same(json in mutated_sample()) {
        let body = json.to_string();
        for_each_payload!(same, &body);
        recognised::<EventBridge>(&body)?;
    }
}

proptest! {
    #![proptest_config(config(5_000))]

    #[test]
    fn a_ping_is_what_a_naive_reading_takes_for_one(json in policy_body()) {
        let body = json.to_string();
        for_each_policy!(recognised, &body);
    }
}

#[test]
fn the_bodies_hold_pings_and_others_for_every_policy() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let bodies: Vec<String> = (0..2_000)
        .map(|_| policy_body().new_tree(&mut runner).expect("a body can be made").current().to_string())
        .collect();
    fn both<P: Policy>(bodies: &[String]) -> Result<(), TestCaseError> {
        let pings = bodies.iter().filter(|body| oracle::is_ping::<P>(body)).count();
        assert!((20..bodies.len() - 20).contains(&pings), "{}: {pings} pings", std::any::type_name::<P>());
        Ok(())
    }
    let all = || -> Result<(), TestCaseError> {
        for_each_policy!(both, &bodies);
        Ok(())
    };
    all().expect("no case is rejected");
}
