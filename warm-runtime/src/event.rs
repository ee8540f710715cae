//! The envelope of a scheduled event. It is read leniently, because a ping must never fail: a field that is missing or of
//! another type is simply not there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::log;

/// The envelope of the event that a rule or a schedule sends, borrowed from the event's text.
///
/// Every field but `source` may be missing, and one that is not of the expected type counts as missing. If a key is repeated,
/// the last one counts. The fields are those of
/// [AWS's event reference](https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html).
///
/// It is what [`Policy::when`](crate::Policy::when) looks at; a test of such a predicate reads one from text:
///
/// ```
/// use warm_runtime::ScheduledEvent;
///
/// let event: ScheduledEvent = serde_json::from_str(
///     r#"{"source":"aws.events","resources":["arn:aws:events:eu-west-1:123456789012:rule/KeepWarm"],"detail":{}}"#,
/// )?;
/// assert_eq!(event.source, "aws.events");
/// assert!(event.names_rule("KeepWarm"));
/// assert!(event.time.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Deserializing fails for what is not a JSON object, and with any deserializer but `serde_json`'s.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ScheduledEvent<'a> {
    /// `version`, `"0"` today.
    pub version: Option<Cow<'a, str>>,
    /// `id`, unique to each event.
    pub id: Option<Cow<'a, str>>,
    /// `detail-type`, `"Scheduled Event"`.
    pub detail_type: Option<Cow<'a, str>>,
    /// `source`: `"aws.events"` from a rule, `"aws.scheduler"` from EventBridge Scheduler; empty where there is none, which
    /// only a ping that is marked by [`Policy::FLAG`](crate::Policy::FLAG) can have.
    pub source: Cow<'a, str>,
    /// `account`, twelve digits.
    pub account: Option<Cow<'a, str>>,
    /// `time`, RFC 3339, in UTC.
    pub time: Option<Cow<'a, str>>,
    /// `region`, such as `"eu-west-1"`.
    pub region: Option<Cow<'a, str>>,
    /// `resources`: the ARN of the rule or the schedule.
    pub resources: Vec<Cow<'a, str>>,
    /// `detail`, as JSON text: `{}` from a rule, the string `"{}"` from EventBridge Scheduler, whatever a constant input says.
    pub detail: Option<Cow<'a, RawValue>>,
    /// lambda-warmer's `concurrency`, in a ping that is marked by the policy's flag.
    concurrency: Option<f64>,
}

/// What lambda-warmer's users have as the time for which one of several pings waits for the others.
const LAMBDA_WARMER_HOLD: Duration = Duration::from_millis(75);

impl ScheduledEvent<'_> {
    /// Whether `resources` name this EventBridge rule, on any bus, or this EventBridge Scheduler schedule, in any group.
    pub fn names_rule(&self, rule: &str) -> bool {
        self.resources.iter().any(|arn| rule_of(arn) == Some(rule))
    }

    /// How long the ping asks to be held open: `detail.holdMs`, milliseconds, or lambda-warmer's `concurrency` above 1.
    pub(crate) fn hold(&self) -> Option<Duration> {
        let detail = self
            .detail
            .as_ref()
            .and_then(|detail| serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(detail.get()).ok());
        match detail.as_ref().and_then(|detail| detail.get("holdMs")) {
            Some(asked) => {
                let time = milliseconds(asked.get());
                if time.is_none() {
                    log::warn(&format!("a ping's detail.holdMs is a number of milliseconds, not {:.100}", asked.get()));
                }
                time
            }
            None => self.concurrency.is_some_and(|pings| pings > 1.0).then_some(LAMBDA_WARMER_HOLD),
        }
    }

    /// The same event, with its text copied, to outlive the text it was read from.
    pub fn into_owned(self) -> ScheduledEvent<'static> {
        fn own(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
            text.map(|text| Cow::Owned(text.into_owned()))
        }
        ScheduledEvent {
            version: own(self.version),
            id: own(self.id),
            detail_type: own(self.detail_type),
            source: Cow::Owned(self.source.into_owned()),
            account: own(self.account),
            time: own(self.time),
            region: own(self.region),
            resources: self.resources.into_iter().map(|arn| Cow::Owned(arn.into_owned())).collect(),
            detail: self.detail.map(|detail| Cow::Owned(detail.into_owned())),
            concurrency: self.concurrency,
        }
    }
}

