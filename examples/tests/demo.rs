//! The demo as a person runs it: what it prints, and how it ends.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;
const FUNCTIONS: [&str; 3] = ["InvokeTelephonyIntegrationApiFunction", "kvsConsumerTrigger", "kvsTranscriber"];

/// The demo with the programs that cargo has built for this test.
fn demo() -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    let programs = Path::new(env!("CARGO_BIN_EXE_kvsTranscriber")).parent().expect("a program lies in a directory");
    demo.arg("--bin-dir").arg(programs).env_remove("RUST_LOG").env_remove("transcriptionFunction");
    demo
}

fn run(demo: &mut Command) -> Output {
    demo.output().expect("the demo runs")
}

fn run_with_input(demo: &mut Command, input: &str) -> Output {
    let mut child =
        demo.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the demo starts");
    child.stdin.take().expect("standard input is piped").write_all(input.as_bytes()).expect("the demo reads");
    child.wait_with_output().expect("the demo ends")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the demo writes UTF-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("the demo writes UTF-8")
}

/// The cells of the table, without the time that each row took.
fn table(output: &Output) -> Vec<Vec<&str>> {
    let lines = stdout(output).lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .map(|line| {
            let (line, took) = line.trim_end().rsplit_once("  ").expect("a row ends with a time");
            let millis = took.trim().strip_suffix(" ms").expect("a time is in milliseconds");
            assert!(millis.parse::<f64>().is_ok(), "{took}");
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
        })
        .collect()
}

