//! What counts as a ping, and what it is answered: one trait, so that a team writes it down once, in a crate that all its
//! functions share, and each function names it with `#[warmable(policy = acme::Pings)]`.

use std::time::Duration;

use crate::ScheduledEvent;

/// Which events are pings, what they are answered, and how the answer is logged.
///
/// Every item has a default, so that a policy states only what it changes. The arguments of [`#[warmable]`](crate::warmable)
/// write such a type for one handler; implement the trait to share one among many.
///
/// A policy has no values: it is a type that stands in the handler's event type, [`Incoming<T, P>`](crate::Incoming), because
/// an event is recognised while it is deserialized, and `Deserialize` has no other place to learn what to look for. It costs
/// nothing at run time.
///
/// # Example: one policy for a team
///
/// A crate that every function of the team depends on:
///
/// ```
/// # mod acme {
/// use std::time::Duration;
/// use warm_runtime::{Policy, ScheduledEvent};
///
/// /// The pings of the voice team's two rules.
/// pub enum Pings {}
///
/// impl Policy for Pings {
///     const SOURCES: &'static [&'static str] = &["aws.events", "aws.scheduler"];
///     const RULES: &'static [&'static str] = &["KeepSCVFunctionsWarm", "KeepIvrWarm"];
///     const MAX_HOLD: Duration = Duration::from_millis(200);
///
///     fn when(event: &ScheduledEvent<'_>) -> bool {
///         event.region.as_deref() != Some("eu-west-2")
///     }
/// }
/// # }
/// ```
///
/// and in each function:
///
/// ```
/// # mod acme { pub enum Pings {} impl warm_runtime::Policy for Pings {} }
/// # use lambda_runtime::{Error, LambdaEvent};
/// # use serde_json::Value;
/// use warm_runtime::warmable;
///
/// #[warmable(policy = acme::Pings)]
/// async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
///     Ok(event.payload)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy for `#[warmable]`",
    label = "this handler's policy",
    note = "write `impl warm_runtime::Policy for {Self} {{}}`, or name a type that implements it: `policy = acme::Pings`"
)]
pub trait Policy: 'static {
    /// The top-level `source` values that mark a ping, each compared as a whole.
    const SOURCES: &'static [&'static str] = &["aws.events"];

    /// A top-level field that marks a ping too where its value is `true`: what users of lambda-warmer send
    /// (`{"warmer":true}`). Such an event needs no `source`, and [`RULES`](Self::RULES) does not narrow it.
    const FLAG: Option<&'static str> = None;

    /// Where this is not empty, an event with one of the [`SOURCES`](Self::SOURCES) is a ping only if its `resources` name one
    /// of these EventBridge rules (on any bus) or EventBridge Scheduler schedules (in any group). Others reach the handler.
    const RULES: &'static [&'static str] = &[];

    /// The answer's `eventStatusCode`.
    const STATUS: u16 = 200;

    /// The answer's `eventResponse`.
    const RESPONSE: &'static str = "warm";

    /// The answer's `eventType`.
    const EVENT_TYPE: &'static str = "EventBridge";

    /// How the answer's keys are written.
    const CASE: Case = Case::Camel;

    /// The level at which the answer is logged; `None` logs nothing.
    const LOG: Option<tracing::Level> = Some(tracing::Level::INFO);

    /// Whether the answer says, beside the three fields, how the ping found the execution environment: a
    /// [`Report`](crate::Report).
    const REPORT: bool = false;

    /// The namespace under which each ping becomes metrics in CloudWatch: `ColdPings`, `WarmPings` and `IdleSeconds`, and
    /// where the handler primes, `PrimeFailures` and `PrimeMilliseconds`, by `FunctionName`. They are written as one line in
    /// the [embedded metric format] on standard output, which costs no API call and needs no permission. `None` writes none.
    ///
    /// [embedded metric format]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
    const METRICS: Option<&'static str> = None;

    /// How long a prime may take; `None` leaves it what the invocation has, less what the answer needs. A prime that blocks its
    /// thread is not given up before it lets go.
    const PRIME_TIMEOUT: Option<Duration> = None;

    /// The longest time that a ping is held open, whatever it asks for.
    const MAX_HOLD: Duration = Duration::from_secs(1);

    /// Whether an event that the other items take for a ping is one. An event for which this is `false`, or on
    /// which it panics, reaches the handler.
    fn when(event: &ScheduledEvent<'_>) -> bool {
        let _ = event;
        true
    }
}

/// The policy of a plain `#[warmable]`: events with the `source` `aws.events` are pings, whatever rule sent them, and are
/// answered as AWS's guide for Service Cloud Voice answers them in Node.js.
#[derive(Debug, Clone, Copy)]
pub enum EventBridge {}

impl Policy for EventBridge {}

/// How the keys of a ping's answer are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// `eventStatusCode`, as AWS's guide writes them for Node.js.
    Camel,
    /// `event_status_code`, as AWS's guide writes them for Python.
    Snake,
}

/// What a policy says of the answer, as a value: a ping carries it to its answer, whose code need not be generic.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) status: u16,
    pub(crate) response: &'static str,
    pub(crate) event_type: &'static str,
    pub(crate) case: Case,
    pub(crate) log: Option<tracing::Level>,
    pub(crate) report: bool,
    pub(crate) metrics: Option<&'static str>,
    pub(crate) prime_timeout: Option<Duration>,
    pub(crate) max_hold: Duration,
}

impl Settings {
    pub(crate) fn of<P: Policy>() -> &'static Self {
        const {
            &Self {
                status: P::STATUS,
                response: P::RESPONSE,
                event_type: P::EVENT_TYPE,
                case: P::CASE,
                log: P::LOG,
                report: P::REPORT,
                metrics: P::METRICS,
                prime_timeout: P::PRIME_TIMEOUT,
                max_hold: P::MAX_HOLD,
            }
        }
    }
}
