//! What a warmable handler returns: the handler's own response, or the answer to a ping. It is neither boxed nor converted:
//! `lambda_runtime` sees a response of the handler's kind, buffered or streaming, and a ping is always buffered.

use lambda_runtime::{FunctionResponse, IntoFunctionResponse};
use serde::{Serialize, Serializer};

use crate::{Case, WarmResponse};

/// What a warmable handler returns: its response `R`, or the answer to a ping.
///
/// `lambda_runtime` accepts it wherever it accepts `R`: any `Serialize`, `StreamResponse` or `FunctionResponse`.
///
/// ```
/// # use lambda_runtime::{Context, Error, LambdaEvent};
/// # use warm_runtime::{Incoming, warmable};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// #[warmable]
/// async fn handler(event: LambdaEvent<u32>) -> Result<u32, Error> {
///     Ok(event.payload + 1)
/// }
///
/// let ping: Incoming<u32> = serde_json::from_str(r#"{"source":"aws.events","detail":{}}"#)?;
/// let outcome = handler(LambdaEvent::new(ping, Context::default())).await?;
/// assert_eq!(outcome.warm_response().map(|answer| answer.event_status_code), Some(200));
/// assert_eq!(outcome.into_response(), None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Outcome<R>(Kind<R>);

#[derive(Debug)]
enum Kind<R> {
    Response(R),
    Ping(WarmResponse, Case),
}

impl<R> Outcome<R> {
    pub(crate) fn ping(answer: WarmResponse, case: Case) -> Self {
        Self(Kind::Ping(answer, case))
    }

    /// The handler's response; `None` if this answers a ping.
    pub fn into_response(self) -> Option<R> {
        match self.0 {
            Kind::Response(response) => Some(response),
            Kind::Ping(..) => None,
        }
    }

    /// The answer to a ping; `None` if this is the handler's response.
    pub fn warm_response(&self) -> Option<&WarmResponse> {
        match &self.0 {
            Kind::Response(_) => None,
            Kind::Ping(answer, _) => Some(answer),
        }
    }
}

impl<R> From<R> for Outcome<R> {
    fn from(response: R) -> Self {
        Self(Kind::Response(response))
    }
}

impl<R, B, S> IntoFunctionResponse<Payload<B>, S> for Outcome<R>
where
    R: IntoFunctionResponse<B, S>,
{
    fn into_response(self) -> FunctionResponse<Payload<B>, S> {
        match self.0 {
            Kind::Ping(answer, case) => FunctionResponse::BufferedResponse(Payload(Kind::Ping(answer, case))),
            Kind::Response(response) => match response.into_response() {
                FunctionResponse::BufferedResponse(body) => {
                    FunctionResponse::BufferedResponse(Payload(Kind::Response(body)))
                }
                FunctionResponse::StreamingResponse(stream) => FunctionResponse::StreamingResponse(stream),
            },
        }
    }
}

/// The buffered body of an [`Outcome`]. It serializes as the handler's body `B` does, or as the answer to a ping.
#[derive(Debug)]
pub struct Payload<B>(Kind<B>);

impl<B: Serialize> Serialize for Payload<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Kind::Response(body) => body.serialize(serializer),
            Kind::Ping(answer, case) => answer.serialize_in(*case, serializer),
        }
    }
}
