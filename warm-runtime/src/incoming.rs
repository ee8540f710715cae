//! What a handler's event is deserialized into: a ping, or the payload. This is where a ping is caught before the payload's
//! type can refuse it, and where an ordinary event is read faster than without: `lambda_runtime` tracks the path to every
//! value in case it has to report an error, this reads the payload without, and tracks only once there is an error to report.

use std::marker::PhantomData;

use lambda_runtime::LambdaEvent;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::captured::Captured;
use crate::environment::record_invocation;
use crate::policy::Settings;
use crate::recognize::recognize;
use crate::{EventBridge, PendingPing, Policy, ScheduledEvent};

/// What Lambda sent to a warmable handler: a ping by the policy `P`, or the handler's payload `T`.
///
/// `#[warmable]` puts it into the handler's signature, so that a handler that took a `LambdaEvent<T>` takes a
/// `LambdaEvent<Incoming<T>>`; `lambda_runtime` infers the rest. Anything that is not a ping is read as `T`, with the same
/// result as without, errors included.
///
/// To call an annotated handler directly, a `T` is turned into it:
///
/// ```
/// use lambda_runtime::{Context, Error, LambdaEvent};
/// use warm_runtime::warmable;
///
/// #[warmable]
/// async fn double(event: LambdaEvent<u32>) -> Result<u32, Error> {
///     Ok(event.payload * 2)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// let outcome = double(LambdaEvent::new(21.into(), Context::default())).await?;
/// assert_eq!(outcome.into_response(), Some(42));
///
/// // The function as it was written is still there, and simpler to test:
/// assert_eq!(double_unwarmed(LambdaEvent::new(21, Context::default())).await?, 42);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Deserializing fails where `T` fails, with the text that `lambda_runtime` reports for a handler that takes `T` itself, and
/// with any deserializer but `serde_json`'s on borrowed text (`from_str`, `from_slice`).
#[derive(Debug)]
pub struct Incoming<T, P = EventBridge> {
    kind: Kind<T>,
    policy: PhantomData<fn() -> P>,
}

#[derive(Debug)]
enum Kind<T> {
    Event(T),
    Ping(Box<(ScheduledEvent<'static>, &'static Settings)>),
}

impl<T, P> Incoming<T, P> {
    /// Whether this is a ping.
    pub fn is_ping(&self) -> bool {
        matches!(self.kind, Kind::Ping(..))
    }

    /// The event for the handler, or the ping to answer in its stead.
    ///
    /// # Errors
    ///
    /// The ping, which wants an [`answer`](PendingPing::answer).
    pub fn open(event: LambdaEvent<Self>) -> Result<LambdaEvent<T>, PendingPing> {
        Self::either(event, Ok, Err)
    }

    /// Gives the event to the one, or the ping to the other, without moving it through a result.
    #[inline]
    pub(crate) fn either<O>(
        event: LambdaEvent<Self>,
        handle: impl FnOnce(LambdaEvent<T>) -> O,
        answer: impl FnOnce(PendingPing) -> O,
    ) -> O {
        let LambdaEvent { payload, context } = event;
        match payload.kind {
            Kind::Event(payload) => {
                record_invocation(&context);
                handle(LambdaEvent { payload, context })
            }
            Kind::Ping(ping) => answer(PendingPing::new(ping.0, context, ping.1)),
        }
    }
}

impl<T, P> From<T> for Incoming<T, P> {
    fn from(payload: T) -> Self {
        Self { kind: Kind::Event(payload), policy: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, P: Policy> Deserialize<'de> for Incoming<T, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&'de RawValue>::deserialize(deserializer)?.get();
        if let Some(event) = recognize::<P>(json) {
            let kind = Kind::Ping(Box::new((event, Settings::of::<P>())));
            return Ok(Self { kind, policy: PhantomData });
        }
        // A payload may be large: it goes from one result to the next, and is not moved through others in between.
        match T::deserialize(Captured(json)) {
            Ok(payload) => Ok(payload.into()),
            Err(_) => read_tracked::<T>(json).map(Self::from).map_err(D::Error::custom),
        }
    }
}

/// Reads the payload once more as `lambda_runtime` reads it, for the error that it reports. It prints an error as
/// `[path] path: message`; the path is of no use to it from in here, so the message says all of it.
#[cold]
fn read_tracked<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, String> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| {
        match error.path().to_string() {
            path if path == "." => error.to_string(),
            path => format!("[{path}] {error}"),
        }
    })
}
