//! What the tests and the benchmarks have in common: functions to start and to invoke, how `lambda_runtime` and
//! others read an event, and the events to read.

mod events;
mod functions;
mod measure;
mod read;
mod samples;

pub use events::{api_gateway_v2_with_body, compact, sqs_with_10_records};
pub use functions::{WARM, ping, ping_with, send, start};
pub use measure::best_times;
pub use read::{payload, read_as_the_runtime, read_by_enum, read_by_value, ready};
pub use samples::{Sample, sample, samples};
