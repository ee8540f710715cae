//! The event that a ping carries. EventBridge makes it for a rule on a schedule; where a target has
//! a constant input (to hold the ping open, or under a numbered rule) that input replaces the
//! whole event, so it must be written such that a function recognises it all the same.

use std::fmt;
use std::time::SystemTime;

use aws_smithy_types::date_time::{DateTime, Format};
use serde::Serialize;

/// The `source` of what EventBridge sends on a schedule.
pub const SOURCE: &str = "aws.events";

/// What may mark an event as a ping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Values of `source`.
    pub sources: Vec<String>,
    /// Fields that are `true`.
    pub flags: Vec<String>,
}

/// The marks in most policies: the sources of EventBridge and its Scheduler, and lambda-warmer's flag.
impl Default for Marks {
    fn default() -> Self {
        Self { sources: vec![SOURCE.to_owned(), "aws.scheduler".to_owned()], flags: vec!["warmer".to_owned()] }
    }
}

/// A scheduled event, its keys in the order in which EventBridge writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduledEvent {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: &'static str,
    source: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    region: String,
    resources: Vec<String>,
    detail: Detail,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Detail {
    #[serde(rename = "holdMs", skip_serializing_if = "Option::is_none")]
    hold_ms: Option<u32>,
}

impl ScheduledEvent {
    /// A constant input: EventBridge fills in neither an id nor a time there.
    pub fn constant(account: &str, region: &str, resources: Vec<String>, hold_ms: Option<u32>) -> Self {
        Self {
            version: "0",
            id: None,
            detail_type: "Scheduled Event",
            source: SOURCE.to_owned(),
            account: account.to_owned(),
            time: None,
            region: region.to_owned(),
            resources,
            detail: Detail { hold_ms },
        }
    }

    /// A constant input of EventBridge Scheduler, which fills in an id and the time.
    pub fn scheduler(account: &str, region: &str, resources: Vec<String>, hold_ms: Option<u32>) -> Self {
        Self {
            id: Some("<aws.scheduler.execution-id>".to_owned()),
            time: Some("<aws.scheduler.scheduled-time>".to_owned()),
            ..Self::constant(account, region, resources, hold_ms)
        }
    }

    /// What EventBridge sends now for the rule `rule`, on behalf of `source`.
    pub fn now(rule: &str, source: &str) -> Self {
        let (account, region) = ("123456789012", "us-east-1");
        let time = DateTime::from_secs(DateTime::from(SystemTime::now()).secs());
        let resource = format!("arn:aws:events:{region}:{account}:rule/{rule}");
        Self {
            id: Some("53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa".to_owned()),
            source: source.to_owned(),
            time: time.fmt(Format::DateTime).ok(),
            ..Self::constant(account, region, vec![resource], None)
        }
    }

    /// Whether the ping is to be held open.
    pub fn is_held(&self) -> bool {
        self.detail.hold_ms.is_some()
    }

    /// The event as JSON without white space.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and a number are always JSON")
    }
}

/// What a policy tells a ping by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    mark: Mark,
    rule: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    Source(String),
    Flag(String),
}

impl Ping {
    /// A ping of `source` and `rule`.
    pub fn new(source: &str, rule: &str) -> Self {
        Self { mark: Mark::Source(source.to_owned()), rule: Some(rule.to_owned()) }
    }

    /// What `event` says of itself; nothing, if it has none of `marks`.
    pub fn of(event: &[u8], marks: &Marks) -> Option<Self> {
        let event: serde_json::Value = serde_json::from_slice(event).ok()?;
        let source = marks.sources.iter().find(|source| event["source"] == source.as_str());
        let flag = || marks.flags.iter().find(|flag| event[flag.as_str()] == true);
        let mark = source.cloned().map(Mark::Source).or_else(|| flag().cloned().map(Mark::Flag))?;
        let resources = event["resources"].as_array().into_iter().flatten().filter_map(|resource| resource.as_str());
        let mut rules = resources.filter_map(|resource| resource.split_once(":rule/"));
        let rule = rules.next().map(|(_, rule)| rule.to_owned());
        Some(Self { mark, rule })
    }
}

impl fmt::Display for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.mark, &self.rule) {
            (Mark::Source(source), Some(rule)) => write!(f, "the source `{source}` and the rule `{rule}`"),
            (Mark::Source(source), None) => write!(f, "the source `{source}` and no rule"),
            (Mark::Flag(flag), _) => write!(f, "the flag `{flag}`"),
        }
    }
}

/// What is asked of a ping's answer.
#[derive(Debug, Clone, Default)]
pub enum Expected {
    /// `{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}` in either key
    /// style; a report's further fields are welcome.
    #[default]
    Warm,
    /// This JSON, whatever the order of its keys: the answer of a policy of one's own.
    Exactly(serde_json::Value),
    /// The warm payload, or whatever the handler answers: the event is no ping.
    Any,
}

