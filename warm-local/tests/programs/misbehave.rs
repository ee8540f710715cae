//! A function that does what its event says, from an honest echo to a crash.

use lambda_runtime::{Error, FunctionResponse, LambdaEvent, MetadataPrelude, StreamResponse, service_fn};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{Read, Write};
use std::pin::Pin;
use tokio_stream::Stream;

type Chunks = Pin<Box<dyn Stream<Item = Result<&'static str, Error>> + Send>>;

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(rename = "do", default)]
    what: &'a str,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("exit") => {
            eprintln!("no configuration");
            std::process::exit(7)
        }
        Some("sleep") => std::future::pending().await,
        Some("fail-init") => fail_init(),
        Some("extend") => register_extension(),
        _ => println!("initialized"),
    }
    lambda_runtime::run_concurrent(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<Box<RawValue>>) -> Result<FunctionResponse<Box<RawValue>, Chunks>, Error> {
    // Only an object can hold an order; anything else is echoed.
    let order = serde_json::from_str(event.payload.get()).unwrap_or(Order { what: "echo" });
    match order.what {
        "fail" => Err("as ordered".into()),
        "panic" => panic!("as ordered"),
        "crash" => {
            eprintln!("about to crash");
            std::process::abort()
        }
        "hang" => std::future::pending().await,
        "log" => {
            println!("to stdout");
            eprintln!("to stderr");
            Ok(FunctionResponse::BufferedResponse(event.payload))
        }
        "tell" => {
            let told = serde_json::json!({
                "arn": event.context.invoked_function_arn,
                "deadline": event.context.deadline,
                "environment": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
                "name": event.context.env_config.function_name,
            });
            Ok(FunctionResponse::BufferedResponse(serde_json::value::to_raw_value(&told)?))
        }
        "meet" => {
            meet().await;
            Ok(FunctionResponse::BufferedResponse(event.payload))
        }
        "large" => {
            let text = serde_json::value::to_raw_value(&"x".repeat(7_000_000))?;
            Ok(FunctionResponse::BufferedResponse(text))
        }
        "stream" => Ok(stream(&["{\"not\":", " json", "\u{1F980}"], None)),
        "break" => Ok(stream(&["half"], Some("the source ran dry"))),
        _ => Ok(FunctionResponse::BufferedResponse(event.payload)),
    }
}

/// Returns when a second invocation is here at the same time.
async fn meet() {
    static BARRIER: std::sync::OnceLock<tokio::sync::Barrier> = std::sync::OnceLock::new();
    BARRIER.get_or_init(|| tokio::sync::Barrier::new(2)).wait().await;
}

fn stream(chunks: &'static [&'static str], failure: Option<&'static str>) -> FunctionResponse<Box<RawValue>, Chunks> {
    let failure = failure.map(|message| Err(message.into()));
    let chunks = chunks.iter().copied().map(Ok).chain(failure);
    FunctionResponse::StreamingResponse(StreamResponse {
        metadata_prelude: MetadataPrelude::default(),
        stream: Box::pin(tokio_stream::iter(chunks)) as Chunks,
    })
}

/// What a runtime does whose function cannot initialize.
fn fail_init() -> ! {
    let body = r#"{"errorType":"Runtime.NoSecret","errorMessage":"no secret"}"#;
    post("/2018-06-01/runtime/init/error", "lambda-runtime-function-error-type: Runtime.NoSecret", body);
    std::process::exit(1)
}

/// What an extension does first, such as the one behind `spawn_graceful_shutdown_handler`.
fn register_extension() {
    let answer = post("/2020-01-01/extension/register", "lambda-extension-name: helper", r#"{"events":[]}"#);
    println!("{}", answer.lines().next().unwrap_or_default());
}

/// Posts to the API without a client, which knows only how to answer invocations.
fn post(path: &str, header: &str, body: &str) -> String {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("the environment names the Runtime API");
    let mut connection = std::net::TcpStream::connect(&api).expect("the Runtime API listens");
    let length = body.len();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {header}\r\ncontent-length: {length}\r\n\r\n{body}",
    )
    .expect("the Runtime API reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the Runtime API answers");
    answer
}
