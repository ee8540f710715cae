use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

#[warmable]
struct Handler {
    client: u32,
}

// The item is still there, so that nothing else fails.
fn uses(handler: &Handler) -> u32 {
    handler.client
}

fn also_uses(_: LambdaEvent<Value>) -> Result<(), Error> {
    Ok(())
}

fn main() {}
