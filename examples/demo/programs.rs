//! The programs of an example's functions: built by cargo, which also says where they are.

use crate::catalog::Example;
use serde::Deserialize;
use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// The paths of the programs, in the order of the functions.
pub(crate) fn find(example: &Example, directory: Option<&Path>) -> Result<Vec<PathBuf>, BuildError> {
    let names = example.functions.iter().map(|function| function.program);
    match directory {
        Some(directory) => Ok(names.map(|name| directory.join(format!("{name}{EXE_SUFFIX}"))).collect()),
        None => {
            let built = build(names.clone())?;
            let path = |name| built.iter().find(|(built, _)| built == name).map(|(_, path)| path.clone());
            names.map(|name| path(name).ok_or(BuildError::Missing(name))).collect()
        }
    }
}

fn build(names: impl Iterator<Item = &'static str>) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_this_run(name)) {
        command.env_remove(name);
    }
    command.args(["build", "--message-format=json-render-diagnostics", "--manifest-path"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    command.args(names.flat_map(|name| ["--bin", name]));
    // The first build takes its time: somebody who watches wants to see it move.
    if !io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let mut cargo = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(BuildError::Start)?;
    let messages = BufReader::new(cargo.stdout.take().expect("standard output is piped"));
    let built = messages.lines().map_while(Result::ok).filter_map(|line| executable(&line)).collect();
    let status = cargo.wait().map_err(BuildError::Start)?;
    if status.success() { Ok(built) } else { Err(BuildError::Failed(status)) }
}

/// Whether `cargo run` set a variable for this program. Build scripts watch some of them, and would
/// run anew at each change between `cargo build` here and elsewhere.
fn is_of_this_run(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// Reads one of cargo's messages, of which only those about an executable matter.
fn executable(line: &str) -> Option<(String, PathBuf)> {
    #[derive(Deserialize)]
    struct Artifact {
        target: Target,
        executable: Option<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let artifact: Artifact = serde_json::from_str(line).ok()?;
    Some((artifact.target.name, artifact.executable?))
}

/// Why there are no programs to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error("cannot run cargo to build the functions")]
    Start(#[source] io::Error),
    #[error("cargo could not build the functions ({0})")]
    Failed(ExitStatus),
    #[error("cargo built no program `{0}`")]
    Missing(&'static str),
}
