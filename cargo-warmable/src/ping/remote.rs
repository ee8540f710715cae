//! A function in AWS, through Lambda's Invoke API: the console's test step.

use std::time::{Duration, Instant};

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use aws_smithy_types::base64;

use super::{Outcome, Problem, ProblemKind};
use crate::aws::Aws;
use crate::aws::error::call;
use crate::names::FunctionRef;

impl Aws {
    /// Sends `event` to `function` and waits for its answer.
    pub async fn ping(&self, function: &FunctionRef, event: &[u8]) -> Outcome {
        let start = Instant::now();
        let invoke = self
            .lambda
            .invoke()
            .function_name(self.function_name(function))
            .set_qualifier(function.qualifier.clone())
            .invocation_type(InvocationType::RequestResponse)
            .log_type(LogType::Tail)
            .payload(Blob::new(event));
        let answer = call("lambda:InvokeFunction", &function.label(), invoke.send()).await;
        let elapsed = start.elapsed();
        match answer {
            Ok(output) => answered(output, elapsed),
            Err(error) => {
                let help = miette::Diagnostic::help(&error).map(|help| format!(" ({help})")).unwrap_or_default();
                let problem = Problem::new(ProblemKind::NotCalled, format_args!("{error}{help}"));
                Outcome { answer: Err(problem), elapsed, init: None, log: Vec::new() }
            }
        }
    }
}

fn answered(output: InvokeOutput, elapsed: Duration) -> Outcome {
    let log = output.log_result().and_then(|log| base64::decode(log).ok()).unwrap_or_default();
    let log: Vec<String> = String::from_utf8_lossy(&log).lines().map(str::to_owned).collect();
    let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
    let answer = match output.function_error {
        None => Ok(payload),
        Some(_) => Err(problem(&payload)),
    };
    Outcome { answer, elapsed, init: init_duration(&log), log }
}

/// Lambda reports a timeout and the end of a process as errors like the handler's own; only their
/// words tell them apart.
fn problem(payload: &[u8]) -> Problem {
    let problem = Problem::function_error(payload);
    let kind = match &problem.reason {
        reason if reason.contains("Task timed out") || reason.contains("Sandbox.Timedout") => ProblemKind::TimedOut,
        reason if reason.contains("Runtime.ExitError") => ProblemKind::Exited,
        _ => return problem,
    };
    Problem { kind, ..problem }
}

/// The start of a cold environment, from the line that Lambda writes after each invocation.
fn init_duration(log: &[String]) -> Option<Duration> {
    let report = log.iter().rev().find(|line| line.starts_with("REPORT "))?;
    let (_, rest) = report.split_once("Init Duration: ")?;
    let millis: f64 = rest.split_once(" ms")?.0.parse().ok()?;
    Duration::try_from_secs_f64(millis / 1_000.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cold_start_is_read_from_the_report() {
        let cold = "REPORT RequestId: 1\tDuration: 1.23 ms\tBilled Duration: 30 ms\tMemory Size: 128 MB\tMax Memory Used: 20 MB\tInit Duration: 28.50 ms\t";
        let log = vec!["START RequestId: 1 Version: 7".to_owned(), cold.to_owned()];
        assert_eq!(init_duration(&log), Some(Duration::from_micros(28_500)));
        assert_eq!(init_duration(&log[..1]), None);
    }

    #[test]
    fn a_timeout_and_an_exit_are_told_apart() {
        let of = |message: &str| {
            problem(serde_json::json!({ "errorType": message, "errorMessage": "…" }).to_string().as_bytes()).kind
        };
        assert_eq!(of("Sandbox.Timedout"), ProblemKind::TimedOut);
        assert_eq!(of("Runtime.ExitError"), ProblemKind::Exited);
        assert_eq!(of("Error"), ProblemKind::FunctionError);
    }
}
