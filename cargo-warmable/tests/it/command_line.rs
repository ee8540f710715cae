//! Configuration, flags, errors, colours and exit codes.

use std::process::{Command, Output};

use crate::tools::{both, run, succeed, warmable};
use crate::workspace::Workspace;

const MAIN: &str = "fn main() {}";

fn package(name: &str, metadata: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{metadata}")
}

fn workspace(metadata: &str) -> Workspace {
    let manifest = format!("[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n{metadata}");
    Workspace::new(&[
        ("Cargo.toml", &manifest),
        ("a/Cargo.toml", &package("a", "")),
        ("a/src/main.rs", MAIN),
        ("b/Cargo.toml", &package("b", "")),
        ("b/src/main.rs", MAIN),
    ])
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", both(output));
    assert!(output.stdout.is_empty(), "{}", both(output));
    String::from_utf8(output.stderr.clone()).unwrap()
}

const TABLE: &str = "[workspace.metadata.warmable]
rule = \"KeepSCVFunctionsWarm\"
schedule = \"rate(5 minutes)\"
functions = [\"InvokeTelephonyIntegrationApiFunction:live\", { name = \"kvsTranscriber\", concurrency = 3 }]
";

#[test]
fn the_table_of_the_workspace_is_the_fleet() {
    let printed = succeed(&mut workspace(TABLE).warmable(&["template", "--format", "sam"]));
    assert!(printed.contains("Name: KeepSCVFunctionsWarm\n"), "{printed}");
    assert!(printed.contains("- Id: kvsTranscriber.3\n"), "{printed}");
}

#[test]
fn a_flag_wins_over_its_key() {
    let workspace = workspace(TABLE);
    let flags = ["--rule", "Other", "--schedule", "rate(1 hour)", "--functions", "f:live"];
    let printed = succeed(&mut workspace.warmable(&[&["template", "--format", "terraform"][..], &flags].concat()));
    assert!(printed.contains("name                = \"Other\"") && printed.contains("\"rate(1 hour)\""), "{printed}");
    assert!(!printed.contains("kvsTranscriber"), "{printed}");
}

#[test]
fn packages_add_their_functions_and_agree_on_the_rule() {
    let keys = |rule: &str, function: &str| {
        format!("[package.metadata.warmable]\nrule = \"{rule}\"\nfunctions = [\"{function}\"]\n")
    };
    let files = |rule: &str| {
        Workspace::new(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n[workspace.metadata.warmable]\nrule = \"W\"\nfunctions = [\"w\"]\n",
            ),
            ("a/Cargo.toml", &package("a", &keys("A", "fa"))),
            ("a/src/main.rs", MAIN),
            ("b/Cargo.toml", &package("b", &keys(rule, "fb"))),
            ("b/src/main.rs", MAIN),
        ])
    };
    let printed = succeed(&mut files("A").warmable(&["template", "--format", "cloudformation"]));
    assert!(printed.contains("Name: A\n"), "{printed}");
    for function in ["w", "fa", "fb"] {
        assert!(printed.contains(&format!("- Id: {function}.1\n")), "{printed}");
    }
    let said = refused(&run(&mut files("B").warmable(&["template", "--format", "cloudformation"])));
    assert!(said.contains("error: `rule` differs in ") && said.contains("b/Cargo.toml"), "{said}");
    assert!(said.contains("help: one fleet has one `rule`"), "{said}");
}

#[test]
fn a_mistake_in_a_table_names_key_and_manifest() {
    let said = |metadata: &str| refused(&run(&mut workspace(metadata).warmable(&["status"])));
    let unknown = said("[workspace.metadata.warmable]\nrate = \"x\"\n");
    assert!(
        unknown.contains("`workspace.metadata.warmable.rate` in ") && unknown.contains("unknown field `rate`"),
        "{unknown}"
    );
    assert!(unknown.contains("help: the keys are `rule`, `schedule`, `functions`"), "{unknown}");
    let entry = said("[workspace.metadata.warmable]\nfunctions = [{ name = \"f\", concurency = 3 }]\n");
    assert!(entry.contains("`workspace.metadata.warmable.functions[0].concurency` in "), "{entry}");
    assert!(entry.contains("help: the keys of a function are `name`, `concurrency` and `bin`"), "{entry}");
    let rate = said("[workspace.metadata.warmable]\nschedule = \"rate(1 minutes)\"\n");
    assert!(rate.contains("write `rate(1 minute)`"), "{rate}");
    let none = said("");
    assert!(
        none.contains("error: no functions are configured") && none.contains("help: name them in Cargo.toml"),
        "{none}"
    );
}

