//! What a ping is good for, over the Runtime API: it primes, is held, remembers, reports and measures, and fails no invocation.

use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use warm_local::{Environment, Function, Invocation};
use warm_runtime::WarmResponse;
use warm_tests::{WARM, ping, ping_with, send, start};

fn function(handler: &str) -> Function {
    Function::new(env!("CARGO_BIN_EXE_pings")).arg(handler)
}

async fn ordered(environment: &Environment, order: &str) -> Invocation {
    send(environment, ping_with(&json!({"prime": order}))).await
}

fn failed(cause: &str) -> String {
    let cause = Value::from(cause);
    format!(r#"{{"eventStatusCode":500,"eventResponse":{cause},"eventType":"EventBridge"}}"#)
}

/// Lines of standard output that are JSON objects with this key.
fn lines(invocation: &Invocation, key: &str) -> Vec<Value> {
    let lines = invocation.log.stdout.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get(key).is_some()).collect()
}

fn line(invocation: &Invocation, key: &str) -> Value {
    let [line] = &lines(invocation, key)[..] else { panic!("not one line with `{key}`: {:?}", invocation.log) };
    line.clone()
}

const NO_DATABASE: &str = "no database: connection refused";
const TOO_LONG: &str = "the prime had not finished after 100 ms";

/// What a prime may do wrong, and the cause that is told.
const FAILURES: [(&str, &str); 3] = [
    ("fail", NO_DATABASE),
    ("panic", "the prime panicked: no route"),
    ("panic_when_shown", "the prime panicked: no words"),
];

#[tokio::test]
async fn a_prime_that_succeeds_changes_nothing_in_the_answer() {
    for handler in ["patient", "impatient", "layered"] {
        let environment = start(function(handler)).await;
        for _ in 0..3 {
            assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM, "{handler}");
        }
    }
}

#[tokio::test]
async fn a_prime_that_fails_or_panics_is_answered_with_its_cause_and_the_next_ping_tries_again() {
    for handler in ["patient", "impatient", "layered"] {
        let environment = start(function(handler)).await;
        for (order, cause) in FAILURES {
            let invocation = ordered(&environment, order).await;
            assert_eq!(invocation.answer.body(), &failed(cause), "{handler}: {order}");
            assert!(invocation.answer.response().is_some());
            assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM, "{handler} after {order}");
            assert_eq!(send(&environment, "[1]").await.answer.body(), "[1]", "{handler} after {order}");
        }
    }
}

#[tokio::test]
async fn a_closure_that_panics_before_it_primes_fails_no_invocation() {
    let environment = start(function("layered")).await;
    let invocation = ordered(&environment, "panic_at_once").await;
    assert_eq!(invocation.answer.body(), &failed("the prime panicked: no route"));
    assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM);
}

#[tokio::test]
async fn a_prime_that_hangs_is_given_up_after_its_timeout() {
    let environment = start(function("impatient")).await;
    let invocation = ordered(&environment, "hang").await;
    assert_eq!(invocation.answer.body(), &failed(TOO_LONG));
    assert!(invocation.elapsed >= Duration::from_millis(100));
    assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM);
}

#[tokio::test]
async fn a_prime_that_panics_when_it_is_given_up_fails_no_invocation() {
    let environment = start(function("impatient")).await;
    assert_eq!(ordered(&environment, "panic_when_dropped").await.answer.body(), &failed(TOO_LONG));
    assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM);
}

#[tokio::test]
async fn a_prime_that_hangs_past_the_deadline_does_not_cost_the_environment() {
    for handler in ["patient", "layered"] {
        let environment = start(function(handler).timeout(Duration::from_secs(2))).await;
        let invocation = ordered(&environment, "hang").await;
        let answer = answer(&invocation);
        let started = answer.event_response.starts_with("the prime had not finished after 1");
        assert!(answer.event_status_code == 500 && started, "{answer:?}");
        assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM);
    }
}

#[tokio::test]
async fn a_prime_that_blocks_is_answered_when_it_lets_go() {
    let environment = start(function("impatient")).await;
    assert_eq!(ordered(&environment, "block").await.answer.body(), WARM);
    assert_eq!(ordered(&environment, "block_and_hang").await.answer.body(), &failed(TOO_LONG));
    assert_eq!(ordered(&environment, "succeed").await.answer.body(), WARM);
}

