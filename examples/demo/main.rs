//! `cargo demo`: runs example functions on this machine as Lambda would, sends each the ping of an
//! EventBridge rule and a real event, and shows what comes back.

mod catalog;
mod event;
mod programs;
mod report;

use catalog::{EXAMPLES, Example, Function, VOICE};
use clap::Parser;
use event::Event;
use futures_util::stream::{self, StreamExt};
use programs::BuildError;
use report::{Report, Row};
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use warm_local::{Environment, Invocation, InvokeError, StartError};

/// Runs the example functions on this machine as AWS Lambda would, each as a process of its own
/// against an embedded Runtime API. Sends each the ping of an EventBridge rule and a real event, and
/// shows what comes back.
#[derive(Parser)]
#[command(
    name = "cargo demo",
    bin_name = "cargo demo",
    about = "Sends the example functions a ping and a real event, and shows what comes back",
    long_about,
    after_help = help()
)]
struct Cli {
    /// An example's name, or a file with an event of your own for the voice functions (`-` reads standard input)
    #[arg(value_name = "EXAMPLE|FILE", default_value = VOICE)]
    what: PathBuf,
    /// Also show what the functions wrote to their logs
    #[arg(long)]
    log: bool,
    /// Take the functions' programs from a directory instead of building them
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
}

fn help() -> String {
    let examples: String =
        EXAMPLES.iter().map(|example| format!("  {:<12}{}\n", example.name, example.about)).collect();
    format!(
        "Examples:\n{examples}\n\
         Exit status:\n  0  every ping and every example's event was answered as it should be\n  \
         1  one was not, or cargo could not build the functions\n  2  there is no such example or file, or the file is not JSON"
    )
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let (example, own) = match choose(&cli.what) {
        Ok(chosen) => chosen,
        Err(error) => return fail(2, &error),
    };
    let report = match run(example, own, cli.bin_dir.as_deref()).await {
        Ok(report) => report,
        Err(error) => return fail(1, &error),
    };
    match report.print(cli.log) {
        Ok(()) if report.is_good() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => fail(1, &error),
    }
}

fn fail(code: u8, error: &dyn Error) -> ExitCode {
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  caused by: {cause}");
        source = cause.source();
    }
    ExitCode::from(code)
}

/// Finds the example to run, and the event of the reader's own to send, if there is one.
fn choose(what: &Path) -> Result<(&'static Example, Option<Event>), ChoiceError> {
    if let Some(example) = what.to_str().and_then(catalog::find) {
        return Ok((example, None));
    }
    let voice = catalog::find(VOICE).expect("the voice functions are in the catalog");
    match Event::read(what) {
        Ok(event) => Ok((voice, Some(event))),
        // A bare word is more likely a name than a file.
        Err(event::ReadError::Io { source, .. })
            if source.kind() == io::ErrorKind::NotFound && what.extension().is_none() && what.iter().count() == 1 =>
        {
            Err(ChoiceError::Unknown(what.display().to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, thiserror::Error)]
enum ChoiceError {
    #[error("`{0}` is neither an example nor a file; the examples are {names}", names = catalog::names())]
    Unknown(String),
    #[error(transparent)]
    Event(#[from] event::ReadError),
}

/// Starts the example's functions, one after the other, and sends each its events.
async fn run(example: &Example, own: Option<Event>, bin_dir: Option<&Path>) -> Result<Report, BuildError> {
    let programs = programs::find(example, bin_dir)?;
    let mut report = Report::default();
    for (function, program) in example.functions.iter().zip(programs) {
        let events = events(function, own.as_ref());
        match start(function, program).await {
            Ok(environment) => {
                let outcomes = invoke(&environment, function, &events).await;
                for (event, outcome) in events.iter().zip(outcomes) {
                    report.add(Row::new(function.program, event, outcome));
                }
            }
            Err(error) => {
                for event in &events {
                    report.add(Row::not_started(function.program, event, &error));
                }
            }
        }
    }
    Ok(report)
}

async fn start(function: &Function, program: PathBuf) -> Result<Environment, StartError> {
    let local = warm_local::Function::new(program).name(function.program);
    match function.concurrency {
        Some(concurrency) => local.concurrency(concurrency).start().await,
        None => local.start().await,
    }
}

/// Sends the events one after the other, or as many at a time as the function takes.
async fn invoke(
    environment: &Environment,
    function: &Function,
    events: &[Event],
) -> Vec<Result<Invocation, InvokeError>> {
    let invocations = events.iter().map(|event| environment.invoke(event.body.clone()));
    let slots = function.concurrency.map_or(1, |concurrency| concurrency as usize);
    stream::iter(invocations).buffered(slots).collect().await
}

/// The ping and the sample event, or in their place the reader's own.
fn events(function: &Function, own: Option<&Event>) -> Vec<Event> {
    own.map_or_else(|| vec![Event::ping(), function.event()], |event| vec![event.clone()])
}
