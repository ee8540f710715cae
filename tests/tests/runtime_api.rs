//! Functions in processes of their own, as Lambda runs them: what the Runtime API gets for pings and for everything else.

use serde_json::{Value, json};
use std::any::{Any, type_name};
use std::fmt::Debug;
use warm_local::{Answer, Environment, Function, Invocation, events};

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;
const ORDER: &str = r#"{"id":7,"items":["tea","milk"]}"#;

/// Handlers that answer any order, with what they answer to [`ORDER`].
const ANSWERS: [(&str, &str); 8] = [
    ("order", r#"{"greeting":"sold","id":7,"items":["tea","milk"]}"#),
    ("value", ORDER),
    ("text", ORDER),
    ("nothing", "null"),
    ("client", r#"{"greeting":"sold","id":7,"items":["tea","milk"]}"#),
    ("method", r#"{"greeting":"sold","id":7,"items":["tea","milk"]}"#),
    ("either", r#"{"greeting":"sold","id":7,"items":["tea","milk"]}"#),
    ("never_fails", r#"{"greeting":"sold","id":7,"items":["tea","milk"]}"#),
];

/// Handlers that fail, with the type and the message that they report for [`ORDER`].
fn failures() -> [(&'static str, &'static str, &'static str); 6] {
    [
        ("fails_boxed", type_name::<&lambda_runtime::Error>(), "order 7 is sold out"),
        ("fails_with_text", type_name::<&&str>(), "sold out"),
        ("fails_with_enum", "OrderError", "order 7 is sold out"),
        ("fails_with_diagnostic", "SoldOut", "\"sold\"\n\u{1F980}"),
        ("fails_with_anyhow", type_name::<&anyhow::Error>(), "no receipt"),
        ("panics", type_name::<&Box<dyn Any + Send>>(), "Lambda panicked: no order 7"),
    ]
}

fn function(handler: &str) -> Function {
    let function = Function::new(env!("CARGO_BIN_EXE_function")).arg(handler);
    ["RUST_LOG", "SUBSCRIBER"].into_iter().fold(function, Function::env_remove)
}

async fn start(function: Function) -> Environment {
    function.start().await.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn invoke(function: Function, event: impl AsRef<[u8]>) -> Invocation {
    send(&start(function).await, event).await
}

async fn send(environment: &Environment, event: impl AsRef<[u8]>) -> Invocation {
    environment.invoke(event.as_ref().to_vec()).await.unwrap_or_else(|error| panic!("{error:?}"))
}

fn ping() -> String {
    events::scheduled_event("KeepSCVFunctionsWarm")
}

/// The error that a function reported, as its type and its message.
fn error(answer: &Answer) -> (String, String) {
    let error = answer.error().unwrap_or_else(|| panic!("not an error: {answer:?}"));
    let body: Value = serde_json::from_slice(&error.body).expect("an error is reported as JSON");
    let field = |name: &str| body[name].as_str().expect("an error has a type and a message").to_owned();
    (field("errorType"), field("errorMessage"))
}

#[tokio::test]
async fn every_kind_of_handler_answers_a_ping() {
    let handlers = ANSWERS.map(|(handler, _)| handler).into_iter().chain(failures().map(|(handler, ..)| handler));
    for handler in handlers.chain(["unit", "request_id", "streamed", "http", "breaks"]) {
        let invocation = invoke(function(handler), ping()).await;
        let response = invocation.answer.response().unwrap_or_else(|| panic!("{handler}: {invocation:?}"));
        assert_eq!(response.body, WARM, "{handler}");
        assert!(!response.is_streamed(), "{handler}");
    }
}

#[tokio::test]
async fn every_kind_of_handler_answers_its_events() {
    for (handler, expected) in ANSWERS {
        let invocation = invoke(function(handler), ORDER).await;
        let response = invocation.answer.response().unwrap_or_else(|| panic!("{handler}: {invocation:?}"));
        assert_eq!(response.body, expected, "{handler}");
    }
}

#[tokio::test]
async fn every_kind_of_failure_is_reported_as_it_was() {
    for (handler, error_type, message) in failures() {
        let invocation = invoke(function(handler), ORDER).await;
        assert_eq!(error(&invocation.answer), (error_type.to_owned(), message.to_owned()), "{handler}");
    }
}

#[tokio::test]
async fn a_ping_never_reaches_the_handler() {
    let environment = start(function("order")).await;
    let [pinged, ordered] = [send(&environment, ping()).await, send(&environment, ORDER).await];
    assert_eq!(pinged.log.stdout.iter().filter(|line| *line == "the handler runs").count(), 0);
    assert_eq!(ordered.log.stdout, ["the handler runs"]);
}

#[tokio::test]
async fn a_function_that_has_panicked_still_answers_pings() {
    let environment = start(function("panics")).await;
    for _ in 0..3 {
        assert!(send(&environment, ORDER).await.answer.error().is_some());
        assert_eq!(send(&environment, ping()).await.answer.body(), WARM);
    }
}

#[tokio::test]
async fn a_handler_gets_the_context_of_its_invocation() {
    let invocation = invoke(function("request_id"), "{}").await;
    assert_eq!(invocation.answer.body(), &json!(invocation.request_id).to_string());
}

#[tokio::test]
async fn a_streamed_response_keeps_its_prelude_and_chunks() {
    for handler in ["streamed", "http", "either", "breaks"] {
        for event in [ORDER, r#"{"id":7}"#] {
            let with = invoke(function(handler), event).await;
            let without = invoke(function(handler).arg("--without"), event).await;
            assert_eq!(observed(&with), observed(&without), "{handler} {event}");
        }
    }
    let invocation = invoke(function("http"), ORDER).await;
    let response = invocation.answer.response().expect("a stream is a response");
    assert!(response.is_streamed());
    assert!(response.body.ends_with(b"teamilk"), "{response:?}");
}

/// A body that is not a ping, and is handled as it was without the attribute.
fn odd_bodies() -> Vec<(&'static str, String)> {
    let nested = |levels: usize, (open, close): (&str, &str), inner: &str| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let large = format!(r#"{{"id":1,"items":["{}"]}}"#, "x".repeat(6 * 1024 * 1024 - 22));
    let escaped = format!(r#"{{"id":1,"items":["{}"]}}"#, r"\u0041\n".repeat(500_000));
    let mut bodies = vec![
        ("200 levels", nested(200, ("[", "]"), "")),
        ("200 levels around a ping", nested(200, (r#"{"a":"#, "}"), r#"{"source":"aws.events"}"#)),
        ("100 levels around a ping", nested(100, (r#"{"a":"#, "}"), r#"{"source":"aws.events"}"#)),
        ("100 levels that hold `aws.events`", nested(100, ("[", "]"), r#""aws.events""#)),
        ("6 MB", large),
        ("4 MB of escapes", escaped),
    ];
    bodies.extend(ODD_BODIES.map(|body| (body, body.to_owned())));
    bodies
}

const ODD_BODIES: [&str; 49] = [
    "null",
    "true",
    "0",
    "-0.0",
    "7",
    "1e400",
    "18446744073709551616",
    r#""""#,
    r#""aws.events""#,
    "[]",
    "{}",
    r#"["aws.events"]"#,
    r#"[{"source":"aws.events"}]"#,
    r#"["source","aws.events"]"#,
    r#"{"id":7}"#,
    r#"{"id":"7"}"#,
    r#"{"id":-1}"#,
    r#"{"id":7.5}"#,
    r#"{"id":4294967296}"#,
    r#"{"id":null}"#,
    r#"{"id":7,"items":{}}"#,
    r#"{"id":7,"items":[1]}"#,
    r#"{"id":7,"items":["a",null]}"#,
    r#"[7,["a"]]"#,
    "[7]",
    r#"{"source":1}"#,
    r#"{"source":null}"#,
    r#"{"source":true,"id":7}"#,
    r#"{"source":["aws.events"],"id":7}"#,
    r#"{"source":{"source":"aws.events"},"id":7}"#,
    r#"{"source":"aws.events2","id":7}"#,
    r#"{"source":" aws.events","id":7}"#,
    r#"{"Source":"aws.events","id":7}"#,
    r#"{"source":"AWS.EVENTS","id":7}"#,
    r#"{"source":"aws.events","id":7,"source":"other"}"#,
    r#"{"source":"aws.events","source":null}"#,
    r#"{"detail":{"source":"aws.events"},"id":7}"#,
    r#"{"id":7,"items":["aws.events","{\"source\":\"aws.events\"}"]}"#,
    r#"{"aws.events":"source","id":7}"#,
    r#"{"id":1,"id":2}"#,
    r#"{"\u0069d":7,"items":["\u0061ws.events"]}"#,
    r#"{"\u0073ource":"\u0061ws.event","id":7}"#,
    r#"{"id":7,"items":["\ud83e\udd80"]}"#,
    r#"{"id":7,"items":["\ud83e"]}"#,
    r#"{"id":7,"items":["\udd80\ud83e"]}"#,
    r#"{"\ud83e":1,"id":7}"#,
    r#"{"other":"\ud83e","id":7}"#,
    r#"{"id":7,"items":["\u0000","\/","\b\f\n\r\t"]}"#,
    "{\"id\" :\n 7 ,\t\"items\":\r\n[ ] } \n",
];

#[tokio::test]
async fn what_is_no_ping_is_handled_as_without_the_attribute() {
    for handler in ["order", "value", "text", "unit", "nothing", "panics", "fails_with_anyhow", "http"] {
        let with = start(function(handler)).await;
        let without = start(function(handler).arg("--without")).await;
        for (name, body) in odd_bodies() {
            let (with, without) = (send(&with, &body).await, send(&without, &body).await);
            assert_eq!(observed(&with), observed(&without), "{handler}: {name}");
        }
    }
}

#[tokio::test]
async fn a_body_that_begins_with_white_space_may_differ_in_line_and_column_alone() {
    let with = start(function("order")).await;
    let without = start(function("order").arg("--without")).await;
    for body in ODD_BODIES {
        let body = format!(" \r\n\t {body}");
        let [with, without] = [send(&with, &body).await, send(&without, &body).await];
        assert_eq!(without_position(&observed(&with)), without_position(&observed(&without)), "{body}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_the_attribute_and_without() {
    let with = start(function("value")).await;
    let without = start(function("value").arg("--without")).await;
    let bodies: [&[u8]; 6] =
        [b"", b"{", b"nul", b"{\"source\":\"aws.events\"", b"{\"source\":aws.events}", b"\"\xff\""];
    for body in bodies {
        for environment in [&with, &without] {
            let (error_type, message) = error(&send(environment, body).await.answer);
            assert!(error_type.ends_with("DeserializeError"), "{error_type}");
            assert!(message.starts_with("failed to deserialize the incoming data"), "{message}");
        }
        assert_eq!(send(&with, ping()).await.answer.body(), WARM);
    }
}

#[tokio::test]
async fn a_ping_is_recognised_however_it_is_written() {
    let environment = start(function("order")).await;
    for ping in [
        r#"{"source":"aws.events"}"#,
        "\n { \"source\" : \"aws.events\" } ",
        r#"{"\u0073ource":"aws\u002eevents"}"#,
        r#"{"source":"other","source":"aws.events"}"#,
        r#"{"source":null,"detail":"{}","source":"aws.events"}"#,
        r#"{"\ud83e":"\udd80","id":"\ud83e","source":"aws.events","resources":{}}"#,
        &format!(r#"{{"detail":{}{},"source":"aws.events"}}"#, "[".repeat(200), "]".repeat(200)),
        &format!(r#"{{"detail":"{}","source":"aws.events"}}"#, "x".repeat(6_000_000)),
    ] {
        let invocation = send(&environment, ping).await;
        assert_eq!(invocation.answer.body(), WARM, "{}", &ping[..ping.len().min(100)]);
    }
}

const ID: &str = "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa";

#[tokio::test]
async fn a_ping_leaves_a_line_of_json_on_standard_output_without_a_subscriber() {
    let invocation = invoke(function("order"), ping()).await;
    let [line] = &invocation.log.stdout[..] else { panic!("not one line: {:?}", invocation.log) };
    let answer = WARM.trim_end_matches('}');
    let request_id = &invocation.request_id;
    let json: Value = serde_json::from_str(line).expect("the line is JSON");
    let (id, idle) = (environment_id(&json), idle_seconds(&json));
    let expected = format!(
        r#"{answer},"id":"{ID}","source":"aws.events","requestId":"{request_id}","coldStart":true,"environmentId":"{id}","pings":1,"idleSeconds":{idle}}}"#
    );
    assert_eq!(*line, expected);
    assert!(invocation.log.stderr.is_empty());
}

/// Made up by each process: 16 hexadecimal digits.
fn environment_id(line: &Value) -> String {
    let id = line["environmentId"].as_str().expect("the environment has an id").to_owned();
    assert!(id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    id
}

/// None on most machines, and a few on a busy one.
fn idle_seconds(line: &Value) -> u64 {
    line["idleSeconds"].as_u64().expect("idle seconds are a whole number")
}

#[tokio::test]
async fn a_ping_leaves_a_line_through_tracing_with_a_subscriber() {
    let invocation = invoke(function("order").env("SUBSCRIBER", "1"), ping()).await;
    let line = log_line(&invocation);
    let request_id = &invocation.request_id;
    assert!(line.contains("INFO"), "{line}");
    for part in [format!("requestId={request_id:?}"), format!("id={ID:?}"), "eventStatusCode=200".to_owned()] {
        assert!(line.contains(&part), "{part} is not in {line}");
    }
}

#[tokio::test]
async fn a_ping_is_json_in_the_log_where_lambda_asks_for_json() {
    let json = function("order").env("SUBSCRIBER", "1").env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let line: Value = serde_json::from_str(&log_line(&invoke(json, ping()).await)).expect("the line is JSON");
    assert_eq!(line["level"], "INFO");
    let expected = json!({
        "message": "ping answered",
        "eventStatusCode": 200,
        "eventResponse": "warm",
        "eventType": "EventBridge",
        "id": ID,
        "source": "aws.events",
        "coldStart": true,
        "environmentId": environment_id(&line["fields"]),
        "pings": 1,
        "idleSeconds": idle_seconds(&line["fields"]),
    });
    assert_eq!(line["fields"], expected);
}

#[tokio::test]
async fn the_level_of_the_subscriber_holds_back_a_ping_that_is_logged_below_it() {
    let level = |level| function("policy").arg("level").env("SUBSCRIBER", "1").env("AWS_LAMBDA_LOG_LEVEL", level);
    assert!(invoke(level("INFO"), ping()).await.log.is_empty());
    assert!(log_line(&invoke(level("DEBUG"), ping()).await).contains("DEBUG"));
}

#[tokio::test]
async fn a_ping_that_is_not_to_be_logged_leaves_no_trace() {
    for function in [function("policy").arg("silent"), function("policy").arg("silent").env("SUBSCRIBER", "1")] {
        let invocation = invoke(function, ping()).await;
        assert_eq!(invocation.answer.body(), WARM);
        assert!(invocation.log.is_empty(), "{:?}", invocation.log);
    }
}

#[tokio::test]
async fn a_policy_that_changes_pings_and_answers_is_obeyed() {
    let environment = start(function("policy").arg("all")).await;
    let answer = r#"{"event_status_code":202,"event_response":"still \"warm\"","event_type":"Schedule"}"#;
    let schedule = r#"{"source":"aws.scheduler","detail":"{}","resources":["arn:aws:scheduler:us-east-1:123456789012:schedule/voice/KeepIvrWarm"]}"#;
    for ping in [&ping(), schedule, r#"{"warmer":true}"#, r#"{"warmer":false,"warmer":true,"source":1}"#] {
        assert_eq!(send(&environment, ping).await.answer.body(), answer, "{ping}");
    }
    for event in [
        &events::scheduled_event("CloseOfBusiness"),
        &ping().replace("us-east-1\",\"resources", "eu-west-2\",\"resources"),
        r#"{"source":"aws.events"}"#,
        r#"{"warmer":"true"}"#,
        r#"{"warmer":true,"region":"eu-west-2"}"#,
        r#"{"detail":{"warmer":true}}"#,
    ] {
        let answer = send(&environment, event).await.answer;
        let echoed: Value = serde_json::from_slice(answer.body()).expect("a value is answered with JSON");
        assert_eq!(echoed, serde_json::from_str::<Value>(event).expect("an event is JSON"));
    }
}

#[tokio::test]
async fn a_report_tells_a_cold_environment_from_a_warm_one() {
    let environment = start(function("policy").arg("figures")).await;
    let report = async || -> Value {
        let answer = send(&environment, ping()).await.answer;
        let report: Value = serde_json::from_slice(answer.body()).expect("an answer is JSON");
        assert!(answer.body().starts_with(WARM.trim_end_matches('}').as_bytes()), "{report}");
        report
    };
    let cold = report().await;
    send(&environment, "{}").await;
    let warm = report().await;
    let figures = |report: &Value| json!([report["coldStart"], report["pings"], report["invocations"]]);
    assert_eq!([figures(&cold), figures(&warm)], [json!([true, 1, 0]), json!([false, 2, 1])]);
    assert_eq!(environment_id(&cold), environment_id(&warm));
}

#[tokio::test]
async fn a_ping_leaves_one_line_of_metrics() {
    let environment = start(function("policy").arg("figures").name("voice")).await;
    for (cold, warm) in [(1, 0), (0, 1)] {
        let log = send(&environment, ping()).await.log;
        let [line] = &log.stdout[..] else { panic!("not one line: {log:?}") };
        let line: Value = serde_json::from_str(line).expect("the line is JSON");
        assert_eq!(
            [&line["ColdPings"], &line["WarmPings"], &line["FunctionName"]],
            [&json!(cold), &json!(warm), &json!("voice")]
        );
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Acme/Warm");
    }
    assert!(send(&environment, "{}").await.log.is_empty());
}

#[tokio::test]
async fn a_prime_runs_for_pings_alone_and_its_failure_is_the_answer() {
    let environment = start(function("policy").arg("primed")).await;
    assert!(send(&environment, "{}").await.log.is_empty());
    for (detail, status, told) in
        [("", 200, "warm"), ("fail", 500, "no connection"), ("panic", 500, "no connection at all")]
    {
        let invocation = send(&environment, format!(r#"{{"source":"aws.events","detail":"{detail}"}}"#)).await;
        assert_eq!(invocation.log.stdout[0], "primed by aws.events");
        let answer: Value = serde_json::from_slice(invocation.answer.body()).expect("an answer is JSON");
        assert_eq!(answer["eventStatusCode"], status, "{answer}");
        assert!(answer["eventResponse"].as_str().is_some_and(|response| response.contains(told)), "{answer}");
    }
}

#[tokio::test]
async fn a_policy_of_a_shared_type_is_obeyed() {
    let environment = start(function("policy").arg("shared").env("SUBSCRIBER", "1")).await;
    let pinged = send(&environment, r#"{"source":"acme.pings"}"#).await;
    assert_eq!(pinged.answer.body(), r#"{"eventStatusCode":200,"eventResponse":"here","eventType":"EventBridge"}"#);
    assert!(log_line(&pinged).contains("ERROR"));
    assert_eq!(send(&environment, r#"{"source":"aws.events"}"#).await.answer.body(), r#"{"source":"aws.events"}"#);
}

/// All that the Runtime API got, apart from what differs from run to run.
fn observed(invocation: &Invocation) -> Value {
    let body = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    match &invocation.answer {
        Answer::Response(response) => json!({
            "response": body(&response.body),
            "streamed": response.is_streamed(),
            "headers": observed_headers(&response.headers),
        }),
        Answer::Error(error) => json!({"error": body(&error.body), "headers": observed_headers(&error.headers)}),
    }
}

fn observed_headers<'a, N: ToString + 'a, V: Debug + 'a>(headers: impl IntoIterator<Item = (&'a N, &'a V)>) -> Value {
    let headers = headers.into_iter().map(|(name, value)| (name.to_string(), Value::from(format!("{value:?}"))));
    headers.filter(|(name, _)| name != "host" && name != "content-length").collect()
}

/// The same without ` at line 1 column 2`.
fn without_position(observed: &Value) -> String {
    let text = observed.to_string();
    let mut parts = text.split(" at line ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit() || " column".contains(c)))
}

/// The one line of the log that tells of a ping.
fn log_line(invocation: &Invocation) -> String {
    let lines: Vec<_> = invocation.log.stdout.iter().filter(|line| line.contains("eventStatusCode")).collect();
    let [line] = lines[..] else { panic!("not one line: {:?}", invocation.log) };
    plain(line)
}

/// The same without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + part.split_once('m').map_or(part, |(_, rest)| rest))
}
