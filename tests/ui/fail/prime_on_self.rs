use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use warm_runtime::{Ping, warmable};

struct Api;

impl Api {
    async fn refresh(&self, _ping: &Ping) -> Result<(), Error> {
        Ok(())
    }

    #[warmable(prime = self.refresh)]
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        Ok(event.payload)
    }
}

fn main() {}
