//! What a ping does beside keeping the process alive: it runs the program's own `prime`, and stays open for a while so that
//! other pings find other environments. Both happen on borrowed time, the invocation's, and neither may fail it: Lambda
//! would retry the ping twice, and kill the environment after a timeout.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use lambda_runtime::Context;
use tokio::time::Sleep;

/// What is kept back of an invocation's time to send the answer: this, or a fifth of what is left where that is less.
const MARGIN: Duration = Duration::from_millis(500);

/// How long a ping may go on; `None` where the context has no deadline, as in a unit test.
pub(crate) fn time_left(context: &Context) -> Option<Duration> {
    if context.deadline == 0 {
        return None;
    }
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    Some(left - MARGIN.min(left / 5))
}

/// Runs a prime to its end, or for as long as it may take.
///
/// # Errors
///
/// Why the environment is not primed: the error's text, the panic's, or that time was up.
pub(crate) async fn run<E: Display>(
    prime: impl Future<Output = Result<(), E>>,
    limit: Option<Duration>,
) -> Result<(), String> {
    let mut prime = pin!(prime);
    let mut timer = pin!(limit.and_then(timer));
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| prime.as_mut().poll(cx))) {
        Ok(Poll::Ready(result)) => Poll::Ready(result.map_err(|error| format!("{error:#}"))),
        Err(panic) => Poll::Ready(Err(format!("the prime panicked: {}", panic_text(&*panic)))),
        Ok(Poll::Pending) => match timer.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => {
                let limit = limit.unwrap_or_default();
                Poll::Ready(Err(format!("the prime had not finished after {} ms", limit.as_millis())))
            }
            Some(Poll::Pending) | None => Poll::Pending,
        },
    })
    .await
}

/// Keeps a ping open.
pub(crate) async fn hold(time: Duration) {
    if let Some(timer) = timer(time) {
        timer.await;
    }
}

/// `tokio` panics where its runtime was built without a clock. Such a program gets no limit and no hold rather than a failure.
fn timer(time: Duration) -> Option<Sleep> {
    catch_unwind(|| tokio::time::sleep(time)).ok()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
