//! The calls to AWS. What to call is decided by `plan`, which knows no client; here are the
//! clients, what there is now, and the calls themselves.

pub mod actual;
pub mod error;
pub mod execute;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};

use crate::config::Settings;
use crate::desired::Scope;
use error::{AwsError, call};

/// How many calls are under way at once: enough for a large fleet, within what AWS takes of one
/// caller without throttling.
pub const AT_ONCE: usize = 8;

/// Tries of one call. With the waits in between, which double, they outlast what AWS throttles.
const ATTEMPTS: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The clients for one account and region.
#[derive(Debug)]
pub struct Aws {
    /// The account and the region that are called.
    pub scope: Scope,
    events: aws_sdk_eventbridge::Client,
    iam: aws_sdk_iam::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    scheduler: aws_sdk_scheduler::Client,
}

impl Aws {
    /// Finds region and credentials as the AWS CLI does, and whose they are.
    pub async fn connect(settings: &Settings, endpoint: Option<&str>) -> Result<Self, AwsError> {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_WAIT));
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        let region = config.region().ok_or(AwsError::NoRegion)?.to_string();
        let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send();
        let identity = call("sts:GetCallerIdentity", "the caller", identity).await?;
        Ok(Self {
            scope: Scope {
                partition: partition(identity.arn()).to_owned(),
                region,
                account: identity.account().unwrap_or_default().to_owned(),
            },
            events: aws_sdk_eventbridge::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            scheduler: aws_sdk_scheduler::Client::new(&config),
        })
    }
}

/// The partition of the caller's own ARN: China and the government's regions have others.
fn partition(arn: Option<&str>) -> &str {
    arn.and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws")
}
