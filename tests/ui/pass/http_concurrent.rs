//! A function of HTTP requests that takes several at a time.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::sync::Arc;

use lambda_http::{Body, Error, IntoResponse, Request, Response, service_fn};
use warm_runtime::http::run_concurrent;

async fn handler(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(request.into_body()))
}

async fn with_state(request: Request, state: Arc<str>) -> Result<impl IntoResponse, Error> {
    Ok(format!("{state} {}", request.uri()))
}

fn main() {
    drop(run_concurrent(service_fn(handler)));

    let state: Arc<str> = Arc::from("state");
    drop(run_concurrent(service_fn(move |request| with_state(request, Arc::clone(&state)))));
}
