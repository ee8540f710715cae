//! Runs a function's program on this machine as AWS Lambda would.
//!
//! A [`Function`] is a program and its settings; starting it gives an [`Environment`]: a process
//! of its own that polls an embedded Runtime API, as an execution environment does. An event goes
//! in and comes back out byte for byte, so that a test can tell a repeated key, odd spacing or a
//! streamed chunk from what a parsed and re-written document would show.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use warm_local::{Answer, Function, events};
//!
//! let environment = Function::new("target/debug/my-function").memory_mb(256).start().await?;
//! let invocation = environment.invoke(events::scheduled_event("KeepWarm")).await?;
//! match &invocation.answer {
//!     Answer::Response(response) => println!("{:?} after {:?}", response.body, invocation.elapsed),
//!     Answer::Error(error) => println!("{}: {:?}", error.error_type, error.body),
//! }
//! # Ok(())
//! # }
//! ```

mod backend;
mod environment;
mod error;
pub mod events;
mod function;
mod invocation;
mod log;
mod process;
mod runtime_api;

pub use environment::Environment;
pub use error::{InvokeError, StartError};
pub use function::Function;
pub use invocation::{Answer, FunctionError, Invocation, Response};
pub use log::Log;
