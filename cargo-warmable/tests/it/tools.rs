//! The outside programs that some tests need; `tests/tools.sh` installs them.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The folder with the programs, or none, said on standard error past the test harness, which
/// would swallow it.
pub(crate) fn tools(left_out: &str) -> Option<Tools> {
    match std::env::var_os("WARMABLE_TEST_TOOLS") {
        Some(folder) => Some(Tools { folder: folder.into() }),
        None => {
            let why = "WARMABLE_TEST_TOOLS is not set (cargo-warmable/tests/tools.sh)";
            writeln!(std::io::stderr(), "left out: {left_out}, because {why}").expect("standard error is open");
            None
        }
    }
}

/// The outside programs.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// A program from Python's packages.
    pub(crate) fn python(&self, program: &str) -> Command {
        Command::new(self.folder.join("python/bin").join(program))
    }

    /// A program of this machine that finds those of Python's packages.
    pub(crate) fn with_path(&self, program: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.folder.join("python/bin")).chain(std::env::split_paths(&path));
        let mut command = Command::new(program);
        command.env("PATH", std::env::join_paths(paths).expect("no path has a colon"));
        command
    }

    /// A program from npm's packages.
    pub(crate) fn node(&self, program: &str) -> Command {
        Command::new(self.folder.join("node/node_modules/.bin").join(program))
    }

    /// The folder that holds npm's packages.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.folder.join("node/node_modules")
    }
}

/// Runs `command`; its output where it succeeds.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{command:?}\n{}", both(&output));
    String::from_utf8(output.stdout).expect("the output is text")
}

/// Runs `command`, whatever comes of it.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()))
}

/// What a program wrote.
pub(crate) fn both(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

/// `cargo-warmable warmable …`, as cargo runs it, away from any configuration of the machine.
pub(crate) fn warmable<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-warmable"));
    command.arg("warmable").args(args);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}
