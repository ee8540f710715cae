//! A function for Lambda Managed Instances, where an environment takes several events at a time: a
//! ping waits for no slow event in another slot.

use lambda_runtime::{Error, LambdaEvent, run_concurrent, service_fn};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use warm_runtime::warmable;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let carrier = Arc::new(Carrier { latency: Duration::from_millis(250) });
    run_concurrent(service_fn(move |event| handler(event, Arc::clone(&carrier)))).await
}

#[derive(Deserialize)]
struct Parcel {
    grams: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Quote {
    cents: u32,
}

#[warmable]
async fn handler(event: LambdaEvent<Parcel>, carrier: Arc<Carrier>) -> Result<Quote, Error> {
    let cents = carrier.price(event.payload.grams).await?;
    Ok(Quote { cents })
}

/// A carrier's price service, which takes its time as another's service does.
struct Carrier {
    latency: Duration,
}

impl Carrier {
    async fn price(&self, grams: u32) -> Result<u32, Error> {
        tokio::time::sleep(self.latency).await;
        match grams {
            0 => Err("a parcel weighs something".into()),
            1..=30_000 => Ok(395 + grams.div_ceil(500) * 60),
            _ => Err(format!("{grams} g are too heavy for a parcel").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn quote(grams: u32) -> Result<Quote, Error> {
        let event = LambdaEvent::new(Parcel { grams }, Default::default());
        handler_unwarmed(event, Arc::new(Carrier { latency: Duration::ZERO })).await
    }

    #[tokio::test]
    async fn a_parcel_costs_by_each_begun_pound() {
        assert_eq!(quote(1).await.unwrap(), Quote { cents: 455 });
        assert_eq!(quote(501).await.unwrap(), Quote { cents: 515 });
    }

    #[tokio::test]
    async fn what_is_no_parcel_has_no_price() {
        assert!(quote(0).await.is_err());
        assert!(quote(30_001).await.is_err());
    }
}
