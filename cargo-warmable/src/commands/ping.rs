//! `cargo warmable ping`

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
use futures_util::stream::{self, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use miette::{Diagnostic, Result};
use thiserror::Error;

use super::FINDING;
use crate::audit;
use crate::aws::{AT_ONCE, Aws};
use crate::cli::Ping;
use crate::config::{ConfigError, Workspace};
use crate::event::{self, Expected, ScheduledEvent};
use crate::names::FunctionRef;
use crate::output::{self, DIM, GREEN, RED, cell};
use crate::ping::local::{Build, BuildError, Local};
use crate::ping::{Problem, Report, millis};

/// What became of an event that is no ping.
const REACHED: &str = "the event reached the handler";

/// Why there is no event to send.
#[derive(Debug, Error, Diagnostic)]
enum EventError {
    #[error("cannot read the event from {file}")]
    Read {
        file: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the event in {file} is not JSON")]
    #[diagnostic(help("Lambda takes JSON only"))]
    Json {
        file: String,
        #[source]
        source: serde_json::Error,
    },
}

pub(super) async fn run(command: Ping, workspace: Workspace) -> Result<ExitCode> {
    let (event, ping) = event(&command, &workspace)?;
    let expected = match &command.expect {
        Some(answer) => Expected::Exactly(answer.clone()),
        None if ping.is_some() => Expected::Warm,
        None => Expected::Any,
    };
    let pings = Pings { event, expected, count: command.count };
    let reports = match &command.remote {
        Some(functions) => pings.remote(functions, &command, workspace).await?,
        None => vec![pings.local(&command, &workspace).await?],
    };
    match (&reports[..], command.json) {
        (_, true) => output::json(&reports),
        ([one], false) => show(one),
        (several, false) => table(several),
    }
    if let Some(ping) = ping
        && !command.json
        && reports.iter().any(Report::was_no_ping)
    {
        println!(
            "hint      the ping had {ping}: if the handler narrows its pings (`source`, `rule`, `when`, `policy`), try `--source` or `--rule`; `cargo warmable audit` shows its policy"
        );
    }
    let well = reports.iter().all(|report| report.problem.is_none());
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(FINDING) })
}

/// The event to send, and what tells it for a ping.
fn event(command: &Ping, workspace: &Workspace) -> Result<(Vec<u8>, Option<event::Ping>), EventError> {
    if let Some(file) = &command.event {
        let event = read(file)?;
        // A workspace that cannot be read does not build either, and cargo says why.
        let marks = workspace.metadata.as_ref().and_then(|metadata| audit::marks(metadata).ok());
        let ping = event::Ping::of(&event, &marks.unwrap_or_default());
        return Ok((event, ping));
    }
    let rule = command.rule.clone().unwrap_or_else(|| workspace.settings.rule_name());
    let event = ScheduledEvent::now(rule.as_str(), &command.source).to_json().into_bytes();
    Ok((event, Some(event::Ping::new(&command.source, rule.as_str()))))
}

fn read(path: &Path) -> Result<Vec<u8>, EventError> {
    let (file, event) = match path.to_str() {
        Some("-") => {
            let mut event = Vec::new();
            ("standard input".to_owned(), std::io::stdin().read_to_end(&mut event).map(|_| event))
        }
        _ => (path.display().to_string(), std::fs::read(path)),
    };
    let event = event.map_err(|source| EventError::Read { file: file.clone(), source })?;
    let json: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&event);
    json.map(|_| event).map_err(|source| EventError::Json { file, source })
}

/// What is sent, how often, and what is asked of the answer.
struct Pings {
    event: Vec<u8>,
    expected: Expected,
    count: u32,
}

impl Pings {
    async fn local(&self, command: &Ping, workspace: &Workspace) -> Result<Report> {
        let build = Build {
            package: command.package.clone(),
            bin: command.bin.clone(),
            example: command.example.clone(),
            release: command.release,
            features: command.features.clone(),
        };
        let program = build.run(workspace.metadata.as_ref().ok_or(BuildError::NoManifest)?)?;
        let mut report = Report::new(&program.name);
        let timeout = Duration::from_secs(command.timeout);
        match Local::start(&program.name, &program.path, timeout, &command.env_var).await {
            Err(outcome) => {
                report.take(outcome, &self.expected);
            }
            Ok(mut function) => {
                let bar = self.bar(1);
                for _ in 0..self.count {
                    let outcome = function.ping(self.event.clone()).await;
                    bar.inc(1);
                    if !report.take(outcome, &self.expected) {
                        break;
                    }
                }
                bar.finish_and_clear();
            }
        }
        Ok(report)
    }

