//! A real program in a real process: what goes in, what comes out, and every way to come to nothing.

use serde_json::Value;
use std::time::Duration;
use warm_local::{Environment, Function, InvokeError, StartError};

/// The program of `tests/programs`, which `cargo test` builds as an example.
fn misbehave() -> Function {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.ancestors().nth(2).expect("a test lies in `target/PROFILE/deps`");
    let program = target.join("examples/misbehave");
    assert!(program.exists(), "`cargo test` builds it, `cargo test --test environment` does not");
    Function::new(program).env_remove("RUST_LOG")
}

async fn start() -> Environment {
    misbehave().start().await.expect("the program starts")
}

async fn answer(event: &'static str) -> warm_local::Invocation {
    start().await.invoke(event).await.expect("the function answers")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the body is JSON")
}

#[tokio::test]
async fn the_bytes_of_an_event_arrive_and_return_unchanged() {
    let environment = start().await;
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let long = format!("{{ \"b\":1,\"a\" : 2, \"b\":{nested}, \"text\":\"{}\" }}", "\\u00e9".repeat(1_000_000));
    for event in [r#"{"b" :1, "a":2.50,"b":1e2}"#, "null", "\"\\ud83e\\udd80\"", &long] {
        let invocation = environment.invoke(event.to_owned()).await.expect("the function answers");
        let response = invocation.answer.response().expect("an echo is a response");
        assert_eq!(response.body, event);
        assert!(!response.is_streamed() && response.chunks.is_empty());
    }
}

