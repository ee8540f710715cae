//! Placeholder docs.

#![forbid(unsafe_code)]

mod event;
mod handler;
mod incoming;
mod log;
mod outcome;
mod ping;
mod policy;
mod recognize;
mod response;

pub use event::ScheduledEvent;
pub use handler::{HandlerInput, HandlerOutput, WireEvent};
pub use incoming::Incoming;
pub use outcome::{Outcome, Payload};
pub use ping::PendingPing;
pub use policy::{Case, EventBridge, Policy};
pub use response::WarmResponse;
pub use tracing::Level;
pub use warm_macro::warmable;
