//! `ping --remote`, with a proxy that answers for Lambda.

use serde_json::Value;

use crate::emulator::{Emulator, Fault, Invocation};
use crate::tools::{both, run, succeed, tools};

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

fn emulator(region: &'static str) -> Option<Emulator> {
    Some(Emulator::start(tools("pings of functions in an emulated AWS")?, region))
}

#[test]
fn a_deployed_function_answers_with_the_tail_of_its_log() {
    let Some(emulator) = emulator("ap-southeast-1") else { return };
    let log =
        "START RequestId: 1 Version: 7\npinged\nREPORT RequestId: 1\tDuration: 1.20 ms\tInit Duration: 28.50 ms\t\n";
    emulator.answer(Invocation { payload: WARM, error: false, log });
    let output = succeed(&mut emulator.warmable(&["ping", "--remote", "kvsTranscriber:live"]));
    assert!(output.starts_with("warm      kvsTranscriber:live\n"), "{output}");
    assert!(output.contains(&format!("answer    {WARM}\n")), "{output}");
    assert!(output.contains("(cold, 28.50 ms to start)"), "{output}");
    assert!(output.contains("pinged"), "{output}");
}

#[test]
fn several_functions_stand_side_by_side() {
    let Some(emulator) = emulator("ap-southeast-2") else { return };
    emulator.answer(Invocation { payload: WARM, error: false, log: "" });
    emulator.plan(Fault::Deny, "lambda:InvokeFunction", 2, 1);
    let output = run(&mut emulator.warmable(&["ping", "--remote", "a", "b:live", "c", "--json"]));
    assert_eq!(output.status.code(), Some(1), "{}", both(&output));
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> = reports.as_array().unwrap().iter().map(|r| r["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b:live", "c"]);
    let problems = reports.as_array().unwrap().iter().filter(|report| report["warm"] == false);
    let problems: Vec<_> = problems.map(|report| &report["problem"]).collect();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0]["kind"], "not-called");
    assert!(problems[0]["reason"].as_str().unwrap().contains("allow `lambda:InvokeFunction`"));
}

#[test]
fn a_handler_that_the_ping_reached_is_not_warm() {
    let Some(emulator) = emulator("ap-southeast-3") else { return };
    let payload = r#"{"errorType":"Runtime.Error","errorMessage":"missing field `name`"}"#;
    emulator.answer(Invocation { payload, error: true, log: "ERROR missing field\n" });
    let output = run(&mut emulator.warmable(&["ping", "--remote", "a"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(both(&output).contains("not warm  a: Runtime.Error: missing field `name`"), "{}", both(&output));
    let timed_out =
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"}"#;
    emulator.answer(Invocation { payload: timed_out, error: true, log: "" });
    let output = run(&mut emulator.warmable(&["ping", "--remote", "a", "--json"]));
    let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reports[0]["problem"]["kind"], "timed-out");
}