#[tokio::test]
async fn a_cause_is_cut_before_lambda_or_cloudwatch_refuse_it() {
    let invocation = ordered(&start(function("patient")).await, "fail_at_length").await;
    let response = answer(&invocation).event_response;
    assert_eq!(response, format!("{}…", "\u{1F980}".repeat(10_000)));
    assert_eq!(line(&invocation, "eventStatusCode")["eventResponse"], response);
}

#[tokio::test]
async fn a_prime_that_fails_is_logged_as_an_error_with_its_cause() {
    let invocation = ordered(&start(function("patient")).await, "fail").await;
    let logged = line(&invocation, "eventStatusCode");
    assert_eq!((&logged["level"], &logged["eventResponse"]), (&json!("ERROR"), &json!(NO_DATABASE)));

    let json = function("patient").env("TRACED", "1").env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let invocation = ordered(&start(json).await, "fail").await;
    let logged = line(&invocation, "fields");
    assert_eq!((&logged["level"], &logged["fields"]["eventResponse"]), (&json!("ERROR"), &json!(NO_DATABASE)));
}

#[tokio::test]
async fn a_prime_is_awaited_without_a_clock_of_the_runtime_as_with_one() {
    let environment = start(function("impatient").env("CLOCKLESS", "1").timeout(Duration::from_secs(2))).await;
    for (order, answer) in [("hang", failed(TOO_LONG)), ("succeed", WARM.to_owned()), ("hang", failed(TOO_LONG))] {
        let invocation = ordered(&environment, order).await;
        assert_eq!(invocation.answer.body(), &answer);
        assert!(invocation.log.stderr.is_empty(), "{:?}", invocation.log);
    }
    let held = start(function("lasting").env("CLOCKLESS", "1")).await;
    let invocation = send(&held, ping_with(&json!({"holdMs": 120}))).await;
    assert_eq!(invocation.answer.body(), WARM);
    assert!(invocation.elapsed >= Duration::from_millis(120) && invocation.log.stderr.is_empty(), "{invocation:?}");
}

#[tokio::test]
async fn a_ping_is_held_for_as_long_as_it_asks() {
    let environment = start(function("lasting")).await;
    for ms in [json!(120), json!(120.5)] {
        let invocation = send(&environment, ping_with(&json!({"holdMs": ms}))).await;
        assert_eq!(invocation.answer.body(), WARM);
        assert!(invocation.elapsed >= Duration::from_millis(120), "{:?}", invocation.elapsed);
    }
}

#[tokio::test]
async fn a_ping_is_held_no_longer_than_its_policy_allows() {
    let environment = start(function("brief")).await;
    for ms in [json!(3_600_000), json!(u64::MAX), json!(1e300)] {
        let invocation = send(&environment, ping_with(&json!({"holdMs": ms}))).await;
        assert_eq!(invocation.answer.body(), WARM);
        assert!(invocation.elapsed >= Duration::from_millis(300), "{:?}", invocation.elapsed);
    }
}

#[tokio::test]
async fn a_ping_is_never_held_past_the_deadline() {
    let environment = start(function("lasting").timeout(Duration::from_secs(2))).await;
    let invocation = send(&environment, ping_with(&json!({"holdMs": 600_000}))).await;
    assert_eq!(invocation.answer.body(), WARM);
    // A prime that took all the time there was leaves none to hold.
    let invocation = send(&environment, ping_with(&json!({"holdMs": 600_000, "prime": "hang"}))).await;
    assert_eq!(answer(&invocation).event_status_code, 500);
    assert_eq!(send(&environment, ping()).await.answer.body(), WARM);
}

