//! Every sample event of `aws_lambda_events`, and what it lacks, through `lambda_http` and through `warm_runtime::http`: the
//! Runtime API gets the same bytes and headers, streamed or not, and the same errors.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use warm_local::{Answer, Environment, Function, Invocation};
use warm_tests::{Sample, sample, samples};

/// The one sample that is a ping.
const PING: &str = "eventbridge-schedule";

async fn start(kind: &str, arguments: &[&str]) -> Environment {
    let function = Function::new(env!("CARGO_BIN_EXE_service")).arg(kind).name("service").env_remove("RUST_LOG");
    let function = arguments.iter().fold(function, |function, argument| function.arg(argument));
    function.start().await.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn send(environment: &Environment, event: &[u8]) -> Invocation {
    environment.invoke(event.to_vec()).await.unwrap_or_else(|error| panic!("{error:?}"))
}

/// All that the Runtime API got, without the address that it has in this process. Where a stream is cut into chunks is up to
/// the network.
fn observed(answer: &Answer) -> (&'static str, BTreeMap<String, String>, Vec<u8>) {
    let (kind, headers, body) = match answer {
        Answer::Response(response) => ("response", &response.headers, &response.body),
        Answer::Error(error) => ("error", &error.headers, &error.body),
    };
    let named = headers.iter().filter(|(name, _)| *name != "host");
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in named {
        let values = headers.entry(name.to_string()).or_default();
        values.push_str(&format!("{value:?};"));
    }
    (kind, headers, body.to_vec())
}

/// What no sample shows: a Function URL's request, bodies that are large, escaped and encoded, and what is nearly a ping.
fn further_events() -> Vec<Sample> {
    let edited = |name: &str, from: &str, edit: fn(&mut Value)| {
        let mut event: Value = serde_json::from_slice(&sample(from)).expect("a sample is JSON");
        edit(&mut event);
        Sample { name: name.to_owned(), json: event.to_string().into_bytes() }
    };
    let with_body = |name, body: fn() -> Value| {
        let mut sample = edited(name, "apigw-v2-request-no-authorizer", |_| ());
        let mut event: Value = serde_json::from_slice(&sample.json).expect("a sample is JSON");
        event["body"] = body();
        sample.json = event.to_string().into_bytes();
        sample
    };
    let mut events = vec![
        edited("function URL", "apigw-v2-request-no-authorizer", |event| {
            event["requestContext"]["domainName"] = json!("abcdefghij.lambda-url.us-west-2.on.aws");
            event["requestContext"]["authentication"] = Value::Null;
            event["headers"]["host"] = json!("abcdefghij.lambda-url.us-west-2.on.aws");
            event["cookies"] = json!(["a=1", "b=2"]);
            event["rawQueryString"] = json!("a=1&a=2&b=%20%26");
            event["queryStringParameters"] = json!({ "a": "1,2", "b": " &" });
        }),
        edited("source beside the request", "apigw-v2-request-no-authorizer", |event| event["source"] = json!("acme")),
        with_body("encoded", || json!("3q2+7w==")),
        with_body("escapes", || json!("\u{1F980} \"aws.events\" \\ \u{1}\n".repeat(1_000))),
        with_body("1 MB", || json!("x".repeat(1_000_000))),
        with_body("a ping in the body", || json!(r#"{"source":"aws.events"}"#)),
    ];
    for (name, json) in [
        ("empty object", "{}"),
        ("empty array", "[]"),
        ("null", "null"),
        ("text", r#""aws.events""#),
        ("nested ping", r#"{"detail":{"source":"aws.events"}}"#),
        ("another source", r#"{"source":"aws.s3"}"#),
        ("a list of sources", r#"{"source":["aws.events"]}"#),
        ("spaced", " \n{ \"source\" : \"aws.s3\" } "),
    ] {
        events.push(Sample { name: name.to_owned(), json: json.into() });
    }
    events
}

async fn same_answers(kind: &str) {
    let [warm, plain] = [start(kind, &[]).await, start(kind, &["--without"]).await];
    let mut responses = Vec::new();
    for Sample { name, json } in samples().into_iter().chain(further_events()).filter(|sample| sample.name != PING) {
        let [warm, plain] = [send(&warm, &json).await.answer, send(&plain, &json).await.answer];
        assert_eq!(observed(&warm), observed(&plain), "{kind}: {name}");
        if plain.response().is_some() {
            responses.push(name);
        }
    }
    // Where a service fails for all requests, there is no telling from outside which event it took for one.
    if !kind.ends_with("fails") {
        for expected in HTTP_SAMPLES {
            assert!(responses.iter().any(|name| name == expected), "{kind} did not answer {expected}: {responses:?}");
        }
    }
}

/// One of each kind at least.
const HTTP_SAMPLES: [&str; 12] = [
    "alb-lambda-target-request-headers-only",
    "alb-lambda-target-request-multivalue-headers",
    "apigw-request",
    "apigw-request-multi-value-parameters",
    "apigw-restapi-openapi-request",
    "apigw-v2-request-iam",
    "apigw-v2-request-multi-value-parameters",
    "apigw-websocket-request-disconnect-route",
    "apigw-websocket-request-without-method",
    "vpc-lattice-v2-request",
    "vpc-lattice-v2-request-base64",
    "function URL",
];

#[tokio::test]
async fn buffered_responses_are_the_same() {
    for kind in ["http/text", "http/json", "http/headers", "http/binary", "http/empty", "http/fails"] {
        same_answers(kind).await;
    }
}

#[tokio::test]
async fn responses_of_routers_and_stacks_are_the_same() {
    for kind in ["http/router", "http/stack"] {
        same_answers(kind).await;
    }
}

#[tokio::test]
async fn streamed_responses_are_the_same() {
    for kind in ["http/streaming", "http/streaming_breaks", "http/streaming_fails"] {
        same_answers(kind).await;
    }
}

#[tokio::test]
async fn streamed_responses_of_routers_and_stacks_are_the_same() {
    for kind in ["http/streaming_router", "http/streaming_stack"] {
        same_answers(kind).await;
    }
}
