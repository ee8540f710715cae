//! `lambda_http`'s entry points, for services that answer pings. The one changed word is the import:
//! `use warm_runtime::http::run;`.
//!
//! `lambda_http` reads an event before a handler sees it, and refuses what is no HTTP event; so the layer goes around its
//! adapter, not around the handler. A ping is answered with the plain payload, not with an HTTP response.
//!
//! Which HTTP events a function takes is said by the features of its own `lambda_http`. A policy or a prime goes to the
//! [`WarmLayer`], around the same adapter:
//!
//! ```no_run
//! # mod acme { pub enum Pings {} impl warm_runtime::Policy for Pings {} }
//! use lambda_http::{Adapter, Error, Request, service_fn};
//! use lambda_runtime::tower::Layer;
//! use warm_runtime::WarmLayer;
//!
//! # async fn handler(_request: Request) -> Result<String, Error> { Ok(String::new()) }
//! #[tokio::main]
//! async fn main() -> Result<(), Error> {
//!     let warm = WarmLayer::<acme::Pings>::new().prime(async |_ping| Ok::<_, Error>(()));
//!     lambda_runtime::run(warm.layer(Adapter::from(service_fn(handler)))).await
//! }
//! ```

use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, IntoResponse, Request, Response, StreamAdapter};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Diagnostic, Error, LambdaEvent};

#[cfg(feature = "concurrency-tokio")]
use crate::reserve::ReleaseAfterPing;
use crate::{EventBridge, WarmLayer};

/// [`lambda_http::run`], where pings are answered by [`EventBridge`]: it takes whatever that takes, such as an axum `Router`.
///
/// ```no_run
/// use lambda_http::{Error, Request, service_fn};
/// use warm_runtime::http::run;
///
/// async fn handler(request: Request) -> Result<String, Error> {
///     Ok(format!("you asked for {}", request.uri().path()))
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     run(service_fn(handler)).await
/// }
/// ```
///
/// # Errors
///
/// Those of [`lambda_http::run`]: it ends only when the Runtime API cannot be reached.
///
/// # Panics
///
/// As [`lambda_http::run`], if Lambda's environment variables are missing.
pub async fn run<'a, R, S, E>(handler: S) -> Result<(), Error>
where
    S: Service<Request, Response = R, Error = E>,
    S::Future: Send + 'a,
    R: IntoResponse,
    E: Debug + Into<Diagnostic>,
{
    lambda_runtime::run(WarmLayer::<EventBridge>::new().layer(Adapter::from(handler))).await
}

/// [`lambda_http::run_concurrent`], where pings are answered by [`EventBridge`].
///
/// # Errors
///
/// Those of [`lambda_http::run_concurrent`].
///
/// # Panics
///
/// As [`lambda_http::run_concurrent`], if it is called outside of a Tokio runtime, or if Lambda's environment variables are
/// missing.
#[cfg(feature = "concurrency-tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "concurrency-tokio")))]
pub async fn run_concurrent<R, S, E>(handler: S) -> Result<(), Error>
where
    S: Service<Request, Response = R, Error = E> + Clone + Send + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + Send + Sync + 'static,
    E: Debug + Into<Diagnostic> + Send + 'static,
{
    lambda_runtime::run_concurrent(ReleaseAfterPing::new(Adapter::from(handler))).await
}

/// [`lambda_http::run_with_streaming_response`], where pings are answered by [`EventBridge`]. A ping's answer is not streamed.
///
/// # Errors
///
/// Those of [`lambda_http::run_with_streaming_response`].
///
/// # Panics
///
/// As [`lambda_http::run_with_streaming_response`], if Lambda's environment variables are missing.
pub fn run_with_streaming_response<'a, S, B, E>(handler: S) -> impl Future<Output = Result<(), Error>>
where
    S: Service<Request, Response = Response<B>, Error = E>,
    S::Future: Send + 'a,
    E: Debug + Into<Diagnostic>,
    B: Body + Unpin + Send + 'static,
    B::Data: Into<Bytes> + Send,
    B::Error: Into<Error> + Send + Debug,
{
    // As the future of an `async fn`, which forgets the lifetime, it would not be `Send`.
    lambda_runtime::run(WarmLayer::<EventBridge>::new().layer(Streaming::from(handler)))
}

/// [`lambda_http::run_with_streaming_response_concurrent`], where pings are answered by [`EventBridge`].
///
/// # Errors
///
/// Those of [`lambda_http::run_with_streaming_response_concurrent`].
///
/// # Panics
///
/// As [`lambda_http::run_with_streaming_response_concurrent`], if it is called outside of a Tokio runtime, or if Lambda's
/// environment variables are missing.
#[cfg(feature = "concurrency-tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "concurrency-tokio")))]
pub fn run_with_streaming_response_concurrent<S, B, E>(handler: S) -> impl Future<Output = Result<(), Error>>
where
    S: Service<Request, Response = Response<B>, Error = E> + Clone + Send + 'static,
    S::Future: Send + 'static,
    E: Debug + Into<Diagnostic> + Send + 'static,
    B: Body + Unpin + Send + 'static,
    B::Data: Into<Bytes> + Send,
    B::Error: Into<Error> + Send + Debug,
{
    // As the future of an `async fn`, which forgets the lifetime, it would not be `Send`.
    lambda_runtime::run_concurrent(ReleaseAfterPing::new(Streaming::from(handler)))
}

/// A [`StreamAdapter`] that is made anew for each event: one that is kept is `Send` only where the body is `Sync`, and axum's is
/// not.
struct Streaming<'a, S> {
    service: S,
    lifetime: PhantomData<fn() -> &'a ()>,
}

impl<S> From<S> for Streaming<'_, S> {
    fn from(service: S) -> Self {
        Self { service, lifetime: PhantomData }
    }
}

impl<S: Clone> Clone for Streaming<'_, S> {
    fn clone(&self) -> Self {
        Self::from(self.service.clone())
    }
}

impl<'a, S, B, E> Service<LambdaEvent<LambdaRequest>> for Streaming<'a, S>
where
    S: Service<Request, Response = Response<B>, Error = E>,
    S::Future: Send + 'a,
    B: Body + Unpin + Send + 'static,
    B::Data: Into<Bytes> + Send,
    B::Error: Into<Error> + Send + Debug,
{
    type Response = <StreamAdapter<'a, S, B> as Service<LambdaEvent<LambdaRequest>>>::Response;
    type Error = E;
    type Future = <StreamAdapter<'a, S, B> as Service<LambdaEvent<LambdaRequest>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<LambdaRequest>) -> Self::Future {
        StreamAdapter::from(&mut self.service).call(event)
    }
}
