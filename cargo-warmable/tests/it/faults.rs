//! AWS as it is on a bad day: `apply` and `remove` through throttling, a failure in the middle, and
//! connections that drop before the call is heard, or after it was carried out. Whatever a run
//! leaves, the next one finishes.

use serde_json::Value;

use crate::emulator::{Emulator, Fault};
use crate::tools::{both, run, succeed, tools};

const FLEET: [&str; 4] = ["--functions", "kvsConsumerTrigger=4,kvsTranscriber:live=3", "--rule", "KeepWarm"];

fn emulator(region: &'static str) -> Option<Emulator> {
    let emulator = Emulator::start(tools("faults injected into an emulated AWS")?, region);
    emulator.functions(&["kvsConsumerTrigger", "kvsTranscriber:live"]);
    Some(emulator)
}

fn warmable(emulator: &Emulator, command: &str, more: &[&str]) -> std::process::Command {
    emulator.warmable(&[&[command], &FLEET[..], more].concat())
}

fn is_complete(emulator: &Emulator, via: &[&str]) -> bool {
    let output = run(&mut warmable(emulator, "status", &[via, &["--output-format", "json"]].concat()));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)));
    report["complete"] == true
}

/// What `remove` would still find.
fn leftovers(emulator: &Emulator) -> Value {
    let more = ["--dry-run", "--output-format", "json"];
    let output = succeed(&mut warmable(emulator, "remove", &more));
    serde_json::from_str::<Value>(&output).unwrap()["resources"].clone()
}

#[test]
fn throttling_is_waited_out() {
    let Some(emulator) = emulator("eu-central-1") else { return };
    emulator
        .plan(Fault::Throttle, "events:ListRules", 0, 2)
        .plan(Fault::Throttle, "events:PutRule", 0, 2)
        .plan(Fault::Throttle, "lambda:AddPermission", 1, 2)
        .plan(Fault::Throttle, "events:PutTargets", 0, 2);
    succeed(&mut warmable(&emulator, "apply", &["--yes"]));
    assert!(emulator.all_faults_met());
    assert!(is_complete(&emulator, &[]));
}

#[test]
fn a_lost_answer_is_not_a_lost_change() {
    let Some(emulator) = emulator("eu-central-2") else { return };
    let scheduler = ["--via", "scheduler"];
    for operation in
        ["scheduler:CreateScheduleGroup", "iam:CreateRole", "iam:PutRolePolicy", "scheduler:CreateSchedule"]
    {
        emulator.plan(Fault::LoseAnswer, operation, 0, 1);
    }
    succeed(&mut warmable(&emulator, "apply", &[&scheduler[..], &["--yes"]].concat()));
    assert!(emulator.all_faults_met());
    assert!(is_complete(&emulator, &scheduler));
    for operation in ["scheduler:DeleteScheduleGroup", "iam:DeleteRolePolicy", "iam:DeleteRole"] {
        emulator.plan(Fault::LoseAnswer, operation, 0, 1);
    }
    // moto answers a second deletion of the group with a failure of its own; a next run finds it gone.
    run(&mut warmable(&emulator, "remove", &["--yes"]));
    succeed(&mut warmable(&emulator, "remove", &["--yes"]));
    assert_eq!(leftovers(&emulator), Value::Array(vec![]));
}

#[test]
fn a_dropped_connection_is_tried_again() {
    let Some(emulator) = emulator("eu-south-1") else { return };
    for operation in ["events:PutRule", "events:PutTargets", "lambda:AddPermission", "lambda:GetPolicy"] {
        emulator.plan(Fault::Drop, operation, 0, 1);
    }
    succeed(&mut warmable(&emulator, "apply", &["--yes"]));
    assert!(emulator.all_faults_met());
    assert!(is_complete(&emulator, &[]));
}

/// The calls that change something, of a fleet with two rules.
const WRITES: [&str; 7] = [
    "events:PutRule",
    "lambda:AddPermission",
    "events:PutTargets",
    "lambda:RemovePermission",
    "events:RemoveTargets",
    "events:DeleteRule",
    "events:PutRule",
];

