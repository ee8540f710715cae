//! A function on this machine: built by cargo, run against an embedded Runtime API.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cargo_metadata::{Message, Metadata, Package, Target, TargetKind};
use miette::Diagnostic;
use thiserror::Error;
use warm_local::{Answer, Environment, Function, InvokeError, Log, StartError};

use super::{Outcome, Problem, ProblemKind};

/// Why there is no program to run.
#[derive(Debug, Error, Diagnostic)]
pub enum BuildError {
    /// There is no Cargo.toml.
    #[error("there is no Cargo.toml here or above")]
    #[diagnostic(help(
        "go to the function's package, or name it by `--manifest-path`; `--remote` pings a deployed function"
    ))]
    NoManifest,
    /// No package has that name.
    #[error("the workspace has no package `{name}`")]
    #[diagnostic(help("its packages are {}", known.join(", ")))]
    NoPackage {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// No binary or example has that name.
    #[error("there is no {kind} `{name}`")]
    #[diagnostic(help("there are {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") }))]
    NoTarget {
        /// `binary` or `example`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// There is nothing to run.
    #[error("there is no binary to ping")]
    #[diagnostic(help("go to the function's package, or name it by `-p`"))]
    NoBinary,
    /// There are several binaries.
    #[error("there are several binaries")]
    #[diagnostic(help("choose one by `--bin`: {}", .0.join(", ")))]
    Several(Vec<String>),
    /// Cargo could not be run.
    #[error("cannot run cargo")]
    Cargo(#[source] std::io::Error),
    /// Cargo has said why.
    #[error("the function does not build")]
    Failed,
}

/// What to build.
#[derive(Debug, Default)]
pub struct Build {
    /// The package.
    pub package: Option<String>,
    /// The binary.
    pub bin: Option<String>,
    /// The example.
    pub example: Option<String>,
    /// Whether in release mode.
    pub release: bool,
    /// Features.
    pub features: Option<String>,
}

/// A function's program.
#[derive(Debug)]
pub struct Program {
    /// Its target's name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Build {
    /// Builds the program; cargo tells the reader of it.
    pub fn run(&self, metadata: &Metadata) -> Result<Program, BuildError> {
        let (package, target) = self.choose(metadata)?;
        let kind = if target.is_kind(TargetKind::Example) { "--example" } else { "--bin" };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command
            .args(["build", "--message-format=json-render-diagnostics", "--manifest-path"])
            .arg(&package.manifest_path)
            .args(["--package", package.name.as_str(), kind, &target.name])
            .args(self.release.then_some("--release"))
            .args(self.features.iter().flat_map(|features| ["--features", features]))
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(BuildError::Cargo)?;
        let output = child.stdout.take().expect("standard output is piped");
        let messages = Message::parse_stream(BufReader::new(output)).filter_map(Result::ok);
        let path = messages.fold(None, |path, message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == target.name => artifact.executable.or(path),
            _ => path,
        });
        let status = child.wait().map_err(BuildError::Cargo)?;
        match path {
            Some(path) if status.success() => Ok(Program { name: target.name.clone(), path: path.into() }),
            _ => Err(BuildError::Failed),
        }
    }

    /// The target that is meant, found before anything is built.
    fn choose<'a>(&self, metadata: &'a Metadata) -> Result<(&'a Package, &'a Target), BuildError> {
        let packages = self.packages(metadata)?;
        let of = |kind: TargetKind| {
            let targets = packages.iter().flat_map(|package| package.targets.iter().map(move |t| (*package, t)));
            Vec::from_iter(targets.filter(|(_, target)| target.is_kind(kind.clone())))
        };
        let named = |kind: &'static str, name: &String, targets: Vec<(&'a Package, &'a Target)>| {
            let found = targets.iter().find(|(_, target)| target.name == *name).copied();
            found.ok_or_else(|| BuildError::NoTarget { kind, name: name.clone(), known: names(&targets) })
        };
        match (&self.bin, &self.example) {
            (Some(bin), _) => named("binary", bin, of(TargetKind::Bin)),
            (None, Some(example)) => named("example", example, of(TargetKind::Example)),
            (None, None) => match of(TargetKind::Bin)[..] {
                [] => Err(BuildError::NoBinary),
                [one] => Ok(one),
                ref several => Err(BuildError::Several(names(several))),
            },
        }
    }

    fn packages<'a>(&self, metadata: &'a Metadata) -> Result<Vec<&'a Package>, BuildError> {
        let all = metadata.workspace_packages();
        match &self.package {
            Some(name) => match all.iter().find(|package| package.name == *name) {
                Some(package) => Ok(vec![package]),
                None => {
                    let known = all.iter().map(|package| package.name.to_string()).collect();
                    Err(BuildError::NoPackage { name: name.clone(), known })
                }
            },
            None => Ok(here(&all).map_or(all, |package| vec![package])),
        }
    }
}

