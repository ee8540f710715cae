//! What a real invocation pays so that `environment()` can tell of it: an event on its way to the handler, with the record and
//! without.

use divan::Bencher;
use lambda_runtime::{Context, LambdaEvent};
use warm_runtime::Incoming;

fn main() {
    divan::main();
}

#[divan::bench]
fn recorded(bencher: Bencher<'_, '_>) {
    let event = || LambdaEvent::new(Incoming::<u32>::from(7), Context::default());
    bencher.with_inputs(event).bench_local_values(Incoming::open);
}

#[divan::bench]
fn not_recorded(bencher: Bencher<'_, '_>) {
    let event = || LambdaEvent::new(7_u32, Context::default());
    bencher.with_inputs(event).bench_local_values(|LambdaEvent { payload, context }| LambdaEvent { payload, context });
}

/// What a handler pays that asks.
#[divan::bench]
fn asked() -> warm_runtime::Environment {
    warm_runtime::environment()
}
