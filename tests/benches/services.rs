//! What the layer and `warm_runtime::http` cost, as Markdown tables of ratios: an event's way through a service, from its
//! bytes to what the handler returned, and a ping's way over the Runtime API.
//! `cargo bench -p warm-tests --bench services`

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Request};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};
use warm_local::{Environment, Function, events};
use warm_runtime::{EventBridge, Incoming, WarmLayer};
use warm_tests::{
    api_gateway_v2_with_body, best_times, compact, each_ordinary_event, read_as_the_runtime, ready, sample,
};

fn main() {
    through_the_layer();
    http_requests();
    round_trips();
}

/// Prints a row of a table, and returns the ratio. The two services get one event after the other, as `lambda_runtime`
/// reads it.
fn row<A: DeserializeOwned, B: DeserializeOwned, S, T>(name: &str, body: &[u8], plain: S, warm: T) -> f64
where
    S: Service<LambdaEvent<A>, Error = Infallible>,
    T: Service<LambdaEvent<B>, Error = Infallible>,
{
    let (plain, warm) = (RefCell::new(plain), RefCell::new(warm));
    let [plain, warm] = best_times(&[&|| serve(&plain, black_box(body)), &|| serve(&warm, black_box(body))]);
    let ratio = warm / plain;
    let [plain, warm] = [plain, warm].map(|nanos| format!("{:.2} µs", nanos / 1_000.0));
    println!("| {name} | {} | {plain} | {warm} | {ratio:.2} |", body.len());
    ratio
}

fn serve<T: DeserializeOwned, S: Service<LambdaEvent<T>, Error = Infallible>>(service: &RefCell<S>, body: &[u8]) {
    let payload = read_as_the_runtime(body).expect("the event is of the payload's type");
    let response = ready(service.borrow_mut().call(LambdaEvent::new(payload, Context::default())));
    drop(black_box(response));
}

fn head(title: &str) {
    println!("\n| {title} | bytes | plain | warm | ratio |\n| --- | ---: | ---: | ---: | ---: |");
}

fn summary(mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.len() / 2;
    let median =
        if ratios.len().is_multiple_of(2) { f64::midpoint(ratios[middle - 1], ratios[middle]) } else { ratios[middle] };
    println!("\nmedian {median:.3}, highest {:.3}", ratios[ratios.len() - 1]);
}

fn through_the_layer() {
    fn ratio<T: DeserializeOwned>(name: &str, body: Vec<u8>) -> f64 {
        async fn handler<T>(_event: LambdaEvent<T>) -> Result<(), Infallible> {
            Ok(())
        }
        let plain = service_fn(handler::<T>);
        row(name, &body, plain, WarmLayer::<EventBridge>::new().layer(plain))
    }
    head("through the layer");
    summary(each_ordinary_event!(ratio).into());
}

fn http_requests() {
    fn ratio(name: &str, body: Vec<u8>) -> f64 {
        let app = service_fn(async |request: Request| Ok::<_, Infallible>(request.uri().path().len().to_string()));
        let warm = WarmLayer::<EventBridge>::new().layer(Adapter::from(app));
        row::<LambdaRequest, Incoming<LambdaRequest>, _, _>(name, &body, Adapter::from(app), warm)
    }
    head("HTTP");
    let named = [
        ("API Gateway v1", "apigw-request"),
        ("API Gateway v2", "apigw-v2-request-jwt-authorizer"),
        ("ALB", "alb-lambda-target-request-headers-only"),
        ("WebSocket", "apigw-websocket-request"),
        ("VPC Lattice", "vpc-lattice-v2-request"),
    ];
    let mut ratios = named.map(|(name, event)| ratio(name, compact(&sample(event)))).to_vec();
    for (name, len) in [("10 kB", 10_000), ("100 kB", 100_000), ("1 MB", 1_000_000)] {
        ratios.push(ratio(&format!("API Gateway v2, {name}"), api_gateway_v2_with_body(len, false)));
    }
    ratios.push(ratio("API Gateway v2, 1 MB, a third escapes", api_gateway_v2_with_body(1_000_000, true)));
    summary(ratios);
}

/// The same ping to a handler that ignores what it gets, first without an answer to pings and then with: the median times from
/// the event's way out to the answer's way in, which the function alone decides, and as the caller of the function sees it.
#[tokio::main(flavor = "current_thread")]
async fn round_trips() {
    println!("\n| round trip of a ping | empty handler | warm | ratio | caller's, empty | caller's, warm | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, kind) in [("as it is", "empty"), ("without its line in the log", "silent"), ("typed payload", "closure")]
    {
        let [plain, warm] = [start("empty", &["--without"]).await, start(kind, &[]).await];
        let [mut plain_trips, mut warm_trips] = [Vec::new(), Vec::new()];
        for round in 0..4_000 {
            // First the one, then the other, so that neither always follows the same.
            let order = [(&plain, &mut plain_trips), (&warm, &mut warm_trips)];
            for (environment, trips) in if round % 2 == 0 { order } else { reversed(order) } {
                trips.push(trip(environment).await);
            }
        }
        let [own, callers] = [Trip::function, Trip::caller].map(|time| {
            let [plain, warm] = [&plain_trips, &warm_trips].map(|trips| median(trips.iter().map(time).collect()));
            format!("{plain:.1} µs | {warm:.1} µs | {:.3}", warm / plain)
        });
        println!("| {name} | {own} | {callers} |");
    }
}

struct Trip {
    function: Duration,
    caller: Duration,
}

impl Trip {
    fn function(&self) -> Duration {
        self.function
    }

    fn caller(&self) -> Duration {
        self.caller
    }
}

fn reversed<T>([one, other]: [T; 2]) -> [T; 2] {
    [other, one]
}

async fn start(kind: &str, arguments: &[&str]) -> Environment {
    let function = Function::new(env!("CARGO_BIN_EXE_service")).arg(kind).env_remove("RUST_LOG");
    let function = arguments.iter().fold(function, |function, argument| function.arg(argument));
    function.start().await.expect("the service starts")
}

async fn trip(environment: &Environment) -> Trip {
    let start = Instant::now();
    let invocation = environment.invoke(events::scheduled_event("KeepSCVFunctionsWarm")).await;
    Trip { caller: start.elapsed(), function: invocation.expect("the service answers").elapsed }
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}
