//! `apply`, `status` and `remove` against an emulated AWS, and the real AWS CLI's view of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::tools::{both, run, succeed, tools};

const VOICE: &str = "InvokeTelephonyIntegrationApiFunction:live,kvsConsumerTrigger,kvsTranscriber=3";
const FUNCTIONS: [&str; 3] = ["InvokeTelephonyIntegrationApiFunction:live", "kvsConsumerTrigger", "kvsTranscriber"];
const RULE: [&str; 2] = ["--rule", "KeepSCVFunctionsWarm"];

fn emulator(region: &'static str) -> Option<Emulator> {
    let emulator = Emulator::start(tools("apply, status and remove against an emulated AWS")?, region);
    emulator.functions(&FUNCTIONS);
    Some(emulator)
}

fn args<'a>(command: &'a str, functions: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command, "--functions", functions][..], &RULE, more].concat()
}

fn applied(emulator: &Emulator, functions: &str, more: &[&str]) -> Value {
    let more = [more, &["--yes", "--output-format", "json"]].concat();
    let output = succeed(&mut emulator.warmable(&args("apply", functions, &more)));
    serde_json::from_str(&output).unwrap()
}

/// How many resources were created, changed, removed and kept.
fn counts(report: &Value) -> [usize; 4] {
    let resources = report["resources"].as_array().unwrap();
    ["create", "change", "remove", "keep"].map(|c| resources.iter().filter(|r| r["change"] == c).count())
}

fn status(emulator: &Emulator, functions: &str, more: &[&str]) -> Value {
    let more = [more, &["--output-format", "json"]].concat();
    let output = run(&mut emulator.warmable(&args("status", functions, &more)));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)));
    assert_eq!(output.status.code(), Some(if report["complete"] == true { 0 } else { 1 }));
    report
}

#[test]
fn apply_makes_what_the_cli_then_finds() {
    let Some(emulator) = emulator("eu-west-1") else { return };
    let report = applied(&emulator, VOICE, &[]);
    assert_eq!(counts(&report), [1 + 5 + 3, 0, 0, 0]);

    let rule = emulator.cli(&["events", "describe-rule", "--name", "KeepSCVFunctionsWarm"]);
    assert_eq!((&rule["ScheduleExpression"], &rule["State"]), (&json!("rate(5 minutes)"), &json!("ENABLED")));
    let arn = rule["Arn"].as_str().unwrap();
    let tags = emulator.cli(&["events", "list-tags-for-resource", "--resource-arn", arn]);
    assert_eq!(tags["Tags"], json!([{ "Key": "cargo-warmable", "Value": "KeepSCVFunctionsWarm" }]));

    let targets = emulator.cli(&["events", "list-targets-by-rule", "--rule", "KeepSCVFunctionsWarm"]);
    let targets = targets["Targets"].as_array().unwrap();
    assert_eq!(targets.len(), 5);
    let live = "arn:aws:lambda:eu-west-1:123456789012:function:InvokeTelephonyIntegrationApiFunction:live";
    assert_eq!((&targets[0]["Arn"], &targets[0]["Input"]), (&json!(live), &Value::Null));
    let input: Value = serde_json::from_str(targets[4]["Input"].as_str().unwrap()).unwrap();
    assert_eq!((&input["source"], &input["resources"]), (&json!("aws.events"), &json!([arn])));
    assert_eq!(input["detail"], json!({ "holdMs": 75 }));

    let policy = ["lambda", "get-policy", "--function-name", "InvokeTelephonyIntegrationApiFunction", "--qualifier"];
    let policy = emulator.cli(&[&policy[..], &["live"]].concat());
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!((&statement["Sid"], &statement["Resource"]), (&json!("warmable-KeepSCVFunctionsWarm"), &json!(live)));
    assert_eq!(statement["Principal"]["Service"], "events.amazonaws.com");
    assert_eq!(statement["Condition"]["ArnLike"]["AWS:SourceArn"], arn);
    assert_eq!(status(&emulator, VOICE, &[])["complete"], true);
}

