//! Placeholder docs.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

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
pub use prime::{NoPrime, Prime};
pub use response::{Report, WarmResponse};
pub use run::run;
#[cfg(feature = "concurrency-tokio")]
pub use run::run_concurrent;
pub use tracing::Level;
pub use warm_macro::warmable;
