//! `lambda_runtime`'s entry points, for services that answer pings: with `warm_runtime::run`, a closure needs one changed word.

use std::fmt::Debug;

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Diagnostic, Error, IntoFunctionResponse, LambdaEvent};
use serde::{Deserialize, Serialize};

#[cfg(feature = "concurrency-tokio")]
use crate::reserve::ReleaseAfterPing;
use crate::{EventBridge, WarmLayer};

/// [`lambda_runtime::run`], where pings are answered by [`EventBridge`]: it takes whatever that takes.
///
/// For another policy or a prime, use [`WarmLayer`].
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use serde_json::Value;
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     let greeting = String::from("hello");
///     warm_runtime::run(service_fn(|event: LambdaEvent<Value>| async {
///         let LambdaEvent { payload, .. } = event;
///         Ok::<_, Error>(format!("{greeting} {payload}"))
///     }))
///     .await
/// }
/// ```
///
/// # Errors
///
/// Those of [`lambda_runtime::run`]: it ends only when the Runtime API cannot be reached.
///
/// # Panics
///
/// As [`lambda_runtime::run`], if Lambda's environment variables are missing.
pub async fn run<A, F, R, B, S, D, E>(service: F) -> Result<(), Error>
where
    F: Service<LambdaEvent<A>, Response = R>,
    F::Future: Future<Output = Result<R, F::Error>>,
    F::Error: Into<Diagnostic> + Debug,
    A: for<'de> Deserialize<'de>,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send,
    E: Into<Error> + Send + Debug,
{
    lambda_runtime::run(WarmLayer::<EventBridge>::new().layer(service)).await
}

/// [`lambda_runtime::run_concurrent`], where pings are answered by [`EventBridge`]: it takes whatever that takes.
///
/// On Lambda Managed Instances, a ping takes one of the environment's slots, and waits for no event in another.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use serde_json::Value;
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     warm_runtime::run_concurrent(service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(event.payload))).await
/// }
/// ```
///
/// # Errors
///
/// Those of [`lambda_runtime::run_concurrent`].
///
/// # Panics
///
/// As [`lambda_runtime::run_concurrent`], if it is called outside of a Tokio runtime, or if Lambda's environment variables are
/// missing.
#[cfg(feature = "concurrency-tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "concurrency-tokio")))]
pub async fn run_concurrent<A, F, R, B, S, D, E>(service: F) -> Result<(), Error>
where
    F: Service<LambdaEvent<A>, Response = R> + Clone + Send + 'static,
    F::Future: Future<Output = Result<R, F::Error>> + Send + 'static,
    F::Error: Into<Diagnostic> + Debug,
    A: for<'de> Deserialize<'de> + Send + 'static,
    R: IntoFunctionResponse<B, S> + Send + 'static,
    B: Serialize + Send + 'static,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send + 'static,
    E: Into<Error> + Send + Debug + 'static,
{
    lambda_runtime::run_concurrent(ReleaseAfterPing::new(service)).await
}
