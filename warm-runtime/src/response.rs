//! The answer to a ping, as AWS's guide "Keeping Lambda Functions Warm" for Service Cloud Voice gives it, in its key order.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Case, Environment};

/// The answer to a ping: `{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}`.
///
/// Whoever invokes a function to see whether it is warm reads the answer with it, in either key style:
///
/// ```
/// use warm_runtime::WarmResponse;
///
/// let answer: WarmResponse =
///     serde_json::from_str(r#"{"event_status_code":200,"event_response":"warm","event_type":"EventBridge"}"#)?;
/// assert_eq!(answer.event_status_code, 200);
/// assert_eq!(answer.event_response, "warm");
/// assert_eq!(
///     serde_json::to_string(&answer)?,
///     r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Deserializing fails where one of the three fields is missing, which tells an answer from any other payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WarmResponse {
    /// `200` where the function is warm, unless the policy says otherwise.
    #[serde(alias = "event_status_code")]
    pub event_status_code: u16,
    /// `"warm"`, unless the policy says otherwise.
    #[serde(alias = "event_response")]
    pub event_response: String,
    /// `"EventBridge"`, unless the policy says otherwise.
    #[serde(alias = "event_type")]
    pub event_type: String,
    /// What the function says of its execution environment, where its policy has [`REPORT`](crate::Policy::REPORT).
    #[serde(flatten)]
    pub report: Option<Report>,
}

/// What a function says of its execution environment in a ping's answer, beside the three fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// Whether the ping is the first thing that the environment was invoked with.
    #[serde(alias = "cold_start")]
    pub cold_start: bool,
    /// Tells the environment from all others.
    #[serde(alias = "environment_id")]
    pub environment_id: String,
    /// How many pings the environment has had, this one included.
    pub pings: u64,
    /// How many real invocations the environment has had.
    pub invocations: u64,
    /// For how many seconds no real invocation has come.
    #[serde(alias = "idle_seconds")]
    pub idle_seconds: u64,
}

impl Report {
    pub(crate) fn new(environment: &Environment) -> Self {
        Self {
            cold_start: environment.is_cold(),
            environment_id: environment.id.to_owned(),
            pings: environment.pings,
            invocations: environment.invocations,
            idle_seconds: environment.idle.as_secs(),
        }
    }
}

impl WarmResponse {
    pub(crate) fn serialize_in<S: Serializer>(&self, case: Case, serializer: S) -> Result<S::Ok, S::Error> {
        let key = |camel, snake| if case == Case::Camel { camel } else { snake };
        let fields = if self.report.is_some() { 8 } else { 3 };
        let mut answer = serializer.serialize_struct("WarmResponse", fields)?;
        answer.serialize_field(key("eventStatusCode", "event_status_code"), &self.event_status_code)?;
        answer.serialize_field(key("eventResponse", "event_response"), &self.event_response)?;
        answer.serialize_field(key("eventType", "event_type"), &self.event_type)?;
        if let Some(report) = &self.report {
            answer.serialize_field(key("coldStart", "cold_start"), &report.cold_start)?;
            answer.serialize_field(key("environmentId", "environment_id"), &report.environment_id)?;
            answer.serialize_field("pings", &report.pings)?;
            answer.serialize_field("invocations", &report.invocations)?;
            answer.serialize_field(key("idleSeconds", "idle_seconds"), &report.idle_seconds)?;
        }
        answer.end()
    }
}

impl Serialize for WarmResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_in(Case::Camel, serializer)
    }
}
