//! The envelope of a scheduled event, borrowed from the event's text.
//!
//! It is read leniently, because the constant input of a rule's target can put anything in its place: a field that
//! is missing, or is not of the kind EventBridge sends, reads as absent, and the event is still a ping if its
//! `source` says so.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A [scheduled event of EventBridge][aws] (or of EventBridge Scheduler), as a [`Policy::when`](crate::Policy::when) sees it.
///
/// Only [`source`](Self::source) is always there; it is empty in an event that is a ping by its flag alone.
///
/// ```
/// use warm_runtime::ScheduledEvent;
///
/// let event: ScheduledEvent = serde_json::from_str(
///     r#"{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events",
///         "account":"123456789012","time":"2015-10-08T16:53:06Z","region":"us-east-1",
///         "resources":["arn:aws:events:us-east-1:123456789012:rule/KeepSCVFunctionsWarm"],"detail":{"holdMs":75}}"#,
/// )?;
///
/// assert_eq!(event.source, "aws.events");
/// assert_eq!(event.region.as_deref(), Some("us-east-1"));
/// assert_eq!(event.detail.map(|detail| detail.get()), Some(r#"{"holdMs":75}"#));
/// assert!(event.is_from_rule("KeepSCVFunctionsWarm"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Deserializing fails for JSON that is not an object, and for an object without a `source` that is a string. It borrows,
/// so it works with [`serde_json::from_str`] and [`serde_json::from_slice`], not with a reader or a `Value`.
///
/// [aws]: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ScheduledEvent<'a> {
    /// The envelope's version, `"0"`.
    pub version: Option<Cow<'a, str>>,
    /// The event's id, a UUID.
    pub id: Option<Cow<'a, str>>,
    /// `"Scheduled Event"`; the JSON field is `detail-type`.
    pub detail_type: Option<Cow<'a, str>>,
    /// Who sent the event: `aws.events` for a rule, `aws.scheduler` for a schedule.
    pub source: Cow<'a, str>,
    /// The account's id, twelve digits.
    pub account: Option<Cow<'a, str>>,
    /// When the event was sent, in UTC: `2015-10-08T16:53:06Z`.
    pub time: Option<Cow<'a, str>>,
    /// The region's name, such as `us-east-1`.
    pub region: Option<Cow<'a, str>>,
    /// The ARNs of the rules or schedules that sent the event.
    pub resources: Vec<Cow<'a, str>>,
    /// The event's `detail` as it came, any JSON: EventBridge sends `{}`, EventBridge Scheduler the string `"{}"`.
    pub detail: Option<&'a RawValue>,
}

impl ScheduledEvent<'_> {
    /// Whether [`resources`](Self::resources) name this EventBridge rule, on any bus, or this EventBridge Scheduler schedule, in
    /// any group.
    ///
    /// The ARNs are `arn:PARTITION:events:REGION:ACCOUNT:rule/[BUS/]NAME` and
    /// `arn:PARTITION:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME`
    /// ([source](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html)).
    #[must_use]
    pub fn is_from_rule(&self, name: &str) -> bool {
        self.resources.iter().any(|arn| rule_name(arn) == Some(name))
    }
}

/// The rule's or schedule's name in an ARN. A bus of a partner has slashes in its own name, so the name is what follows
/// the last one.
fn rule_name(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (kind, path) = parts.nth(2)?.split_once('/')?;
    match (scheme, service, kind) {
        ("arn", "events", "rule") | ("arn", "scheduler", "schedule") => path.rsplit('/').next(),
        _ => None,
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ScheduledEvent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::read(None).deserialize(deserializer)?;
        match envelope.has_source {
            true => Ok(envelope.event),
            false => Err(serde::de::Error::missing_field("source")),
        }
    }
}

/// A JSON object, read as an event that may be a ping.
pub(crate) struct Envelope<'a> {
    pub(crate) event: ScheduledEvent<'a>,
    /// Whether the event has a `source` that is a string.
    pub(crate) has_source: bool,
    /// Whether the field asked for is `true`.
    pub(crate) flagged: bool,
}

