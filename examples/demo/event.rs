//! The events that the demo sends, and what it expects of the answers.

use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The rule of AWS's guide for Service Cloud Voice.
const RULE: &str = "KeepSCVFunctionsWarm";

/// The answer to a ping, to the byte.
pub(crate) const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

/// An event and what it is called in the table.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) label: String,
    pub(crate) body: Vec<u8>,
    pub(crate) expected: Expected,
}

/// What a good function answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// [`WARM`], for a ping.
    Warm,
    /// Some response, for a sample event that the function is made for.
    Response,
    /// A response or an error, for an event that the function may never have seen.
    Answer,
}

impl Event {
    pub(crate) fn new(label: impl Into<String>, body: impl Into<Vec<u8>>, expected: Expected) -> Self {
        Self { label: label.into(), body: body.into(), expected }
    }

    pub(crate) fn ping() -> Self {
        Self::new("ping", warm_local::events::scheduled_event(RULE), Expected::Warm)
    }

    /// Reads an event of the reader's own; `-` is standard input.
    pub(crate) fn read(path: &Path) -> Result<Self, ReadError> {
        let mut body = Vec::new();
        let (read, label) = if path == Path::new("-") {
            (io::stdin().lock().read_to_end(&mut body).map(drop), "standard input".into())
        } else {
            (fs::read(path).map(|bytes| body = bytes), path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
        };
        read.map_err(|source| ReadError::Io { path: path.into(), source })?;
        let event: Value =
            serde_json::from_slice(&body).map_err(|source| ReadError::Json { path: path.into(), source })?;
        let expected = if event["source"] == "aws.events" { Expected::Warm } else { Expected::Answer };
        Ok(Self::new(label, body, expected))
    }
}

/// Why there is no event to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is not JSON, and Lambda takes nothing else as an event", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
}
