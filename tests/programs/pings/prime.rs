//! A prime that does as its ping says.

use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::Deserialize;
use warm_runtime::Ping;

/// What a ping's `detail` may say.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    prime: Order,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Succeed,
    Fail,
    FailAtLength,
    Panic,
    PanicAtOnce,
    PanicWhenShown,
    PanicWhenDropped,
    Hang,
    Block,
    BlockAndHang,
}

fn order(ping: &Ping) -> Order {
    let detail = ping.event.detail.as_ref().map(|detail| serde_json::from_str(detail.get()));
    detail.and_then(Result::ok).map_or_else(Order::default, |detail: Detail| detail.prime)
}

pub(crate) async fn obey(ping: &Ping) -> anyhow::Result<()> {
    match order(ping) {
        Order::Succeed | Order::PanicAtOnce => Ok(()),
        Order::Fail => Err(anyhow!("connection refused")).context("no database"),
        Order::FailAtLength => Err(anyhow!("\u{1F980}".repeat(2_000_000))),
        Order::Panic => panic!("no route"),
        Order::PanicWhenShown => Err(anyhow!(Unspeakable)),
        Order::PanicWhenDropped => {
            let _bomb = Bomb;
            std::future::pending().await
        }
        Order::Hang => std::future::pending().await,
        Order::Block => {
            thread::sleep(Duration::from_millis(300));
            Ok(())
        }
        Order::BlockAndHang => {
            thread::sleep(Duration::from_millis(300));
            std::future::pending().await
        }
    }
}

/// The same as a layer takes it, which may panic before it has a future.
pub(crate) fn obey_in_a_closure(ping: Ping) -> impl Future<Output = anyhow::Result<()>> + Send {
    if matches!(order(&ping), Order::PanicAtOnce) {
        panic!("no route");
    }
    async move { obey(&ping).await }
}

#[derive(Debug)]
struct Unspeakable;

impl std::fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no words")
    }
}

impl std::error::Error for Unspeakable {}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("no way out")
    }
}
