//! Why a function did not start, or did not answer.

use crate::{FunctionError, Log};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;
use std::{error, io};

/// Why an environment did not come to wait for its first event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The Runtime API could not be set up.
    #[error("cannot serve the Runtime API on this machine")]
    RuntimeApi(#[source] Box<dyn error::Error + Send + Sync>),
    /// The program could not be started.
    #[error("cannot start `{}`", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The process ended without asking for an event.
    #[error("`{}` ended ({status}) without asking for an event", program.display())]
    Exited {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The last that it wrote.
        log: Log,
    },
    /// The process did not ask for an event in time.
    #[error("`{}` did not ask for an event within {after:?}; does its `main` call `lambda_runtime::run`?", program.display())]
    TimedOut {
        /// The program.
        program: PathBuf,
        /// The time that it had.
        after: Duration,
        /// The last that it wrote.
        log: Log,
    },
    /// The function reported that it could not initialize.
    #[error("`{}` failed to initialize: {}", program.display(), String::from_utf8_lossy(&error.body))]
    Init {
        /// The program.
        program: PathBuf,
        /// What it posted to the Runtime API's `/init/error`.
        error: Box<FunctionError>,
        /// The last that it wrote.
        log: Log,
    },
    /// The function's log could not be kept.
    #[error("cannot keep the function's log in a temporary file")]
    Log(#[source] io::Error),
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The process ended before it answered.
    #[error("the function's process ended ({status}) before it answered")]
    Exited {
        /// How it ended.
        status: ExitStatus,
        /// The last that it wrote.
        log: Log,
    },
    /// The function did not answer by its deadline, and its process was killed.
    #[error("the function did not answer within its timeout of {after:?}")]
    TimedOut {
        /// The function's timeout.
        after: Duration,
        /// The last that it wrote.
        log: Log,
    },
    /// The function answered the event before this one and then did not ask for another.
    #[error("the function is idle but did not ask for an event within {after:?}")]
    NotPolling {
        /// The function's timeout.
        after: Duration,
        /// The last that it wrote.
        log: Log,
    },
    /// The answer's connection broke, though the process lives.
    #[error("the function's answer broke off before its end")]
    BrokenOff {
        /// The last that it wrote.
        log: Log,
    },
    /// The function's log could not be read.
    #[error("cannot read the function's log from its temporary file")]
    Log(#[from] io::Error),
}

impl StartError {
    /// The last that the process wrote, if it came to run.
    #[must_use]
    pub fn log(&self) -> Option<&Log> {
        match self {
            Self::Exited { log, .. } | Self::TimedOut { log, .. } | Self::Init { log, .. } => Some(log),
            Self::RuntimeApi(_) | Self::Spawn { .. } | Self::Log(_) => None,
        }
    }
}

impl InvokeError {
    /// The last that the process wrote.
    #[must_use]
    pub fn log(&self) -> Option<&Log> {
        match self {
            Self::Exited { log, .. }
            | Self::TimedOut { log, .. }
            | Self::NotPolling { log, .. }
            | Self::BrokenOff { log } => Some(log),
            Self::Log(_) => None,
        }
    }
}
