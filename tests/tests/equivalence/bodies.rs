//! Where the bodies come from: chance, the samples of `aws_lambda_events`, and what policies look for.

use crate::json::{Json, escaped, quoted};
use crate::policies;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use std::sync::OnceLock;

const KEYS: [&str; 12] =
    ["source", "id", "detail", "resources", "items", "other", "warmer", "Records", "body", "headers", "1", "true"];

const ATOMS: [&str; 28] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "255",
    "256",
    "1.0",
    "-1.5e-3",
    "1e400",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    r#""""#,
    r#""1""#,
    r#""a""#,
    r#""aws.events""#,
    r#""aws.event""#,
    r#""other""#,
    r#""\ud83e""#,
    r#""\udd80\ud83e""#,
    r#""\ud83e\udd80""#,
    r#""\"\\\/\b\f\n\r\t""#,
    r#""2015-10-08T16:53:06Z""#,
    r#""dGVh""#,
];

fn word() -> impl Strategy<Value = String> {
    let texts: Vec<&'static str> = KEYS.into_iter().chain(policies::texts()).collect();
    prop_oneof![
        6 => (select(texts), prop_oneof![3 => Just(0), 1 => any::<u32>()]).prop_map(|(text, bits)| escaped(text, bits)),
        1 => "\\PC{0,8}".prop_map(|text| quoted(&text)),
        1 => Just(r#""\ud83e""#.to_owned()),
    ]
}

fn atom() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => select(&ATOMS[..]).prop_map(|atom| Json::Atom(atom.to_owned())),
        2 => word().prop_map(Json::Atom),
        1 => any::<f64>().prop_filter("JSON has no such number", |n| n.is_finite()).prop_map(|n| Json::Atom(format!("{n:e}"))),
        1 => any::<i64>().prop_map(|n| Json::Atom(n.to_string())),
    ]
}

/// Any JSON at all, mostly objects.
pub(crate) fn any_body() -> impl Strategy<Value = Json> {
    let body = atom().prop_recursive(5, 40, 6, |value| {
        prop_oneof![
            3 => vec((word(), value.clone()), 0..6).prop_map(Json::Object),
            1 => vec(value, 0..6).prop_map(Json::Array),
        ]
    });
    (body, prop_oneof![20 => Just(0_usize), 1 => 0..200_usize]).prop_map(|(body, levels)| deep(body, levels))
}

fn deep(body: Json, levels: usize) -> Json {
    (0..levels).fold(body, |body, level| match level % 2 {
        0 => Json::Object(vec![(quoted("detail"), body)]),
        _ => Json::Array(vec![body]),
    })
}

/// A sample event in which a few things are not as they should be.
pub(crate) fn mutated_sample() -> impl Strategy<Value = Json> {
    static SAMPLES: OnceLock<Vec<Json>> = OnceLock::new();
    let samples = SAMPLES.get_or_init(|| {
        let read = |json: &[u8]| Json::from(&serde_json::from_slice::<Value>(json).expect("a sample is JSON"));
        warm_tests::samples().iter().map(|sample| read(&sample.json)).collect()
    });
    (select(&samples[..]), vec((any::<Index>(), mutation()), 0..5)).prop_map(|(mut json, mutations)| {
        for (place, mutation) in mutations {
            let place = place.index(json.len());
            mutation.apply(&mut json, place);
        }
        json
    })
}

#[derive(Debug, Clone)]
enum Mutation {
    Replace(Json),
    Delete(Index),
    Duplicate(Index, Option<Json>),
    Insert(String, Json),
    Rename(Index, String),
    Escape(Index, u32),
    Swap(Index),
    Deepen(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => atom().prop_map(Mutation::Replace),
        2 => any::<Index>().prop_map(Mutation::Delete),
        2 => (any::<Index>(), proptest::option::of(atom())).prop_map(|(at, with)| Mutation::Duplicate(at, with)),
        2 => (word(), atom()).prop_map(|(key, value)| Mutation::Insert(key, value)),
        1 => Just(Mutation::Insert(quoted("source"), Json::Atom(quoted("aws.events")))),
        1 => (any::<Index>(), word()).prop_map(|(at, key)| Mutation::Rename(at, key)),
        2 => (any::<Index>(), any::<u32>()).prop_map(|(at, bits)| Mutation::Escape(at, bits)),
        2 => any::<Index>().prop_map(Mutation::Swap),
        1 => (1..150_usize).prop_map(Mutation::Deepen),
    ]
}