#[test]
fn a_second_apply_has_nothing_to_do() {
    let Some(emulator) = emulator("eu-west-2") else { return };
    applied(&emulator, VOICE, &[]);
    emulator.called();
    let report = applied(&emulator, VOICE, &[]);
    assert_eq!((counts(&report), &report["applied"]), ([0, 0, 0, 9], &json!(false)));
    let written = ["Put", "Add", "Remove", "Delete", "Create", "Update"];
    let called = emulator.called();
    assert!(called.iter().all(|call| !written.iter().any(|verb| call.contains(verb))), "{called:?}");
}

#[test]
fn what_drifted_is_changed_back_and_what_left_is_removed() {
    let Some(emulator) = emulator("eu-west-3") else { return };
    applied(&emulator, VOICE, &[]);
    emulator.cli(&["events", "disable-rule", "--name", "KeepSCVFunctionsWarm"]);
    let put = ["events", "put-targets", "--rule", "KeepSCVFunctionsWarm", "--targets"];
    let other = r#"[{"Id":"kvsTranscriber.2","Arn":"arn:aws:lambda:eu-west-3:123456789012:function:other"}]"#;
    emulator.cli(&[&put[..], &[other]].concat());

    let report = status(&emulator, VOICE, &[]);
    assert_eq!(report["functions"][0]["state"], "disabled");
    assert_eq!(report["functions"][2]["targets"], 2);

    let fewer = "kvsConsumerTrigger,kvsTranscriber=3";
    // The rule and a target change; a target and a permission of the function that left go.
    assert_eq!(counts(&applied(&emulator, fewer, &[])), [0, 2, 2, 2 + 3 + 1 - 1]);
    assert_eq!(status(&emulator, fewer, &[])["complete"], true);
    let policy = emulator.warmable(&args("status", FUNCTIONS[0], &["--output-format", "json"])).output().unwrap();
    let policy: Value = serde_json::from_slice(&policy.stdout).unwrap();
    assert_eq!(policy["functions"][0]["permission"], false);
}

#[test]
fn further_rules_are_numbered_and_shrink_again() {
    let Some(emulator) = emulator("eu-north-1") else { return };
    applied(&emulator, "kvsConsumerTrigger=5,kvsTranscriber=7", &[]);
    let names = |emulator: &Emulator| {
        let rules = emulator.cli(&["events", "list-rules"]);
        BTreeSet::from_iter(rules["Rules"].as_array().unwrap().iter().map(|r| r["Name"].as_str().unwrap().to_owned()))
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&emulator), ["KeepSCVFunctionsWarm", "KeepSCVFunctionsWarm-2", "KeepSCVFunctionsWarm-3"]);
    assert_eq!(status(&emulator, "kvsConsumerTrigger=5,kvsTranscriber=7", &[])["complete"], true);
    applied(&emulator, "kvsTranscriber", &[]);
    assert_eq!(names(&emulator), ["KeepSCVFunctionsWarm"]);
    assert_eq!(status(&emulator, "kvsTranscriber", &[])["complete"], true);
}

#[test]
fn remove_undoes_apply_and_nothing_else() {
    let Some(emulator) = emulator("us-east-1") else { return };
    let put = ["events", "put-rule", "--schedule-expression", "rate(1 day)", "--name"];
    for other in ["KeepSCVFunctionsWarm-9", "KeepSCVFunctionsWarmer", "Nightly"] {
        emulator.cli(&[&put[..], &[other]].concat());
    }
    applied(&emulator, VOICE, &[]);
    let output = succeed(&mut emulator.warmable(&args("remove", VOICE, &["--yes"])));
    assert!(output.contains("0 to create, 0 to change, 9 to remove, 0 to keep"), "{output}");

    let rules = emulator.cli(&["events", "list-rules"]);
    let names = BTreeSet::from_iter(rules["Rules"].as_array().unwrap().iter().map(|r| r["Name"].as_str().unwrap()));
    assert_eq!(names, BTreeSet::from(["KeepSCVFunctionsWarm-9", "KeepSCVFunctionsWarmer", "Nightly"]));
    let report = status(&emulator, VOICE, &[]);
    assert!(
        report["functions"].as_array().unwrap().iter().all(|f| f["permission"] == false && f["state"] == "missing")
    );
}

