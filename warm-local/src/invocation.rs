//! What comes back from an invocation.

use crate::Log;
use axum::http::HeaderMap;
use bytes::Bytes;
use std::time::Duration;

/// One invocation that the function answered.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id under which the function knew it.
    pub request_id: String,
    /// The response or the error.
    pub answer: Answer,
    /// From the hand-over of the event to the last byte of the answer: what Lambda's `REPORT` line
    /// calls the duration. Time spent waiting for the function to be free is not in it.
    pub elapsed: Duration,
    /// What the function wrote in that time. In a concurrent environment, lines of invocations
    /// that overlap are among them.
    pub log: Log,
}

/// What a function answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// What it posted to the Runtime API's `/response`.
    Response(Response),
    /// What it posted to the Runtime API's `/error`.
    Error(FunctionError),
}

impl Answer {
    /// The bytes of the response or of the error.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        match self {
            Self::Response(response) => &response.body,
            Self::Error(error) => &error.body,
        }
    }

    /// The response, if it is one.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        match self {
            Self::Response(response) => Some(response),
            Self::Error(_) => None,
        }
    }

    /// The error, if it is one.
    #[must_use]
    pub fn error(&self) -> Option<&FunctionError> {
        match self {
            Self::Response(_) => None,
            Self::Error(error) => Some(error),
        }
    }
}

/// A response, as the function posted it.
#[derive(Debug, Clone)]
pub struct Response {
    /// The whole body; of a streamed response the chunks put together, prelude included.
    pub body: Bytes,
    /// The chunks of a streamed response, in the order of their arrival; empty for a buffered one.
    pub chunks: Vec<Bytes>,
    /// The headers of the function's request, and the trailers of a streamed one.
    pub headers: HeaderMap,
}

impl Response {
    /// Whether the function streamed it (`Lambda-Runtime-Function-Response-Mode: streaming`).
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        is_streamed(&self.headers)
    }
}

/// An error, as the function posted it.
#[derive(Debug, Clone)]
pub struct FunctionError {
    /// The `Lambda-Runtime-Function-Error-Type` header; empty if there was none.
    pub error_type: String,
    /// The body, which runtimes write as `{"errorType":…,"errorMessage":…}`.
    pub body: Bytes,
    /// The headers of the function's request.
    pub headers: HeaderMap,
}

impl FunctionError {
    pub(crate) fn new(headers: HeaderMap, body: Bytes) -> Self {
        let error_type = headers
            .get("lambda-runtime-function-error-type")
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default();
        Self { error_type, body, headers }
    }
}

pub(crate) fn is_streamed(headers: &HeaderMap) -> bool {
    headers
        .get("lambda-runtime-function-response-mode")
        .is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"streaming"))
}
