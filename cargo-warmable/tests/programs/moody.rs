//! A function whose mood, a variable of its environment, decides what becomes of a ping.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    if mood() == "leave" {
        eprintln!("no configuration");
        std::process::exit(7);
    }
    match mood().as_str() {
        "stuck" => std::future::pending().await,
        "reject" => run(service_fn(order)).await,
        _ => run(service_fn(handler)).await,
    }
}

fn mood() -> String {
    std::env::var("MOOD").unwrap_or_default()
}

#[derive(serde::Deserialize)]
struct Order {
    name: String,
}

async fn order(event: LambdaEvent<Order>) -> Result<String, Error> {
    Ok(event.payload.name)
}

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
    println!("pinged by {}", event.payload["resources"][0]);
    match mood().as_str() {
        "work" => Ok(json!({ "lambdaResult": "Success" })),
        "fail" => Err("missing field `name`".into()),
        "crash" => {
            eprintln!("about to crash");
            std::process::abort()
        }
        "hang" => std::future::pending().await,
        "other" => Ok(json!({ "ok": true })),
        "unprimed" => Ok(json!({ "eventStatusCode": 500, "eventResponse": "no database", "eventType": "EventBridge" })),
        _ => Ok(json!({ "eventStatusCode": 200, "eventResponse": "warm", "eventType": "EventBridge" })),
    }
}
