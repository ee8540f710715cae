//! `ping` over the examples, and over a function in every mood.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::tools::{both, run, succeed, warmable};

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

fn ping(args: &[&str]) -> Command {
    let mut command = warmable(["ping"]);
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn moody(mood: &str, more: &[&str]) -> Output {
    run(ping(&["--example", "moody", "--env-var", &format!("MOOD={mood}")]).args(more))
}

/// The kind of the problem, its words, and the log.
fn problem(mood: &str, more: &[&str]) -> (String, String, String) {
    let output = moody(mood, &[more, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    let report = &reports[0];
    assert_eq!(report["warm"], false);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&report["problem"]["kind"]), text(&report["problem"]["reason"]), report["log"].to_string())
}

#[test]
fn the_voice_functions_are_warm() {
    for function in ["InvokeTelephonyIntegrationApiFunction", "kvsConsumerTrigger", "kvsTranscriber"] {
        let output = succeed(&mut ping(&["-p", "warm-examples", "--bin", function]));
        assert!(output.starts_with(&format!("warm      {function}\nanswer    {WARM}\ntime      ")), "{output}");
        assert!(output.contains("to start)"), "{output}");
    }
}

#[test]
fn the_answer_the_time_and_the_log_are_shown() {
    let output = moody("", &["--rule", "KeepSCVFunctionsWarm"]);
    assert!(output.status.success(), "{}", both(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("answer    {\"eventResponse\":\"warm\","), "{text}");
    assert!(
        text.contains(r#"log       pinged by "arn:aws:events:us-east-1:123456789012:rule/KeepSCVFunctionsWarm""#),
        "{text}"
    );
}

#[test]
fn a_ping_that_reached_the_handler_is_not_warm() {
    let (kind, reason, log) = problem("work", &[]);
    assert_eq!(
        (kind.as_str(), reason.as_str()),
        ("not-warm", "the answer is no warm payload: the ping reached the handler")
    );
    assert!(log.contains("pinged by"), "{log}");
}

/// What is shown of a ping that was not answered as it should be.
fn shown(mood: &str, more: &[&str]) -> String {
    let output = moody(mood, more);
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_ping_that_was_not_recognised_is_told_with_its_source_and_its_rule() {
    for (mood, title) in [("work", "the answer is no warm payload"), ("fail", "missing field `name`")] {
        let text = shown(mood, &["--rule", "KeepSCVFunctionsWarm", "--source", "acme"]);
        assert!(text.lines().next().unwrap().contains(title), "{text}");
        for part in [
            "\ntime      ",
            "\nlog       pinged by ",
            "\nhint      the ping had the source `acme` and the rule `KeepSCVFunctionsWarm`: ",
            "try `--source` or `--rule`; `cargo warmable audit` shows its policy\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }
    for mood in ["unprimed", "crash", "leave"] {
        assert!(!shown(mood, &[]).contains("hint"), "{mood}");
    }
}

#[test]
fn an_error_is_shown_without_noise_and_kept_exactly_for_machines() {
    let text = shown("reject", &[]);
    assert!(text.starts_with("not warm  moody: DeserializeError: failed to deserialize"), "{text}");
    assert!(text.contains("missing field `name`") && text.contains("\ntime      "), "{text}");
    assert!(!text.contains("\n\n"), "{text}");
    let (kind, reason, _) = problem("reject", &[]);
    assert_eq!(kind, "function-error");
    assert!(
        reason.contains("lambda_runtime::deserializer::DeserializeError: ") && reason.ends_with('\n'),
        "{reason:?}"
    );
}

#[test]
fn an_error_is_told_with_its_words() {
    let (kind, reason, _) = problem("fail", &[]);
    assert_eq!(kind, "function-error");
    assert!(reason.contains("missing field `name`"), "{reason}");
}

#[test]
fn a_failed_prime_is_told_from_a_cold_handler() {
    let (kind, reason, _) = problem("unprimed", &[]);
    assert_eq!(
        (kind.as_str(), reason.as_str()),
        ("not-warm", "the ping was recognised, but priming failed: \"no database\"")
    );
}

#[test]
fn a_process_that_ends_is_told_with_its_last_words() {
    let (kind, reason, log) = problem("crash", &[]);
    assert_eq!(kind, "exited");
    assert!(reason.contains("process ended"), "{reason}");
    assert!(log.contains("about to crash"), "{log}");
}

#[test]
fn a_process_that_does_not_come_up_is_told_with_its_last_words() {
    let (kind, reason, log) = problem("leave", &[]);
    assert_eq!(kind, "exited");
    assert!(reason.contains("without asking for an event"), "{reason}");
    assert!(log.contains("no configuration"), "{log}");
}

#[test]
fn a_function_that_hangs_is_told_by_its_timeout() {
    let (kind, reason, _) = problem("hang", &["--timeout", "1"]);
    assert_eq!(kind, "timed-out");
    assert!(reason.contains("1s"), "{reason}");
}

#[test]
fn the_wait_for_the_first_event_is_bounded_too() {
    let (kind, reason, _) = problem("stuck", &["--timeout", "1"]);
    assert_eq!(kind, "timed-out");
    assert!(reason.contains("1s"), "{reason}");
}

#[test]
fn a_policys_own_answer_can_be_expected() {
    assert_eq!(moody("other", &[]).status.code(), Some(1));
    assert_eq!(moody("other", &["--expect", r#"{"ok":true}"#]).status.code(), Some(0));
    let output = moody("", &["--expect", "{"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn many_pings_are_summarized() {
    let output = moody("", &["-n", "20"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("20 pings: min "), "{text}");
    let output = moody("", &["-n", "20", "--json"]);
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    let times = &reports[0]["times"];
    assert_eq!(times["count"], 20);
    let ms = |key: &str| times["milliseconds"][key].as_f64().unwrap();
    assert!(0.0 < ms("min") && ms("min") <= ms("median") && ms("median") <= ms("p99") && ms("p99") <= ms("max"));
}

#[test]
fn another_event_comes_from_a_file_or_from_standard_input() {
    let event = r#"{"source":"aws.events","resources":["mine"]}"#;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    std::fs::write(&file, event).unwrap();
    let output = moody("", &["--event", file.to_str().unwrap()]);
    assert!(both(&output).contains(r#"pinged by "mine""#), "{}", both(&output));

    let mut command = ping(&["--example", "moody", "--event", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(both(&output).contains(r#"pinged by "mine""#), "{}", both(&output));
}

#[test]
fn an_event_that_is_no_ping_may_reach_the_handler() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("event.json");
    let send = |event: &str, mood: &str, more: &[&str]| {
        std::fs::write(&file, event).unwrap();
        moody(mood, &[&["--event", file.to_str().unwrap()], more].concat())
    };
    let order = r#"{"resources":["mine"],"name":"order"}"#;
    let output = send(order, "work", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    let text = both(&output);
    assert!(text.starts_with("answered  moody: the event reached the handler\nanswer    {\"lambdaResult\""), "{text}");
    let output = send(order, "work", &["--json"]);
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&reports[0]["warm"], &reports[0]["problem"]), (&Value::Bool(false), &Value::Null));

    for mood in ["fail", "crash", "unprimed"] {
        assert_eq!(send(order, mood, &[]).status.code(), Some(1), "{mood}");
    }
    assert_eq!(send(order, "work", &["--expect", r#"{"ok":true}"#]).status.code(), Some(1));
    assert!(both(&send(order, "", &[])).starts_with("warm      moody\n"));
    for ping in [r#"{"source":"aws.events"}"#, r#"{"source":"aws.scheduler"}"#, r#"{"warmer":true}"#] {
        assert_eq!(send(ping, "work", &[]).status.code(), Some(1), "{ping}");
    }
}

#[test]
fn an_event_that_is_not_there_or_not_json_is_refused() {
    let output = moody("", &["--event", "nowhere.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("error: cannot read the event from nowhere.json"), "{}", both(&output));
    let output = moody("", &["--event", "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("the event in Cargo.toml is not JSON"), "{}", both(&output));
}

#[test]
fn a_wrong_name_is_answered_with_the_right_ones() {
    let refused = |args: &[&str]| {
        let output = run(&mut ping(args));
        assert_eq!(output.status.code(), Some(2), "{}", both(&output));
        both(&output)
    };
    let said = refused(&["-p", "warm-examples", "--bin", "kvsTranscribe"]);
    assert!(said.contains("error: there is no binary `kvsTranscribe`"), "{said}");
    assert!(
        said.contains("help: there are InvokeTelephonyIntegrationApiFunction, kvsConsumerTrigger, kvsTranscriber"),
        "{said}"
    );
    let said = refused(&["-p", "warm-examples"]);
    assert!(said.contains("choose one by `--bin`"), "{said}");
    let said = refused(&["-p", "nothing"]);
    assert!(said.contains("the workspace has no package `nothing`"), "{said}");
    let empty = tempfile::tempdir().unwrap();
    let output = run(ping(&[]).current_dir(Path::new(empty.path())));
    assert!(both(&output).contains("there is no Cargo.toml here or above"), "{}", both(&output));
}

#[test]
fn the_constant_inputs_of_a_schedule_are_pings_and_are_held() {
    use cargo_warmable::event::ScheduledEvent;
    let rule = |name: &str| format!("arn:aws:events:eu-west-1:123456789012:rule/{name}");
    let resources = vec![rule("KeepSCVFunctionsWarm-2"), rule("KeepSCVFunctionsWarm")];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.json");
    for (hold_ms, least) in [(None, 0.0), (Some(75), 75.0)] {
        for make in [ScheduledEvent::constant, ScheduledEvent::scheduler] {
            let input = make("123456789012", "eu-west-1", resources.clone(), hold_ms);
            std::fs::write(&file, input.to_json()).unwrap();
            let args = ["-p", "warm-examples", "--bin", "kvsTranscriber", "--json", "--event"];
            let output = succeed(ping(&args).arg(&file));
            let reports: Value = serde_json::from_str(&output).unwrap();
            assert!(reports[0]["times"]["milliseconds"]["min"].as_f64().unwrap() >= least, "{output}");
        }
    }
}
