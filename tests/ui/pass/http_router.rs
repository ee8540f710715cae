//! An axum router with state, buffered and streamed, one request at a time and several.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use warm_runtime::http;

#[derive(Clone)]
struct Shop {
    stock: Arc<[String]>,
}

async fn stock(State(shop): State<Shop>) -> String {
    shop.stock.join(",")
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn main() {
    let app = Router::new().route("/stock", get(stock)).with_state(Shop { stock: Arc::new([]) });
    drop(http::run(app.clone()));
    drop(is_send(http::run_with_streaming_response(app.clone())));
    drop(is_send(http::run_with_streaming_response_concurrent(app)));
}
