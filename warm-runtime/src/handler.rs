//! How a handler's types become those of a warmable one. `#[warmable]` names these two traits and leaves the work to the
//! compiler, so it never has to understand a type: aliases, generics and types it has never heard of work, and a type that
//! does not fit is explained here, once.

use lambda_runtime::LambdaEvent;

use crate::{Incoming, Outcome, PendingPing, Policy};

/// A handler's event, which `#[warmable]` turns into one that may be a ping.
#[diagnostic::on_unimplemented(
    message = "`#[warmable]` cannot tell pings from events of the type `{Self}`",
    label = "not a `LambdaEvent<_>`",
    note = "a warmable handler takes a `lambda_runtime::LambdaEvent<T>`, for example `event: LambdaEvent<serde_json::Value>`",
    note = "the event is the parameter whose type is written `LambdaEvent<…>`, or else the first one",
    note = "a handler of HTTP requests needs no attribute: start it with `warm_runtime::http::run` in place of `lambda_http::run`"
)]
pub trait HandlerInput: Sized {
    /// The same event, where it may be a ping by the policy `P`.
    type Wire<P: Policy>: WireEvent<Event = Self>;
}

impl<T> HandlerInput for LambdaEvent<T> {
    type Wire<P: Policy> = LambdaEvent<Incoming<T, P>>;
}

/// An event that may be a ping.
pub trait WireEvent {
    /// What the handler takes.
    type Event;

    /// The event for the handler, or the ping to answer in its stead.
    ///
    /// # Errors
    ///
    /// The ping, which wants an [`answer`](PendingPing::answer).
    fn open(self) -> Result<Self::Event, PendingPing>;
}

impl<T, P> WireEvent for LambdaEvent<Incoming<T, P>> {
    type Event = LambdaEvent<T>;

    fn open(self) -> Result<LambdaEvent<T>, PendingPing> {
        Incoming::open(self)
    }
}

/// What a handler returns, which `#[warmable]` turns into what may be the answer to a ping.
#[diagnostic::on_unimplemented(
    message = "a warmable handler returns a `Result`, not `{Self}`",
    label = "not a `Result<_, _>`",
    note = "write the return type as `Result<{Self}, lambda_runtime::Error>`, and `Ok(…)` around the value"
)]
pub trait HandlerOutput {
    /// The same result, where the response may be the answer to a ping.
    type Warmed;

    /// The handler's own result, as it is.
    fn warmed(self) -> Self::Warmed;
}

impl<R, E> HandlerOutput for Result<R, E> {
    type Warmed = Result<Outcome<R>, E>;

    fn warmed(self) -> Self::Warmed {
        self.map(Outcome::from)
    }
}
