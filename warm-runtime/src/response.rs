//! The answer to a ping, as AWS's guide "Keeping Lambda Functions Warm" for Service Cloud Voice gives it, in its key order.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::Case;

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
}

impl WarmResponse {
    pub(crate) fn serialize_in<S: Serializer>(&self, case: Case, serializer: S) -> Result<S::Ok, S::Error> {
        let key = |camel, snake| if case == Case::Camel { camel } else { snake };
        let mut answer = serializer.serialize_struct("WarmResponse", 3)?;
        answer.serialize_field(key("eventStatusCode", "event_status_code"), &self.event_status_code)?;
        answer.serialize_field(key("eventResponse", "event_response"), &self.event_response)?;
        answer.serialize_field(key("eventType", "event_type"), &self.event_type)?;
        answer.end()
    }
}

impl Serialize for WarmResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_in(Case::Camel, serializer)
    }
}
