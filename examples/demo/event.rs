//! The events that the demo sends, and what it expects of the answers.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The rule of AWS's guide for Service Cloud Voice.
const RULE: &str = "KeepSCVFunctionsWarm";

/// The answer to a ping, to the byte.
pub(crate) const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;

/// An event and what it is called in the table.
#[derive(Debug, Clone)]
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
        if let Err(source) = serde_json::from_slice::<IgnoredAny>(&body) {
            return Err(ReadError::Json { path: path.into(), source });
        }
        let expected = if is_ping(&body) { Expected::Warm } else { Expected::Answer };
        Ok(Self::new(label, body, expected))
    }
}

/// Whether the examples have to take an event for a ping: decided here without the help of the
/// crate that the demo puts to the test.
fn is_ping(body: &[u8]) -> bool {
    let fields: HashMap<String, Box<RawValue>> = serde_json::from_slice(body).unwrap_or_default();
    let source = fields.get("source").and_then(|source| serde_json::from_str::<String>(source.get()).ok());
    source.is_some_and(|source| source == "aws.events")
}

/// Why there is no event to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is not JSON, and Lambda takes nothing else as an event", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_source_at_the_top_makes_a_ping() {
        assert!(is_ping(Event::ping().body.as_slice()));
        assert!(is_ping(br#"{"source":1,"\u0073ource":"aws.events"}"#));
        assert!(!is_ping(br#"{"source":"aws.events","source":null}"#));
        assert!(!is_ping(br#"{"detail":{"source":"aws.events"}}"#));
        assert!(!is_ping(br#"["source","aws.events"]"#));
    }
}