#[test]
fn what_aws_would_refuse_is_refused_before_any_call() {
    let said = |args: &[&str]| {
        let args = [&["apply", "--yes", "--endpoint-url", "http://127.0.0.1:1"], args].concat();
        let mut command = warmable(args);
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        refused(&run(command.current_dir(std::env::temp_dir())))
    };
    assert!(said(&["--functions", "f,f"]).contains("error: `f` is listed twice"));
    assert!(said(&["--functions", "f", "--rule", "Keep Warm"]).contains("1 to 64 of `A-Z a-z 0-9 . - _`"));
    let arns = "arn:aws:lambda:eu-west-1:123456789012:function:a,arn:aws:lambda:us-east-1:123456789012:function:b";
    assert!(said(&["--functions", arns]).contains("`b` is in region us-east-1, not in eu-west-1"));
    let many = Vec::from_iter((0..1_501).map(|n| format!("f{n}"))).join(",");
    assert!(said(&["--functions", &many]).contains("help: use EventBridge Scheduler"));
    let reached = said(&["--functions", "f", "--region", "eu-west-1"]);
    assert!(reached.contains("sts:GetCallerIdentity") && reached.contains("no valid credentials"), "{reached}");
    assert!(reached.contains("help: credentials are found as the AWS CLI finds them"), "{reached}");
}

#[test]
fn a_typing_error_costs_nothing() {
    let output = run(&mut warmable(["template", "--format", "bicep"]));
    assert!(refused(&output).contains("sam, cloudformation, terraform, cdk, aws-cli"), "{}", both(&output));
    let output = run(&mut warmable(["pong"]));
    assert!(refused(&output).contains("similar subcommand exists: 'ping'") || both(&output).contains("unrecognized"));
}

#[test]
fn more_environments_than_a_rule_has_targets_are_warned_of_with_the_hold() {
    let said = |more: &[&str]| {
        let workspace = workspace("");
        let args = [&["template", "--format", "sam", "--functions", "f=10"], more].concat();
        let output = run(&mut workspace.warmable(&args));
        assert!(output.status.success(), "{}", both(&output));
        both(&output)
    };
    let default = said(&[]);
    assert!(
        default.contains("`f` has more than 5 environments") && default.contains("`hold-ms`, which is 500"),
        "{default}"
    );
    assert!(default.contains(r#""holdMs":500"#) && !default.contains(r#""holdMs":75"#), "{default}");
    let given = said(&["--hold-ms", "90"]);
    assert!(given.contains("`hold-ms`, which is 90") && given.contains(r#""holdMs":90"#), "{given}");
}

#[test]
fn cargo_runs_it_as_its_own_command() {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_cargo-warmable")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    let help = succeed(Command::new(env!("CARGO")).args(["warmable", "--help"]).env("PATH", paths));
    for command in ["ping", "audit", "template", "apply", "status", "remove", "iam"] {
        assert!(help.contains(&format!("\n  {command}")), "{help}");
    }
    assert!(help.contains("Exit codes: 0, all is well"), "{help}");
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let workspace = workspace_with_handler();
    let audit = |args: &[&str], no_color: bool| {
        let mut command = workspace.warmable(&[&["audit"], args].concat());
        if no_color {
            command.env("NO_COLOR", "1");
        }
        succeed(&mut command)
    };
    assert!(!audit(&[], false).contains('\u{1b}'));
    assert!(audit(&["--color", "always"], false).contains('\u{1b}'));
    assert!(!audit(&["--color", "never"], false).contains('\u{1b}'));
    assert!(!audit(&[], true).contains('\u{1b}'));
}

fn workspace_with_handler() -> Workspace {
    let main =
        "async fn main() { lambda_runtime::run(lambda_runtime::service_fn(handler)).await }\nasync fn handler() {}";
    Workspace::new(&[("Cargo.toml", &package("f", "")), ("src/main.rs", main)])
}

#[test]
fn the_least_policy_is_json_for_the_configured_functions() {
    let args = ["iam", "--region", "eu-west-1", "--account", "123456789012"];
    let policy = succeed(&mut workspace(TABLE).warmable(&args));
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let text = policy.to_string();
    assert!(text.contains("arn:aws:lambda:eu-west-1:123456789012:function:kvsTranscriber"), "{text}");
    assert!(text.contains("arn:aws:events:eu-west-1:123456789012:rule/KeepSCVFunctionsWarm-*"), "{text}");
    assert!(!text.contains("iam:"), "{text}");
}
