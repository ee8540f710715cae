//! What `template` prints, judged by the tools that will read it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::tools::{Tools, both, run, succeed, tools, warmable};

/// Several environments, an alias, a second rule, an ARN, and a name that is a number.
const FLEET: &str = "InvokeTelephonyIntegrationApiFunction:live,kvsConsumerTrigger,kvsTranscriber:live=3,arn:aws:lambda:eu-west-1:123456789012:function:123,a-b,a_b";

fn printed(format: &str, more: &[&str]) -> String {
    let args = ["template", "--format", format, "--rule", "KeepSCVFunctionsWarm"];
    succeed(warmable([&args[..], more].concat()).current_dir(std::env::temp_dir()))
}

fn fleet(format: &str, via: &str) -> String {
    printed(format, &["--functions", FLEET, "--via", via])
}

#[test]
fn cfn_lint_accepts_sam_and_cloudformation() {
    let Some(tools) = tools("cfn-lint of the printed templates") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for format in ["sam", "cloudformation"] {
        for via in ["rule", "scheduler"] {
            let file = folder.path().join(format!("{format}-{via}.yaml"));
            fs::write(&file, fleet(format, via)).unwrap();
            files.push(file);
        }
    }
    let output = run(tools.python("cfn-lint").args(&files));
    assert!(output.status.success(), "{}", both(&output));
}

#[test]
fn an_hcl_parser_reads_the_terraform_files() {
    let Some(tools) = tools("an HCL parser over the printed Terraform files") else { return };
    let script = "import hcl2, json, sys; print(json.dumps(hcl2.load(sys.stdin)))";
    let folder = tempfile::tempdir().unwrap();
    for (via, resources) in [("rule", 2 + 8 + 6), ("scheduler", 1 + 2 + 8)] {
        let file = folder.path().join("main.tf");
        fs::write(&file, fleet("terraform", via)).unwrap();
        let output = succeed(tools.python("python").args(["-c", script]).stdin(fs::File::open(&file).unwrap()));
        let parsed: Value = serde_json::from_str(&output).unwrap();
        let blocks = parsed["resource"].as_array().unwrap();
        assert_eq!(blocks.len(), resources, "{via}");
        let mut names: Vec<String> = blocks.iter().map(address).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), resources, "two resources have one address: {names:?}");
    }
}

/// A block's type and name, as the parser nests them.
fn address(block: &Value) -> String {
    let (kind, named) = block.as_object().unwrap().iter().find(|(key, _)| !key.starts_with("__")).unwrap();
    let name = named.as_object().unwrap().keys().find(|key| !key.starts_with("__")).unwrap();
    format!("{kind}.{name}")
}

