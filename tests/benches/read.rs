//! Reading an event: a handler without the attribute, with it, what is written by hand in its stead, and the floor; and
//! answering a ping. `cargo bench -p warm-tests --bench read` prints times, `--bench ratios` the ratios of one run.

use divan::{Bencher, black_box};
use lambda_runtime::{Context, FunctionResponse, IntoFunctionResponse, LambdaEvent};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::convert::Infallible;
use warm_runtime::{Incoming, Policy, warmable};
use warm_tests::{api_gateway_v2_with_body, read_as_the_runtime, read_by_enum, read_by_value, ready};

fn main() {
    divan::main();
}

fn without<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    read_as_the_runtime(body).ok()
}

fn with<T: DeserializeOwned>(body: &[u8]) -> Option<Incoming<T>> {
    read_as_the_runtime(body).ok()
}

fn floor<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

macro_rules! events {
    ($($name:ident: $payload:ty = $body:expr;)*) => {
        $(mod $name {
            use super::*;

            events!(@readers $payload, $body, [without, with, read_by_value, read_by_enum, floor]);
        })*
    };
    (@readers $payload:ty, $body:expr, [$($reader:ident),*]) => {
        $(#[divan::bench]
        fn $reader(bencher: Bencher<'_, '_>) {
            let body = $body;
            bencher.bench_local(|| super::$reader::<$payload>(black_box(&body)));
        })*
    };
}

use aws_lambda_events::event;
use warm_tests::{compact, sample, sqs_with_10_records};

events! {
    alb: event::alb::AlbTargetGroupRequest = compact(&sample("alb-lambda-target-request-headers-only"));
    api_gateway_v1: event::apigw::ApiGatewayProxyRequest = compact(&sample("apigw-request"));
    api_gateway_v2: event::apigw::ApiGatewayV2httpRequest = compact(&sample("apigw-v2-request-jwt-authorizer"));
    api_gateway_v2_1_mb: event::apigw::ApiGatewayV2httpRequest = api_gateway_v2_with_body(1_000_000, false);
    api_gateway_v2_1_mb_escapes: event::apigw::ApiGatewayV2httpRequest = api_gateway_v2_with_body(1_000_000, true);
    connect: event::connect::ConnectEvent = compact(&sample("connect-event"));
    dynamodb_stream: event::dynamodb::Event = compact(&sample("dynamodb-event"));
    event_bridge: event::eventbridge::EventBridgeEvent = compact(&sample("eventbridge-event-obj"));
    kinesis: event::kinesis::KinesisEvent = compact(&sample("kinesis-event"));
    s3: event::s3::S3Event = compact(&sample("s3-event"));
    sns: event::sns::SnsEvent = compact(&sample("sns-event"));
    sqs_10_records: event::sqs::SqsEvent = sqs_with_10_records();
    value: Value = compact(&sample("apigw-v2-request-jwt-authorizer"));
}

/// Pings from the event's text to the answer's, for a handler of API Gateway v2 requests.
mod ping {
    use super::*;

    enum Silent {}

    impl Policy for Silent {
        const LOG: Option<warm_runtime::Level> = None;
    }

    #[warmable(policy = Silent)]
    async fn handler(_event: LambdaEvent<event::apigw::ApiGatewayV2httpRequest>) -> Result<Value, Infallible> {
        unreachable!("a ping never reaches the handler")
    }

    #[divan::bench]
    fn with(bencher: Bencher<'_, '_>) {
        let body = compact(&sample("eventbridge-schedule"));
        bencher.bench_local(|| {
            let event = read_as_the_runtime(black_box(&body)).expect("a ping can be read");
            let Ok(outcome) = ready(handler(LambdaEvent::new(event, Context::default())));
            answer(outcome)
        });
    }

    fn answer<B: serde::Serialize, S>(outcome: impl IntoFunctionResponse<B, S>) -> Vec<u8> {
        match outcome.into_response() {
            FunctionResponse::BufferedResponse(answer) => serde_json::to_vec(&answer).expect("an answer is JSON"),
            FunctionResponse::StreamingResponse(_) => unreachable!("an answer is not streamed"),
        }
    }

    #[divan::bench]
    fn by_value(bencher: Bencher<'_, '_>) {
        let body = compact(&sample("eventbridge-schedule"));
        bencher.bench_local(|| {
            let value: Value = read_as_the_runtime(black_box(&body)).expect("a ping is JSON");
            assert_eq!(value["source"], "aws.events");
            let answer =
                serde_json::json!({"eventStatusCode": 200, "eventResponse": "warm", "eventType": "EventBridge"});
            serde_json::to_vec(&answer).expect("an answer is JSON")
        });
    }
}
