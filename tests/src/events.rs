use crate::sample;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Calls `$check::<T>(name, body)` for ten events of ordinary size, and makes an array of what it returns.
#[macro_export]
macro_rules! each_ordinary_event {
    ($check:ident) => {{
        use aws_lambda_events::event::{alb, apigw, connect, dynamodb, eventbridge, kinesis, s3, sns, sqs};
        let body = |name| $crate::compact(&$crate::sample(name));
        [
            $check::<apigw::ApiGatewayProxyRequest>("API Gateway v1", body("apigw-request")),
            $check::<apigw::ApiGatewayV2httpRequest>("API Gateway v2", body("apigw-v2-request-jwt-authorizer")),
            $check::<alb::AlbTargetGroupRequest>("ALB", body("alb-lambda-target-request-headers-only")),
            $check::<sqs::SqsEvent>("SQS, 10 records", $crate::sqs_with_10_records()),
            $check::<sns::SnsEvent>("SNS", body("sns-event")),
            $check::<s3::S3Event>("S3", body("s3-event")),
            $check::<kinesis::KinesisEvent>("Kinesis", body("kinesis-event")),
            $check::<dynamodb::Event>("DynamoDB stream", body("dynamodb-event")),
            $check::<connect::ConnectEvent>("Connect", body("connect-event")),
            $check::<eventbridge::EventBridgeEvent>("EventBridge", body("eventbridge-event-obj")),
        ]
    }};
}

/// An SQS event with ten records.
#[must_use]
pub fn sqs_with_10_records() -> Vec<u8> {
    let event = String::from_utf8(compact(&sample("sqs-event"))).expect("compact JSON is Unicode");
    let records = event.strip_prefix(r#"{"Records":["#).and_then(|rest| rest.strip_suffix("]}"));
    let record = records.expect("the sample has records and nothing else");
    format!(r#"{{"Records":[{}]}}"#, [record; 10].join(",")).into_bytes()
}

/// An API Gateway v2 request whose body is a string of about `len` bytes as JSON, without escapes, or with escapes in one
/// third of them.
///
/// # Panics
///
/// Never: it makes JSON of JSON.
#[must_use]
pub fn api_gateway_v2_with_body(len: usize, escapes: bool) -> Vec<u8> {
    // Twelve bytes of JSON either way; in the second, four of them are escapes.
    let text = if escapes { "ab\"cd\"efgh" } else { "abcdefghijkl" };
    let mut event: Value =
        serde_json::from_slice(&sample("apigw-v2-request-jwt-authorizer")).expect("a sample is JSON");
    event["body"] = json!(text.repeat(len / 12));
    serde_json::to_vec(&event).expect("a value is JSON")
}

/// The same JSON without space between its tokens, as Lambda sends it.
///
/// # Panics
///
/// If it is not JSON.
#[must_use]
pub fn compact(json: &[u8]) -> Vec<u8> {
    let json: &RawValue = serde_json::from_slice(json).expect("the body is JSON");
    let mut in_string = false;
    let mut escaped = false;
    let kept = json.get().bytes().filter(|byte| {
        if in_string {
            (escaped, in_string) = (*byte == b'\\' && !escaped, *byte != b'"' || escaped);
            return true;
        }
        in_string = *byte == b'"';
        !byte.is_ascii_whitespace()
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_json_says_the_same() {
        for sample in crate::samples() {
            let compact = compact(&sample.json);
            let [one, other]: [Value; 2] =
                [&sample.json, &compact].map(|json| serde_json::from_slice(json).expect("the body is JSON"));
            assert_eq!(one, other, "{}", sample.name);
            assert!(compact.len() <= sample.json.len());
        }
    }

    #[test]
    fn a_third_of_the_large_body_is_escapes() {
        let body = api_gateway_v2_with_body(1_000_000, true);
        let backslashes = body.iter().filter(|byte| **byte == b'\\').count();
        assert!((0.32..0.35).contains(&(2.0 * backslashes as f64 / body.len() as f64)));
    }
}