#[test]
fn whatever_call_is_refused_the_next_run_converges() {
    let Some(emulator) = emulator("eu-south-2") else { return };
    for (nth, operation) in WRITES.iter().enumerate() {
        for after in [0, 1] {
            emulator.plan(Fault::Deny, operation, after, 1);
            let command = if nth < 3 || nth == 6 { "apply" } else { "remove" };
            let output = run(&mut warmable(&emulator, command, &["--yes"]));
            assert_eq!(output.status.code(), Some(2), "{operation}: {}", both(&output));
            assert!(emulator.all_faults_met(), "{operation}");
            let said = both(&output);
            assert!(said.contains("changes are made; run it again to make the others"), "{said}");
            assert!(said.contains(&format!("allow `{operation}`")), "{said}");

            succeed(&mut warmable(&emulator, command, &["--yes"]));
            match command {
                "apply" => {
                    assert!(is_complete(&emulator, &[]), "{operation}");
                    succeed(&mut warmable(&emulator, "remove", &["--yes"]));
                }
                _ => {
                    assert_eq!(leftovers(&emulator), Value::Array(vec![]), "{operation}");
                    succeed(&mut warmable(&emulator, "apply", &["--yes"]));
                }
            }
            let next = WRITES.get(nth + usize::from(after == 1)).copied().unwrap_or_default();
            prepare(&emulator, next);
        }
    }
}

/// `apply` starts from nothing, `remove` from a fleet that is in place.
fn prepare(emulator: &Emulator, next: &str) {
    let removes = next.contains("Remove") || next.contains("Delete");
    let command = if removes { "apply" } else { "remove" };
    succeed(&mut warmable(emulator, command, &["--yes"]));
}

#[test]
fn a_failure_in_the_middle_leaves_what_the_next_run_finishes() {
    let Some(emulator) = emulator("me-south-1") else { return };
    let scheduler = ["--via", "scheduler"];
    let writes = ["scheduler:CreateScheduleGroup", "iam:CreateRole", "iam:PutRolePolicy", "scheduler:CreateSchedule"];
    for operation in writes {
        emulator.plan(Fault::Deny, operation, usize::from(operation == "scheduler:CreateSchedule") * 3, 1);
        let output = run(&mut warmable(&emulator, "apply", &[&scheduler[..], &["--yes"]].concat()));
        assert_eq!(output.status.code(), Some(2), "{operation}: {}", both(&output));
        assert!(both(&output).contains(&format!("allow `{operation}`")), "{}", both(&output));
    }
    succeed(&mut warmable(&emulator, "apply", &[&scheduler[..], &["--yes"]].concat()));
    assert!(is_complete(&emulator, &scheduler));
    for operation in ["scheduler:DeleteScheduleGroup", "iam:DeleteRolePolicy", "iam:DeleteRole"] {
        emulator.plan(Fault::Deny, operation, 0, 1);
        assert_eq!(run(&mut warmable(&emulator, "remove", &["--yes"])).status.code(), Some(2), "{operation}");
    }
    succeed(&mut warmable(&emulator, "remove", &["--yes"]));
    assert_eq!(leftovers(&emulator), Value::Array(vec![]));
}

#[test]
fn a_server_that_fails_for_a_while_is_outlasted() {
    let Some(emulator) = emulator("me-central-1") else { return };
    emulator.plan(Fault::Fail, "events:PutTargets", 1, 2).plan(Fault::Fail, "events:ListTargetsByRule", 0, 1);
    succeed(&mut warmable(&emulator, "apply", &["--yes"]));
    assert!(is_complete(&emulator, &[]));
    assert!(emulator.all_faults_met());
}

#[test]
fn a_permission_error_names_the_action_and_the_way_out() {
    let Some(emulator) = emulator("af-south-1") else { return };
    emulator.plan(Fault::Deny, "events:ListRules", 0, 1);
    let output = run(&mut warmable(&emulator, "apply", &["--yes"]));
    assert_eq!(output.status.code(), Some(2));
    let said = both(&output);
    assert!(said.contains("error: events:ListRules on KeepWarm: injected: AccessDeniedException"), "{said}");
    assert!(said.contains("help: allow `events:ListRules`: `cargo warmable iam` prints the least policy"), "{said}");
}