    async fn remote(&self, named: &[FunctionRef], command: &Ping, workspace: Workspace) -> Result<Vec<Report>> {
        let settings = command.aws.over(workspace.settings);
        let functions = match named {
            [] => settings.functions.clone().unwrap_or_default().into_iter().map(|f| f.reference).collect(),
            named => named.to_vec(),
        };
        if functions.is_empty() {
            return Err(ConfigError::NoFunctions.into());
        }
        let aws = &Aws::connect(&settings, command.aws.endpoint_url.as_deref()).await?;
        let bar = &self.bar(functions.len());
        let reports = stream::iter(functions).map(|function| async move {
            let mut report = Report::new(function.label());
            for _ in 0..self.count {
                let outcome = aws.ping(&function, &self.event).await;
                bar.inc(1);
                if !report.take(outcome, &self.expected) {
                    break;
                }
            }
            report
        });
        let reports = reports.buffered(AT_ONCE).collect().await;
        bar.finish_and_clear();
        Ok(reports)
    }

    /// Shown on a terminal only, and only where there is something to wait for.
    fn bar(&self, functions: usize) -> ProgressBar {
        let pings = u64::from(self.count) * functions as u64;
        if pings == 1 {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pings, {eta} left");
        ProgressBar::new(pings).with_style(style.expect("the template is a constant that every test run parses"))
    }
}

/// One function in full.
fn show(report: &Report) {
    match &report.problem {
        None if report.warm => println!("{GREEN}warm{GREEN:#}      {}", report.function),
        None => println!("{GREEN}answered{GREEN:#}  {}: {REACHED}", report.function),
        Some(problem) => println!("{RED}not warm{RED:#}  {}: {}", report.function, reason(problem)),
    }
    if let Some(answer) = &report.answer {
        println!("answer    {answer}");
    }
    if let Some(time) = time(report) {
        println!("time      {time}");
    }
    for (index, line) in report.log.iter().enumerate() {
        println!("{}       {DIM}{line}{DIM:#}", if index == 0 { "log" } else { "   " });
    }
}

/// Several functions side by side, and the logs of those that are not warm.
fn table(reports: &[Report]) {
    let rows = reports.iter().map(|report| {
        let said = match (&report.problem, &report.answer) {
            (Some(problem), _) => reason(problem).to_owned(),
            (None, answer) => answer.clone().unwrap_or_default(),
        };
        let (result, well) = match (&report.problem, report.warm) {
            (Some(_), _) => ("not warm", false),
            (None, true) => ("warm", true),
            (None, false) => ("answered", true),
        };
        vec![
            cell(&report.function, None),
            cell(result, Some(well)),
            cell(time(report).unwrap_or_default(), None),
            cell(said, None),
        ]
    });
    output::table(&["FUNCTION", "RESULT", "TIME", "ANSWER"], rows.collect());
    for report in reports.iter().filter(|report| report.problem.is_some() && !report.log.is_empty()) {
        println!("\nlog of {}", report.function);
        report.log.iter().for_each(|line| println!("  {DIM}{line}{DIM:#}"));
    }
}

/// The reason without what says nothing to its reader: the path of the runtime's own error type.
fn reason(problem: &Problem) -> &str {
    let reason = problem.reason.trim_end();
    reason.strip_prefix("&lambda_runtime::deserializer::").unwrap_or(reason)
}

fn time(report: &Report) -> Option<String> {
    let [min, median, p99, max] = report.times.summary()?.map(|time| format!("{:.2} ms", millis(time)));
    let time = match report.times.0.len() {
        1 => max,
        count => format!("{count} pings: min {min}, median {median}, p99 {p99}, max {max}"),
    };
    Some(match report.init {
        Some(init) => format!("{time} (cold, {:.2} ms to start)", millis(init)),
        None => time,
    })
}
