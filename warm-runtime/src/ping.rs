//! A ping that has been recognised, and how it is answered.

use lambda_runtime::Context;

use crate::policy::Settings;
use crate::{Outcome, ScheduledEvent, WarmResponse, log};

/// A ping that waits for its answer. [`Incoming::open`](crate::Incoming::open) returns it in place of an event.
#[derive(Debug)]
#[must_use = "a ping wants an answer"]
pub struct PendingPing(Box<Pending>);

#[derive(Debug)]
struct Pending {
    event: ScheduledEvent<'static>,
    context: Context,
    settings: &'static Settings,
}

impl PendingPing {
    pub(crate) fn new(event: ScheduledEvent<'static>, context: Context, settings: &'static Settings) -> Self {
        Self(Box::new(Pending { event, context, settings }))
    }

    /// Answers the ping by its policy, and logs the answer.
    pub async fn answer<R>(self) -> Outcome<R> {
        let Pending { event, context, settings } = *self.0;
        let answer = WarmResponse {
            event_status_code: settings.status,
            event_response: settings.response.to_owned(),
            event_type: settings.event_type.to_owned(),
        };
        if let Some(level) = settings.log {
            log::answer(level, &answer, &event, &context);
        }
        Outcome::ping(answer, settings.case)
    }
}
