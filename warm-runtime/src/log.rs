//! The line that a ping leaves in the function's log: through `tracing` where the program has a subscriber, else on standard
//! output, which Lambda puts into the log, so that a ping is seen without any set-up.

use std::io::Write;

use serde::Serialize;
use tracing::Level;

use crate::{Ping, WarmResponse};

/// What is logged of a ping: its answer, the event, and how it found the environment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line<'a> {
    event_status_code: u16,
    event_response: &'a str,
    event_type: &'a str,
    id: &'a str,
    source: &'a str,
    request_id: &'a str,
    cold_start: bool,
    environment_id: &'a str,
    pings: u64,
    idle_seconds: u64,
}

/// The line where there is no subscriber to give it a level.
#[derive(Serialize)]
struct Plain<'a> {
    #[serde(flatten)]
    line: &'a Line<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
}

impl<'a> Line<'a> {
    pub(crate) fn new(answer: &'a WarmResponse, ping: &'a Ping) -> Self {
        Self {
            event_status_code: answer.event_status_code,
            event_response: &answer.event_response,
            event_type: &answer.event_type,
            id: ping.event.id.as_deref().unwrap_or_default(),
            source: &ping.event.source,
            request_id: &ping.context.request_id,
            cold_start: ping.environment.is_cold(),
            environment_id: ping.environment.id,
            pings: ping.environment.pings,
            idle_seconds: ping.environment.idle.as_secs(),
        }
    }

    pub(crate) fn log(&self, level: Level) {
        if tracing::dispatcher::has_been_set() {
            self.trace(level);
        } else {
            write_line(&Plain { line: self, level: (level != Level::INFO).then_some(level.as_str()) });
        }
    }

    fn trace(&self, level: Level) {
        // The level is part of an event's static metadata, so each level is an event of its own.
        macro_rules! event_at {
            ($($level:ident)*) => {
                match level {
                    $(Level::$level => tracing::event!(
                        target: "warm_runtime",
                        Level::$level,
                        eventStatusCode = self.event_status_code,
                        eventResponse = self.event_response,
                        eventType = self.event_type,
                        id = self.id,
                        source = self.source,
                        coldStart = self.cold_start,
                        environmentId = self.environment_id,
                        pings = self.pings,
                        idleSeconds = self.idle_seconds,
                        "ping answered"
                    ),)*
                }
            };
        }
        event_at!(ERROR WARN INFO DEBUG TRACE);
    }
}

/// Says that something in a ping was not understood, and is left aside.
pub(crate) fn warn(message: &str) {
    if tracing::dispatcher::has_been_set() {
        tracing::warn!(target: "warm_runtime", "{message}");
    } else {
        write_line(&serde_json::json!({"level": "WARN", "message": message}));
    }
}

/// Writes one line of JSON to standard output, in one piece, so that lines of concurrent invocations do not mix. That nobody
/// reads standard output must not fail a ping.
pub(crate) fn write_line(line: &impl Serialize) {
    if let Ok(mut line) = serde_json::to_vec(line) {
        line.push(b'\n');
        let _ = std::io::stdout().lock().write_all(&line);
    }
}