/// Who gave an answer that is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The policy: the function is warm.
    Policy,
    /// The handler, as an event that is no ping asks of it.
    Handler,
}

impl Expected {
    /// Who gave `answer`, or why it is not as it should be.
    pub fn check(&self, answer: &[u8]) -> Result<AnsweredBy, String> {
        if matches!(self, Self::Any) && !is_warm_payload(answer) {
            return Ok(AnsweredBy::Handler);
        }
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(answer) else {
            return Err("the answer is no JSON".to_owned());
        };
        match self {
            Self::Exactly(expected) if *expected == value => Ok(AnsweredBy::Policy),
            Self::Exactly(expected) => Err(format!("the answer is not {expected}")),
            Self::Warm | Self::Any => check_warm(&value).map(|()| AnsweredBy::Policy),
        }
    }
}

/// Whether `answer` has the three fields of the payload that says "warm", whatever their values.
pub fn is_warm_payload(answer: &[u8]) -> bool {
    serde_json::from_slice(answer).is_ok_and(|answer| fields(&answer).is_some())
}

fn fields(answer: &serde_json::Value) -> Option<[&serde_json::Value; 3]> {
    let field = |camel: &str, snake: &str| answer.get(camel).or_else(|| answer.get(snake));
    Some([
        field("eventStatusCode", "event_status_code")?,
        field("eventResponse", "event_response")?,
        field("eventType", "event_type")?,
    ])
}

fn check_warm(answer: &serde_json::Value) -> Result<(), String> {
    let Some([status, response, kind]) = fields(answer) else {
        return Err("the answer is no warm payload: the ping reached the handler".to_owned());
    };
    if status == 200 && response == "warm" && kind == "EventBridge" {
        return Ok(());
    }
    match status.as_u64() {
        Some(500..) => Err(format!("the ping was recognised, but priming failed: {response}")),
        _ => Err("the answer is another warm payload than the default; name it with --expect".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheduled_event_has_the_keys_of_eventbridge_in_their_order() {
        let event = ScheduledEvent::now("KeepSCVFunctionsWarm", SOURCE).to_json();
        let time = serde_json::from_str::<serde_json::Value>(&event).unwrap()["time"].clone();
        assert_eq!(
            event,
            format!(
                r#"{{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012","time":{time},"region":"us-east-1","resources":["arn:aws:events:us-east-1:123456789012:rule/KeepSCVFunctionsWarm"],"detail":{{}}}}"#
            )
        );
        assert_eq!(time.as_str().unwrap().len(), "2015-10-08T16:53:06Z".len());
    }

    #[test]
    fn a_ping_is_told_by_its_marks() {
        let marks = Marks { sources: vec!["acme".to_owned()], flags: vec!["warm".to_owned()] };
        let told = |event: &str, marks: &Marks| Ping::of(event.as_bytes(), marks).map(|ping| ping.to_string());
        let acme = r#"{"source":"acme","resources":["x","arn:aws:events:eu-west-1:1:rule/bus/R"]}"#;
        assert_eq!(told(acme, &marks).unwrap(), "the source `acme` and the rule `bus/R`");
        assert_eq!(told(r#"{"source":"acme","warm":true}"#, &marks).unwrap(), "the source `acme` and no rule");
        assert_eq!(told(r#"{"source":"other","warm":true}"#, &marks).unwrap(), "the flag `warm`");
        for event in [r#"{"source":"aws.events"}"#, r#"{"warm":1}"#, r#"{"source":{}}"#, "[]", "7"] {
            assert_eq!(told(event, &marks), None, "{event}");
        }
        assert_eq!(told(acme, &Marks::default()), None);
    }

    #[test]
    fn a_warm_payload_is_recognised_in_either_key_style_and_with_a_report() {
        for answer in [
            r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#,
            r#"{"event_status_code":200,"event_response":"warm","event_type":"EventBridge"}"#,
            r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge","coldStart":true}"#,
        ] {
            assert_eq!(Expected::Warm.check(answer.as_bytes()), Ok(AnsweredBy::Policy));
        }
    }

    #[test]
    fn what_is_no_warm_payload_says_why() {
        let why = |answer: &str| Expected::Warm.check(answer.as_bytes()).unwrap_err();
        assert!(why(r#"{"lambdaResult":"Success"}"#).contains("reached the handler"));
        assert!(why("null").contains("reached the handler"));
        assert!(why("warm").contains("no JSON"));
        let failed = r#"{"eventStatusCode":500,"eventResponse":"no database","eventType":"EventBridge"}"#;
        assert!(why(failed).contains("priming failed: \"no database\""));
        let expected = Expected::Exactly(serde_json::json!({ "ok": true }));
        assert_eq!(expected.check(br#"{ "ok": true }"#), Ok(AnsweredBy::Policy));
        assert!(expected.check(br#"{"ok":false}"#).is_err());
    }
}