#[test]
fn a_rule_of_somebody_else_is_left_alone() {
    let Some(emulator) = emulator("us-east-2") else { return };
    let put = ["events", "put-rule", "--schedule-expression", "rate(1 day)", "--name", "KeepSCVFunctionsWarm"];
    emulator.cli(&put);
    let output = run(&mut emulator.warmable(&args("apply", VOICE, &["--yes"])));
    assert_eq!(output.status.code(), Some(2));
    let said = both(&output);
    assert!(said.contains("the rule `KeepSCVFunctionsWarm` is there already, and is not this tool's"), "{said}");
    assert!(said.contains("aws events tag-resource --resource-arn arn:aws:events:us-east-2:123456789012:rule/KeepSCVFunctionsWarm --tags Key=cargo-warmable,Value=KeepSCVFunctionsWarm"), "{said}");
    let rule = emulator.cli(&["events", "describe-rule", "--name", "KeepSCVFunctionsWarm"]);
    assert_eq!(rule["ScheduleExpression"], "rate(1 day)");
}

#[test]
fn an_unknown_function_is_found_before_anything_is_changed() {
    let Some(emulator) = emulator("us-west-1") else { return };
    let output = run(&mut emulator.warmable(&args("apply", "kvsTranscriber,typo:live", &["--yes"])));
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("typo:live: no such function in this account and region"), "{}", both(&output));
    assert_eq!(emulator.cli(&["events", "list-rules"])["Rules"], json!([]));
    let report = status(&emulator, "kvsTranscriber,typo:live", &[]);
    assert_eq!(report["functions"][1]["missing"][0], "the function");
}

#[test]
fn a_dry_run_changes_nothing() {
    let Some(emulator) = emulator("us-west-2") else { return };
    let output = succeed(&mut emulator.warmable(&args("apply", VOICE, &["--dry-run"])));
    assert!(output.contains("+ rule KeepSCVFunctionsWarm rate(5 minutes)"), "{output}");
    assert!(output.contains("+ target kvsTranscriber.3 of rule KeepSCVFunctionsWarm"), "{output}");
    assert!(output.contains("9 to create, 0 to change, 0 to remove, 0 to keep"), "{output}");
    assert_eq!(emulator.cli(&["events", "list-rules"])["Rules"], json!([]));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let Some(emulator) = emulator("ca-central-1") else { return };
    let output = run(emulator.warmable(&args("apply", VOICE, &[])).stdin(std::process::Stdio::null()));
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("pass `--yes`"), "{}", both(&output));
    assert_eq!(emulator.cli(&["events", "list-rules"])["Rules"], json!([]));
}

#[test]
fn the_scheduler_has_a_schedule_for_each_environment_and_a_role() {
    let Some(emulator) = emulator("ap-south-1") else { return };
    let scheduler = ["--via", "scheduler"];
    assert_eq!(counts(&applied(&emulator, VOICE, &scheduler)), [1 + 1 + 5, 0, 0, 0]);
    assert_eq!(counts(&applied(&emulator, VOICE, &scheduler)), [0, 0, 0, 7]);
    assert_eq!(status(&emulator, VOICE, &scheduler)["complete"], true);

    let get = ["scheduler", "get-schedule", "--group-name", "KeepSCVFunctionsWarm", "--name"];
    let schedule = emulator.cli(&[&get[..], &["kvsTranscriber.3"]].concat());
    assert_eq!(schedule["ScheduleExpression"], "rate(5 minutes)");
    assert_eq!(schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 0);
    let role = "KeepSCVFunctionsWarm-ap-south-1";
    assert_eq!(
        schedule["Target"]["RoleArn"],
        format!("arn:aws:iam::123456789012:role/cargo-warmable/KeepSCVFunctionsWarm/ap-south-1/{role}")
    );
    let policy = emulator.cli(&["iam", "get-role-policy", "--role-name", role, "--policy-name", "invoke"]);
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Action"], "lambda:InvokeFunction");
    assert_eq!(statement["Resource"].as_array().unwrap().len(), 3);

    let fewer = "kvsTranscriber=2";
    assert_eq!(counts(&applied(&emulator, fewer, &scheduler)), [0, 1, 3, 1 + 2]);
    assert_eq!(status(&emulator, fewer, &scheduler)["complete"], true);
}

