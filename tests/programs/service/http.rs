//! Services that take an HTTP request. Those that answer with what they were asked leave out what differs between two
//! processes, and nothing else.

use crate::room::Room;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use axum::routing::get;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION, SERVER, SET_COOKIE, VIA};
use lambda_http::http::{StatusCode, Uri};
use lambda_http::{Body, IntoResponse, Request, RequestExt, Response, service_fn};
use lambda_runtime::Error;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio_stream::StreamExt;
use tower::ServiceBuilder;
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

pub(crate) async fn start(kind: &str, warm: bool) -> Result<(), Error> {
    macro_rules! start {
        ($run:ident, $service:expr) => {
            if warm { warm_runtime::http::$run($service).await } else { lambda_http::$run($service).await }
        };
    }
    match kind {
        "text" => start!(run, service_fn(text)),
        "json" => start!(run, service_fn(async |request| Ok::<_, Error>((StatusCode::ACCEPTED, told(&request))))),
        "headers" => start!(run, service_fn(headers)),
        "binary" => start!(run, service_fn(binary)),
        "empty" => start!(run, service_fn(async |_| Ok::<_, Error>((StatusCode::NO_CONTENT, "")))),
        "fails" => {
            start!(run, service_fn(async |request: Request| Err::<String, _>(format!("no {}", sorted(request.uri())))))
        }
        "router" => start!(run, router()),
        "stack" => start!(run, stack()),
        "concurrent" => start!(run_concurrent, service_fn(obeying(Room::new()))),
        "limited" => {
            start!(run_concurrent, ServiceBuilder::new().concurrency_limit(1).service(service_fn(text)))
        }
        "streaming" => start!(run_with_streaming_response, service_fn(stream)),
        "streaming_router" => start!(run_with_streaming_response, router()),
        "streaming_stack" => start!(run_with_streaming_response, stack()),
        "streaming_breaks" => start!(run_with_streaming_response, service_fn(break_off)),
        "streaming_fails" => start!(run_with_streaming_response, service_fn(fail)),
        "streaming_concurrent" => start!(run_with_streaming_response_concurrent, room(Room::new())),
        "streaming_limited" => {
            start!(run_with_streaming_response_concurrent, ServiceBuilder::new().concurrency_limit(1).service(router()))
        }
        _ => Err(format!("`{kind}` is no HTTP service").into()),
    }
}

/// All that a handler can see of a request.
fn told(request: &Request) -> Value {
    // The trace's id is made up by the Runtime API, and differs from one invocation to the next.
    let is_given = |name: &str| name != "x-amzn-trace-id";
    let headers: Vec<_> =
        request.headers().iter().filter(|(name, _)| is_given(name.as_str())).map(|header| debug(&header)).collect();
    json!({
        "method": request.method().as_str(),
        "uri": sorted(request.uri()),
        "version": debug(&request.version()),
        "path": request.raw_http_path(),
        "headers": headers,
        "query": pairs(&request.query_string_parameters()),
        "parameters": pairs(&request.path_parameters()),
        "variables": pairs(&request.stage_variables()),
        "context": request.request_context_ref(),
        "function": request.lambda_context_ref().map(|context| &context.env_config.function_name),
        "body": debug(request.body()),
    })
}

/// A request's address with its query in order: `lambda_http` keeps one in a map, whose order differs between processes.
fn sorted(uri: &Uri) -> String {
    let mut pairs: Vec<_> = uri.query().unwrap_or_default().split('&').collect();
    pairs.sort_unstable();
    format!("{:?} {:?} {} {pairs:?}", uri.scheme_str(), uri.authority(), uri.path())
}

fn pairs(map: &QueryMap) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = map.iter().collect();
    pairs.sort_unstable();
    pairs
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

async fn text(request: Request) -> Result<impl IntoResponse, Error> {
    Ok(told(&request).to_string())
}

async fn headers(request: Request) -> Result<Response<String>, Error> {
    let response = Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(LOCATION, "/elsewhere?q=%20")
        .header(VIA, "one")
        .header(VIA, "two")
        .header(SET_COOKIE, "a=1; Secure")
        .header(SET_COOKIE, "b=\"2\"; Path=/")
        .header(CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(response.body(format!("\u{1F980} {}", sorted(request.uri())))?)
}

async fn binary(request: Request) -> Result<Response<Body>, Error> {
    let bytes: Vec<u8> = (0..=255).chain(request.body().iter().copied()).collect();
    Ok(Response::builder().header(CONTENT_TYPE, "image/png").header(CONTENT_ENCODING, "gzip").body(bytes.into())?)
}

fn router() -> Router {
    let requests = Arc::new(AtomicU64::new(0));
    let count = async |State(requests): State<Arc<AtomicU64>>, request: axum::extract::Request| {
        let number = requests.fetch_add(1, Relaxed) + 1;
        (StatusCode::CREATED, [(SERVER, "axum")], format!("{number} {} {}", request.method(), sorted(request.uri())))
            .into_response()
    };
    Router::new().fallback(count).with_state(requests)
}

fn stack() -> impl tower::Service<
    Request,
    Response = Response<impl http_body::Body<Data = Bytes, Error: Into<Error> + Send + Debug> + Unpin + Send>,
    Error = std::convert::Infallible,
    Future: Send,
> {
    ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(CorsLayer::permissive())
        .layer(SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("stack")))
        .service(router())
}

fn obeying(
    room: Room,
) -> impl Fn(Request) -> std::pin::Pin<Box<dyn Future<Output = Result<String, Error>> + Send>> + Clone {
    move |request| {
        let room = room.clone();
        Box::pin(async move { Ok(room.obey(request.raw_http_path().trim_start_matches('/')).await) })
    }
}

fn room(room: Room) -> Router {
    let obey = async |State(room): State<Room>, Path(order): Path<String>| room.obey(&order).await;
    Router::new().route("/{*order}", get(obey)).with_state(room)
}

type Chunks = StreamBody<std::pin::Pin<Box<dyn tokio_stream::Stream<Item = Result<Frame<Bytes>, Error>> + Send>>>;

fn chunks(chunks: impl IntoIterator<Item = Result<String, Error>, IntoIter: Send + 'static>) -> Chunks {
    let frames = tokio_stream::iter(chunks).map(|chunk| chunk.map(|chunk| Frame::data(Bytes::from(chunk))));
    StreamBody::new(Box::pin(frames))
}

async fn stream(request: Request) -> Result<Response<Chunks>, Error> {
    let parts = [told(&request).to_string(), String::new(), "\u{1F980}".repeat(10_000), "\0\0".to_owned()];
    let response = Response::builder()
        .status(StatusCode::PARTIAL_CONTENT)
        .header(CONTENT_TYPE, "text/event-stream")
        .header(VIA, "one")
        .header(VIA, "two")
        .header(SET_COOKIE, "a=1")
        .header(SET_COOKIE, "b=2");
    Ok(response.body(chunks(parts.map(Ok)))?)
}

async fn break_off(request: Request) -> Result<Response<Chunks>, Error> {
    Ok(Response::new(chunks([Ok(sorted(request.uri())), Err("the source ran dry".into())])))
}

async fn fail(request: Request) -> Result<Response<Chunks>, Error> {
    Err(format!("no {}", sorted(request.uri())).into())
}