/// The package of the current directory, as `cargo build` would choose it.
fn here<'a>(packages: &[&'a Package]) -> Option<&'a Package> {
    let directory = std::env::current_dir().ok()?;
    let manifest = directory.ancestors().map(|dir| dir.join("Cargo.toml")).find(|file| file.is_file())?;
    packages.iter().find(|package| package.manifest_path.as_std_path() == manifest).copied()
}

fn names(targets: &[(&Package, &Target)]) -> Vec<String> {
    targets.iter().map(|(_, target)| target.name.clone()).collect()
}

/// A function that runs.
#[derive(Debug)]
pub struct Local {
    environment: Environment,
    /// How long it took to ask for its first event; told once.
    init: Option<Duration>,
}

impl Local {
    /// Starts `program` as the function `name`.
    pub async fn start(
        name: &str,
        program: &Path,
        timeout: Duration,
        variables: &[(String, String)],
    ) -> Result<Self, Outcome> {
        let mut function = Function::new(program).name(name).timeout(timeout).init_timeout(timeout);
        for (key, value) in variables {
            function = function.env(key, value);
        }
        match function.start().await {
            Ok(environment) => Ok(Self { init: Some(environment.init_duration()), environment }),
            Err(error) => Err(not_started(&error)),
        }
    }

    /// Sends `event`.
    pub async fn ping(&mut self, event: Vec<u8>) -> Outcome {
        let init = self.init.take();
        match self.environment.invoke(event).await {
            Ok(invocation) => Outcome {
                elapsed: invocation.elapsed,
                init,
                log: lines(&invocation.log),
                answer: match invocation.answer {
                    Answer::Response(response) => Ok(response.body.to_vec()),
                    Answer::Error(error) => Err(Problem::function_error(&error.body)),
                },
            },
            Err(error) => not_answered(&error, init),
        }
    }
}

fn not_started(error: &StartError) -> Outcome {
    let (kind, log) = match error {
        StartError::Exited { log, .. } => (ProblemKind::Exited, Some(log)),
        StartError::TimedOut { log, .. } => (ProblemKind::TimedOut, Some(log)),
        StartError::Init { log, .. } => (ProblemKind::FunctionError, Some(log)),
        _ => (ProblemKind::NotCalled, None),
    };
    without_answer(kind, error, log, None)
}

fn not_answered(error: &InvokeError, init: Option<Duration>) -> Outcome {
    let (kind, log) = match error {
        InvokeError::Exited { log, .. } => (ProblemKind::Exited, Some(log)),
        InvokeError::TimedOut { log, .. } | InvokeError::NotPolling { log, .. } => (ProblemKind::TimedOut, Some(log)),
        InvokeError::BrokenOff { log } => (ProblemKind::Exited, Some(log)),
        _ => (ProblemKind::NotCalled, None),
    };
    without_answer(kind, error, log, init)
}

fn without_answer(
    kind: ProblemKind,
    error: &dyn std::error::Error,
    log: Option<&Log>,
    init: Option<Duration>,
) -> Outcome {
    let reason = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    Outcome {
        answer: Err(Problem::new(kind, reason)),
        elapsed: Duration::ZERO,
        init,
        log: log.map(lines).unwrap_or_default(),
    }
}

fn lines(log: &Log) -> Vec<String> {
    log.stdout.iter().chain(&log.stderr).cloned().collect()
}
