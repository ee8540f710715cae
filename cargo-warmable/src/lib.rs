//! The library behind `cargo warmable`: what a fleet of Lambda functions needs to be kept warm, as
//! infrastructure code or as calls to AWS, and whether its handlers answer.
//!
//! From the configuration to the result: [`config`] reads the tables and the flags into a [`fleet`],
//! [`desired`] works out what the fleet needs, [`template`] prints it, [`aws`] reads what there is,
//! [`plan`] compares both, and [`aws`] makes the calls. [`ping`] and [`audit`] look at the functions.

pub mod audit;
pub mod aws;
pub mod cli;
pub mod commands;
pub mod config;
pub mod desired;
pub mod event;
pub mod fleet;
pub mod names;
pub mod output;
pub mod ping;
pub mod plan;
pub mod policy;
pub mod status;
pub mod tag;
pub mod template;
