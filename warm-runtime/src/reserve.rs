//! What `poll_ready` reserves, such as a place of `tower`'s `ConcurrencyLimit`, is for a call, and a ping makes none. A slot that
//! had answered a ping would keep its place until its own next event, and events in the other slots would wait for that.

use std::mem;
use std::task::{Context, Poll};

use lambda_runtime::LambdaEvent;
use lambda_runtime::tower::{Layer, Service};

use crate::{Incoming, WarmLayer, WarmService};

/// Lets a ping be answered by a service that is dropped with all that it has reserved, and goes on with its clone.
#[derive(Clone)]
pub(crate) struct ReleaseAfterPing<S>(S);

impl<S> ReleaseAfterPing<WarmService<S>> {
    pub(crate) fn new(service: S) -> Self {
        Self(WarmLayer::new().layer(service))
    }
}

impl<S, T, P> Service<LambdaEvent<Incoming<T, P>>> for ReleaseAfterPing<S>
where
    S: Service<LambdaEvent<Incoming<T, P>>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<Incoming<T, P>>) -> S::Future {
        if !event.payload.is_ping() {
            return self.0.call(event);
        }
        let clone = self.0.clone();
        mem::replace(&mut self.0, clone).call(event)
    }
}
