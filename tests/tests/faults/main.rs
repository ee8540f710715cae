//! What could go wrong with pings in a long life: memory that grows, and primes that fail in every way among real events.

mod endless;

use endless::Endless;
use fastrand::Rng;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use warm_local::{Environment, Function};
use warm_runtime::WarmResponse;
use warm_tests::{WARM, ping_with, send, start};

fn function(handler: &str) -> Function {
    Function::new(env!("CARGO_BIN_EXE_pings")).arg(handler)
}

const WARM_BEGINS: &[u8] = br#"{"eventStatusCode":200,"eventResponse":"warm","eventType":"EventBridge","#;
const FAILED_BEGINS: &[u8] = br#"{"eventStatusCode":500,"eventResponse":"no database: connection refused","#;

/// The pings prime, log, report and measure; one in two primes in vain.
#[test]
fn a_hundred_thousand_pings_take_no_memory() {
    const PINGS: usize = 100_000;
    const WARM_UP: usize = PINGS / 10;
    let pings = ["succeed", "fail"].map(|order| ping_with(&json!({"prime": order})));
    let function = Endless::start(env!("CARGO_BIN_EXE_pings"), "measured", pings);
    let mut resident_kb = Vec::new();
    for answered in 1..=PINGS {
        let answer = function.answer();
        // Every answer is looked at, with as little work as may be.
        let expected = if answer.starts_with(WARM_BEGINS) { WARM_BEGINS } else { FAILED_BEGINS };
        assert!(answer.starts_with(expected), "{}", String::from_utf8_lossy(&answer));
        if answered % WARM_UP == 0 {
            resident_kb.push(function.resident_kb());
        }
    }
    println!("resident memory in kB after every {WARM_UP} pings: {resident_kb:?}");
    // 12 bytes a ping would be more.
    assert!(resident_kb[9] < resident_kb[0] + 1_024, "{resident_kb:?}");
}

#[tokio::test]
async fn pings_that_go_wrong_harm_no_real_event() {
    let environment = start(function("impatient")).await;
    invoke_at_random(&environment, Rng::with_seed(1), 150).await;
}

#[tokio::test]
async fn pings_that_go_wrong_harm_no_real_event_behind_a_layer() {
    let environment = start(function("layered").timeout(Duration::from_secs(2))).await;
    invoke_at_random(&environment, Rng::with_seed(2), 40).await;
}

#[tokio::test]
async fn pings_that_overrun_their_deadline_harm_no_real_event() {
    let environment = start(function("lasting").timeout(Duration::from_secs(2))).await;
    invoke_at_random(&environment, Rng::with_seed(3), 30).await;
}

#[tokio::test]
async fn pings_that_go_wrong_harm_no_real_event_at_their_side() {
    for (seed, handler) in [(4, "impatient"), (5, "lasting")] {
        let environment = Arc::new(start(function(handler).concurrency(4).timeout(Duration::from_secs(3))).await);
        let mut callers = JoinSet::new();
        for caller in 0..4 {
            let environment = Arc::clone(&environment);
            callers.spawn(async move { invoke_at_random(&environment, Rng::with_seed(seed * 4 + caller), 25).await });
        }
        callers.join_all().await;
    }
}

/// Invokes a function with pings and real events as they come, and asserts that each gets its own answer.
async fn invoke_at_random(environment: &Environment, mut rng: Rng, times: usize) {
    for _ in 0..times {
        if rng.bool() {
            let event = json!({"id": rng.u64(..), "text": "x".repeat(rng.usize(..1_000))}).to_string();
            let invocation = send(environment, event.as_str()).await;
            let response = invocation.answer.response().unwrap_or_else(|| panic!("{event}: {invocation:?}"));
            assert_eq!(response.body, event);
        } else {
            let (detail, is_warm) = faulty(&mut rng);
            let invocation = send(environment, ping_with(&detail)).await;
            let response = invocation.answer.response().unwrap_or_else(|| panic!("{detail}: {invocation:?}"));
            let failed =
                || serde_json::from_slice::<WarmResponse>(&response.body).is_ok_and(|it| it.event_status_code == 500);
            assert!(if is_warm { response.body == WARM } else { failed() }, "{detail}: {response:?}");
        }
    }
}

/// What a ping asks for, and whether it is answered as warm.
fn faulty(rng: &mut Rng) -> (Value, bool) {
    const ORDERS: [(&str, bool); 9] = [
        ("succeed", true),
        ("block", true),
        ("fail", false),
        ("fail_at_length", false),
        ("panic", false),
        ("panic_when_shown", false),
        ("panic_when_dropped", false),
        ("hang", false),
        ("block_and_hang", false),
    ];
    let (order, is_warm) = ORDERS[rng.usize(..ORDERS.len())];
    let hold = [json!(null), json!(-1), json!(rng.u32(..50)), json!(0.5), json!(1e300)][rng.usize(..5)].clone();
    (json!({"prime": order, "holdMs": hold}), is_warm)
}
