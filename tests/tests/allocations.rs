//! What the wrapper costs an ordinary event in memory: nothing.

use allocation_counter::{AllocationInfo, measure};
use lambda_runtime::{Context, Error, LambdaEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::fmt::Debug;
use std::hint::black_box;
use warm_runtime::{Incoming, warmable};
use warm_tests::{each_ordinary_event, read_as_the_runtime, ready};

fn allocations<T>(read: impl Fn() -> T) -> AllocationInfo {
    measure(|| drop(black_box(read())))
}

#[test]
fn an_ordinary_event_takes_no_more_allocations_than_without_the_attribute() {
    fn check<T: DeserializeOwned + Debug>(name: &str, body: Vec<u8>) {
        let without = allocations(|| read_as_the_runtime::<T>(&body).expect("the event fits"));
        let with = allocations(|| read_as_the_runtime::<Incoming<T>>(&body).expect("the event fits"));
        assert!(without.count_total > 0, "{name}: nothing is measured");
        assert!(with.count_total <= without.count_total, "{name}: {} and {}", with.count_total, without.count_total);
        assert!(
            with.bytes_total <= without.bytes_total,
            "{name}: {} and {} bytes",
            with.bytes_total,
            without.bytes_total
        );
    }
    each_ordinary_event!(check);
}

#[test]
fn the_wrapper_allocates_nothing_of_its_own() {
    fn check<T: DeserializeOwned>(name: &str, body: Vec<u8>) {
        let plain = allocations(|| serde_json::from_slice::<T>(&body).expect("the event fits"));
        // `serde_json` notes which brackets are open while it looks for the value's end, in a byte for each.
        let end = allocations(|| serde_json::from_slice::<&RawValue>(&body).expect("the event is JSON"));
        let incoming = allocations(|| serde_json::from_slice::<Incoming<T>>(&body).expect("the event fits"));
        assert!(end.bytes_total <= 16, "{name}: {end:?}");
        assert_eq!(incoming.count_total, plain.count_total + end.count_total, "{name}");
        assert_eq!(incoming.bytes_total, plain.bytes_total + end.bytes_total, "{name}");
    }
    each_ordinary_event!(check);
}

#[warmable]
async fn echo<T: Serialize>(event: LambdaEvent<T>) -> Result<T, Error> {
    Ok(event.payload)
}

#[test]
fn an_annotated_handler_is_called_without_an_allocation() {
    let event = LambdaEvent::new(Incoming::from([1, 2, 3]), Context::default());
    let allocations = measure(|| assert!(ready(echo(event)).is_ok_and(|outcome| outcome.into_response().is_some())));
    assert_eq!(allocations.count_total, 0);
}
