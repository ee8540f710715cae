//! The simulator that keeps the state of the Runtime API, and the connection to it.
//!
//! `lambda-simulator` remembers every invocation for as long as it lives. An environment that is
//! to last for a hundred thousand of them therefore changes to a fresh simulator now and then.

use axum::body::Body;
use axum::http::{Request, Response};
use bytes::Bytes;
use lambda_simulator::{Invocation, Simulator, SimulatorError};
use std::sync::Arc;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How many invocations one simulator keeps: about a megabyte's worth.
const INVOCATIONS: usize = 1_000;

/// The simulator in use.
#[derive(Debug)]
pub(crate) struct Current {
    backend: Arc<Backend>,
    invocations: usize,
}

impl Current {
    pub(crate) async fn start() -> Result<Self, BoxError> {
        Ok(Self { backend: Arc::new(Backend::start().await?), invocations: 0 })
    }

    pub(crate) fn backend(&self) -> Arc<Backend> {
        Arc::clone(&self.backend)
    }

    /// The simulator for one more invocation. Those under way hold on to the one they began with.
    pub(crate) async fn for_invocation(&mut self) -> Result<Arc<Backend>, BoxError> {
        // An extension is registered with the simulator that it found at its start.
        if self.invocations >= INVOCATIONS && !self.backend.has_extensions().await {
            *self = Self::start().await?;
        }
        self.invocations += 1;
        Ok(self.backend())
    }
}

pub(crate) struct Backend {
    // `None` only while it is dropped.
    simulator: Option<Simulator>,
    // One client each, so that its connections, which keep the simulator's state alive, go with it.
    client: reqwest::Client,
    url: String,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Backend {
    async fn start() -> Result<Self, BoxError> {
        let simulator = Simulator::builder().build().await.map_err(|error: SimulatorError| error.to_string())?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = simulator.runtime_api_url();
        Ok(Self { simulator: Some(simulator), client, url })
    }

    fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().expect("it is taken in `drop` only")
    }

    async fn has_extensions(&self) -> bool {
        self.simulator().extension_count().await > 0
    }

    pub(crate) async fn enqueue(&self, invocation: Invocation) {
        self.simulator().enqueue(invocation).await;
    }

    pub(crate) async fn get(&self, path: &str) -> Result<reqwest::Response, reqwest::Error> {
        self.client.get(format!("{}{path}", self.url)).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &'static str) -> Result<Response<Body>, reqwest::Error> {
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        answer(request.send().await?).await
    }

    /// Passes a request on as it is.
    pub(crate) async fn forward(&self, request: Request<Bytes>) -> Result<Response<Body>, reqwest::Error> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self.client.request(parts.method, format!("{}{path}", self.url)).headers(parts.headers);
        answer(request.body(body).send().await?).await
    }
}

async fn answer(response: reqwest::Response) -> Result<Response<Body>, reqwest::Error> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    *answer.body_mut() = response.bytes().await?.into();
    Ok(answer)
}

impl Drop for Backend {
    fn drop(&mut self) {
        // Without a runtime the simulator's server is gone already.
        if let (Some(simulator), Ok(runtime)) = (self.simulator.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(simulator.shutdown());
        }
    }
}