impl<'de> Deserialize<'de> for ScheduledEvent<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Envelope { flag: None }.deserialize(deserializer).map(|(event, _)| event)
    }
}

/// A time that is too long to be told is the longest that can be.
fn milliseconds(json: &str) -> Option<Duration> {
    let ms: f64 = serde_json::from_str(json).ok()?;
    (ms >= 0.0).then(|| Duration::try_from_secs_f64(ms / 1e3).unwrap_or(Duration::MAX))
}

/// The name in the ARN of a rule (`rule/NAME`, `rule/BUS/NAME`) or of a schedule (`schedule/GROUP/NAME`).
fn rule_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, service) = (parts.next()?, parts.nth(1)?);
    let (kind, name) = parts.nth(2)?.split_once('/')?;
    // The bus of a partner has slashes in its name; a rule or a schedule has none.
    let name = name.rsplit('/').next()?;
    matches!((prefix, service, kind), ("arn", "events", "rule") | ("arn", "scheduler", "schedule")).then_some(name)
}

/// Reads the envelope, and whether the flag's field is `true`.
pub(crate) struct Envelope {
    pub(crate) flag: Option<&'static str>,
}

impl<'de> DeserializeSeed<'de> for Envelope {
    type Value = (ScheduledEvent<'de>, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope {
    type Value = (ScheduledEvent<'de>, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut event = ScheduledEvent::default();
        let mut flagged = false;
        while let Some(key) = map.next_key_seed(KeySeed { flag: self.flag })? {
            let Some(key) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: &'de RawValue = map.next_value()?;
            match key {
                Key::Version => event.version = read(value),
                Key::Id => event.id = read(value),
                Key::DetailType => event.detail_type = read(value),
                Key::Source => event.source = read(value).unwrap_or_default(),
                Key::Account => event.account = read(value),
                Key::Time => event.time = read(value),
                Key::Region => event.region = read(value),
                Key::Resources => event.resources = read_list(value),
                Key::Detail => event.detail = Some(Cow::Borrowed(value)),
                Key::Flag => flagged = value.get() == "true",
                Key::Concurrency => event.concurrency = serde_json::from_str(value.get()).ok(),
            }
        }
        if !flagged {
            event.concurrency = None;
        }
        Ok((event, flagged))
    }
}

fn read(value: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    serde_json::from_str::<Text<'_>>(value.get()).ok().map(|text| text.0)
}

fn read_list(value: &RawValue) -> Vec<Cow<'_, str>> {
    let values = serde_json::from_str::<Vec<&RawValue>>(value.get()).unwrap_or_default();
    values.into_iter().filter_map(read).collect()
}

enum Key {
    Version,
    Id,
    DetailType,
    Source,
    Account,
    Time,
    Region,
    Resources,
    Detail,
    Flag,
    Concurrency,
}

