//! The ratios that the README shows, as a Markdown table: each way to read an event against the handler without the
//! attribute, by the best time of each. A time includes dropping the payload.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::hint::black_box;
use warm_runtime::Incoming;
use warm_tests::{
    api_gateway_v2_with_body, best_times, compact, each_ordinary_event, read_as_the_runtime, read_by_enum,
    read_by_value, sample,
};

fn main() {
    println!("| event | bytes | without | with | ratio | `Value` first | untagged enum | floor |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut ratios = each_ordinary_event!(ratio);
    ratio::<Value>("`Value`", compact(&sample("apigw-v2-request-jwt-authorizer")));
    let large = [("no escapes", false), ("a third escapes", true)].map(|(name, escapes)| {
        let body = api_gateway_v2_with_body(1_000_000, escapes);
        let bytes = body.len() as f64;
        let times = row::<ApiGatewayV2>(&format!("API Gateway v2, 1 MB, {name}"), body);
        format!("1 MB, {name}: {:+.3} ns a byte", (times.with - times.without) / bytes)
    });

    ratios.sort_by(f64::total_cmp);
    let median = f64::midpoint(ratios[4], ratios[5]);
    println!("\nten events: median {median:.3}, highest {:.3}\n{}", ratios[9], large.join("\n"));
}

type ApiGatewayV2 = aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;

fn ratio<T: DeserializeOwned>(name: &str, body: Vec<u8>) -> f64 {
    let times = row::<T>(name, body);
    times.with / times.without
}

/// Times in nanoseconds.
struct Times {
    without: f64,
    with: f64,
}

/// Prints a row of the table.
fn row<T: DeserializeOwned>(name: &str, body: Vec<u8>) -> Times {
    let [without, with, by_value, by_enum, floor] = best_times(&[
        &|| drop(black_box(read_as_the_runtime::<T>(black_box(&body)))),
        &|| drop(black_box(read_as_the_runtime::<Incoming<T>>(black_box(&body)))),
        &|| drop(black_box(read_by_value::<T>(black_box(&body)))),
        &|| drop(black_box(read_by_enum::<T>(black_box(&body)))),
        &|| drop(black_box(serde_json::from_slice::<T>(black_box(&body)))),
    ]);
    let ratio = |time: f64| format!("{:.2}", time / without);
    let [micros, micros_with] = [without, with].map(|time| format!("{:.2} µs", time / 1_000.0));
    let [with_ratio, by_value, by_enum, floor] = [with, by_value, by_enum, floor].map(ratio);
    let bytes = body.len();
    println!("| {name} | {bytes} | {micros} | {micros_with} | {with_ratio} | {by_value} | {by_enum} | {floor} |");
    Times { without, with }
}
