//! Services that take a `LambdaEvent`.

use crate::room::Room;
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::streaming::channel;
use lambda_runtime::tower::layer::layer_fn;
use lambda_runtime::tower::{Layer, ServiceBuilder};
use lambda_runtime::{
    Error, LambdaEvent, LambdaInvocation, MetadataPrelude, Runtime, Service, StreamResponse, service_fn,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use warm_runtime::{EventBridge, Policy, WarmLayer};

#[derive(Deserialize)]
struct Order {
    id: u64,
}

pub(crate) async fn start(kind: &str, warm: bool) -> Result<(), Error> {
    macro_rules! start {
        ($run:ident, $service:expr) => {
            if warm { warm_runtime::$run($service).await } else { lambda_runtime::$run($service).await }
        };
    }
    match kind {
        "empty" => start!(run, service_fn(empty)),
        "closure" => {
            let orders = AtomicU64::new(0);
            let count = |event: LambdaEvent<Order>| {
                let number = orders.fetch_add(1, Relaxed) + 1;
                async move { Ok::<_, Error>(json!({ "id": event.payload.id, "number": number })) }
            };
            start!(run, service_fn(count))
        }
        "struct" => start!(run, Counter { orders: 0 }),
        "streaming" => start!(run, service_fn(stream)),
        "fails" => start!(run, service_fn(async |_: LambdaEvent<Order>| Err::<(), _>("sold out"))),
        "concurrent" => {
            let room = Room::new();
            let obey = move |event: LambdaEvent<String>| {
                let room = room.clone();
                async move { Ok::<_, Error>(room.obey(&event.payload).await) }
            };
            start!(run_concurrent, service_fn(obey))
        }
        "silent" => lambda_runtime::run(WarmLayer::<Silent>::new().layer(service_fn(empty))).await,
        "limited" => {
            let service = ServiceBuilder::new().concurrency_limit(1).service(service_fn(empty));
            start!(run_concurrent, service)
        }
        "layers" => layers().await,
        "prime" => prime().await,
        _ => Err(format!("`{kind}` is no service").into()),
    }
}

async fn empty(_: LambdaEvent<IgnoredAny>) -> Result<(), Error> {
    Ok(())
}

struct Counter {
    orders: u64,
}

impl Service<LambdaEvent<Order>> for Counter {
    type Response = Value;
    type Error = Error;
    type Future = Ready<Result<Value, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaEvent<Order>) -> Self::Future {
        self.orders += 1;
        ready(Ok(json!({ "id": event.payload.id, "number": self.orders })))
    }
}

async fn stream(event: LambdaEvent<Order>) -> Result<StreamResponse<lambda_runtime::streaming::Body>, Error> {
    let (mut sender, stream) = channel();
    tokio::spawn(async move {
        for part in 0..event.payload.id {
            // Nobody reads any more once the Runtime API is gone.
            if sender.send_data(format!("part {part}\n").into()).await.is_err() {
                return;
            }
        }
    });
    let prelude = MetadataPrelude { status_code: 202.try_into()?, ..Default::default() };
    Ok(StreamResponse { metadata_prelude: prelude, stream })
}

/// A `Runtime` with a policy of its own, `tower`'s layers on both sides of the warm layer, and two around it all.
async fn layers() -> Result<(), Error> {
    let service = ServiceBuilder::new()
        .timeout(Duration::from_secs(20))
        .layer(WarmLayer::<Scheduler>::new())
        .map_response(|response: Value| json!({ "mapped": response }))
        .concurrency_limit(1)
        .service(Counter { orders: 0 });
    Runtime::new(service).layer(TracingLayer::new()).layer(layer_fn(Announce)).run().await
}

enum Scheduler {}

impl Policy for Scheduler {
    const SOURCES: &'static [&'static str] = &["aws.scheduler"];
}

enum Silent {}

impl Policy for Silent {
    const LOG: Option<warm_runtime::Level> = None;
}

#[derive(Clone)]
struct Announce<S>(S);

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for Announce<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> S::Future {
        println!("an invocation passes");
        self.0.call(invocation)
    }
}

/// Tells how often it was primed. A ping of the rule `Broken` finds something that cannot be primed.
async fn prime() -> Result<(), Error> {
    let primes = AtomicU64::new(0);
    let layer = WarmLayer::<EventBridge>::new().prime(async |ping| {
        if ping.event.resources.iter().any(|rule| rule.ends_with("rule/Broken")) {
            return Err("the pool is empty");
        }
        tokio::task::yield_now().await;
        primes.fetch_add(1, Relaxed);
        Ok(())
    });
    let tell = async |_: LambdaEvent<IgnoredAny>| Ok::<_, Error>(primes.load(Relaxed));
    lambda_runtime::run(layer.layer(service_fn(tell))).await
}
