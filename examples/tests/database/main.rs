//! What a prime is good for, shown on a real PostgreSQL server that drops idle connections.

mod server;

use server::Server;
use std::io::{Write, stderr};
use std::time::Duration;
use tokio_postgres::Client;
use warm_local::{Environment, Function, events};

const CALL: &str = r#"{"number":"+15551230000"}"#;
const CALLER: &str = r#"{"name":"Ada","language":"en-GB"}"#;
const WARM: &str = r#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge"}"#;
const ROUNDS: usize = 5;

#[tokio::test]
async fn after_a_pause_a_primed_function_need_not_connect_to_its_database() {
    if std::env::var_os("WARM_TEST_POSTGRES").is_none() {
        // Not with `println!`, which is not shown for a test that passes.
        let _ = writeln!(
            stderr(),
            "the test with a database is left out; `apt-get install postgresql` and set WARM_TEST_POSTGRES=1 to run it"
        );
        return;
    }
    let server = Server::start();
    let database = server.connect("the test").await;
    database
        .batch_execute(
            "SET idle_session_timeout = 0;
             CREATE TABLE callers (number text PRIMARY KEY, name text NOT NULL, language text NOT NULL);
             INSERT INTO callers VALUES ('+15551230000', 'Ada', 'en-GB');",
        )
        .await
        .expect("the table is new");
    let function = Function::new(env!("CARGO_BIN_EXE_findCaller")).env_remove("RUST_LOG");
    let function = function.env("DATABASE_URL", server.url("findCaller"));
    let environment = function.start().await.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(connections(&database).await.is_empty(), "the function connects when it is called");
    invoke(&environment, CALL, CALLER).await;

    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let before = pause(&database).await;
        without.push(invoke(&environment, CALL, CALLER).await);
        assert!(connections(&database).await.iter().all(|pid| !before.contains(pid)), "the call had to connect");

        pause(&database).await;
        invoke(&environment, &events::scheduled_event("KeepWarm"), WARM).await;
        let primed = connections(&database).await;
        with.push(invoke(&environment, CALL, CALLER).await);
        assert_eq!(primed.len(), 1);
        assert_eq!(connections(&database).await, primed, "the call used the ping's connection");
    }
    let _ = writeln!(
        stderr(),
        "the first call after a pause, median of {ROUNDS}: {:?} without priming, {:?} with it",
        median(without),
        median(with)
    );
}

async fn invoke(environment: &Environment, event: &str, answer: &str) -> Duration {
    let invocation = environment.invoke(event.to_owned()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(invocation.answer.body(), answer, "{invocation:?}");
    invocation.elapsed
}

/// The server's processes for the function's connections.
async fn connections(database: &Client) -> Vec<i32> {
    let query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'findCaller' ORDER BY pid";
    let rows = database.query(query, &[]).await.expect("the server keeps the test's own connection");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Waits until the server has dropped the function's connection, and tells which it was.
async fn pause(database: &Client) -> Vec<i32> {
    let before = connections(database).await;
    while !connections(database).await.is_empty() {
        // The server tells nobody but the function.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    before
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
