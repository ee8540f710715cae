//! `kvsTranscriber`: takes a transcription request and starts a transcription for each direction of
//! the call's audio.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Serialize;
use std::io;
use warm_examples::{Engine, TranscriptionRequest, VocabularyFilterMethod, send_dry};
use warm_runtime::warmable;

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let service = DryRun;
    run(service_fn(|event| handler(event, &service))).await
}

#[warmable]
async fn handler(
    event: LambdaEvent<TranscriptionRequest>,
    service: &impl TranscriptionService,
) -> Result<Answer, Error> {
    let request = event.payload;
    for transcription in transcriptions(&request)? {
        tracing::info!(track = ?transcription.track, voice_call_id = request.voice_call_id, "transcription");
        service.start(&transcription).await?;
    }
    Ok(Answer { result: "Success" })
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Answer {
    result: &'static str,
}

/// What turns speech into text and hands it to Salesforce.
trait TranscriptionService {
    async fn start(&self, transcription: &Transcription<'_>) -> io::Result<()>;
}

/// Starts nothing, and writes what it would start.
struct DryRun;

impl TranscriptionService for DryRun {
    async fn start(&self, transcription: &Transcription<'_>) -> io::Result<()> {
        send_dry(transcription)
    }
}

/// The transcription of one direction of a call.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Transcription<'a> {
    track: Track,
    #[serde(rename = "streamARN")]
    stream_arn: &'a str,
    start_fragment_num: &'a str,
    voice_call_id: &'a str,
    participant_id: &'a str,
    language_code: &'a str,
    engine: Engine,
    #[serde(skip_serializing_if = "Option::is_none")]
    specialty: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vocabulary_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vocabulary_filter: Option<Filter<'a>>,
}

/// The tracks under which Connect puts a call's audio into its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Track {
    AudioFromCustomer,
    AudioToCustomer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Filter<'a> {
    name: &'a str,
    method: VocabularyFilterMethod,
}

/// The transcriptions that a request asks for: none, one or both directions.
fn transcriptions(request: &TranscriptionRequest) -> Result<Vec<Transcription<'_>>, TranscriberError> {
    let specialty = specialty(request)?;
    let filter = filter(request)?;
    let directions = [
        (request.stream_audio_from_customer, Track::AudioFromCustomer, request.customer_phone_number.as_str()),
        // Who speaks to the customer is known to Salesforce as the call's other participant.
        (request.stream_audio_to_customer, Track::AudioToCustomer, "VIRTUAL_AGENT"),
    ];
    let wanted = directions.into_iter().filter(|(wanted, ..)| *wanted);
    let transcription = |(_, track, participant_id)| Transcription {
        track,
        stream_arn: &request.stream_arn,
        start_fragment_num: &request.start_fragment_num,
        voice_call_id: &request.voice_call_id,
        participant_id,
        language_code: &request.language_code,
        engine: request.engine,
        specialty,
        vocabulary_name: request.vocabulary_name.as_deref(),
        vocabulary_filter: filter,
    };
    Ok(wanted.map(transcription).collect())
}

fn specialty(request: &TranscriptionRequest) -> Result<Option<&str>, TranscriberError> {
    match (request.engine, request.language_code.as_str(), request.specialty.as_deref()) {
        (Engine::Standard, _, None) => Ok(None),
        (Engine::Standard, _, Some(specialty)) => Err(TranscriberError::Specialty(specialty.to_owned())),
        (Engine::Medical, "en-US", specialty) => Ok(specialty.or(Some("PRIMARYCARE"))),
        (Engine::Medical, language, _) => Err(TranscriberError::MedicalLanguage(language.to_owned())),
    }
}

fn filter(request: &TranscriptionRequest) -> Result<Option<Filter<'_>>, TranscriberError> {
    match (request.vocabulary_filter_name.as_deref(), request.vocabulary_filter_method) {
        (None, None) => Ok(None),
        (Some(name), method) => Ok(Some(Filter { name, method: method.unwrap_or(VocabularyFilterMethod::Mask) })),
        (None, Some(_)) => Err(TranscriberError::NoFilter),
    }
}