#[tokio::test]
async fn a_failing_handler_answers_with_an_error() {
    let invocation = answer(r#"{"do":"fail"}"#).await;
    let error = invocation.answer.error().expect("the handler fails");
    assert_eq!(json(&error.body)["errorMessage"], "as ordered");
    assert_eq!(error.error_type, "unhandled");
}

#[tokio::test]
async fn a_panicking_handler_answers_with_an_error_and_lives_on() {
    let environment = start().await;
    let invocation = environment.invoke(r#"{"do":"panic"}"#).await.expect("the runtime answers");
    let error = invocation.answer.error().expect("the handler panics");
    assert!(json(&error.body)["errorMessage"].as_str().is_some_and(|message| message.contains("as ordered")));
    assert!(environment.invoke("1").await.is_ok());
}

#[tokio::test]
async fn a_crash_tells_how_the_process_ended_and_what_it_wrote_last() {
    let environment = start().await;
    for event in [r#"{"do":"crash"}"#, "1"] {
        let error = environment.invoke(event).await.expect_err("the process is gone");
        let InvokeError::Exited { status, log } = &error else { panic!("{error:?}") };
        assert!(!status.success());
        assert_eq!(log.stderr, ["about to crash"]);
    }
}

#[tokio::test]
async fn an_invocation_that_misses_its_deadline_costs_the_process() {
    let environment = misbehave().timeout(Duration::from_millis(300)).start().await.expect("the program starts");
    let pid = environment.pid();
    let error = environment.invoke(r#"{"do":"hang"}"#).await.expect_err("the handler hangs");
    assert!(matches!(error, InvokeError::TimedOut { after, .. } if after == Duration::from_millis(300)), "{error:?}");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(matches!(environment.invoke("1").await, Err(InvokeError::Exited { .. })));
}

#[tokio::test]
async fn a_streamed_response_keeps_its_chunks() {
    let invocation = answer(r#"{"do":"stream"}"#).await;
    let response = invocation.answer.response().expect("a stream is a response");
    assert!(response.is_streamed());
    assert_eq!(response.headers["content-type"], "application/vnd.awslambda.http-integration-response");
    let [prelude, delimiter, chunks @ ..] = &response.chunks[..] else { panic!("{response:?}") };
    assert_eq!(json(prelude)["statusCode"], 200);
    assert_eq!(delimiter, &[0; 8][..]);
    assert_eq!(chunks, ["{\"not\":", " json", "\u{1F980}"]);
    assert_eq!(response.body, response.chunks.concat());
}

#[tokio::test]
async fn a_stream_that_fails_midway_shows_how_the_runtime_reports_it() {
    let invocation = answer(r#"{"do":"break"}"#).await;
    let response = invocation.answer.response().expect("a stream is a response");
    let last = String::from_utf8_lossy(response.chunks.last().expect("there are chunks"));
    assert!(last.contains("Runtime.StreamError"), "{last}");
}

#[tokio::test]
async fn a_response_over_lambdas_limit_becomes_an_error() {
    let invocation = answer(r#"{"do":"large"}"#).await;
    let error = invocation.answer.error().expect("7 MB are too much");
    assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
}

#[tokio::test]
async fn two_invocations_share_a_concurrent_environment() {
    let environment = misbehave().concurrency(2).start().await.expect("the program starts");
    let meet = |n| environment.invoke(format!(r#"{{"do":"meet","n":{n}}}"#));
    let (first, second) = tokio::join!(meet(1), meet(2));
    let (first, second) = (first.expect("the first answers"), second.expect("the second answers"));
    assert_eq!(json(first.answer.body())["n"], 1);
    assert_eq!(json(second.answer.body())["n"], 2);
    assert_ne!(first.request_id, second.request_id);
}

#[tokio::test]
async fn invocations_of_an_ordinary_environment_wait_for_their_turn() {
    let environment = start().await;
    let (first, second) = tokio::join!(environment.invoke("1"), environment.invoke("2"));
    assert_eq!(first.expect("the first answers").answer.body(), "1");
    assert_eq!(second.expect("the second answers").answer.body(), "2");
}

#[tokio::test]
async fn an_abandoned_invocation_does_not_hold_up_the_next() {
    let environment = start().await;
    let abandoned = tokio::time::timeout(Duration::ZERO, environment.invoke("1")).await;
    assert!(abandoned.is_err());
    assert_eq!(environment.invoke("2").await.expect("the function answers").answer.body(), "2");
}

#[tokio::test]
async fn an_invocation_has_its_own_part_of_the_log() {
    let environment = start().await;
    let quiet = environment.invoke("1").await.expect("the function answers");
    assert!(quiet.log.is_empty(), "{:?}", quiet.log);
    let loud = environment.invoke(r#"{"do":"log"}"#).await.expect("the function answers");
    assert_eq!((loud.log.stdout, loud.log.stderr), (vec!["to stdout".to_owned()], vec!["to stderr".to_owned()]));
    assert_eq!(environment.log().expect("the log is there").stdout, ["initialized", "to stdout"]);
}

#[tokio::test]
async fn the_function_is_told_what_lambda_tells_it() {
    let function = misbehave().name("voice").memory_mb(512).region("eu-central-1").env("MODE", "test");
    let environment = function.start().await.expect("the program starts");
    let invocation = environment.invoke(r#"{"do":"tell"}"#).await.expect("the function answers");
    let told = json(invocation.answer.body());
    assert_eq!(told["name"], "voice");
    assert_eq!(told["arn"], "arn:aws:lambda:eu-central-1:123456789012:function:voice");
    assert_eq!(told["environment"]["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "512");
    assert_eq!(told["environment"]["AWS_LAMBDA_LOG_GROUP_NAME"], "/aws/lambda/voice");
    assert_eq!(told["environment"]["MODE"], "test");
    assert_eq!(told["environment"]["AWS_LAMBDA_MAX_CONCURRENCY"], Value::Null);

    let other = function.start().await.expect("the program starts");
    let other = json(other.invoke(r#"{"do":"tell"}"#).await.expect("the function answers").answer.body());
    let stream = |told: &Value| told["environment"]["AWS_LAMBDA_LOG_STREAM_NAME"].clone();
    assert_ne!(stream(&told), stream(&other));
}

#[tokio::test]
async fn the_deadline_is_the_timeout_after_the_hand_over() {
    let environment = misbehave().timeout(Duration::from_secs(600)).start().await.expect("the program starts");
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is past 1970");
    let before = now();
    let invocation = environment.invoke(r#"{"do":"tell"}"#).await.expect("the function answers");
    let deadline = json(invocation.answer.body())["deadline"].as_u64().expect("a deadline is a number");
    let given = Duration::from_millis(deadline) - Duration::from_secs(600);
    // The header counts in whole milliseconds.
    assert!(before - Duration::from_millis(1) <= given && given <= now());
}

#[tokio::test]
async fn an_environment_outlives_the_simulators_it_uses_up() {
    let environment = start().await;
    for n in 0..2_100 {
        let invocation = environment.invoke(n.to_string()).await.expect("the function answers");
        assert_eq!(invocation.answer.body(), &n.to_string());
    }
}

#[tokio::test]
async fn a_function_with_an_extension_finds_the_extensions_api() {
    let environment = misbehave().arg("extend").start().await.expect("the program starts");
    assert_eq!(environment.log().expect("the log is there").stdout, ["HTTP/1.1 200 OK"]);
    assert!(environment.invoke("1").await.is_ok());
}

#[tokio::test]
async fn the_process_ends_with_its_environment() {
    let environment = start().await;
    let process = format!("/proc/{}", environment.pid());
    assert!(!environment.stop().await.success());
    assert!(!std::path::Path::new(&process).exists());
}

#[tokio::test]
async fn a_program_that_ends_at_once_is_no_function() {
    let error = misbehave().arg("exit").start().await.expect_err("it ends");
    let StartError::Exited { status, log, .. } = &error else { panic!("{error:?}") };
    assert_eq!(status.code(), Some(7));
    assert_eq!(log.stderr, ["no configuration"]);
}

#[tokio::test]
async fn a_program_that_never_asks_for_an_event_is_no_function() {
    let function = misbehave().arg("sleep").init_timeout(Duration::from_millis(300));
    let error = function.start().await.expect_err("it sleeps");
    assert!(matches!(error, StartError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn a_function_that_reports_an_initialization_error_does_not_start() {
    let error = misbehave().arg("fail-init").start().await.expect_err("it fails");
    let StartError::Init { error, .. } = &error else { panic!("{error:?}") };
    assert_eq!(error.error_type, "Runtime.NoSecret");
    assert_eq!(json(&error.body)["errorMessage"], "no secret");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let error = Function::new("no/such/program").start().await.expect_err("there is none");
    assert_eq!(error.to_string(), "cannot start `no/such/program`");
}
