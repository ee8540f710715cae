//! The request with which `kvsConsumerTrigger` calls `kvsTranscriber`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

/// Which audio is to be transcribed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptionRequest {
    /// The Kinesis Video stream that holds the call's audio.
    #[serde(rename = "streamARN")]
    pub stream_arn: String,
    /// The fragment at which the call begins.
    pub start_fragment_num: String,
    /// The time at which the call begins.
    #[serde(with = "timestamp")]
    pub audio_start_timestamp: DateTime<Utc>,
    /// The caller's number.
    pub customer_phone_number: String,
    /// The contact, by which Salesforce knows the voice call.
    pub voice_call_id: String,
    /// The language that is spoken, such as `en-US`.
    #[serde(default = "default_language")]
    pub language_code: String,
    /// Whether what the customer says is transcribed.
    #[serde(default = "yes")]
    pub stream_audio_from_customer: bool,
    /// Whether what the customer hears is transcribed.
    #[serde(default = "yes")]
    pub stream_audio_to_customer: bool,
    /// The Connect instance.
    #[serde(rename = "instanceARN")]
    pub instance_arn: String,
    /// The service that transcribes.
    #[serde(default)]
    pub engine: Engine,
    /// A vocabulary for the words of this trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary_name: Option<String>,
    /// The words to filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary_filter_name: Option<String>,
    /// What becomes of the words to filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary_filter_method: Option<VocabularyFilterMethod>,
    /// The medical specialty, such as `PRIMARYCARE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
}

/// The service that transcribes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Amazon Transcribe.
    #[default]
    Standard,
    /// Amazon Transcribe Medical.
    Medical,
}

/// What becomes of the words that a vocabulary filter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VocabularyFilterMethod {
    /// They are replaced by asterisks.
    Mask,
    /// They are left out.
    Remove,
    /// They are marked.
    Tag,
}

fn default_language() -> String {
    "en-US".to_owned()
}

fn yes() -> bool {
    true
}

/// A parameter of a contact flow is a string, a flow that sets it itself may make it a number: both
/// are milliseconds since 1970.
mod timestamp {
    use super::*;
    use serde::Serializer;
    use serde::de::{Error, Unexpected};

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "milliseconds since 1970, as a number or a string")]
    enum Millis {
        Number(i64),
        Text(String),
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let invalid = |text: &str| D::Error::invalid_value(Unexpected::Str(text), &"milliseconds since 1970");
        let millis = match Millis::deserialize(deserializer)? {
            Millis::Number(millis) => millis,
            Millis::Text(text) => text.parse().map_err(|_| invalid(&text))?,
        };
        DateTime::from_timestamp_millis(millis).ok_or_else(|| invalid(&millis.to_string()))
    }

    pub(super) fn serialize<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request(field: &str, value: Value) -> Result<TranscriptionRequest, serde_json::Error> {
        let mut request = json!({
            "streamARN": "arn:stream", "startFragmentNum": "91343852", "audioStartTimestamp": "1571360125131",
            "customerPhoneNumber": "+14155550123", "voiceCallId": "contact", "instanceARN": "arn:instance",
        });
        request[field] = value;
        serde_json::from_value(request)
    }

    #[test]
    fn what_a_request_leaves_out_has_a_default() {
        let request = request("voiceCallId", json!("contact")).unwrap();
        assert_eq!(request.language_code, "en-US");
        assert_eq!(request.engine, Engine::Standard);
        assert!(request.stream_audio_from_customer && request.stream_audio_to_customer);
    }

    #[test]
    fn a_timestamp_is_a_string_or_a_number() {
        let text = request("audioStartTimestamp", json!("1571360125131")).unwrap();
        let number = request("audioStartTimestamp", json!(1_571_360_125_131_i64)).unwrap();
        assert_eq!(text, number);
        assert_eq!(text.audio_start_timestamp.to_rfc3339(), "2019-10-18T00:55:25.131+00:00");
    }

    #[test]
    fn a_timestamp_that_is_no_time_is_refused() {
        for value in [json!("yesterday"), json!(true), json!(i64::MAX)] {
            let error = request("audioStartTimestamp", value).unwrap_err();
            assert!(error.to_string().contains("milliseconds since 1970"), "{error}");
        }
    }

    #[test]
    fn an_engine_is_standard_or_medical() {
        assert_eq!(request("engine", json!("medical")).unwrap().engine, Engine::Medical);
        assert!(request("engine", json!("steam")).is_err());
    }

    #[test]
    fn a_request_survives_the_way_to_the_transcriber() {
        let request = request("vocabularyFilterMethod", json!("mask")).unwrap();
        let sent = serde_json::to_vec(&request).unwrap();
        assert_eq!(serde_json::from_slice::<TranscriptionRequest>(&sent).unwrap(), request);
    }
}
