//! `findCaller`: tells a contact flow who is calling. It asks PostgreSQL, through a pool whose connection the server drops when
//! nobody has called for a while; the ping finds that out, and connects anew, so that the next caller need not wait for it.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Serialize};
use tokio_postgres::NoTls;
use warm_runtime::{Ping, warmable};

const FIND: &str = "SELECT name, language FROM callers WHERE number = $1";

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let pool = pool(&std::env::var("DATABASE_URL").map_err(|error| format!("DATABASE_URL: {error}"))?)?;
    run(service_fn(|event| handler(event, &pool))).await
}

fn pool(url: &str) -> Result<Pool, Error> {
    // A connection is checked before it is used, because an environment that was frozen does not know that it was dropped.
    let config = ManagerConfig { recycling_method: RecyclingMethod::Verified };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    // An environment answers one call at a time.
    Ok(Pool::builder(manager).max_size(1).build()?)
}

#[warmable(prime = refresh, prime_timeout = "5s")]
async fn handler(event: LambdaEvent<Call>, pool: &Pool) -> Result<Option<Caller>, Error> {
    let client = pool.get().await?;
    let find = client.prepare_cached(FIND).await?;
    let row = client.query_opt(&find, &[&event.payload.number]).await?;
    Ok(row.map(|row| Caller { name: row.get(0), language: row.get(1) }))
}

/// Leaves a connection in the pool that works, with the statement that a call needs.
async fn refresh(_ping: &Ping, pool: &Pool) -> Result<(), Error> {
    pool.get().await?.prepare_cached(FIND).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Call {
    number: String,
}

#[derive(Serialize)]
struct Caller {
    name: String,
    language: String,
}
