//! Keeps AWS Lambda functions warm: one line over a handler, and the pings of an EventBridge rule are answered before anything
//! of the handler runs.
//!
//! Lambda reclaims a function's execution environment after some minutes without a call, and the next caller waits for a cold
//! start. A rule that calls the function every few minutes prevents it, but a typed Rust handler never sees the rule's event:
//! it does not fit the payload, so each ping is a failed invocation, which Lambda retries twice. Here it is answered with
//! `{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}`; every other event behaves as before, byte for
//! byte, and is read faster.
//!
//! ```no_run
//! use lambda_runtime::{Error, LambdaEvent, service_fn};
//! use serde::{Deserialize, Serialize};
//! use warm_runtime::warmable;
//!
//! #[derive(Deserialize)]
//! struct Request {
//!     name: String,
//! }
//!
//! #[derive(Serialize)]
//! struct Response {
//!     greeting: String,
//! }
//!
//! #[warmable]
//! async fn handler(event: LambdaEvent<Request>) -> Result<Response, Error> {
//!     Ok(Response { greeting: format!("hello {}", event.payload.name) })
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Error> {
//!     lambda_runtime::run(service_fn(handler)).await
//! }
//! ```
//!
//! # What you have, and the line you change
//!
//! | you have | you write |
//! | --- | --- |
//! | a handler, `async fn handler(event: LambdaEvent<T>, …) -> Result<R, E>`, free or a method | [`#[warmable]`](macro@warmable) over it |
//! | a closure or another `Service<LambdaEvent<T>>` | [`warm_runtime::run`](run) for `lambda_runtime::run` |
//! | the same on Managed Instances | `warm_runtime::run_concurrent`, feature `concurrency-tokio` |
//! | a `lambda_http` handler or an axum `Router` | `warm_runtime::http::run` for `lambda_http::run`, feature `http` |
//! | one that streams | `warm_runtime::http::run_with_streaming_response` |
//! | a `tower` stack, or a `Runtime` with layers of its own | [`WarmLayer`] around the service |
//! | many functions with one idea of a ping | a type that implements [`Policy`] |
//!
//! # Features
//!
//! Both are off by default. Without them, a function that uses `lambda_runtime`, `tokio`, `serde` and `serde_json` gains no
//! third-party crate.
//!
//! - `concurrency-tokio`: `run_concurrent`; turns on the feature of that name in `lambda_runtime` and `lambda_http`.
//! - `http`: the module `http`. Which kinds of HTTP event are taken is left to the features of your own `lambda_http`.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod captured;
mod environment;
mod event;
mod handler;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
mod incoming;
mod layer;
mod log;
mod metrics;
mod outcome;
mod ping;
mod policy;
mod prime;
mod recognize;
#[cfg(feature = "concurrency-tokio")]
mod reserve;
mod response;
mod run;
mod timer;

pub use environment::{Environment, environment};
pub use event::ScheduledEvent;
pub use handler::{HandlerInput, HandlerOutput, WireEvent};
pub use incoming::Incoming;
pub use layer::{ResponseFuture, WarmLayer, WarmService};
pub use outcome::{Outcome, Payload};
pub use ping::{PendingPing, Ping};
pub use policy::{Case, EventBridge, Policy};
pub use prime::{NoPrime, Prime, PrimeOutput};
pub use response::{Report, WarmResponse};
pub use run::run;
#[cfg(feature = "concurrency-tokio")]
pub use run::run_concurrent;
/// The level at which a [`Policy`] has its answers logged.
pub use tracing::Level;

/// Lets a handler answer pings.
///
/// It goes over the handler, whatever else stands there; `main` stays as it is. A ping is a JSON object whose top-level
/// `source` is `"aws.events"`, what an EventBridge rule on a schedule sends. It is answered with
/// `{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}` and logged; the payload's type does not see it,
/// and no line of the handler runs. For every other event the handler gets the payload and the context that it gets without
/// the attribute, and the Runtime API gets the response, or the error, that it gets without.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use serde_json::{Value, json};
/// use warm_runtime::warmable;
///
/// struct Client;
///
/// #[warmable]
/// async fn handler(event: LambdaEvent<Value>, client: &Client) -> Result<Value, Error> {
///     let _ = client;
///     Ok(json!({ "caller": event.payload["caller"] }))
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     let client = Client;
///     lambda_runtime::run(service_fn(|event| handler(event, &client))).await
/// }
/// ```
///
/// A closure that forwards to the handler leaves the event's type to the compiler, as `|event|` does above: a handler that may
/// be pinged takes a `LambdaEvent<Incoming<Value>>`.
///
/// # What it works on
///
/// An `async fn`, free or in an `impl` block, that takes a `LambdaEvent<T>` and returns a `Result<R, E>`, for all `T`, `R` and
/// `E` that `lambda_runtime` accepts, also through type aliases, generic, and with further parameters at any position. The
/// event is the parameter whose type is written `LambdaEvent<…>`, or else the first one.
///
/// An associated function without `self` says so: `#[warmable(Self)]`.
///
/// # What it writes
///
/// The function as it was written stays there under the name `handler_unwarmed`, with its signature and visibility, for unit
/// tests and for other code. Docs and `deprecated` stay on the public name, `cfg` and lint levels apply to both, and every
/// other attribute, such as `#[tracing::instrument]`, stays with the function as it was written.
///
/// # Arguments
///
/// | argument | meaning | default |
/// | --- | --- | --- |
/// | `source = "…"` or `["…", "…"]` | the `source` values that mark a ping | `"aws.events"` |
/// | `flag = "…"` | a top-level field that marks a ping too where it is `true`, whatever the `source` and the rule | none |
/// | `rule = "…"` or a list | of the events with such a `source`, only those are pings whose `resources` name this EventBridge rule, on any bus, or this EventBridge Scheduler schedule, in any group | any |
/// | `when = path` | only where `fn(&ScheduledEvent<'_>) -> bool` says so too | always |
/// | `status = 200`, `response = "warm"`, `event_type = "EventBridge"` | the answer's values | as shown |
/// | `case = "snake_case"` | the answer's keys: `"camelCase"` or `"snake_case"` | `"camelCase"` |
/// | `log = false` or a level's name | whether, and at which level, the answer is logged | `"info"` |
/// | `report = true` | the answer says too how it found the environment: see [`Report`] | `false` |
/// | `metrics = "…"` | the CloudWatch namespace for figures about pings: see [`Policy::METRICS`] | none |
/// | `prime = path` | what a ping runs before it is answered, below | nothing |
/// | `prime_timeout = "2s"` | how long that may take | what the invocation has |
/// | `max_hold = "500ms"` | how long a ping may be held open, below | `"1s"` |
/// | `policy = path::Type` | all of the above but `prime`, from a type that implements [`Policy`]; goes with none of them | [`EventBridge`] |
/// | `crate = path` | where `warm_runtime` is, when another crate re-exports it | `::warm_runtime` |
/// | `Self` | the handler is an associated function | |
///
/// All but `policy`, `prime`, `crate` and `Self` write a policy beside the handler, for which an `impl` block has no place: a
/// method names one with `policy`.
///
/// # Prime
///
/// What makes a warm function slow after a pause is what it holds: connections that the far side has closed, credentials that
/// have expired. `prime` names a function that refreshes them, `async fn(&Ping, …) -> Result<(), E>` with `E: Display`; it is
/// given what the handler is given, the ping in the event's place. `Self::refresh` of a method is given `self`, too.
///
/// ```
/// # use lambda_runtime::{Error, LambdaEvent};
/// # use serde_json::Value;
/// # struct Client;
/// # impl Client { async fn reconnect(&self) -> Result<(), std::io::Error> { Ok(()) } }
/// use warm_runtime::{Ping, warmable};
///
/// async fn refresh(_ping: &Ping, client: &Client) -> Result<(), std::io::Error> {
///     client.reconnect().await
/// }
///
/// #[warmable(prime = refresh, prime_timeout = "2s")]
/// async fn handler(event: LambdaEvent<Value>, client: &Client) -> Result<Value, Error> {
///     Ok(event.payload)
/// }
/// ```
///
/// A prime that fails, panics, or has not finished after its limit or shortly before the invocation's deadline does not fail
/// the invocation. It is logged as an error, the answer is
/// `{"eventStatusCode":500,"eventResponse":"<cause>","eventType":"EventBridge"}`, and the next ping tries again. The limit
/// needs a prime that awaits: one that blocks its thread cannot be stopped. Where `panic = "abort"`, a panic is the end.
///
/// # Hold
///
/// Several environments of one function stay warm only where several pings overlap. A ping whose `detail` has a number
/// `holdMs` is held open for so many milliseconds after the prime, at most `max_hold` and not past the deadline. A ping by
/// lambda-warmer's `flag` with a `concurrency` above 1 is held for 75 ms.
///
/// # Errors
///
/// What the attribute cannot stand on, and arguments that make no sense, are compile errors that say what to write instead.
pub use warm_macro::warmable;
