//! Lib.
pub mod aws;
pub mod config;
pub mod desired;
pub mod event;
pub mod fleet;
pub mod names;
pub mod plan;
pub mod policy;
pub mod tag;
pub mod template;
