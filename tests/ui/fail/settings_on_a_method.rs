use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::warmable;

struct Api;

impl Api {
    #[warmable(source = "aws.scheduler")]
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

fn main() {}
