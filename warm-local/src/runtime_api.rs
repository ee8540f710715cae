//! The Runtime API as the function sees it: the simulator's, with the bytes put back.
//!
//! The simulator keeps payloads as `serde_json::Value`, which forgets the order of keys, repeated
//! keys and spacing, and refuses what is not JSON. So each invocation goes to the simulator with
//! stand-ins for its event and its answer, and this server, which stands between the two, swaps in
//! the bytes of the event and keeps those of the answer.

use crate::backend::{Backend, Current};
use crate::invocation::{Answer, FunctionError, Response as FunctionResponse, is_streamed};
use crate::log::{LogFiles, Mark};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

/// What Lambda takes from a function in a buffered response.
const MAX_RESPONSE: usize = 6_291_556;

/// How far the function has come with its initialization.
#[derive(Debug, Clone)]
pub(crate) enum Init {
    Running,
    Done,
    Failed(FunctionError),
}

/// An event that the function has been given.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) request_id: String,
    pub(crate) at: Instant,
    pub(crate) mark: Mark,
    /// Closed without an outcome if the answer breaks off.
    pub(crate) outcome: oneshot::Receiver<Outcome>,
}

/// The function's answer and when it was complete.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) at: Instant,
    pub(crate) mark: Mark,
}

/// The embedded Runtime API of one environment. Dropping it ends the server.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    queue: mpsc::UnboundedSender<Waiting>,
    init: watch::Receiver<Init>,
    shared: Arc<Shared>,
    _server: JoinSet<io::Result<()>>,
}

#[derive(Debug)]
struct Shared {
    function_arn: String,
    timeout: Duration,
    logs: Arc<LogFiles>,
    init: watch::Sender<Init>,
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Waiting>>,
    in_flight: Mutex<HashMap<String, InFlight>>,
    current: tokio::sync::Mutex<Current>,
}

/// An event that waits for the function to ask for it.
#[derive(Debug)]
struct Waiting {
    event: Bytes,
    delivered: oneshot::Sender<Delivery>,
}

/// An event that the function is working on.
#[derive(Debug)]
struct InFlight {
    // Taken when the event is handed over.
    waiting: Option<Waiting>,
    outcome: Option<oneshot::Sender<Outcome>>,
    backend: Arc<Backend>,
}

impl RuntimeApi {
    pub(crate) async fn start(function_arn: String, timeout: Duration, logs: Arc<LogFiles>) -> Result<Self, BoxError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let (init_sender, init) = watch::channel(Init::Running);
        let shared = Arc::new(Shared {
            function_arn,
            timeout,
            logs,
            init: init_sender,
            queue: receiver.into(),
            in_flight: Mutex::default(),
            current: Current::start().await?.into(),
        });
        let router = Router::new()
            .route(NEXT, get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .fallback(forward)
            .with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(axum::serve(listener, router).into_future());
        Ok(Self { address, queue: sender, init, shared, _server: server })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Queues an event; the receiver gets its turn when the function asks for it.
    pub(crate) fn enqueue(&self, event: Bytes) -> oneshot::Receiver<Delivery> {
        let (delivered, delivery) = oneshot::channel();
        // `shared` keeps the other end, so this cannot fail while `self` is there.
        let _ = self.queue.send(Waiting { event, delivered });
        delivery
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.shared.in_flight().is_empty()
    }

    /// Waits for the end of the initialization, good or bad.
    pub(crate) async fn initialized(&self) -> Init {
        let mut init = self.init.clone();
        let ended = init.wait_for(|init| !matches!(init, Init::Running)).await;
        ended.expect("`shared` keeps the sender").clone()
    }
}

impl Shared {
    fn in_flight(&self) -> std::sync::MutexGuard<'_, HashMap<String, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next event that somebody still waits for.
    async fn next_waiting(&self) -> Option<Waiting> {
        let mut queue = self.queue.lock().await;
        loop {
            let waiting = queue.recv().await?;
            if !waiting.delivered.is_closed() {
                return Some(waiting);
            }
        }
    }

    /// Gives the simulator a stand-in for the event, and has it make the headers.
    async fn hand_over(&self, waiting: Waiting) -> Result<Response, BoxError> {
        let backend = self.current.lock().await.for_invocation().await?;
        let timeout = u64::try_from(self.timeout.as_millis())?;
        let mut invocation = lambda_simulator::Invocation::new(Value::Null, timeout);
        invocation.invoked_function_arn.clone_from(&self.function_arn);
        let entry = InFlight { waiting: Some(waiting), outcome: None, backend: Arc::clone(&backend) };
        self.in_flight().insert(invocation.request_id.clone(), entry);
        backend.enqueue(invocation).await;
        let answer = backend.get(NEXT).await?.error_for_status()?;

        let mut headers = answer.headers().clone();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        let request_id = headers.get("lambda-runtime-aws-request-id").ok_or("the simulator gave no request id")?;
        // With several requests under way, the simulator may hand out another one's invocation.
        let event = self.deliver(request_id.to_str()?.to_owned())?;
        Ok((headers, event).into_response())
    }

