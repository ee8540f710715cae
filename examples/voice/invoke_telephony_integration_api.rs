//! `InvokeTelephonyIntegrationApiFunction`: a contact flow calls it to have Salesforce create or
//! update the record of a voice call.

use aws_lambda_events::event::connect::{ConnectContactData, ConnectEvent};
use chrono::{DateTime, SecondsFormat, Utc};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::{env, io};
use warm_examples::send_dry;
use warm_runtime::warmable;

/// What Salesforce names as the default call center of Service Cloud Voice.
const CALL_CENTER: &str = "HVCC";

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let call_center = env::var("CALL_CENTER_API_NAME").unwrap_or_else(|_| CALL_CENTER.to_owned());
    let telephony = DryRun;
    run(service_fn(|event| handler(event, &call_center, &telephony))).await
}

/// A contact flow reads a function's answer as a flat object of strings.
type Answer = HashMap<&'static str, String>;

#[warmable]
async fn handler(
    event: LambdaEvent<ConnectEvent>,
    call_center: &str,
    telephony: &impl TelephonyApi,
) -> Result<Answer, TelephonyError> {
    let details = event.payload.details;
    let mut parameters = details.parameters;
    let method = parameters.remove("methodName").ok_or(TelephonyError::NoMethod)?;
    let contact_id = parameters
        .remove("contactId")
        .or_else(|| details.contact_data.contact_id.clone())
        .ok_or(TelephonyError::NoContact)?;
    tracing::info!(method, contact_id, "voice call");
    match method.as_str() {
        "createVoiceCall" | "createTransferVC" => {
            let transferred = method == "createTransferVC";
            let call = VoiceCall::new(details.contact_data, contact_id, call_center, transferred, Utc::now())?;
            let record = telephony.create_voice_call(&call).await?;
            Ok(Answer::from([("voiceCallRecordId", record)]))
        }
        "updateVoiceCall" => {
            let fields = VoiceCallUpdate { call_center_api_name: call_center, fields: parameters };
            telephony.update_voice_call(&contact_id, &fields).await?;
            Ok(Answer::from([("status", "updated".to_owned())]))
        }
        _ => Err(TelephonyError::UnknownMethod(method)),
    }
}

/// Salesforce's telephony API.
trait TelephonyApi {
    /// Creates the record of a call and gives its id.
    async fn create_voice_call(&self, call: &VoiceCall) -> Result<String, TelephonyError>;
    /// Sets fields of the record of a call.
    async fn update_voice_call(&self, contact_id: &str, update: &VoiceCallUpdate<'_>) -> Result<(), TelephonyError>;
}

/// Sends nothing, and writes what it would send.
struct DryRun;

impl TelephonyApi for DryRun {
    async fn create_voice_call(&self, call: &VoiceCall) -> Result<String, TelephonyError> {
        send_dry(&json!({"method": "POST", "path": "/telephony/v1/voiceCalls", "body": call}))?;
        Ok("dry-run".to_owned())
    }

