//! Whether an event is a ping, against an oracle that reads the event with another parser and does not search for anything.

#![no_main]

use jiter::JsonValue;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use warm_runtime::{EventBridge, Incoming, Policy};

fuzz_target!(|body: &[u8]| {
    // Where one of the two refuses the body there is nothing to compare: they differ in what they make of `"\ud800"`.
    let Ok(event) = JsonValue::parse(body, false) else { return };
    check::<EventBridge>(body, &event);
    check::<Rules>(body, &event);
    check::<Escaped>(body, &event);
});

enum Rules {}

impl Policy for Rules {
    const SOURCES: &'static [&'static str] = &["aws.events", "aws.scheduler"];
    const FLAG: Option<&'static str> = Some("warmer");
    const RULES: &'static [&'static str] = &["KeepWarm", "KeepIvrWarm"];
}

/// What is looked for may be written in JSON in many ways.
enum Escaped {}

impl Policy for Escaped {
    const SOURCES: &'static [&'static str] = &["a/\"\u{1F980}\\\n"];
    const FLAG: Option<&'static str> = Some("\u{e9}/");
}

fn check<P: Policy>(body: &[u8], event: &JsonValue<'_>) {
    if let Ok(incoming) = serde_json::from_slice::<Incoming<IgnoredAny, P>>(body) {
        assert_eq!(incoming.is_ping(), is_ping::<P>(event), "{}", std::any::type_name::<P>());
    }
}

fn is_ping<P: Policy>(event: &JsonValue<'_>) -> bool {
    let JsonValue::Object(fields) = event else { return false };
    let last = |name: &str| fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
    let flagged = P::FLAG.is_some_and(|flag| matches!(last(flag), Some(JsonValue::Bool(true))));
    let sent = matches!(last("source"), Some(JsonValue::Str(source)) if P::SOURCES.contains(&&**source));
    let ruled = || match last("resources") {
        Some(JsonValue::Array(resources)) => resources.iter().any(
            |resource| matches!(resource, JsonValue::Str(arn) if P::RULES.iter().any(|rule| is_arn_of(arn, rule))),
        ),
        _ => false,
    };
    flagged || (sent && (P::RULES.is_empty() || ruled()))
}

/// `arn:PARTITION:events:REGION:ACCOUNT:rule/[BUS/]RULE`, or `arn:PARTITION:scheduler:REGION:ACCOUNT:schedule/GROUP/RULE`.
fn is_arn_of(arn: &str, rule: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    if parts.len() < 6 || parts[0] != "arn" {
        return false;
    }
    let resource = parts[5..].join(":");
    let kind = match parts[2] {
        "events" => "rule/",
        "scheduler" => "schedule/",
        _ => return false,
    };
    resource.starts_with(kind) && resource.ends_with(&format!("/{rule}"))
}
