//! What a real invocation pays so that `environment()` can tell of it: an event on its way to the handler, with the record and
//! without.

use divan::Bencher;
use lambda_runtime::{Context, LambdaEvent};
use warm_runtime::Incoming;

fn main() {
    divan::main();
}

/// As Lambda gives it, with a deadline.
fn context() -> Context {
    let mut context = Context::default();
    context.deadline = 4_102_444_800_000;
    context
}

#[divan::bench]
fn recorded(bencher: Bencher<'_, '_>) {
    let event = || LambdaEvent::new(Incoming::<u32>::from(7), context());
    bencher.with_inputs(event).bench_local_values(Incoming::open);
}

#[divan::bench]
fn not_recorded(bencher: Bencher<'_, '_>) {
    let event = || LambdaEvent::new(Ok(7_u32), context());
    bencher.with_inputs(event).bench_local_values(open);
}

/// What opening an event is beside the record.
fn open(event: LambdaEvent<Result<u32, Box<str>>>) -> Result<LambdaEvent<u32>, Box<Context>> {
    let LambdaEvent { payload, context } = event;
    match payload {
        Ok(payload) => Ok(LambdaEvent { payload, context }),
        Err(_) => Err(Box::new(context)),
    }
}

/// What a handler pays that asks.
#[divan::bench]
fn asked(bencher: Bencher<'_, '_>) {
    // The first to ask finds out when the process started.
    warm_runtime::environment();
    bencher.bench_local(warm_runtime::environment);
}

/// Most of that: the clock.
#[divan::bench]
fn clock() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
