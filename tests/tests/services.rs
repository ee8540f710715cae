//! Closures, services, HTTP functions and routers in processes of their own: each answers pings with the plain payload, and
//! all else as before.

use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;
use warm_local::{Environment, Function, Invocation, events};
use warm_tests::sample;

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

const NOT_HTTP: &str = "failed to deserialize the incoming data into the function's payload type: this function expects a \
    JSON payload from Amazon API Gateway, Amazon Elastic Load Balancer, or AWS Lambda Function URLs, but the data doesn't \
    match any of those services' events\n";

const SERVICES: [&str; 7] = ["empty", "closure", "struct", "streaming", "fails", "concurrent", "prime"];

const HTTP_SERVICES: [&str; 15] = [
    "http/text",
    "http/json",
    "http/headers",
    "http/binary",
    "http/empty",
    "http/fails",
    "http/router",
    "http/stack",
    "http/concurrent",
    "http/streaming",
    "http/streaming_router",
    "http/streaming_stack",
    "http/streaming_breaks",
    "http/streaming_fails",
    "http/streaming_concurrent",
];

fn service(kind: &str) -> Function {
    Function::new(env!("CARGO_BIN_EXE_service")).arg(kind).env_remove("RUST_LOG")
}

async fn start(function: Function) -> Environment {
    function.start().await.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn send(environment: &Environment, event: impl Into<String>) -> Invocation {
    environment.invoke(event.into()).await.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn answer(environment: &Environment, event: impl Into<String>) -> String {
    String::from_utf8_lossy(send(environment, event).await.answer.body()).into_owned()
}

fn ping() -> String {
    events::scheduled_event("KeepSCVFunctionsWarm")
}

fn scheduler_ping() -> String {
    ping().replace("aws.events", "aws.scheduler")
}

fn get(path: &str) -> String {
    let mut event: Value = serde_json::from_slice(&sample("apigw-v2-request-no-authorizer")).expect("a sample is JSON");
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event.to_string()
}

#[tokio::test]
async fn every_kind_of_service_answers_a_ping_with_the_plain_payload() {
    for kind in SERVICES.into_iter().chain(HTTP_SERVICES) {
        let environment = start(service(kind)).await;
        for _ in 0..2 {
            let invocation = send(&environment, ping()).await;
            let response = invocation.answer.response().unwrap_or_else(|| panic!("{kind}: {invocation:?}"));
            assert_eq!(response.body, WARM, "{kind}");
            assert!(!response.is_streamed(), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_service_keeps_its_state_and_a_ping_does_not_touch_it() {
    for kind in ["closure", "struct"] {
        let environment = start(service(kind)).await;
        for number in 1..=3 {
            assert_eq!(answer(&environment, ping()).await, WARM);
            let expected = format!(r#"{{"id":7,"number":{number}}}"#);
            assert_eq!(answer(&environment, r#"{"id":7}"#).await, expected, "{kind}");
        }
    }
}

#[tokio::test]
async fn a_router_keeps_its_state_and_a_ping_does_not_touch_it() {
    let environment = start(service("http/router")).await;
    for number in 1..=3 {
        assert_eq!(answer(&environment, ping()).await, WARM);
        let response: Value = serde_json::from_str(&answer(&environment, get("/stock")).await).expect("JSON");
        assert_eq!(response["statusCode"], 201);
        assert_eq!(response["headers"]["server"], "axum");
        let body = response["body"].as_str().expect("the body is text");
        assert!(body.starts_with(&format!("{number} GET ")) && body.contains("/stock"), "{body}");
    }
}

#[tokio::test]
async fn a_streaming_service_streams_its_responses_and_buffers_the_answer_to_a_ping() {
    let environment = start(service("streaming")).await;
    for _ in 0..2 {
        assert_eq!(answer(&environment, ping()).await, WARM);
        let invocation = send(&environment, r#"{"id":3}"#).await;
        let response = invocation.answer.response().expect("a stream is a response");
        assert!(response.is_streamed());
        let (prelude, parts) = response.body.split_at(response.body.len() - "part 0\npart 1\npart 2\n".len());
        assert_eq!(parts, b"part 0\npart 1\npart 2\n");
        assert!(prelude.starts_with(br#"{"statusCode":202,"#) && prelude.ends_with(&[0; 8]), "{prelude:?}");
    }
}

#[tokio::test]
async fn a_failing_service_fails_as_before() {
    for kind in ["fails", "http/fails", "http/streaming_fails"] {
        let event = if kind == "fails" { r#"{"id":1}"#.to_owned() } else { get("/") };
        let [warm, plain] = [start(service(kind)).await, start(service(kind).arg("--without")).await];
        let [warm, plain] = [send(&warm, event.clone()).await, send(&plain, event).await];
        let [warm, plain] = [&warm, &plain].map(|invocation| invocation.answer.error().expect("it fails"));
        assert_eq!(warm.body, plain.body, "{kind}");
        assert_eq!(warm.error_type, plain.error_type, "{kind}");
    }
}

#[tokio::test]
async fn an_event_that_is_neither_a_ping_nor_http_fails_with_the_message_of_lambda_http() {
    for kind in HTTP_SERVICES {
        let environment = start(service(kind)).await;
        for event in ["{}", "[]", "null", r#""aws.events""#, r#"{"detail":{"source":"aws.events"}}"#, &scheduler_ping()]
        {
            let invocation = send(&environment, event).await;
            let error = invocation.answer.error().unwrap_or_else(|| panic!("{kind} {event}: {invocation:?}"));
            let body: Value = serde_json::from_slice(&error.body).expect("an error is reported as JSON");
            assert_eq!(body["errorMessage"], NOT_HTTP, "{kind} {event}");
        }
        assert_eq!(answer(&environment, ping()).await, WARM, "{kind}");
    }
}

#[tokio::test]
async fn a_runtime_of_the_programs_own_runs_all_its_layers() {
    let environment = start(service("layers")).await;
    for number in 1..=3 {
        let pinged = send(&environment, scheduler_ping()).await;
        assert_eq!(pinged.answer.body(), WARM);
        let ordered = send(&environment, r#"{"id":7}"#).await;
        assert_eq!(ordered.answer.body(), &format!(r#"{{"mapped":{{"id":7,"number":{number}}}}}"#));
        for invocation in [pinged, ordered] {
            let passed = invocation.log.stdout.iter().filter(|line| *line == "an invocation passes").count();
            assert_eq!(passed, 1, "{:?}", invocation.log);
        }
    }
}

#[tokio::test]
async fn a_layer_of_another_policy_leaves_other_pings_to_the_service() {
    let environment = start(service("layers")).await;
    let error = send(&environment, ping()).await;
    assert!(error.answer.error().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_layers_prime_runs_once_for_each_ping() {
    let environment = start(service("prime")).await;
    for number in 0..3 {
        assert_eq!(answer(&environment, "{}").await, number.to_string());
        assert_eq!(answer(&environment, ping()).await, WARM);
    }
}

#[tokio::test]
async fn a_layers_prime_that_fails_is_told_in_the_answer_and_fails_no_invocation() {
    let environment = start(service("prime")).await;
    let invocation = send(&environment, events::scheduled_event("Broken")).await;
    let response = invocation.answer.response().expect("a ping is answered");
    let expected = r#"{"eventStatusCode":500,"eventResponse":"the pool is empty","eventType":"EventBridge"}"#;
    assert_eq!(response.body, expected);
    assert_eq!(answer(&environment, ping()).await, WARM);
    assert_eq!(answer(&environment, "{}").await, "1");
}

/// Three events take three of four slots, one after the other, and end only when an event after them says so. A ping that
/// waited for one of them would never be answered, and the test would fail by the deadline of the invocation.
async fn pings_between_slow_events(kind: &str, event: fn(&str) -> String, shows: fn(&str, &str) -> bool) {
    let environment = Arc::new(start(service(kind).concurrency(4)).await);
    let mut slow = JoinSet::new();
    for waiting in 1..=3 {
        assert_eq!(answer(&environment, ping()).await, WARM);
        let (environment_of_slow, wait) = (Arc::clone(&environment), event("wait"));
        slow.spawn(async move { answer(&environment_of_slow, wait).await });
        let met = format!("meet/{waiting}");
        let answered = answer(&environment, event(&met)).await;
        assert!(shows(&answered, &met), "{kind}: {answered}");
        assert_eq!(answer(&environment, ping()).await, WARM);
    }
    assert!(slow.try_join_next().is_none(), "{kind}: a slow event has ended before it was told to");
    let answered = answer(&environment, event("open")).await;
    assert!(shows(&answered, "open"), "{kind}: {answered}");
    for answered in slow.join_all().await {
        assert!(shows(&answered, "wait"), "{kind}: {answered}");
    }
    assert_eq!(answer(&environment, ping()).await, WARM);
}

#[tokio::test]
async fn a_ping_never_waits_behind_a_slow_event_in_another_slot() {
    pings_between_slow_events(
        "concurrent",
        |order| json!(order).to_string(),
        |answer, order| answer == format!("\"{order}\""),
    )
    .await;
}

#[tokio::test]
async fn a_ping_never_waits_behind_a_slow_http_request_in_another_slot() {
    let request = |order: &str| get(&format!("/{order}"));
    let shows = |answer: &str, order: &str| {
        serde_json::from_str::<Value>(answer).is_ok_and(|response| response["body"] == order)
    };
    pings_between_slow_events("http/concurrent", request, shows).await;
    // A streamed response is its prelude, eight zeros, and the body.
    pings_between_slow_events("http/streaming_concurrent", request, |answer, order| {
        answer.strip_suffix(order).is_some_and(|prelude| prelude.ends_with("}\0\0\0\0\0\0\0\0"))
    })
    .await;
}

#[tokio::test]
async fn pings_take_slots_side_by_side() {
    let environment = start(service("concurrent").concurrency(4)).await;
    let pings = || async { answer(&environment, ping()).await };
    let answers: [String; 4] = tokio::join!(pings(), pings(), pings(), pings()).into();
    assert_eq!(answers, [WARM; 4]);
}

/// What `poll_ready` reserves is for a call that a ping does not make.
#[tokio::test]
async fn a_ping_keeps_no_place_of_a_concurrency_limit() {
    for kind in ["limited", "http/limited", "http/streaming_limited"] {
        let environment = start(service(kind).concurrency(2)).await;
        assert_eq!(answer(&environment, ping()).await, WARM);
        // The other slot has waited longer, and is the next to get an event.
        for _ in 0..3 {
            let invocation = send(&environment, get("/")).await;
            assert!(invocation.answer.response().is_some(), "{kind}: {invocation:?}");
            assert_eq!(answer(&environment, ping()).await, WARM, "{kind}");
        }
    }
}