/// Why a call is not transcribed.
#[derive(Debug, thiserror::Error)]
enum TranscriberError {
    #[error("the engine `medical` transcribes en-US, not `{0}`")]
    MedicalLanguage(String),
    #[error("the specialty `{0}` needs the engine `medical`")]
    Specialty(String),
    #[error("`vocabularyFilterMethod` needs a `vocabularyFilterName`")]
    NoFilter,
    #[error("the transcription cannot be started")]
    Start(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::cell::RefCell;

    /// Keeps what was started.
    #[derive(Default)]
    struct Recorder(RefCell<Vec<Value>>);

    impl TranscriptionService for Recorder {
        async fn start(&self, transcription: &Transcription<'_>) -> io::Result<()> {
            self.0.borrow_mut().push(json!(transcription));
            Ok(())
        }
    }

    /// Calls the handler with the sample request and `fields` set in it.
    async fn call(fields: Value) -> Result<Vec<Value>, Error> {
        let mut request: Value = serde_json::from_str(include_str!("../events/transcription_request.json")).unwrap();
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        request.as_object_mut().expect("a request is an object").extend(fields);
        let event = LambdaEvent::new(serde_json::from_value(request).unwrap(), Default::default());
        let service = Recorder::default();
        let answer = handler_unwarmed(event, &service).await?;
        assert_eq!(answer, Answer { result: "Success" });
        Ok(service.0.into_inner())
    }

    #[tokio::test]
    async fn both_directions_are_transcribed() {
        let started = call(json!({})).await.unwrap();
        let tracks: Vec<_> = started.iter().map(|started| &started["track"]).collect();
        assert_eq!(tracks, ["AUDIO_FROM_CUSTOMER", "AUDIO_TO_CUSTOMER"]);
        assert_eq!(started[0]["participantId"], "+14155550123");
        assert_eq!(started[0]["engine"], "standard");
        assert_eq!(started[0].get("specialty"), None);
    }

    #[tokio::test]
    async fn a_direction_that_is_turned_off_is_left_out() {
        let started = call(json!({"streamAudioToCustomer": false})).await.unwrap();
        assert_eq!(started.len(), 1);
        let started = call(json!({"streamAudioToCustomer": false, "streamAudioFromCustomer": false})).await.unwrap();
        assert!(started.is_empty());
    }

    #[tokio::test]
    async fn the_medical_engine_has_a_specialty() {
        let started = call(json!({"engine": "medical"})).await.unwrap();
        assert_eq!(started[0]["specialty"], "PRIMARYCARE");
        let started = call(json!({"engine": "medical", "specialty": "UROLOGY"})).await.unwrap();
        assert_eq!(started[0]["specialty"], "UROLOGY");
    }

    #[tokio::test]
    async fn a_filter_masks_unless_it_is_told_otherwise() {
        let started = call(json!({"vocabularyFilterName": "names"})).await.unwrap();
        assert_eq!(started[0]["vocabularyFilter"], json!({"name": "names", "method": "mask"}));
        let started = call(json!({"vocabularyFilterName": "names", "vocabularyFilterMethod": "tag"})).await.unwrap();
        assert_eq!(started[0]["vocabularyFilter"]["method"], "tag");
    }

    #[tokio::test]
    async fn what_does_not_go_together_is_refused() {
        let cases = [
            (
                json!({"engine": "medical", "languageCode": "de-DE"}),
                "the engine `medical` transcribes en-US, not `de-DE`",
            ),
            (json!({"specialty": "UROLOGY"}), "the specialty `UROLOGY` needs the engine `medical`"),
            (json!({"vocabularyFilterMethod": "tag"}), "`vocabularyFilterMethod` needs a `vocabularyFilterName`"),
        ];
        for (fields, message) in cases {
            assert_eq!(call(fields).await.unwrap_err().to_string(), message);
        }
    }
}