#[test]
fn cdk_synthesizes_the_printed_constructs() {
    let Some(tools) = tools("cdk synth of the printed constructs") else { return };
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path();
    std::os::unix::fs::symlink(tools.node_modules(), app.join("node_modules")).unwrap();
    fs::write(app.join("rule.ts"), fleet("cdk", "rule")).unwrap();
    fs::write(app.join("scheduler.ts"), fleet("cdk", "scheduler")).unwrap();
    fs::write(app.join("app.ts"), APP).unwrap();
    fs::write(app.join("cdk.json"), r#"{ "app": "node app.js" }"#).unwrap();
    let strict = ["--strict", "--skipLibCheck", "--module", "commonjs", "--target", "es2022", "--types", "", "app.ts"];
    succeed(tools.node("tsc").args(strict).current_dir(app));
    succeed(tools.node("cdk").args(["synth", "--quiet", "--no-notices"]).current_dir(app).env("HOME", app));
    check_synthesized(app);
}

const APP: &str = "
import { App, Stack } from 'aws-cdk-lib';
import { KeepWarm as Rules } from './rule';
import { KeepWarm as Schedules } from './scheduler';
const app = new App({ analyticsReporting: false });
new Rules(new Stack(app, 'Rules'), 'KeepWarm');
new Schedules(new Stack(app, 'Schedules'), 'KeepWarm');
";

fn check_synthesized(app: &Path) {
    let stack = |name: &str| -> Value {
        let text = fs::read_to_string(app.join("cdk.out").join(format!("{name}.template.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let count = |stack: &Value, kind: &str| {
        let resources = stack["Resources"].as_object().unwrap().values();
        resources.filter(|resource| resource["Type"] == kind).count()
    };
    let (rules, schedules) = (stack("Rules"), stack("Schedules"));
    assert_eq!((count(&rules, "AWS::Events::Rule"), count(&rules, "AWS::Lambda::Permission")), (2, 6));
    assert_eq!((count(&schedules, "AWS::Scheduler::Schedule"), count(&schedules, "AWS::IAM::Role")), (8, 1));
    let first =
        rules["Resources"].as_object().unwrap().values().find(|r| r["Properties"]["Name"] == "KeepSCVFunctionsWarm");
    let target = &first.unwrap()["Properties"]["Targets"][2];
    assert_eq!(target["Id"], "kvsTranscriber.live.1");
    let input = target["Input"]["Fn::Join"][1].as_array().unwrap();
    let text: String = input.iter().map(|part| part.as_str().unwrap_or("·")).collect();
    assert_eq!(
        text,
        r#"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","account":"·","region":"·","resources":["arn:·:events:·:·:rule/KeepSCVFunctionsWarm"],"detail":{"holdMs":75}}"#
    );
}

/// The region of the ARN in `FLEET` is checked against the script's, so it is left out here.
const HERE: &str = "InvokeTelephonyIntegrationApiFunction:live,kvsConsumerTrigger,kvsTranscriber=3,other";

fn script(tools: Tools, region: &'static str, via: &str) {
    let emulator = Emulator::start(tools, region);
    emulator.functions(&[
        "InvokeTelephonyIntegrationApiFunction:live",
        "kvsConsumerTrigger",
        "kvsTranscriber",
        "other",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.sh");
    let flags = ["--functions", HERE, "--via", via];
    fs::write(&file, printed("aws-cli", &flags)).unwrap();
    succeed(std::process::Command::new("bash").arg("-n").arg(&file));
    emulator.script(&file);
    emulator.script(&file);
    let args = |command: &'static str| [&[command, "--rule", "KeepSCVFunctionsWarm"][..], &flags].concat();
    succeed(&mut emulator.warmable(&args("status")));
    let plan = succeed(emulator.warmable(&args("apply")).arg("--dry-run"));
    assert!(plan.contains("0 to create, 0 to change, 0 to remove"), "{plan}");
    succeed(emulator.warmable(&args("remove")).arg("--yes"));
    let rest = succeed(emulator.warmable(&args("remove")).arg("--dry-run"));
    assert!(rest.contains("0 to remove"), "{rest}");
}

#[test]
fn the_aws_cli_makes_of_the_script_what_apply_would_make() {
    let Some(tools) = tools("the printed script against an emulated AWS") else { return };
    script(tools, "ap-east-1", "rule");
}

#[test]
fn the_aws_cli_makes_of_the_schedulers_script_what_apply_would_make() {
    let Some(tools) = tools("the scheduler's printed script against an emulated AWS") else { return };
    script(tools, "ap-south-2", "scheduler");
}

#[test]
fn the_same_configuration_prints_the_same_text() {
    for format in ["sam", "cloudformation", "terraform", "cdk", "aws-cli"] {
        for via in ["rule", "scheduler"] {
            assert_eq!(fleet(format, via), fleet(format, via));
        }
    }
}

/// The examples' schedules are printed, not written: `WARMABLE_PRINT_EXAMPLES=1` prints them anew.
#[test]
fn the_examples_schedules_are_what_is_printed() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for (format, file) in [("sam", "template.yaml"), ("terraform", "main.tf")] {
        let printed = succeed(warmable(["template", "--format", format]).current_dir(&examples));
        let file = examples.join("keep_warm").join(file);
        if std::env::var_os("WARMABLE_PRINT_EXAMPLES").is_some() {
            fs::write(&file, &printed).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), printed, "{}", file.display());
    }
}

#[test]
fn the_examples_around_the_schedules_are_accepted_too() {
    let Some(tools) = tools("cfn-lint and an HCL parser over the examples") else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let output =
        run(tools.python("cfn-lint").args(["template.yaml", "keep_warm/template.yaml"]).current_dir(&examples));
    assert!(output.status.success(), "{}", both(&output));
    let script = "import hcl2, sys; [hcl2.load(open(path)) for path in sys.argv[1:]]";
    succeed(tools.python("python").args(["-c", script, "main.tf", "keep_warm/main.tf"]).current_dir(&examples));
}
