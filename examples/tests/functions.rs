//! The functions over the Runtime API: what they answer to a ping and to the event that is theirs.

use warm_local::{Environment, Function, Invocation, events};

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

/// Each function with the event that is its own, and its answer to it.
const FUNCTIONS: [(&str, &str, &str); 3] = [
    (
        env!("CARGO_BIN_EXE_InvokeTelephonyIntegrationApiFunction"),
        include_str!("../events/contact_flow.json"),
        r#"{"voiceCallRecordId":"dry-run"}"#,
    ),
    (
        env!("CARGO_BIN_EXE_kvsConsumerTrigger"),
        include_str!("../events/media_streaming.json"),
        r#"{"lambdaResult":"Success"}"#,
    ),
    (
        env!("CARGO_BIN_EXE_kvsTranscriber"),
        include_str!("../events/transcription_request.json"),
        r#"{"result":"Success"}"#,
    ),
];

async fn start(program: &str) -> Environment {
    Function::new(program).env_remove("RUST_LOG").start().await.expect("the function starts")
}

async fn send(environment: &Environment, event: &str) -> Invocation {
    environment.invoke(event.to_owned()).await.expect("the function answers")
}

fn response(invocation: &Invocation) -> &[u8] {
    &invocation.answer.response().unwrap_or_else(|| panic!("not a response: {invocation:?}")).body
}

#[tokio::test]
async fn every_function_answers_its_event_before_and_after_a_ping() {
    for (program, event, expected) in FUNCTIONS {
        let environment = start(program).await;
        for _ in 0..2 {
            assert_eq!(response(&send(&environment, event).await), expected.as_bytes(), "{program}");
            let pinged = send(&environment, &events::scheduled_event("KeepSCVFunctionsWarm")).await;
            assert_eq!(response(&pinged), WARM.as_bytes(), "{program}");
        }
    }
}

#[tokio::test]
async fn a_ping_is_the_one_line_in_the_log_of_every_function() {
    for (program, ..) in FUNCTIONS {
        let invocation = send(&start(program).await, &events::scheduled_event("KeepSCVFunctionsWarm")).await;
        let lines = &invocation.log.stdout;
        assert_eq!(lines.iter().filter(|line| line.contains("EventBridge")).count(), 1, "{program}: {lines:?}");
        assert!(invocation.log.stderr.is_empty(), "{program}: {:?}", invocation.log);
    }
}

#[tokio::test]
async fn an_event_of_another_function_is_refused_by_its_own_words() {
    let (transcriber, ..) = FUNCTIONS[2];
    let invocation = send(&start(transcriber).await, FUNCTIONS[0].1).await;
    let error = invocation.answer.error().expect("a contact flow's event is no transcription request");
    let body = String::from_utf8_lossy(&error.body);
    assert!(body.contains("missing field `streamARN`"), "{body}");
}