/// Tells the envelope's keys from all others, which are `None`. A key is looked at as bytes, since a string that is no Unicode
/// (`"\ud800"`) is JSON all the same, and must not hide a `source` beside it.
struct KeySeed {
    flag: Option<&'static str>,
}

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Option<Key>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Option<Key>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        self.visit_bytes(key.as_bytes())
    }

    fn visit_bytes<E: serde::de::Error>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(match key {
            key if self.flag.is_some_and(|flag| flag.as_bytes() == key) => Some(Key::Flag),
            b"concurrency" if self.flag.is_some() => Some(Key::Concurrency),
            b"version" => Some(Key::Version),
            b"id" => Some(Key::Id),
            b"detail-type" => Some(Key::DetailType),
            b"source" => Some(Key::Source),
            b"account" => Some(Key::Account),
            b"time" => Some(Key::Time),
            b"region" => Some(Key::Region),
            b"resources" => Some(Key::Resources),
            b"detail" => Some(Key::Detail),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_on_any_bus_and_in_any_partition() {
        for arn in [
            "arn:aws:events:us-east-1:123456789012:rule/KeepWarm",
            "arn:aws:events:us-east-1:123456789012:rule/voice/KeepWarm",
            "arn:aws:events:us-east-1:123456789012:rule/aws.partner/acme.com/voice/KeepWarm",
            "arn:aws-cn:events:cn-north-1:123456789012:rule/KeepWarm",
            "arn:aws:scheduler:us-east-1:123456789012:schedule/default/KeepWarm",
        ] {
            assert_eq!(rule_of(arn), Some("KeepWarm"), "{arn}");
        }
    }

    #[test]
    fn what_is_no_rule_names_none() {
        for arn in [
            "",
            "KeepWarm",
            "rule/KeepWarm",
            "arn:aws:events:us-east-1:123456789012:event-bus/KeepWarm",
            "arn:aws:lambda:us-east-1:123456789012:function:KeepWarm",
            "arn:aws:s3:::rule/KeepWarm",
            "arn:aws:scheduler:us-east-1:123456789012:rule/KeepWarm",
        ] {
            assert_eq!(rule_of(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_field_of_another_type_counts_as_missing() {
        let event: ScheduledEvent<'_> = serde_json::from_str(
            r#"{"id":7,"time":null,"source":["aws.events"],"resources":[1,"arn",null],"region":{},"detail":"{}"}"#,
        )
        .unwrap();
        assert_eq!((event.id, event.time, event.region), (None, None, None));
        assert_eq!(event.source, "");
        assert_eq!(event.resources, ["arn"]);
        assert_eq!(event.detail.unwrap().get(), r#""{}""#);
    }

    fn hold(event: &str) -> Option<Duration> {
        Envelope { flag: Some("warmer") }.deserialize(&mut serde_json::Deserializer::from_str(event)).unwrap().0.hold()
    }

    #[test]
    fn a_ping_is_held_for_the_milliseconds_that_it_asks_for() {
        for (ms, time) in [
            ("75", Duration::from_millis(75)),
            ("0.5", Duration::from_micros(500)),
            ("0", Duration::ZERO),
            ("1e300", Duration::MAX),
            (r#"1,"holdMs":2"#, Duration::from_millis(2)),
        ] {
            assert_eq!(hold(&format!(r#"{{"detail":{{"holdMs":{ms}}}}}"#)), Some(time), "{ms}");
        }
    }

    #[test]
    fn a_ping_that_asks_for_anything_else_is_not_held() {
        for ms in ["-1", "\"75\"", "null", "true", "\"NaN\"", "[75]", "{}", "1e400", "75,\"holdMs\":null"] {
            assert_eq!(hold(&format!(r#"{{"warmer":true,"concurrency":3,"detail":{{"holdMs":{ms}}}}}"#)), None, "{ms}");
        }
        for detail in ["{}", "[75]", "75", "null", r#""{\"holdMs\":75}""#, r#"{"HoldMs":75}"#] {
            assert_eq!(hold(&format!(r#"{{"detail":{detail}}}"#)), None, "{detail}");
        }
    }

    #[test]
    fn a_flag_with_company_is_held() {
        assert_eq!(hold(r#"{"warmer":true,"concurrency":3}"#), Some(LAMBDA_WARMER_HOLD));
        for alone in [
            r#"{"warmer":true,"concurrency":1}"#,
            r#"{"warmer":true,"concurrency":"3"}"#,
            r#"{"warmer":false,"concurrency":3}"#,
            r#"{"concurrency":3}"#,
        ] {
            assert_eq!(hold(alone), None, "{alone}");
        }
    }

    #[test]
    fn an_owned_event_says_the_same() {
        let text = r#"{"version":"0","id":"i","detail-type":"Scheduled Event","source":"aws.events","account":"1",
            "time":"t","region":"r","resources":["a","b"],"detail":{"holdMs":5}}"#;
        let event: ScheduledEvent<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{event:?}"), format!("{:?}", event.clone().into_owned()));
    }
}
