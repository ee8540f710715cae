//! A handler without the attribute: a ping does not fit its payload type and fails the invocation.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use warm_examples::TranscriptionRequest;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<TranscriptionRequest>) -> Result<String, Error> {
    Ok(event.payload.voice_call_id)
}
