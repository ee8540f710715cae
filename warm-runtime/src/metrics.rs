//! Figures about pings, for CloudWatch. A line in its embedded metric format becomes metrics wherever the function's log goes
//! to CloudWatch: no API call, no permission.
//!
//! The format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use crate::Ping;
use crate::log::write_line;
use crate::prime::Primed;

/// Writes the ping's line. Where nothing primes, nothing is said of priming.
pub(crate) fn write(namespace: &str, ping: &Ping, primed: Option<&Primed>) {
    write_line(&line(namespace, ping, primed));
}

fn line(namespace: &str, ping: &Ping, primed: Option<&Primed>) -> Value {
    let cold = ping.environment.is_cold();
    let mut figures = vec![
        ("ColdPings", "Count", json!(u8::from(cold))),
        ("WarmPings", "Count", json!(u8::from(!cold))),
        ("IdleSeconds", "Seconds", json!(ping.environment.idle.as_secs())),
    ];
    if let Some(primed) = primed {
        figures.push(("PrimeFailures", "Count", json!(u8::from(primed.result.is_err()))));
        figures.push(("PrimeMilliseconds", "Milliseconds", json!(primed.elapsed.as_secs_f64() * 1e3)));
    }
    let definitions: Vec<_> = figures.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut line = Map::new();
    let directive = json!({"Namespace": namespace, "Dimensions": [["FunctionName"]], "Metrics": definitions});
    line.insert("_aws".into(), json!({"Timestamp": now.as_millis() as u64, "CloudWatchMetrics": [directive]}));
    line.insert("FunctionName".into(), json!(ping.context.env_config.function_name));
    line.extend(figures.into_iter().map(|(name, _, value)| (name.to_owned(), value)));
    Value::Object(line)
}
