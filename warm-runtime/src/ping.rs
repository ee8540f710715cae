//! A ping that has been recognised, and the way to its answer: prime, hold, answer, log, measure.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

use lambda_runtime::Context;
use tracing::Level;

use crate::environment::record_ping;
use crate::log::Line;
use crate::policy::Settings;
use crate::response::Report;
use crate::{Environment, Outcome, ScheduledEvent, WarmResponse, metrics, prime};

/// A ping, as a prime sees it.
///
/// ```
/// use warm_runtime::Ping;
///
/// async fn refresh(ping: &Ping) -> Result<(), std::io::Error> {
///     println!("pinged by {:?}, idle for {:?}", ping.event.resources, ping.environment.idle());
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
pub struct PendingPing(Box<Pending>);

#[derive(Debug)]
struct Pending {
    ping: Ping,
    settings: &'static Settings,
}

impl PendingPing {
    pub(crate) fn new(event: ScheduledEvent<'static>, context: Context, settings: &'static Settings) -> Self {
        let ping = Ping { event, context, environment: record_ping() };
        Self(Box::new(Pending { ping, settings }))
    }

    /// The ping itself.
    pub fn ping(&self) -> &Ping {
        &self.0.ping
    }

    /// Holds the ping open for as long as it asks, answers it by its policy, and logs the answer.
    pub fn answer<R>(&self) -> impl Future<Output = Outcome<R>> {
        // Boxed, so that the future of a handler does not grow by what only a ping needs.
        Box::pin(async { self.0.answer(None).await })
    }

    /// The same after a prime. Its failure, its panic, or that it was not done in time becomes the answer, with status 500.
    pub fn answer_after<R, E: Display>(
        &self,
        prime: impl Future<Output = Result<(), E>>,
    ) -> impl Future<Output = Outcome<R>> {
        Box::pin(async {
            let started = Instant::now();
            let result = prime::run(prime, self.0.prime_limit()).await;
            self.0.answer(Some(Primed { result, elapsed: started.elapsed() })).await
        })
    }
}

/// How a prime went.
pub(crate) struct Primed {
    pub(crate) result: Result<(), String>,
    pub(crate) elapsed: Duration,
}

impl Pending {
    async fn answer<R>(&self, primed: Option<Primed>) -> Outcome<R> {
        if let Some(time) = self.hold() {
            prime::hold(time).await;
        }
        let failure = primed.as_ref().and_then(|primed| primed.result.as_ref().err());
        let answer = self.response(failure);
        if let Some(level) = if failure.is_some() { Some(Level::ERROR) } else { self.settings.log } {
            Line::new(&answer, &self.ping).log(level);
        }
        if let Some(namespace) = self.settings.metrics {
            metrics::write(namespace, &self.ping, primed.as_ref());
        }
        Outcome::ping(answer, self.settings.case)
    }

    fn response(&self, failure: Option<&String>) -> WarmResponse {
        let settings = self.settings;
        let (status, response) = match failure {
            Some(cause) => (500, cause.clone()),
            None => (settings.status, settings.response.to_owned()),
        };
        WarmResponse {
            event_status_code: status,
            event_response: response,
            event_type: settings.event_type.to_owned(),
            report: settings.report.then(|| Report::new(&self.ping.environment)),
        }
    }

    fn prime_limit(&self) -> Option<Duration> {
        let limits = [self.settings.prime_timeout, prime::time_left(&self.ping.context)];
        limits.into_iter().flatten().min()
    }

    fn hold(&self) -> Option<Duration> {
        let wanted = self.ping.event.hold().filter(|wanted| !wanted.is_zero())?.min(self.settings.max_hold);
        Some(prime::time_left(&self.ping.context).map_or(wanted, |left| wanted.min(left)))
    }
}
