//! A stack of `tower` and `tower-http` layers over a function and over a router.

#![deny(warnings, missing_docs, unreachable_pub)]

use axum::Router;
use axum::routing::get;
use lambda_http::http::HeaderValue;
use lambda_http::http::header::SERVER;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Body, Error, Request, Response};
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use warm_runtime::http;

async fn handler(_request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::Empty))
}

fn main() {
    let layers = ServiceBuilder::new()
        .layer(TraceLayer::new_for_http())
        .layer(CorsLayer::permissive())
        .layer(SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("warm")));

    drop(http::run(ServiceBuilder::new().layer(CorsLayer::permissive()).service_fn(handler)));
    drop(http::run(layers.clone().service(Router::<()>::new().route("/", get("home")))));
    drop(http::run_with_streaming_response(layers.service(Router::<()>::new().route("/", get("home")))));
}
