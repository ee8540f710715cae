//! A ping that has been recognised, and the way to its answer: prime, hold, answer, log, measure.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::{Duration, Instant};

use lambda_runtime::Context;
use pin_project_lite::pin_project;
use tracing::Level;

use crate::environment::record_ping;
use crate::log::Line;
use crate::policy::Settings;
use crate::prime::{Primed, Priming, answer_by, caught};
use crate::response::Report;
use crate::timer::Timer;
use crate::{Environment, NoPrime, Outcome, Prime, ScheduledEvent, WarmResponse, metrics};

/// A ping, as a prime sees it.
///
/// ```
/// use warm_runtime::Ping;
///
/// async fn refresh(ping: &Ping) -> Result<(), std::io::Error> {
///     println!("pinged by {:?}, idle for {:?}", ping.event.resources, ping.environment.idle);
///     Ok(())
/// }
/// # let _ = refresh;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ping {
    /// The event that the rule or the schedule sent.
    pub event: ScheduledEvent<'static>,
    /// The invocation's context.
    pub context: Context,
    /// The execution environment, as it was when the ping came.
    pub environment: Environment,
}

impl Ping {
    /// A ping that nobody sent, to test a prime with.
    ///
    /// ```
    /// use lambda_runtime::Context;
    /// use warm_runtime::{Ping, ScheduledEvent};
    ///
    /// let event: ScheduledEvent = serde_json::from_str(r#"{"source":"aws.events","region":"eu-west-1"}"#)?;
    /// let ping = Ping::new(event.into_owned(), Context::default());
    /// assert_eq!(ping.event.region.as_deref(), Some("eu-west-1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(event: ScheduledEvent<'static>, context: Context) -> Self {
        Self { event, context, environment: crate::environment() }
    }
}

/// A ping that waits for its answer. [`Incoming::open`](crate::Incoming::open) returns it in place of an event.
#[derive(Debug)]
#[must_use = "a ping wants an answer"]
pub struct PendingPing(Arc<Pending>);

impl PendingPing {
    pub(crate) fn new(event: ScheduledEvent<'static>, context: Context, settings: &'static Settings) -> Self {
        let answer_by = answer_by(&context);
        let ping = Ping { event, context, environment: record_ping() };
        Self(Arc::new(Pending { ping, settings, answer_by }))
    }

    /// The ping itself.
    pub fn ping(&self) -> &Ping {
        &self.0.ping
    }

    /// Holds the ping open for as long as it asks, answers it by its policy, and logs the answer.
    pub fn answer<R>(&self) -> impl Future<Output = Outcome<R>> + use<R> {
        self.answered(Ok(NoPrime.prime(self.ping())))
    }

    /// The same after a prime. Its failure, its panic, or that it was not done in time becomes the answer, with status 500.
    pub fn answer_after<R, E: Display, F: Future<Output = Result<(), E>>>(
        &self,
        prime: F,
    ) -> impl Future<Output = Outcome<R>> + use<R, E, F> {
        self.answered(Ok(Some(prime)))
    }

    fn answered<R, E: Display, F: Future<Output = Result<(), E>>>(
        &self,
        prime: Result<Option<F>, String>,
    ) -> impl Future<Output = Outcome<R>> + use<R, E, F> {
        // Boxed, so that the future of a handler does not grow by what only a ping needs.
        let mut answering = Box::pin(self.answering(prime));
        poll_fn(move |cx| answering.as_mut().poll_answer(cx))
    }

    /// On the way to the answer, with a prime that has begun, none, or the reason why it has not.
    pub(crate) fn answering<F>(&self, prime: Result<Option<F>, String>) -> Answering<F> {
        let pending = Arc::clone(&self.0);
        let step = match prime {
            Ok(Some(prime)) => Step::Prime { priming: Priming::new(prime, pending.prime_limit()) },
            Ok(None) => pending.hold(None),
            Err(panic) => pending.hold(Some(Primed::failed(panic))),
        };
        Answering { pending, step }
    }
}

pin_project! {
    /// The way to a ping's answer.
    #[derive(Debug)]
    pub(crate) struct Answering<F> {
        pending: Arc<Pending>,
        #[pin]
        step: Step<F>,
    }
}

pin_project! {
    #[project = StepProjection]
    #[derive(Debug)]
    enum Step<F> {
        Prime { #[pin] priming: Priming<F> },
        Hold { timer: Option<Timer>, primed: Option<Primed> },
    }
}

impl<F: Future<Output = Result<(), E>>, E: Display> Answering<F> {
    pub(crate) fn poll_answer<R>(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Outcome<R>> {
        let mut this = self.project();
        loop {
            match this.step.as_mut().project() {
                StepProjection::Prime { priming } => {
                    let primed = ready!(priming.poll(cx));
                    let hold = this.pending.hold(Some(primed));
                    // This drops the prime, which may panic too; the step is set all the same.
                    let _ = caught(|| this.step.set(hold));
                }
                StepProjection::Hold { timer, primed } => {
                    if let Some(timer) = timer {
                        // A hold that cannot be timed is over.
                        let _ = ready!(timer.poll(cx));
                    }
                    return Poll::Ready(this.pending.answer(primed.as_ref()));
                }
            }
        }
    }
}

#[derive(Debug)]
struct Pending {
    ping: Ping,
    settings: &'static Settings,
    answer_by: Option<Instant>,
}

impl Pending {
    fn time_left(&self) -> Option<Duration> {
        self.answer_by.map(|end| end.saturating_duration_since(Instant::now()))
    }

    fn prime_limit(&self) -> Option<Duration> {
        [self.settings.prime_timeout, self.time_left()].into_iter().flatten().min()
    }

    fn hold<F>(&self, primed: Option<Primed>) -> Step<F> {
        let longest = self.time_left().map_or(self.settings.max_hold, |left| left.min(self.settings.max_hold));
        let time = self.ping.event.hold().map(|asked| asked.min(longest)).filter(|time| !time.is_zero());
        Step::Hold { timer: time.map(Timer::new), primed }
    }

    fn answer<R>(&self, primed: Option<&Primed>) -> Outcome<R> {
        let settings = self.settings;
        let failure = primed.and_then(|primed| primed.result.as_ref().err());
        let (status, response) = match failure {
            Some(cause) => (500, cause.clone()),
            None => (settings.status, settings.response.to_owned()),
        };
        let answer = WarmResponse {
            event_status_code: status,
            event_response: response,
            event_type: settings.event_type.to_owned(),
            report: settings.report.then(|| Report::new(&self.ping.environment)),
        };
        if let Some(level) = failure.map_or(settings.log, |_| Some(Level::ERROR)) {
            Line::new(&answer, &self.ping).log(level);
        }
        if let Some(namespace) = settings.metrics {
            metrics::write(namespace, &self.ping, primed);
        }
        Outcome::ping(answer, settings.case)
    }
}