#[test]
fn each_function_answers_its_ping_and_its_event() {
    let output = run(&mut demo());
    assert_eq!(stderr(&output), "");
    assert!(output.status.success());
    assert!(stdout(&output).starts_with("FUNCTION "));
    assert_eq!(
        table(&output),
        [
            vec![FUNCTIONS[0], "ping", WARM],
            vec!["contact flow", r#"{"voiceCallRecordId":"dry-run"}"#],
            vec![FUNCTIONS[1], "ping", WARM],
            vec!["media streaming", r#"{"lambdaResult":"Success"}"#],
            vec![FUNCTIONS[2], "ping", WARM],
            vec!["transcription", r#"{"result":"Success"}"#],
        ]
    );
    assert!(stdout(&output).ends_with("\nPings answered as they should be: 3 of 3\n"));
}

#[test]
fn each_kind_of_handler_answers_its_ping_and_its_event() {
    let examples = [
        ("axum", "axum-service", r#"{"statusCode":200,"#),
        ("closure", "closure", r#"{"name":"Ada","tier":"gold"}"#),
        ("concurrent", "concurrent", r#"{"cents":575}"#),
        ("streaming", "streaming", r"call,minutes\n \u{2026} 1,2\n \u{2026} 2,3\n \u{2026} 3,4\n"),
    ];
    for (example, function, answer) in examples {
        let output = run(demo().arg(example));
        assert!(output.status.success(), "{}", stderr(&output));
        let [ping, event] = &table(&output)[..] else { panic!("{}", stdout(&output)) };
        assert_eq!(ping, &[function, "ping", WARM]);
        assert!(event[1].replace('\u{2026}', r"\u{2026}").starts_with(answer), "{event:?}");
    }
}

#[test]
fn the_voice_functions_are_the_example_that_needs_no_name() {
    assert_eq!(table(&run(demo().arg("voice"))), table(&run(&mut demo())));
}

#[test]
fn without_a_terminal_there_are_neither_colours_nor_frames() {
    let output = run(demo().arg("--log"));
    assert!(stdout(&output).is_ascii());
    assert!(!stdout(&output).contains('\u{1b}'));
}

#[test]
fn the_log_of_a_ping_shows_with_and_without_a_subscriber() {
    let output = run(demo().arg("--log"));
    let log = |heading: &str| {
        let (_, rest) = stdout(&output).split_once(heading).expect("the log has its heading");
        rest.split("\n\n").next().expect("a split has a first part").to_owned()
    };
    let through_tracing = log("kvsTranscriber, ping:\n");
    assert!(
        through_tracing.contains("INFO") && through_tracing.contains(r#"eventResponse="warm""#),
        "{through_tracing}"
    );
    let as_json = log("kvsConsumerTrigger, ping:\n");
    assert!(as_json.starts_with(&format!("  | {}", WARM.trim_end_matches('}'))), "{as_json}");
    let sent = log("kvsConsumerTrigger, media streaming:\n");
    assert!(sent.contains(r#""functionName":"kvsTranscriber""#), "{sent}");
}

#[test]
fn an_event_of_ones_own_goes_to_each_function() {
    let output = run(demo().arg(concat!(env!("CARGO_MANIFEST_DIR"), "/events/transcription_request.json")));
    assert!(output.status.success());
    let rows = table(&output);
    assert_eq!(rows.len(), 3);
    for (row, function) in rows.iter().zip(FUNCTIONS) {
        assert_eq!(row[..2], [function, "transcription_request.json"]);
    }
    assert!(rows[0][2].contains("missing field `Details`"));
    assert_eq!(rows[2][2], r#"{"result":"Success"}"#);
    assert!(!stdout(&output).contains("Pings"));
}

#[test]
fn a_ping_of_ones_own_comes_from_standard_input() {
    let output = run_with_input(demo().arg("-"), r#"{"source":"aws.events"}"#);
    assert!(output.status.success());
    assert!(table(&output).iter().all(|row| row[1..] == ["standard input", WARM]));
}

#[test]
fn a_deeply_nested_event_is_json_too() {
    let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let output = run_with_input(demo().arg("-"), &format!(r#"{{"source":"aws.events","detail":{nested}}}"#));
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = run(demo().arg("no/such/event.json"));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: cannot read `no/such/event.json`\n  caused by: "));
}

#[test]
fn a_file_that_is_not_json_is_named_with_the_place() {
    let mut file = tempfile::NamedTempFile::new().expect("there is a temporary directory");
    file.write_all(b"{\"a\": }").expect("the file takes it");
    let output = run(demo().arg(file.path()));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is not JSON"));
    assert!(stderr(&output).contains("caused by: expected value at line 1 column 7"));
}

#[test]
fn an_unknown_name_comes_with_the_known_ones() {
    let output = run(demo().arg("voyce"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: `voyce` is neither an example nor a file; the examples are `voice`, `axum`, `closure`, `concurrent`, `streaming`\n"
    );
}

#[test]
fn the_help_lists_the_examples_and_what_the_exit_status_means() {
    let output = run(demo().arg("--help"));
    assert!(output.status.success());
    for part in ["Usage: cargo demo [OPTIONS] [EXAMPLE|FILE]", "  voice ", "Exit status:"] {
        assert!(stdout(&output).contains(part), "{}", stdout(&output));
    }
}

#[cfg(unix)]
mod with_functions_that_misbehave {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A directory with the good programs, except for the transcriber.
    fn programs() -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        for name in &FUNCTIONS[..2] {
            let good = Path::new(env!("CARGO_BIN_EXE_kvsTranscriber")).with_file_name(name);
            symlink(good, directory.path().join(name)).expect("the link is new");
        }
        directory
    }

    fn run_with(directory: &tempfile::TempDir) -> Output {
        run(Command::new(env!("CARGO_BIN_EXE_demo")).arg("--bin-dir").arg(directory.path()))
    }

    #[test]
    fn a_ping_that_is_not_answered_as_it_should_be_fails_the_demo() {
        let directory = programs();
        let cold = Path::new(env!("CARGO_BIN_EXE_kvsTranscriber")).with_file_name("examples/cold");
        assert!(cold.exists(), "`cargo test` builds it, `cargo test --test demo` does not");
        symlink(cold, directory.path().join("kvsTranscriber")).expect("the link is new");
        let output = run_with(&directory);
        assert_eq!(output.status.code(), Some(1));
        let rows = table(&output);
        assert!(rows[4][2].starts_with("error {") && rows[4][2].contains("missing field `streamARN`"), "{rows:?}");
        assert!(stdout(&output).ends_with("\nPings answered as they should be: 2 of 3\n"));
        let complaint =
            format!("error: `kvsTranscriber` did not answer `ping` as it should: expected the answer {WARM}");
        assert!(stderr(&output).contains(&complaint), "{}", stderr(&output));
    }

    #[test]
    fn a_function_that_does_not_start_shows_what_it_wrote_and_leaves_the_others_be() {
        let directory = programs();
        let script = directory.path().join("kvsTranscriber");
        std::fs::write(&script, "#!/bin/sh\necho 'no configuration' >&2\nexit 3\n").expect("the file is new");
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("the file is ours");
        let output = run_with(&directory);
        assert_eq!(output.status.code(), Some(1));
        assert!(stdout(&output).contains("kvsTranscriber` ended (exit status: 3) without asking for an event"));
        assert!(stdout(&output).ends_with("\nPings answered as they should be: 2 of 3\n"));
        assert!(stderr(&output).contains("\n  | no configuration\n"), "{}", stderr(&output));
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let output = run_with(&programs());
        assert_eq!(output.status.code(), Some(1));
        assert!(stdout(&output).contains("kvsTranscriber`: No such file or directory"), "{}", stdout(&output));
    }
}
