//! The line that a ping leaves in the function's log: through `tracing` where the program has a subscriber, else on standard
//! output, which Lambda puts into the log, so that a ping is seen without any set-up.

use std::io::Write;

use lambda_runtime::Context;
use serde::Serialize;
use tracing::Level;

use crate::{ScheduledEvent, WarmResponse};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(flatten)]
    answer: &'a WarmResponse,
    id: &'a str,
    source: &'a str,
    request_id: &'a str,
}

pub(crate) fn answer(level: Level, answer: &WarmResponse, event: &ScheduledEvent<'_>, context: &Context) {
    let line = Line {
        answer,
        id: event.id.as_deref().unwrap_or_default(),
        source: &event.source,
        request_id: &context.request_id,
    };
    if tracing::dispatcher::has_been_set() {
        to_tracing(level, &line);
    } else {
        to_stdout(&line);
    }
}

fn to_tracing(level: Level, line: &Line<'_>) {
    // The level of a `tracing` event is part of its static metadata, so each level is a call of its own.
    macro_rules! event {
        ($($level:ident)*) => {
            match level {
                $(Level::$level => tracing::event!(
                    target: "warm_runtime",
                    Level::$level,
                    eventStatusCode = line.answer.event_status_code,
                    eventResponse = line.answer.event_response,
                    eventType = line.answer.event_type,
                    id = line.id,
                    source = line.source,
                    "{}", line.answer.event_response
                ),)*
            }
        };
    }
    event!(ERROR WARN INFO DEBUG TRACE);
}

fn to_stdout(line: &Line<'_>) {
    // One write, so that lines of concurrent invocations do not mix. A closed standard output must not fail the ping.
    if let Ok(mut line) = serde_json::to_vec(line) {
        line.push(b'\n');
        let _ = std::io::stdout().lock().write_all(&line);
    }
}