    fn deliver(&self, request_id: String) -> Result<Bytes, BoxError> {
        let (sender, outcome) = oneshot::channel();
        let waiting = {
            let mut in_flight = self.in_flight();
            let entry = in_flight.get_mut(&request_id).ok_or("the simulator gave an unknown request id")?;
            entry.outcome = Some(sender);
            entry.waiting.take().ok_or("the simulator gave the same invocation twice")?
        };
        let delivery = Delivery { request_id, at: Instant::now(), mark: self.logs.mark()?, outcome };
        // Whoever waited may have given up; the function then works for nobody.
        let _ = waiting.delivered.send(delivery);
        Ok(waiting.event)
    }

    /// Ends an invocation: with the answer here, with a stand-in at the simulator.
    async fn finish(&self, in_flight: InFlight, id: &str, answer: Answer) -> Result<Response, BoxError> {
        let path = match &answer {
            Answer::Response(_) => format!("/2018-06-01/runtime/invocation/{id}/response"),
            Answer::Error(_) => format!("/2018-06-01/runtime/invocation/{id}/error"),
        };
        let outcome = Outcome { answer, at: Instant::now(), mark: self.logs.mark()? };
        if let Some(sender) = in_flight.outcome {
            let _ = sender.send(outcome);
        }
        Ok(in_flight.backend.post(&path, "{}").await?)
    }

    fn take(&self, id: &str) -> Result<InFlight, Failure> {
        self.in_flight()
            .remove(id)
            .ok_or_else(|| Failure(StatusCode::BAD_REQUEST, format!("no invocation `{id}` is waiting for an answer")))
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Result<Response, Failure> {
    shared.init.send_if_modified(|init| {
        let first = matches!(init, Init::Running);
        if first {
            *init = Init::Done;
        }
        first
    });
    match shared.next_waiting().await {
        Some(waiting) => Ok(shared.hand_over(waiting).await?),
        None => Err(Failure(StatusCode::GONE, "the environment is shut down".to_owned())),
    }
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let in_flight = shared.take(&id)?;
    let response = read(headers, body).await?;
    if response.chunks.is_empty() && response.body.len() > MAX_RESPONSE {
        shared.finish(in_flight, &id, Answer::Error(too_large())).await?;
        return Err(Failure(StatusCode::PAYLOAD_TOO_LARGE, too_large_message()));
    }
    Ok(shared.finish(in_flight, &id, Answer::Response(response)).await?)
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let in_flight = shared.take(&id)?;
    let response = read(headers, body).await?;
    let error = FunctionError::new(response.headers, response.body);
    Ok(shared.finish(in_flight, &id, Answer::Error(error)).await?)
}

async fn init_error(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, Failure> {
    let response = read(headers, body).await?;
    shared.init.send_replace(Init::Failed(FunctionError::new(response.headers, response.body)));
    Ok(StatusCode::ACCEPTED)
}

/// Whatever else Lambda offers, above all the Extensions API, is the simulator's to answer.
async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Result<Response, Failure> {
    let backend = shared.current.lock().await.backend();
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(backend.forward(Request::from_parts(parts, body)).await?)
}

/// Reads a body to its end, keeping the chunks of a streamed one.
async fn read(mut headers: HeaderMap, mut body: Body) -> Result<FunctionResponse, axum::Error> {
    let streamed = is_streamed(&headers);
    let mut chunks = Vec::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await.transpose()? {
        match frame.into_data() {
            Ok(chunk) => {
                whole.extend_from_slice(&chunk);
                if streamed {
                    chunks.push(chunk);
                }
            }
            Err(frame) => headers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok(FunctionResponse { body: whole.freeze(), chunks, headers })
}

fn too_large_message() -> String {
    format!("Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).")
}

/// What the caller of a function gets whose response is too large.
fn too_large() -> FunctionError {
    let error_type = "Function.ResponseSizeTooLarge";
    let body = serde_json::json!({"errorType": error_type, "errorMessage": too_large_message()});
    FunctionError { error_type: error_type.to_owned(), body: body.to_string().into(), headers: HeaderMap::new() }
}

/// A request that the Runtime API refuses.
struct Failure(StatusCode, String);

impl<E: Into<BoxError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.into().to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