#[test]
fn a_fleet_changes_its_service_and_leaves_nothing_behind() {
    let Some(emulator) = emulator("ap-northeast-1") else { return };
    applied(&emulator, VOICE, &[]);
    applied(&emulator, VOICE, &["--via", "scheduler"]);
    assert_eq!(emulator.cli(&["events", "list-rules"])["Rules"], json!([]));
    assert_eq!(status(&emulator, VOICE, &["--via", "scheduler"])["complete"], true);
    applied(&emulator, VOICE, &[]);
    assert_eq!(status(&emulator, VOICE, &[])["complete"], true);
    let groups = emulator.cli(&["scheduler", "list-schedule-groups", "--name-prefix", "KeepSCVFunctionsWarm"]);
    assert_eq!(groups["ScheduleGroups"], json!([]));
    let roles = ["iam", "list-roles", "--path-prefix", "/cargo-warmable/KeepSCVFunctionsWarm/ap-northeast-1/"];
    assert_eq!(emulator.cli(&roles)["Roles"], json!([]));
    succeed(&mut emulator.warmable(&args("remove", VOICE, &["--yes"])));
    assert_eq!(emulator.cli(&["events", "list-rules"])["Rules"], json!([]));
}

#[test]
fn the_least_policy_allows_each_call_that_is_made_and_no_other() {
    let Some(emulator) = emulator("sa-east-1") else { return };
    for via in ["rule", "scheduler"] {
        emulator.called();
        let via = ["--via", via];
        applied(&emulator, VOICE, &via);
        // A rule that changes, a role that changes, schedules that change and one that goes.
        let fewer = "kvsConsumerTrigger,kvsTranscriber=2";
        applied(&emulator, fewer, &[&via[..], &["--schedule", "rate(10 minutes)"]].concat());
        run(&mut emulator.warmable(&["ping", "--remote", "kvsTranscriber"]));
        succeed(&mut emulator.warmable(&args("remove", fewer, &["--yes"])));
        let called = BTreeSet::from_iter(emulator.called());

        let policy = succeed(&mut emulator_free(&args("iam", VOICE, &via)));
        let policy: Value = serde_json::from_str(&policy).unwrap();
        let statements = policy["Statement"].as_array().unwrap().iter();
        let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
        let allowed = BTreeSet::from_iter(actions.map(|action| action.as_str().unwrap().to_owned()));

        // Needs no permission; and whoever has no schedules may be refused a look at the roles.
        let free = ["sts:GetCallerIdentity", "iam:ListRoles"];
        let missing: Vec<_> = called.difference(&allowed).filter(|call| !free.contains(&call.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
        // Implied by others' parameters, or by the other service's resources, which are not there.
        let implied = ["iam:PassRole", "iam:TagRole", "iam:GetRole", "events:TagResource", "scheduler:TagResource"];
        let read = [
            "scheduler:ListSchedules",
            "scheduler:ListTagsForResource",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "lambda:RemovePermission",
        ];
        let surplus = allowed.difference(&called).map(String::as_str);
        let surplus: Vec<_> = surplus.filter(|action| !implied.contains(action) && !read.contains(action)).collect();
        assert!(surplus.is_empty(), "{surplus:?}");
    }
}

fn emulator_free(args: &[&str]) -> std::process::Command {
    let mut command = crate::tools::warmable(args);
    command.current_dir(std::env::temp_dir());
    command
}
