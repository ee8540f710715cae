//! What the tests and the benchmarks have in common: how `lambda_runtime` reads an event, and the events to read.

mod read;
mod samples;

pub use read::{payload, read_as_the_runtime};
pub use samples::{Sample, sample, samples};
