//! A service that is a type of its own: one that is neither `Clone` nor `Send`, one that is both, and a boxed one.

#![deny(warnings, missing_docs, unreachable_pub)]

use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use lambda_runtime::tower::util::BoxService;
use lambda_runtime::{Diagnostic, LambdaEvent, Service};
use serde::Deserialize;
use warm_runtime::{Incoming, Outcome, WarmLayer, WarmService};

#[derive(Deserialize)]
struct Request {
    name: String,
}

struct Greeter<G> {
    greeting: G,
}

#[derive(Debug)]
struct Overloaded;

impl From<Overloaded> for Diagnostic {
    fn from(_: Overloaded) -> Self {
        Diagnostic { error_type: "Overloaded".into(), error_message: "no more greetings".into() }
    }
}

impl<G: AsRef<str>> Service<LambdaEvent<Request>> for Greeter<G> {
    type Response = String;
    type Error = Overloaded;
    type Future = Ready<Result<String, Overloaded>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Overloaded>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaEvent<Request>) -> Self::Future {
        ready(Ok(format!("{} {}", self.greeting.as_ref(), event.payload.name)))
    }
}

impl<G: Clone> Clone for Greeter<G> {
    fn clone(&self) -> Self {
        Self { greeting: self.greeting.clone() }
    }
}

/// The warm service can be named where a program has to.
struct Program {
    service: WarmService<Greeter<String>>,
}

impl Program {
    fn serve(&mut self, event: LambdaEvent<Incoming<Request>>) -> impl Future<Output = Result<Outcome<String>, Overloaded>> {
        self.service.call(event)
    }
}

fn main() {
    use lambda_runtime::tower::Layer;

    drop(warm_runtime::run(Greeter { greeting: Rc::<str>::from("hello") }));
    drop(warm_runtime::run_concurrent(Greeter { greeting: Arc::<str>::from("hello") }));
    drop(warm_runtime::run(BoxService::new(Greeter { greeting: "hello" })));

    let mut program = Program { service: WarmLayer::new().layer(Greeter { greeting: String::from("hello") }) };
    drop(program.serve(LambdaEvent::new(Request { name: String::new() }.into(), Default::default())));
}