impl Mutation {
    fn apply(self, json: &mut Json, place: usize) {
        let other = |at: Index, json: &Json| at.index(json.len());
        let target = json.at(place);
        match (self, target) {
            (Self::Replace(with), target) => *target = with,
            (Self::Delete(at), Json::Object(fields)) if !fields.is_empty() => {
                drop(fields.remove(at.index(fields.len())))
            }
            (Self::Delete(at), Json::Array(values)) if !values.is_empty() => {
                drop(values.remove(at.index(values.len())))
            }
            (Self::Duplicate(at, with), Json::Object(fields)) if !fields.is_empty() => {
                let (key, value) = fields[at.index(fields.len())].clone();
                fields.push((key, with.unwrap_or(value)));
            }
            (Self::Duplicate(at, with), Json::Array(values)) if !values.is_empty() => {
                let value = values[at.index(values.len())].clone();
                values.push(with.unwrap_or(value));
            }
            (Self::Insert(key, value), Json::Object(fields)) => fields.insert(0, (key, value)),
            (Self::Rename(at, key), Json::Object(fields)) if !fields.is_empty() => {
                let at = at.index(fields.len());
                fields[at].0 = key;
            }
            (Self::Escape(at, bits), Json::Object(fields)) if !fields.is_empty() => {
                let at = at.index(fields.len());
                let (key, value) = &mut fields[at];
                escape(key, bits);
                if let Json::Atom(text) = value {
                    escape(text, bits);
                }
            }
            (Self::Escape(_, bits), Json::Atom(text)) => escape(text, bits),
            (Self::Swap(at), _) => {
                let at = other(at, json);
                let (one, two) = (json.at(place).clone(), json.at(at).clone());
                *json.at(at) = one;
                // The first place is gone if it was inside the second.
                if place < json.len() {
                    *json.at(place) = two;
                }
            }
            (Self::Deepen(levels), target) => *target = deep(target.clone(), levels),
            _ => {}
        }
    }
}

fn escape(text: &mut String, bits: u32) {
    if let Ok(Value::String(plain)) = serde_json::from_str(text) {
        *text = escaped(&plain, bits);
    }
}

/// An object that a policy may take for a ping.
pub(crate) fn policy_body() -> impl Strategy<Value = Json> {
    let arns: Vec<Json> = [
        "arn:aws:events:us-east-1:123456789012:rule/KeepWarm",
        "arn:aws:events:us-east-1:123456789012:rule/voice/KeepWarm",
        "arn:aws-cn:events:cn-north-1:123456789012:rule/aws.partner/acme.com/1/Keep.Ivr-Warm_2",
        "arn:aws:scheduler:us-east-1:123456789012:schedule/default/KeepWarm",
        "arn:aws:events:us-east-1:123456789012:rule/DoNotKeepWarm",
        "arn:aws:events:us-east-1:123456789012:rule/KeepWarm/Other",
        "arn:aws:events:us-east-1:123456789012:event-bus/KeepWarm",
        "arn:aws:s3:::rule/KeepWarm",
        "KeepWarm",
    ]
    .map(|arn| Json::Atom(quoted(arn)))
    .to_vec();
    let looked_for = (select(policies::texts()), prop_oneof![1 => Just(0), 1 => any::<u32>()])
        .prop_map(|(text, bits)| Json::Atom(escaped(text, bits)));
    let key = |key: &'static str| prop_oneof![3 => Just(0), 1 => any::<u32>()].prop_map(move |bits| escaped(key, bits));
    let flag = select(policies::texts()).prop_flat_map(|text| any::<u32>().prop_map(move |bits| escaped(text, bits)));
    let resources = vec(prop_oneof![8 => select(arns), 1 => atom()], 0..3).prop_map(Json::Array);
    let truth = prop_oneof![6 => Just(Json::Atom("true".to_owned())), 1 => atom()];
    let field = prop_oneof![
        6 => (key("source"), prop_oneof![8 => looked_for, 1 => atom()]),
        5 => (key("resources"), prop_oneof![8 => resources, 1 => atom()]),
        3 => (key("warmer"), truth.clone()),
        3 => (flag, truth),
        2 => (word(), any_body()),
    ];
    vec(field, 0..6).prop_map(Json::Object)
}
