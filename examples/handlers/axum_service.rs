//! An axum service with state. The one changed word is where `run` comes from.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use warm_runtime::http::run;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let rates = Rates::parse(include_str!("rates.csv"))?;
    run(app(Arc::new(rates))).await
}

fn app(rates: Arc<Rates>) -> Router {
    Router::new().route("/rates", get(list)).route("/rates/{currency}", get(find)).with_state(rates)
}

async fn list(State(rates): State<Arc<Rates>>) -> Json<BTreeMap<String, f64>> {
    Json(rates.0.clone())
}

async fn find(
    State(rates): State<Arc<Rates>>,
    Path(currency): Path<String>,
) -> Result<Json<Rate>, (StatusCode, Json<Problem>)> {
    match rates.0.get(&currency) {
        Some(&per_dollar) => Ok(Json(Rate { currency, per_dollar })),
        None => Err((StatusCode::NOT_FOUND, Json(Problem { error: format!("no rate for `{currency}`") }))),
    }
}

/// What each currency gives for a dollar. To read it once, and not for each request, is what makes
/// a warm environment fast.
struct Rates(BTreeMap<String, f64>);

impl Rates {
    fn parse(csv: &str) -> Result<Self, lambda_runtime::Error> {
        let rate = |line: &str| {
            let (currency, rate) = line.split_once(',').ok_or_else(|| format!("`{line}` is no `CURRENCY,RATE`"))?;
            Ok((currency.to_owned(), rate.parse()?))
        };
        csv.lines().map(rate).collect::<Result<_, _>>().map(Self)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    currency: String,
    per_dollar: f64,
}

#[derive(Serialize)]
struct Problem {
    error: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use lambda_runtime::tower::ServiceExt;

    async fn get(path: &str) -> (StatusCode, String) {
        let rates = Rates::parse(include_str!("rates.csv")).unwrap();
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app(Arc::new(rates)).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.into()).unwrap())
    }

    #[tokio::test]
    async fn a_currency_has_its_rate() {
        let answer = get("/rates/EUR").await;
        assert_eq!(answer, (StatusCode::OK, r#"{"currency":"EUR","perDollar":0.92}"#.to_owned()));
    }

    #[tokio::test]
    async fn all_rates_come_in_order() {
        let (_, body) = get("/rates").await;
        assert_eq!(body, r#"{"CHF":0.88,"EUR":0.92,"GBP":0.79,"JPY":154.0}"#);
    }

    #[tokio::test]
    async fn an_unknown_currency_is_not_found() {
        let answer = get("/rates/XXX").await;
        assert_eq!(answer, (StatusCode::NOT_FOUND, r#"{"error":"no rate for `XXX`"}"#.to_owned()));
    }

    #[test]
    fn a_table_that_is_no_table_is_refused() {
        assert!(Rates::parse("EUR;0.92").is_err());
        assert!(Rates::parse("EUR,much").is_err());
    }
}
