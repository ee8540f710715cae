//! For whatever is a service: what `#[warmable]` is for a function, as a `tower` layer.
//!
//! Its types are named and nothing of an event is boxed, as in `tower-http`; a service that is `Clone` stays so, and a future
//! that is `Send` too, which `run_concurrent` needs.

use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use lambda_runtime::LambdaEvent;
use lambda_runtime::tower::{Layer, Service};
use pin_project_lite::pin_project;

use crate::ping::Answering;
use crate::prime::caught;
use crate::{EventBridge, Incoming, NoPrime, Outcome, Ping, Policy, Prime};

/// Lets any `Service<LambdaEvent<T>>` answer pings by the policy `P`.
///
/// [`run`](crate::run) is the short form for a plain service; the layer is for a stack, a [`Runtime`] of your own, another
/// policy, or a prime.
///
/// A ping waits, as any event does, until the service is ready. A limit that several slots share, such as `tower`'s
/// `ConcurrencyLimit`, goes around the layer: within, a slot keeps the place that a ping left unused until its next event.
/// `run_concurrent` needs no such care.
///
/// ```no_run
/// use lambda_runtime::layers::TracingLayer;
/// use lambda_runtime::tower::Layer;
/// use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
/// use serde_json::Value;
/// use warm_runtime::{Policy, WarmLayer};
///
/// enum Pings {}
///
/// impl Policy for Pings {
///     const SOURCES: &'static [&'static str] = &["aws.scheduler"];
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     let service = service_fn(|event: LambdaEvent<Value>| async { Ok::<_, Error>(event.payload) });
///     let warm = WarmLayer::<Pings>::new().prime(async |ping| {
///         println!("pinged in {:?}", ping.event.region);
///         Ok::<_, Error>(())
///     });
///     Runtime::new(warm.layer(service)).layer(TracingLayer::new()).run().await
/// }
/// ```
///
/// [`Runtime`]: lambda_runtime::Runtime
pub struct WarmLayer<P = EventBridge, F = NoPrime> {
    prime: F,
    policy: PhantomData<fn() -> P>,
}

impl<P: Policy> WarmLayer<P> {
    /// A layer that answers pings and does nothing else on them.
    pub fn new() -> Self {
        Self { prime: NoPrime, policy: PhantomData }
    }

    /// Runs `prime` on every ping, before it is answered. Its failure, its panic, or that it was not done in time becomes the
    /// answer, with status 500, and is logged; it never fails the invocation.
    pub fn prime<F, Fut, E>(self, prime: F) -> WarmLayer<P, F>
    where
        F: Fn(Ping) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        WarmLayer { prime, policy: PhantomData }
    }
}

impl<P: Policy> Default for WarmLayer<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P, F: Clone> Clone for WarmLayer<P, F> {
    fn clone(&self) -> Self {
        Self { prime: self.prime.clone(), policy: PhantomData }
    }
}

impl<P, F> Debug for WarmLayer<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarmLayer").finish_non_exhaustive()
    }
}

impl<S, P: Policy, F: Clone> Layer<S> for WarmLayer<P, F> {
    type Service = WarmService<S, P, F>;

    fn layer(&self, inner: S) -> Self::Service {
        WarmService { inner, prime: self.prime.clone(), policy: PhantomData }
    }
}

/// A service that answers pings, and passes everything else on: what [`WarmLayer`] makes.
pub struct WarmService<S, P = EventBridge, F = NoPrime> {
    inner: S,
    prime: F,
    policy: PhantomData<fn() -> P>,
}

impl<S: Clone, P, F: Clone> Clone for WarmService<S, P, F> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), prime: self.prime.clone(), policy: PhantomData }
    }
}

impl<S: Debug, P, F> Debug for WarmService<S, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarmService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, T, P, F> Service<LambdaEvent<Incoming<T, P>>> for WarmService<S, P, F>
where
    S: Service<LambdaEvent<T>>,
    P: Policy,
    F: Prime,
{
    type Response = Outcome<S::Response>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, F::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<Incoming<T, P>>) -> Self::Future {
        let kind = Incoming::either(
            event,
            |event| Kind::Event { inner: self.inner.call(event) },
            |ping| Kind::Ping { answering: ping.answering(caught(|| self.prime.prime(ping.ping()))) },
        );
        ResponseFuture { kind }
    }
}

pin_project! {
    /// The response of a [`WarmService`].
    #[derive(Debug)]
    pub struct ResponseFuture<F, A> {
        #[pin]
        kind: Kind<F, A>,
    }
}

pin_project! {
    #[project = KindProjection]
    #[derive(Debug)]
    enum Kind<F, A> {
        Event { #[pin] inner: F },
        Ping { #[pin] answering: Answering<A> },
    }
}

impl<F, A, R, E, X> Future for ResponseFuture<F, A>
where
    F: Future<Output = Result<R, E>>,
    A: Future<Output = Result<(), X>>,
    X: Display,
{
    type Output = Result<Outcome<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Event { inner } => inner.poll(cx).map_ok(Outcome::from),
            KindProjection::Ping { answering } => answering.poll_answer(cx).map(Ok),
        }
    }
}