    async fn update_voice_call(&self, contact_id: &str, update: &VoiceCallUpdate<'_>) -> Result<(), TelephonyError> {
        let path = format!("/telephony/v1/voiceCalls/{contact_id}");
        Ok(send_dry(&json!({"method": "PATCH", "path": path, "body": update}))?)
    }
}

/// The record of a call, as Salesforce takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VoiceCall {
    call_center_api_name: String,
    vendor_call_key: String,
    to: String,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_voice_call_id: Option<String>,
    initiation_method: &'static str,
    start_time: String,
    // An object, written as a string: so the API wants it.
    call_attributes: String,
    participants: [Participant; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Participant {
    participant_key: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl VoiceCall {
    fn new(
        contact: ConnectContactData,
        contact_id: String,
        call_center: &str,
        transferred: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, TelephonyError> {
        let from = contact.customer_endpoint.address.ok_or(TelephonyError::NoAddress("CustomerEndpoint"))?;
        let to = contact.system_endpoint.address.ok_or(TelephonyError::NoAddress("SystemEndpoint"))?;
        Ok(Self {
            call_center_api_name: call_center.to_owned(),
            vendor_call_key: contact_id,
            to,
            from: from.clone(),
            parent_voice_call_id: contact.previous_contact_id.filter(|_| transferred),
            initiation_method: if transferred { "Transfer" } else { "Inbound" },
            start_time: now.to_rfc3339_opts(SecondsFormat::Millis, true),
            call_attributes: call_attributes(&contact.attributes),
            participants: [Participant { participant_key: from, kind: "END_USER" }],
            queue: contact.queue.and_then(|queue| queue.arn).filter(|_| transferred),
        })
    }
}

/// The contact's attributes that are meant for Salesforce, in a stable order.
fn call_attributes(attributes: &HashMap<String, String>) -> String {
    let ours: BTreeMap<_, _> =
        attributes.iter().filter_map(|(name, value)| Some((name.strip_prefix("sfdc-")?, value))).collect();
    json!(ours).to_string()
}

/// The fields of a call to set: whatever parameters the contact flow gives.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VoiceCallUpdate<'a> {
    call_center_api_name: &'a str,
    #[serde(flatten)]
    fields: HashMap<String, String>,
}

/// Why there is no record of a call.
#[derive(Debug, thiserror::Error)]
enum TelephonyError {
    #[error("the contact flow set no parameter `methodName`")]
    NoMethod,
    #[error("`{0}` is no method of this function: it knows createVoiceCall, createTransferVC and updateVoiceCall")]
    UnknownMethod(String),
    #[error("the event has neither a parameter `contactId` nor a `ContactData.ContactId`")]
    NoContact,
    #[error("the contact's `{0}` has no `Address`")]
    NoAddress(&'static str),
    #[error("the telephony API cannot be reached")]
    Unreachable(#[from] io::Error),
}

impl From<TelephonyError> for Diagnostic {
    fn from(error: TelephonyError) -> Self {
        Self { error_type: "TelephonyError".to_owned(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::cell::RefCell;

    /// Keeps what was sent.
    #[derive(Default)]
    struct Recorder(RefCell<Vec<Value>>);

    impl TelephonyApi for Recorder {
        async fn create_voice_call(&self, call: &VoiceCall) -> Result<String, TelephonyError> {
            self.0.borrow_mut().push(json!(call));
            Ok("0LQ1".to_owned())
        }

        async fn update_voice_call(&self, id: &str, update: &VoiceCallUpdate<'_>) -> Result<(), TelephonyError> {
            self.0.borrow_mut().push(json!({"id": id, "fields": update}));
            Ok(())
        }
    }

    async fn call(parameters: Value, contact: Value) -> (Result<Answer, TelephonyError>, Vec<Value>) {
        let mut event: Value = serde_json::from_str(include_str!("../events/contact_flow.json")).unwrap();
        event["Details"]["Parameters"] = parameters;
        if let Value::Object(fields) = contact {
            event["Details"]["ContactData"].as_object_mut().unwrap().extend(fields);
        }
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Default::default());
        let telephony = Recorder::default();
        let answer = handler_unwarmed(event, "HVCC", &telephony).await;
        (answer, telephony.0.into_inner())
    }

    #[tokio::test]
    async fn a_call_is_created_with_its_addresses_and_attributes() {
        let (answer, sent) = call(json!({"methodName": "createVoiceCall"}), Value::Null).await;
        assert_eq!(answer.unwrap()["voiceCallRecordId"], "0LQ1");
        let call = &sent[0];
        assert!(DateTime::parse_from_rfc3339(call["startTime"].as_str().unwrap()).is_ok());
        assert_eq!(call["callAttributes"], r#"{"caseId":"00001042","language":"en"}"#);
        assert_eq!(call["participants"], json!([{"participantKey": "+14155550123", "type": "END_USER"}]));
        assert_eq!((&call["from"], &call["to"]), (&json!("+14155550123"), &json!("+18005550199")));
        assert_eq!(call["initiationMethod"], "Inbound");
        assert_eq!(call["vendorCallKey"], "5ca32fbd-8f92-46af-92a5-6b0f970f0efe");
        assert_eq!(call.get("parentVoiceCallId"), None);
    }

    #[tokio::test]
    async fn a_parameter_names_another_contact() {
        let (_, sent) = call(json!({"methodName": "createVoiceCall", "contactId": "other"}), Value::Null).await;
        assert_eq!(sent[0]["vendorCallKey"], "other");
    }

    #[tokio::test]
    async fn a_transfer_names_its_parent_and_queue() {
        let contact = json!({"PreviousContactId": "parent", "Queue": {"Name": "Support", "ARN": "arn:queue"}});
        let (_, sent) = call(json!({"methodName": "createTransferVC"}), contact).await;
        assert_eq!(sent[0]["initiationMethod"], "Transfer");
        assert_eq!(sent[0]["parentVoiceCallId"], "parent");
        assert_eq!(sent[0]["queue"], "arn:queue");
    }

    #[tokio::test]
    async fn an_update_sends_the_other_parameters() {
        let parameters = json!({"methodName": "updateVoiceCall", "contactId": "c", "endTime": "2026-11-24T10:00:00Z"});
        let (answer, sent) = call(parameters, Value::Null).await;
        assert_eq!(answer.unwrap()["status"], "updated");
        let fields = json!({"callCenterApiName": "HVCC", "endTime": "2026-11-24T10:00:00Z"});
        assert_eq!(sent, [json!({"id": "c", "fields": fields})]);
    }

    #[tokio::test]
    async fn a_contact_flow_that_lacks_something_is_told_what() {
        let create = json!({"methodName": "createVoiceCall"});
        let cases = [
            (json!({}), Value::Null, "the contact flow set no parameter `methodName`"),
            (create.clone(), json!({"ContactId": null}), "the event has neither a parameter `contactId`"),
            (create, json!({"SystemEndpoint": {}}), "the contact's `SystemEndpoint` has no `Address`"),
            (json!({"methodName": "dance"}), Value::Null, "`dance` is no method of this function"),
        ];
        for (parameters, contact, message) in cases {
            let (answer, sent) = call(parameters, contact).await;
            assert!(answer.unwrap_err().to_string().starts_with(message));
            assert!(sent.is_empty());
        }
    }
}
