//! A function of HTTP requests: what changes is whose `run` starts it.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::rc::Rc;

use lambda_http::http::StatusCode;
use lambda_http::lambda_runtime::Diagnostic;
use lambda_http::{Body, Error, IntoResponse, Request, RequestExt, Response, service_fn};
use serde_json::{Value, json};
use warm_runtime::http::run;

async fn response(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(201).body(request.into_body())?)
}

async fn into_response(request: Request) -> Result<impl IntoResponse, Error> {
    Ok((StatusCode::CREATED, request.uri().to_string()))
}

async fn json_value(request: Request) -> anyhow::Result<Value> {
    Ok(json!({ "id": request.lambda_context().request_id }))
}

async fn diagnosed(_request: Request) -> Result<&'static str, Diagnostic> {
    Err(Diagnostic { error_type: "Teapot".into(), error_message: "short and stout".into() })
}

async fn with_state(request: Request, state: &str) -> Result<String, Error> {
    Ok(format!("{state} {}", request.raw_http_path()))
}

fn main() {
    drop(run(service_fn(response)));
    drop(run(service_fn(into_response)));
    drop(run(service_fn(json_value)));
    drop(run(service_fn(diagnosed)));

    let state = String::from("state");
    drop(run(service_fn(|request| with_state(request, &state))));

    // The service itself need not be `Send`, only its future.
    let unsendable = Rc::new(String::from("state"));
    drop(run(service_fn(move |_: Request| {
        let length = unsendable.len();
        async move { Ok::<_, Error>(length.to_string()) }
    })));
}
