//! `kvsConsumerTrigger`: a contact flow calls it once a call's audio is streamed, and it has
//! `kvsTranscriber` transcribe it.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::{env, io};
use warm_examples::{TranscriptionRequest, send_dry};
use warm_runtime::warmable;

// No subscriber for `tracing`: a ping is logged all the same, on standard output.
#[tokio::main]
async fn main() -> Result<(), Error> {
    let transcriber = env::var("transcriptionFunction").unwrap_or_else(|_| "kvsTranscriber".to_owned());
    let lambda = DryRun;
    run(service_fn(|event| handler(event, &transcriber, &lambda))).await
}

#[warmable]
async fn handler(
    event: LambdaEvent<ContactFlowEvent>,
    transcriber: &str,
    lambda: &impl Invoke,
) -> Result<Answer, Error> {
    let request = event.payload.details.into_request()?;
    lambda.invoke(transcriber, &request).await?;
    Ok(Answer { lambda_result: "Success" })
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    lambda_result: &'static str,
}

/// Calls a function without waiting for what it answers.
trait Invoke {
    async fn invoke(&self, function: &str, request: &TranscriptionRequest) -> io::Result<()>;
}

/// Calls nobody, and writes what it would call with.
struct DryRun;

impl Invoke for DryRun {
    async fn invoke(&self, function: &str, request: &TranscriptionRequest) -> io::Result<()> {
        send_dry(&json!({"functionName": function, "invocationType": "Event", "payload": request}))
    }
}

