//! The payload, the response and the error of the handlers.

use lambda_runtime::Diagnostic;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(crate) struct Order {
    pub(crate) id: u32,
    #[serde(default)]
    pub(crate) items: Vec<String>,
}

impl Order {
    pub(crate) fn receipt(self, greeting: &'static str) -> Receipt {
        Receipt { greeting, id: self.id, items: self.items }
    }
}

#[derive(Serialize)]
pub(crate) struct Receipt {
    greeting: &'static str,
    id: u32,
    items: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error("order {0} is sold out")]
    SoldOut(u32),
}

impl From<OrderError> for Diagnostic {
    fn from(error: OrderError) -> Self {
        Self { error_type: "OrderError".to_owned(), error_message: error.to_string() }
    }
}

pub(crate) struct Client {
    pub(crate) greeting: &'static str,
}