#[tokio::test]
async fn any_other_hold_is_ignored_with_a_warning() {
    let environment = start(function("lasting")).await;
    let traced = start(function("lasting").env("TRACED", "1")).await;
    for ms in ["-1", "null", "true", "1e400", "[75]", "\"75\"", "\"NaN\"", "{\"ms\":75}"] {
        let event = ping().replace(r#""detail":{}"#, &format!(r#""detail":{{"holdMs":{ms}}}"#));
        let invocation = send(&environment, event.as_str()).await;
        assert_eq!(invocation.answer.body(), WARM, "{ms}");
        let message = format!("a ping's detail.holdMs is a number of milliseconds, not {ms}");
        assert_eq!(line(&invocation, "message"), json!({"level": "WARN", "message": message}));

        let invocation = send(&traced, event).await;
        assert_eq!(invocation.answer.body(), WARM, "{ms}");
        let warned = |line: &String| line.contains("WARN") && line.contains(&message);
        assert!(invocation.log.stdout.iter().any(warned), "{:?}", invocation.log);
    }
}

#[tokio::test]
async fn a_flagged_ping_with_company_is_held_as_lambda_warmer_holds_it() {
    let environment = start(function("brief")).await;
    let invocation = send(&environment, r#"{"warmer":true,"concurrency":3}"#).await;
    assert_eq!(invocation.answer.body(), WARM);
    assert!(invocation.elapsed >= Duration::from_millis(75), "{:?}", invocation.elapsed);
    assert_eq!(send(&environment, r#"{"warmer":true,"concurrency":1}"#).await.answer.body(), WARM);
    let event = r#"{"concurrency":3,"warmer":"yes"}"#;
    assert_eq!(send(&environment, event).await.answer.body(), event);
}

fn answer(invocation: &Invocation) -> WarmResponse {
    serde_json::from_slice(invocation.answer.body()).unwrap_or_else(|_| panic!("not an answer: {invocation:?}"))
}

#[tokio::test]
async fn a_report_says_how_the_ping_found_the_environment_in_either_key_style() {
    for (handler, snake_case) in [("reporting", false), ("reporting_in_snake_case", true)] {
        let environment = start(function(handler)).await;
        for (pings, invocations) in [(1, 0), (2, 0), (3, 1)] {
            if invocations == 1 {
                send(&environment, "[]").await;
            }
            let invocation = send(&environment, ping()).await;
            let report = answer(&invocation).report.expect("there is a report");
            assert!(report.environment_id.len() == 16 && report.environment_id.chars().all(|c| c.is_ascii_hexdigit()));
            assert_eq!((report.pings, report.invocations, report.cold_start), (pings, invocations, pings == 1));
            let (id, cold, idle) = (&report.environment_id, report.cold_start, report.idle_seconds);
            let expected = match snake_case {
                false => format!(
                    r#"{{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge","coldStart":{cold},"environmentId":"{id}","pings":{pings},"invocations":{invocations},"idleSeconds":{idle}}}"#
                ),
                true => format!(
                    r#"{{"event_status_code":200,"event_response":"warm","event_type":"EventBridge","cold_start":{cold},"environment_id":"{id}","pings":{pings},"invocations":{invocations},"idle_seconds":{idle}}}"#
                ),
            };
            assert_eq!(invocation.answer.body(), &expected);
        }
    }
}

#[tokio::test]
async fn an_environment_remembers_what_it_has_served() {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is past 1970").as_millis() as u64;
    let before = now();
    let environment = start(function("remembering")).await;
    let served = async || -> Value {
        serde_json::from_slice(send(&environment, "{}").await.answer.body()).expect("the handler tells in JSON")
    };
    let first = served().await;
    send(&environment, ping()).await;
    send(&environment, ping()).await;
    let second = served().await;

    let counts = |told: &Value| (told["pings"].as_u64(), told["invocations"].as_u64());
    assert_eq!((counts(&first), counts(&second)), ((Some(0), Some(1)), (Some(2), Some(2))));
    assert_eq!((&first["id"], &first["startedMs"]), (&second["id"], &second["startedMs"]));
    let ms = |told: &Value, field: &str| told[field].as_u64().expect("a time is a number");
    // The system counts a process's start in hundredths of a second.
    assert!(before.saturating_sub(20) <= ms(&first, "startedMs"), "{first} after {before}");
    assert!(ms(&first, "startedMs") <= ms(&first, "lastInvocationMs"));
    assert!(ms(&first, "lastInvocationMs") <= ms(&second, "lastInvocationMs"));
    // Deadlines tell; how long the first invocation took to be recorded is an error that stays.
    let slack = ms(&first, "lastInvocationMs").saturating_sub(before);
    assert!(ms(&second, "lastInvocationMs") <= now() + slack, "{second}");

    let other = start(function("remembering")).await;
    let other: Value = serde_json::from_slice(send(&other, "{}").await.answer.body()).expect("it is JSON");
    assert_ne!(other["id"], first["id"]);
}

#[tokio::test]
async fn the_line_of_a_ping_says_how_it_found_the_environment() {
    let plain = start(function("reporting")).await;
    let traced = start(function("reporting").env("TRACED", "1").env("AWS_LAMBDA_LOG_FORMAT", "JSON")).await;
    for (pings, cold) in [(1, true), (2, false)] {
        let invocation = send(&plain, ping()).await;
        let report = answer(&invocation).report.expect("there is a report");
        let logged = line(&invocation, "eventStatusCode");
        let expected = json!({
            "eventStatusCode": 200,
            "eventResponse": "warm",
            "eventType": "EventBridge",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "source": "aws.events",
            "requestId": invocation.request_id,
            "coldStart": cold,
            "environmentId": report.environment_id,
            "pings": pings,
            "idleSeconds": report.idle_seconds,
        });
        assert_eq!(logged, expected);

        let invocation = send(&traced, ping()).await;
        let report = answer(&invocation).report.expect("there is a report");
        let logged = line(&invocation, "fields");
        assert_eq!(logged["level"], "INFO");
        for (field, value) in [
            ("eventStatusCode", json!(200)),
            ("coldStart", json!(cold)),
            ("environmentId", json!(report.environment_id)),
            ("pings", json!(pings)),
            ("idleSeconds", json!(report.idle_seconds)),
        ] {
            assert_eq!(logged["fields"][field], value, "{field} in {logged}");
        }
    }
}

/// Asserts that a line is in the embedded metric format: by AWS's schema, and by the specification's rules that no schema can
/// tell, namely that what is defined is also there.
fn assert_embedded_metric_format(line: &Value) {
    let schema = serde_json::from_str(include_str!("../schemas/embedded_metric_format.json")).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let errors: Vec<_> = schema.iter_errors(line).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {line}");
    assert!(!schema.is_valid(&json!({"_aws": {"Timestamp": "now", "CloudWatchMetrics": []}})));

    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    for metric in directive["Metrics"].as_array().expect("there are metrics") {
        assert!(line[metric["Name"].as_str().expect("a name")].is_number(), "{metric} in {line}");
    }
    for dimension in directive["Dimensions"][0].as_array().expect("there are dimensions") {
        assert!(line[dimension.as_str().expect("a name")].is_string(), "{dimension} in {line}");
    }
}

#[tokio::test]
async fn each_ping_is_measured_in_the_embedded_metric_format() {
    for traced in [false, true] {
        let function = function("measured").name("voice");
        let environment = start(if traced { function.env("TRACED", "1") } else { function }).await;
        for (at, (order, failures)) in
            [("succeed", 0), ("fail", 1), ("hang", 1), ("succeed", 0)].into_iter().enumerate()
        {
            let invocation = ordered(&environment, order).await;
            let measured = line(&invocation, "_aws");
            assert_embedded_metric_format(&measured);
            let idle = answer(&invocation).report.expect("there is a report").idle_seconds;
            let cold = u8::from(at == 0);
            assert_eq!(measured["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Acme/Warm");
            for (name, value) in [
                ("FunctionName", json!("voice")),
                ("ColdPings", json!(cold)),
                ("WarmPings", json!(1 - cold)),
                ("IdleSeconds", json!(idle)),
                ("PrimeFailures", json!(failures)),
            ] {
                assert_eq!(measured[name], value, "{name} in {measured}");
            }
            let primed = measured["PrimeMilliseconds"].as_f64().expect("a time is a number");
            assert!(if order == "hang" { primed >= 100.0 } else { primed >= 0.0 }, "{measured}");
        }
        assert!(lines(&send(&environment, "{}").await, "_aws").is_empty());
    }
}

#[tokio::test]
async fn nothing_is_said_of_priming_where_nothing_primes() {
    let invocation = send(&start(function("measured_without_prime")).await, ping()).await;
    let measured = line(&invocation, "_aws");
    assert_embedded_metric_format(&measured);
    assert_eq!((&measured["ColdPings"], &measured["WarmPings"]), (&json!(1), &json!(0)));
    assert!(measured.get("PrimeFailures").is_none() && measured.get("PrimeMilliseconds").is_none(), "{measured}");
}

#[tokio::test]
async fn a_ping_that_is_not_measured_writes_no_metrics() {
    assert!(lines(&send(&start(function("patient")).await, ping()).await, "_aws").is_empty());
}
