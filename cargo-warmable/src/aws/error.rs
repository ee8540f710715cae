//! What a call that fails tells its reader: which action, on what, why, and the way out. The SDK's
//! own errors say "service error" and hide the rest in their sources.

use std::fmt;
use std::future::Future;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use miette::Diagnostic;
use thiserror::Error;

/// A call that failed.
#[derive(Debug, Error)]
pub enum AwsError {
    /// AWS refused it.
    #[error("{action} on {resource}: {message}")]
    Refused {
        /// The IAM action.
        action: &'static str,
        /// What it was called on.
        resource: String,
        /// The error's code, as in `ThrottlingException`.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// It did not get an answer.
    #[error("{action} on {resource} got no answer: {reason}")]
    NoAnswer {
        /// The IAM action.
        action: &'static str,
        /// What it was called on.
        resource: String,
        /// Why.
        reason: String,
    },
    /// No region is configured.
    #[error("no region is configured")]
    NoRegion,
}

impl AwsError {
    /// Whether AWS says that what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self.code(), "ResourceNotFoundException" | "NoSuchEntity")
    }

    /// The error's code, where AWS answered.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            _ => "",
        }
    }
}

impl Diagnostic for AwsError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = match self {
            Self::NoRegion => "name it by `--region`, by `region` in Cargo.toml, or by AWS_REGION".to_owned(),
            Self::NoAnswer { reason, .. } if reason.contains("credential") => {
                "credentials are found as the AWS CLI finds them: sign in, or choose with `--profile`".to_owned()
            }
            Self::NoAnswer { .. } => {
                "check the network, the region and `--endpoint-url`, and run it again: what is done stays done"
                    .to_owned()
            }
            Self::Refused { action, code, .. } => help_of(action, code)?,
        };
        Some(Box::new(help))
    }
}

fn help_of(action: &str, code: &str) -> Option<String> {
    let throttled = ["Throttl", "TooManyRequests", "RequestLimit", "SlowDown"];
    if code.contains("AccessDenied") || code.contains("NotAuthorized") || code.contains("Unauthorized") {
        return Some(format!("allow `{action}`: `cargo warmable iam` prints the least policy that is needed"));
    }
    if throttled.iter().any(|known| code.contains(known)) {
        return Some("AWS throttled every try; run it again in a while: what is done stays done".to_owned());
    }
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "UnrecognizedClientException" | "InvalidClientTokenId" => {
            Some("the credentials are not valid (any more): sign in again, or choose with `--profile`".to_owned())
        }
        "LimitExceededException" | "ServiceQuotaExceededException" => {
            Some("the account's limit is reached; `--via scheduler` has room for a million schedules".to_owned())
        }
        _ => None,
    }
}

/// Awaits a call of the SDK; its error names `action` and `resource`.
pub async fn call<T, E, R>(
    action: &'static str,
    resource: &str,
    call: impl Future<Output = Result<T, SdkError<E, R>>>,
) -> Result<T, AwsError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    call.await.map_err(|error| match error.as_service_error() {
        Some(service) => AwsError::Refused {
            action,
            resource: resource.to_owned(),
            code: service.code().unwrap_or("unknown").to_owned(),
            message: service.message().or(service.code()).map_or_else(|| root_cause(service), str::to_owned),
        },
        None => AwsError::NoAnswer {
            action,
            resource: resource.to_owned(),
            reason: error.into_source().map_or_else(|error| error.to_string(), |source| reason(source.as_ref())),
        },
    })
}

/// The innermost source, since the outer ones say "dispatch failure" and the like; but whether they
/// speak of credentials makes all the difference.
fn reason(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let about_credentials = chain.map(ToString::to_string).any(|text| text.contains("credential"));
    match root_cause(error) {
        root if about_credentials => format!("no valid credentials: {root}"),
        root => root,
    }
}

/// The innermost source.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// `Ok(None)` where what was asked for is not there.
pub fn optional<T>(result: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}
