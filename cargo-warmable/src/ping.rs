//! One ping or several, to a function on this machine or in AWS, judged by the same measure: is the
//! answer the warm payload?

pub mod local;
pub mod remote;

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::event::{AnsweredBy, Expected, is_warm_payload};

/// The pings of one function.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The function's name.
    pub function: String,
    /// Whether every answer was the warm payload.
    pub warm: bool,
    /// What the first ping that was not answered so came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How long the pings took.
    pub times: Times,
    /// How long the environment took to start, where it was cold.
    #[serde(rename = "initMilliseconds", skip_serializing_if = "Option::is_none", serialize_with = "optional_millis")]
    pub init: Option<Duration>,
    /// What the function logged during the last ping.
    pub log: Vec<String>,
}

/// What a ping came to that was not answered as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Its kind, for machines.
    pub kind: ProblemKind,
    /// In words.
    pub reason: String,
}

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// There is an answer, and it is not the warm payload.
    NotWarm,
    /// The function answered with an error.
    FunctionError,
    /// The function's process ended.
    Exited,
    /// The function did not answer in time.
    TimedOut,
    /// The function could not be called.
    NotCalled,
}

/// One ping's outcome.
#[derive(Debug)]
pub struct Outcome {
    /// The bytes that came back, or what came instead.
    pub answer: Result<Vec<u8>, Problem>,
    /// How long it took.
    pub elapsed: Duration,
    /// How long the environment took to start, where it was cold.
    pub init: Option<Duration>,
    /// What the function logged.
    pub log: Vec<String>,
}

impl Report {
    /// A report without a ping.
    pub fn new(function: impl Into<String>) -> Self {
        Self {
            function: function.into(),
            warm: true,
            problem: None,
            answer: None,
            times: Times::default(),
            init: None,
            log: Vec::new(),
        }
    }

    /// Adds a ping; whether the next may follow.
    pub fn take(&mut self, outcome: Outcome, expected: &Expected) -> bool {
        self.log = outcome.log;
        self.init = self.init.or(outcome.init);
        let answered = match outcome.answer {
            Err(problem) => {
                // An error is an answer too, unless the function never asked for the event.
                if problem.kind == ProblemKind::FunctionError && !outcome.elapsed.is_zero() {
                    self.times.0.push(outcome.elapsed);
                }
                Err(problem)
            }
            Ok(answer) => {
                self.times.0.push(outcome.elapsed);
                self.answer = Some(String::from_utf8_lossy(&answer).into_owned());
                expected.check(&answer).map_err(|reason| Problem { kind: ProblemKind::NotWarm, reason })
            }
        };
        self.warm = answered == Ok(AnsweredBy::Policy);
        self.problem = answered.err();
        self.problem.is_none()
    }

    /// Whether an event that should have been a ping was none to the function's policy.
    pub fn was_no_ping(&self) -> bool {
        let answer = self.answer.as_deref().unwrap_or_default();
        match self.problem.as_ref().map(|problem| problem.kind) {
            Some(ProblemKind::NotWarm) => !is_warm_payload(answer.as_bytes()),
            Some(ProblemKind::FunctionError) => !self.times.0.is_empty(),
            _ => false,
        }
    }
}

impl Problem {
    /// A problem of a kind, in words.
    pub fn new(kind: ProblemKind, reason: impl fmt::Display) -> Self {
        Self { kind, reason: reason.to_string() }
    }

    /// What Lambda reports of an error that a handler returned or that a payload caused.
    fn function_error(body: &[u8]) -> Self {
        let error: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        let reason = match (text("errorType"), text("errorMessage")) {
            (kind, message) if kind.is_empty() && message.is_empty() => String::from_utf8_lossy(body).into_owned(),
            (kind, message) => format!("{kind}: {message}"),
        };
        Self::new(ProblemKind::FunctionError, reason)
    }
}

/// How long each ping took.
#[derive(Debug, Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The shortest, the middle, the 99th of a hundred, and the longest.
    pub fn summary(&self) -> Option<[Duration; 4]> {
        let mut sorted = self.0.clone();
        sorted.sort();
        let rank = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
        Some([rank(0)?, rank(50)?, rank(99)?, rank(100)?])
    }
}

impl Serialize for Times {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Milliseconds {
            count: usize,
            #[serde(skip_serializing_if = "Option::is_none")]
            milliseconds: Option<Summary>,
        }
        #[derive(Serialize)]
        struct Summary {
            min: f64,
            median: f64,
            p99: f64,
            max: f64,
        }
        let milliseconds = self.summary().map(|summary| {
            let [min, median, p99, max] = summary.map(millis);
            Summary { min, median, p99, max }
        });
        Milliseconds { count: self.0.len(), milliseconds }.serialize(serializer)
    }
}

/// Milliseconds, to the microsecond.
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

fn optional_millis<S: serde::Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(millis).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_made_of_times_that_were_measured() {
        let of = |millis: &[u64]| {
            let times = Times(millis.iter().map(|ms| Duration::from_millis(*ms)).collect());
            times.summary().map(|summary| summary.map(|time| time.as_millis()))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some([7, 7, 7, 7]));
        assert_eq!(of(&[3, 1, 2]), Some([1, 2, 3, 3]));
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(of(&hundred), Some([1, 50, 99, 100]));
    }

    #[test]
    fn the_first_problem_ends_the_pings() {
        let outcome = |answer| Outcome { answer, elapsed: Duration::ZERO, init: None, log: vec![] };
        let mut report = Report::new("f");
        let warm = br#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;
        assert!(report.take(outcome(Ok(warm.to_vec())), &Expected::Warm));
        assert!(!report.take(outcome(Ok(b"{}".to_vec())), &Expected::Warm));
        assert_eq!(report.problem.unwrap().kind, ProblemKind::NotWarm);
    }

    #[test]
    fn an_error_is_shown_as_lambda_shows_it() {
        let body = br#"{"errorType":"&str","errorMessage":"missing field `name`"}"#;
        assert_eq!(Problem::function_error(body).reason, "&str: missing field `name`");
        assert_eq!(Problem::function_error(b"oops").reason, "oops");
    }
}
