//! The sample events that `aws_lambda_events` ships, one of which is a ping.

use serde_json::Value;
use warm_runtime::Incoming;
use warm_tests::{Sample, payload, read_as_the_runtime, samples};

fn is_ping(sample: &Sample) -> bool {
    let read: Incoming<Value> = serde_json::from_slice(&sample.json).expect("a sample is JSON");
    read.is_ping()
}

#[test]
fn the_scheduled_event_is_the_only_ping_among_the_samples() {
    let samples = samples();
    assert!(samples.len() >= 173, "only {} samples", samples.len());
    let pings: Vec<_> = samples.iter().filter(|sample| is_ping(sample)).map(|sample| &sample.name).collect();
    assert_eq!(pings, ["eventbridge-schedule"]);
}

#[test]
fn every_other_sample_reads_as_the_same_value() {
    for sample in samples().iter().filter(|sample| !is_ping(sample)) {
        let plain: Value = read_as_the_runtime(&sample.json).expect("a sample is JSON");
        let incoming: Incoming<Value> = read_as_the_runtime(&sample.json).expect("a sample is JSON");
        assert_eq!(payload(incoming), Some(plain), "{}", sample.name);
    }
}
