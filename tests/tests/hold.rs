//! Why a ping is to be held: several environments stay warm only where several pings overlap.
//!
//! Lambda gives an invocation to an environment that is idle, and starts another where none is; it reclaims those that have been
//! idle for a while. So does the pool here, whose environments are processes and whose minutes are counted, not waited for. `cargo test -p warm-tests --test hold -- --nocapture` prints the README's table.

use futures_util::future::join_all;
use serde_json::json;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::sleep;
use warm_local::{Environment, Function};
use warm_tests::{WARM, ping_with, send, start};

/// The environments of a function, most recently used last.
struct Pool {
    function: Function,
    idle: Mutex<Vec<Idle>>,
    minute: u64,
}

struct Idle {
    environment: Environment,
    since: u64,
}

impl Pool {
    /// Lambda does not say after how many minutes it reclaims an idle environment.
    const RECLAIMED_AFTER: u64 = 7;

    fn new(function: Function) -> Self {
        Self { function, idle: Mutex::default(), minute: 0 }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the one that was idle last take the event, or a new one, and tells whether it was a cold start.
    async fn invoke(&self, event: &str, answer: &str) -> bool {
        let warm = self.idle().pop();
        let is_cold = warm.is_none();
        let environment = match warm {
            Some(idle) => idle.environment,
            None => start(self.function.clone()).await,
        };
        assert_eq!(send(&environment, event).await.answer.body(), answer);
        self.idle().push(Idle { environment, since: self.minute });
        is_cold
    }

    fn pass(&mut self, minutes: u64) {
        self.minute += minutes;
        let minute = self.minute;
        self.idle().retain(|idle| idle.since + Self::RECLAIMED_AFTER >= minute);
    }
}

/// The targets of a rule are not invoked at the very same time.
const APART: Duration = Duration::from_millis(10);

/// How many of as many callers at once meet a warm environment, 25 minutes after a function was deployed that is pinged `pings`
/// times every 5 minutes.
async fn warm(pings: u32, hold_ms: u64) -> usize {
    let mut pool = Pool::new(Function::new(env!("CARGO_BIN_EXE_pings")).arg("patient"));
    let ping = ping_with(&json!({"holdMs": hold_ms}));
    for _ in 0..6 {
        pool.pass(5);
        let (pool, ping) = (&pool, &ping);
        join_all((0..pings).map(|at| async move {
            sleep(APART * at).await;
            pool.invoke(ping, WARM).await
        }))
        .await;
    }
    let cold = join_all((0..pings).map(|_| pool.invoke("{}", "{}"))).await;
    cold.into_iter().filter(|is_cold| !is_cold).count()
}

#[tokio::test]
async fn pings_that_are_held_keep_as_many_environments_warm_as_there_are() {
    println!("| pings every 5 minutes | warm without a hold | warm with `holdMs` 75 | warm with `holdMs` 500 |");
    println!("| --- | --- | --- | --- |");
    for pings in [1, 3, 5, 10] {
        let (without, brief, held) = (warm(pings, 0).await, warm(pings, 75).await, warm(pings, 500).await);
        println!("| {pings} | {without} | {brief} | {held} |");
        assert_eq!(held, pings as usize);
        assert!(without < held || pings == 1, "{without} of {pings}");
    }
}
