//! Placeholder docs.

#![forbid(unsafe_code)]

mod environment;
mod event;
mod handler;
mod incoming;
mod log;
mod metrics;
mod outcome;
mod ping;
mod policy;
mod prime;
mod recognize;
mod response;

pub use environment::{Environment, environment};
pub use event::ScheduledEvent;
pub use handler::{HandlerInput, HandlerOutput, WireEvent};
pub use incoming::Incoming;
pub use outcome::{Outcome, Payload};
pub use ping::{PendingPing, Ping};
pub use policy::{Case, EventBridge, Policy};
pub use response::{Report, WarmResponse};
pub use tracing::Level;
pub use warm_macro::warmable;
