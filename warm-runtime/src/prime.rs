//! What a ping does beside keeping the process alive: it runs the program's own prime, and stays open for a while so that
//! other pings find other environments. Both happen on borrowed time, the invocation's, and neither may fail it: Lambda
//! would retry the ping twice, and kill the environment after a timeout.

use std::any::Any;
use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Future, Ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use crate::Ping;

/// What a [`WarmLayer`](crate::WarmLayer) runs on a ping: a closure `Fn(Ping) -> impl Future<Output = Result<(), E>>` whose
/// error can be displayed, or [`NoPrime`].
pub trait Prime {
    /// Why the environment could not be primed.
    type Error: Display;

    /// The prime at work.
    type Future: Future<Output = Result<(), Self::Error>>;

    /// Begins to prime, if there is anything to do.
    fn prime(&self, ping: &Ping) -> Option<Self::Future>;
}

impl<F, Fut, E> Prime for F
where
    F: Fn(Ping) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    type Error = E;
    type Future = Fut;

    fn prime(&self, ping: &Ping) -> Option<Fut> {
        Some(self(ping.clone()))
    }
}

/// Nothing to prime: a ping is answered at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrime;

impl Prime for NoPrime {
    type Error = Infallible;
    type Future = Ready<Result<(), Infallible>>;

    fn prime(&self, _ping: &Ping) -> Option<Self::Future> {
        None
    }
}

/// How a prime went.
#[derive(Debug)]
pub(crate) struct Primed {
    /// Why the environment is not primed: the error's text, the panic's, or that time was up.
    pub(crate) result: Result<(), String>,
    pub(crate) elapsed: Duration,
}

pin_project! {
    /// A prime at work, which ends whatever it does.
    #[derive(Debug)]
    pub(crate) struct Priming<F> {
        #[pin]
        prime: F,
        #[pin]
        timer: Option<Sleep>,
        limit: Duration,
        started: Instant,
    }
}

impl<F> Priming<F> {
    pub(crate) fn new(prime: F, limit: Option<Duration>) -> Self {
        Self { prime, timer: limit.and_then(timer), limit: limit.unwrap_or_default(), started: Instant::now() }
    }
}

impl<F: Future<Output = Result<(), E>>, E: Display> Future for Priming<F> {
    type Output = Primed;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Primed> {
        let this = self.project();
        let result = match catch_unwind(AssertUnwindSafe(|| this.prime.poll(cx))) {
            Ok(Poll::Ready(result)) => result.map_err(|error| format!("{error:#}")),
            Err(panic) => Err(format!("the prime panicked: {}", panic_text(&*panic))),
            Ok(Poll::Pending) => match this.timer.as_pin_mut() {
                Some(timer) => {
                    ready!(timer.poll(cx));
                    Err(format!("the prime had not finished after {} ms", this.limit.as_millis()))
                }
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Primed { result, elapsed: this.started.elapsed() })
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// What is kept back of an invocation's time to send the answer: this, or a fifth of what is left where that is less.
const MARGIN: Duration = Duration::from_millis(500);

/// How long a ping may go on; `None` where the context has no deadline, as in a unit test.
pub(crate) fn time_left(context: &lambda_runtime::Context) -> Option<Duration> {
    if context.deadline == 0 {
        return None;
    }
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    Some(left - MARGIN.min(left / 5))
}

/// `tokio` panics where its runtime was built without a clock. Such a program gets no limit and no hold rather than a failure.
pub(crate) fn timer(time: Duration) -> Option<Sleep> {
    catch_unwind(|| tokio::time::sleep(time)).ok()
}