/// What this function reads of a contact flow's event. `ConnectEvent` of `aws_lambda_events` leaves
/// out the media streams.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactFlowEvent {
    details: Details,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    contact_data: ContactData,
    // Connect sends `null` where a flow sets none.
    parameters: Option<HashMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactData {
    contact_id: String,
    #[serde(rename = "InstanceARN")]
    instance_arn: String,
    customer_endpoint: Endpoint,
    attributes: Option<HashMap<String, String>>,
    media_streams: Option<MediaStreams>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    address: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MediaStreams {
    customer: Option<Customer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Customer {
    audio: Option<Audio>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Audio {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    start_fragment_number: String,
    start_timestamp: String,
}

impl Details {
    fn into_request(self) -> Result<TranscriptionRequest, TriggerError> {
        let Self { contact_data: contact, parameters } = self;
        let mut parameters = parameters.unwrap_or_default();
        let mut attributes = contact.attributes.unwrap_or_default();
        let audio = contact.media_streams.and_then(|streams| streams.customer).and_then(|customer| customer.audio);
        let audio = audio.ok_or(TriggerError::NoAudio)?;
        let start = audio.start_timestamp.parse().ok().and_then(chrono::DateTime::from_timestamp_millis);
        Ok(TranscriptionRequest {
            stream_arn: audio.stream_arn,
            start_fragment_num: audio.start_fragment_number,
            audio_start_timestamp: start.ok_or(TriggerError::NoTime(audio.start_timestamp))?,
            customer_phone_number: contact.customer_endpoint.address,
            voice_call_id: contact.contact_id,
            language_code: attributes.remove("languageCode").unwrap_or_else(|| "en-US".to_owned()),
            // Only a plain `false` turns a direction off: what flows have relied on so far.
            stream_audio_from_customer: attributes.get("streamAudioFromCustomer").is_none_or(|value| value != "false"),
            stream_audio_to_customer: attributes.get("streamAudioToCustomer").is_none_or(|value| value != "false"),
            instance_arn: contact.instance_arn,
            engine: choice(&mut parameters, "engine")?.unwrap_or_default(),
            vocabulary_name: parameters.remove("vocabularyName"),
            vocabulary_filter_name: parameters.remove("vocabularyFilterName"),
            vocabulary_filter_method: choice(&mut parameters, "vocabularyFilterMethod")?,
            specialty: parameters.remove("specialty"),
        })
    }
}

/// Reads a parameter that has a few known values.
fn choice<T: for<'de> Deserialize<'de>>(
    parameters: &mut HashMap<String, String>,
    name: &'static str,
) -> Result<Option<T>, TriggerError> {
    let Some(value) = parameters.remove(name) else { return Ok(None) };
    let choice = T::deserialize(value.into_deserializer());
    choice.map(Some).map_err(|error: ValueError| TriggerError::Parameter(name, error))
}

/// Why a call is not transcribed.
#[derive(Debug, thiserror::Error)]
enum TriggerError {
    #[error("the contact has no customer audio; put `Start media streaming` before this function in the contact flow")]
    NoAudio,
    #[error("the audio's start timestamp `{0}` is not in milliseconds since 1970")]
    NoTime(String),
    #[error("the parameter `{0}` has an {1}")]
    Parameter(&'static str, ValueError),
    #[error("the transcriber cannot be invoked")]
    Invoke(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::cell::RefCell;
    use warm_examples::{Engine, VocabularyFilterMethod};

    /// Keeps what was sent.
    #[derive(Default)]
    struct Recorder(RefCell<Vec<(String, TranscriptionRequest)>>);

    impl Invoke for Recorder {
        async fn invoke(&self, function: &str, request: &TranscriptionRequest) -> io::Result<()> {
            self.0.borrow_mut().push((function.to_owned(), request.clone()));
            Ok(())
        }
    }

    /// Calls the handler with the sample event, in which `pointer` is set to `value`.
    async fn call(pointer: &str, value: Value) -> Result<TranscriptionRequest, Error> {
        let mut event: Value = serde_json::from_str(include_str!("../events/media_streaming.json")).unwrap();
        *event.pointer_mut(pointer).expect("the sample has the field") = value;
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Default::default());
        let lambda = Recorder::default();
        let answer = handler_unwarmed(event, "kvsTranscriber", &lambda).await?;
        assert_eq!(answer, Answer { lambda_result: "Success" });
        let mut sent = lambda.0.into_inner();
        let (function, request) = sent.pop().expect("the transcriber is invoked");
        assert_eq!(function, "kvsTranscriber");
        Ok(request)
    }

    #[tokio::test]
    async fn the_transcriber_is_told_where_the_audio_is() {
        let request = call("/Details/Parameters", Value::Null).await.unwrap();
        assert_eq!(request.start_fragment_num, "91343852333181432392682062622220590765191907586");
        assert_eq!(request.audio_start_timestamp.timestamp_millis(), 1_571_360_125_131);
        assert_eq!(request.customer_phone_number, "+14155550123");
        assert_eq!(request.language_code, "en-US");
        assert_eq!(request.engine, Engine::Standard);
        assert!(request.stream_audio_from_customer && request.stream_audio_to_customer);
    }

    #[tokio::test]
    async fn parameters_choose_the_engine_and_its_vocabulary() {
        let parameters = json!({
            "engine": "medical", "specialty": "CARDIOLOGY",
            "vocabularyName": "drugs", "vocabularyFilterName": "names", "vocabularyFilterMethod": "mask",
        });
        let request = call("/Details/Parameters", parameters).await.unwrap();
        assert_eq!(request.engine, Engine::Medical);
        assert_eq!(request.specialty.as_deref(), Some("CARDIOLOGY"));
        assert_eq!(request.vocabulary_name.as_deref(), Some("drugs"));
        assert_eq!(request.vocabulary_filter_name.as_deref(), Some("names"));
        assert_eq!(request.vocabulary_filter_method, Some(VocabularyFilterMethod::Mask));
    }

    #[tokio::test]
    async fn only_a_plain_false_turns_a_direction_off() {
        let attributes =
            json!({"languageCode": "de-DE", "streamAudioToCustomer": "false", "streamAudioFromCustomer": "no"});
        let request = call("/Details/ContactData/Attributes", attributes).await.unwrap();
        assert_eq!(request.language_code, "de-DE");
        assert!(request.stream_audio_from_customer);
        assert!(!request.stream_audio_to_customer);
    }

    #[tokio::test]
    async fn a_contact_without_audio_is_told_what_its_flow_lacks() {
        for streams in [Value::Null, json!({"Customer": null}), json!({"Customer": {"Audio": null}})] {
            let error = call("/Details/ContactData/MediaStreams", streams).await.unwrap_err();
            assert!(error.to_string().contains("`Start media streaming`"));
        }
    }

    #[tokio::test]
    async fn an_unknown_engine_is_named_with_the_known_ones() {
        let error = call("/Details/Parameters", json!({"engine": "steam"})).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the parameter `engine` has an unknown variant `steam`, expected `standard` or `medical`"
        );
    }

    #[tokio::test]
    async fn a_start_that_is_no_time_is_refused() {
        let pointer = "/Details/ContactData/MediaStreams/Customer/Audio/StartTimestamp";
        let error = call(pointer, json!("now")).await.unwrap_err();
        assert_eq!(error.to_string(), "the audio's start timestamp `now` is not in milliseconds since 1970");
    }
}