impl<'a> Envelope<'a> {
    /// Reads an object, and whether its field `flag` is `true`.
    pub(crate) fn read<'f>(flag: Option<&'f str>) -> impl DeserializeSeed<'a, Value = Envelope<'a>> + use<'a, 'f> {
        ReadEnvelope { flag }
    }
}

struct ReadEnvelope<'f> {
    flag: Option<&'f str>,
}

impl<'de> DeserializeSeed<'de> for ReadEnvelope<'_> {
    type Value = Envelope<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadEnvelope<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut event = ScheduledEvent::default();
        let mut source = None;
        let mut flagged = false;
        // A later key overwrites an earlier one, also with a value of the wrong kind: the last one wins.
        while let Some(Text(key)) = map.next_key()? {
            if self.flag == Some(&*key) {
                let value: &RawValue = map.next_value()?;
                flagged = value.get() == "true";
                continue;
            }
            match &*key {
                "version" => event.version = text(map.next_value()?),
                "id" => event.id = text(map.next_value()?),
                "detail-type" => event.detail_type = text(map.next_value()?),
                "source" => source = text(map.next_value()?),
                "account" => event.account = text(map.next_value()?),
                "time" => event.time = text(map.next_value()?),
                "region" => event.region = text(map.next_value()?),
                "resources" => event.resources = texts(map.next_value()?),
                "detail" => event.detail = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let has_source = source.is_some();
        event.source = source.unwrap_or_default();
        Ok(Envelope { event, has_source, flagged })
    }
}

/// A JSON string, borrowed where it has no escapes. (`Cow<str>` alone never borrows.)
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(value.get()).ok().map(|Text(text)| text)
}

fn texts(value: &RawValue) -> Vec<Cow<'_, str>> {
    let values: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
    values.into_iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> ScheduledEvent<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_rule_is_known_by_its_name_on_any_bus() {
        for arn in [
            "arn:aws:events:us-east-1:123456789012:rule/Warm",
            "arn:aws-cn:events:cn-north-1:123456789012:rule/my-bus/Warm",
            "arn:aws:events:us-east-1:123456789012:rule/aws.partner/example.com/acct/Warm",
            "arn:aws-us-gov:scheduler:us-gov-west-1:123456789012:schedule/default/Warm",
        ] {
            assert_eq!(rule_name(arn), Some("Warm"), "{arn}");
        }
    }

    #[test]
    fn other_arns_name_no_rule() {
        for arn in [
            "",
            "Warm",
            "rule/Warm",
            "arn:aws:events:us-east-1:123456789012:event-bus/Warm",
            "arn:aws:events:us-east-1:123456789012:rule",
            "arn:aws:scheduler:us-east-1:123456789012:rule/Warm",
            "arn:aws:lambda:us-east-1:123456789012:function:Warm",
            "urn:aws:events:us-east-1:123456789012:rule/Warm",
        ] {
            assert_eq!(rule_name(arn), None, "{arn}");
        }
    }

    #[test]
    fn every_field_but_the_source_may_be_missing() {
        assert_eq!(event(r#"{"source":"aws.events"}"#).source, "aws.events");
        assert!(serde_json::from_str::<ScheduledEvent>("{}").is_err());
    }

    #[test]
    fn a_field_of_another_kind_reads_as_absent() {
        let event = event(r#"{"source":"aws.events","id":7,"time":null,"resources":"arn","detail":"{}"}"#);
        assert_eq!((event.id, event.time), (None, None));
        assert!(event.resources.is_empty());
        assert_eq!(event.detail.unwrap().get(), r#""{}""#);
    }

    #[test]
    fn the_last_of_a_repeated_key_wins() {
        assert_eq!(event(r#"{"source":"a","source":"b"}"#).source, "b");
        assert!(serde_json::from_str::<ScheduledEvent>(r#"{"source":"a","source":1}"#).is_err());
    }

    #[test]
    fn text_is_borrowed_unless_it_is_escaped() {
        let event = event(r#"{"source":"aws.events","id":"\u0041"}"#);
        assert!(matches!(event.source, Cow::Borrowed(_)));
        assert_eq!(event.id.as_deref(), Some("A"));
    }
}
