//! Where events wait for one another, so that a test can order what happens in several slots without a clock.

use std::sync::Arc;
use tokio::sync::watch;

/// What the events of one process share.
#[derive(Clone)]
pub(crate) struct Room {
    waiting: Arc<watch::Sender<usize>>,
    open: Arc<watch::Sender<bool>>,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self { waiting: Arc::new(watch::Sender::new(0)), open: Arc::new(watch::Sender::new(false)) }
    }

    /// `wait` ends when the room opens, `meet/3` when three events wait in it, and `open` opens it.
    pub(crate) async fn obey(&self, order: &str) -> String {
        match order.split_once('/').map(|(order, number)| (order, number.parse())) {
            Some(("meet", Ok(number))) => met(&self.waiting, |waiting| *waiting >= number).await,
            _ if order == "wait" => {
                self.waiting.send_modify(|waiting| *waiting += 1);
                met(&self.open, |open| *open).await;
            }
            _ if order == "open" => drop(self.open.send_replace(true)),
            _ => return format!("`{order}` is no order"),
        }
        order.to_owned()
    }
}

async fn met<T>(state: &watch::Sender<T>, condition: impl FnMut(&T) -> bool) {
    state.subscribe().wait_for(condition).await.expect("the room keeps the sender");
}
