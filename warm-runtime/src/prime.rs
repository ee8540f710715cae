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

use crate::Ping;
use crate::timer::Timer;

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

/// What the function behind `#[warmable(prime = …)]` returns.
#[diagnostic::on_unimplemented(
    message = "a prime returns a `Result<(), _>`, not `{Self}`",
    label = "does not return a `Result<(), _>`",
    note = "write it as `async fn refresh(ping: &Ping) -> Result<(), Error>`, with any error that can be displayed"
)]
pub trait PrimeOutput {
    /// The same, with the error as it is to be told.
    ///
    /// # Errors
    ///
    /// Why the environment could not be primed.
    fn primed(self) -> Result<(), String>;
}

impl<E: Display> PrimeOutput for Result<(), E> {
    fn primed(self) -> Result<(), String> {
        self.map_err(|error| format!("{error:#}"))
    }
}

/// How a prime went.
#[derive(Debug)]
pub(crate) struct Primed {
    /// Why the environment is not primed: the error's text, the panic's, or that time was up.
    pub(crate) result: Result<(), String>,
    pub(crate) elapsed: Duration,
}

impl Primed {
    /// A prime that panicked before it had begun.
    pub(crate) fn failed(cause: String) -> Self {
        Self { result: Err(cause), elapsed: Duration::ZERO }
    }
}

pin_project! {
    /// A prime at work, which ends whatever it does, unless it blocks.
    #[derive(Debug)]
    pub(crate) struct Priming<F> {
        #[pin]
        prime: F,
        timer: Option<Timer>,
        limit: Duration,
        started: Instant,
    }
}

impl<F> Priming<F> {
    pub(crate) fn new(prime: F, limit: Option<Duration>) -> Self {
        Self { prime, timer: limit.map(Timer::new), limit: limit.unwrap_or_default(), started: Instant::now() }
    }
}

impl<F: Future<Output = Result<(), E>>, E: Display> Future for Priming<F> {
    type Output = Primed;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Primed> {
        let this = self.project();
        let result = match caught(|| this.prime.poll(cx).map_err(|error| cause(&error))) {
            Ok(Poll::Ready(result)) => result,
            Err(panic) => Err(panic),
            Ok(Poll::Pending) => Err(match this.timer {
                Some(timer) => match ready!(timer.poll(cx)) {
                    Ok(()) => format!("the prime had not finished after {} ms", this.limit.as_millis()),
                    Err(error) => format!("the prime cannot be timed: {error}"),
                },
                None => return Poll::Pending,
            }),
        };
        Poll::Ready(Primed { result, elapsed: this.started.elapsed() })
    }
}

/// What a prime does, or the text of its panic.
pub(crate) fn caught<T>(prime: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(prime))
        .map_err(|panic| cause(&format_args!("the prime panicked: {}", panic_text(&*panic))))
}

/// Cut, because Lambda fails an invocation whose answer is too large, and CloudWatch drops a line that is too long.
fn cause(error: &dyn Display) -> String {
    const CHARACTERS: usize = 10_000;
    let cause = format!("{error:#}");
    match cause.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &cause[..end]),
        None => cause,
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// What is kept back of an invocation's time to send the answer: this, or a fifth of what is left where that is less.
const MARGIN: Duration = Duration::from_millis(500);

/// When a ping is to be answered at the latest; `None` where the context has no deadline, as in a unit test.
pub(crate) fn answer_by(context: &lambda_runtime::Context) -> Option<Instant> {
    if context.deadline == 0 {
        return None;
    }
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now().checked_add(left - MARGIN.min(left / 5))
}
