//! A ping that has been recognised, and how it is answered.

use std::marker::PhantomData;

use lambda_runtime::Context;

use crate::{Outcome, Policy, ScheduledEvent, WarmResponse, log};

/// A ping that waits for its answer. [`Incoming::open`](crate::Incoming::open) returns it in place of an event.
#[derive(Debug)]
#[must_use = "a ping wants an answer"]
pub struct PendingPing<P> {
    event: ScheduledEvent<'static>,
    context: Context,
    policy: PhantomData<fn() -> P>,
}

impl<P: Policy> PendingPing<P> {
    pub(crate) fn new(event: ScheduledEvent<'static>, context: Context) -> Self {
        Self { event, context, policy: PhantomData }
    }

    /// Answers the ping by its policy, and logs the answer.
    pub async fn answer<R>(self) -> Outcome<R> {
        let answer = WarmResponse {
            event_status_code: P::STATUS,
            event_response: P::RESPONSE.to_owned(),
            event_type: P::EVENT_TYPE.to_owned(),
        };
        if let Some(level) = P::LOG {
            log::answer(level, &answer, &self.event, &self.context);
        }
        Outcome::ping(answer, P::CASE)
    }
}
