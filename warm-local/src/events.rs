//! Events to send to a function.

/// The event that an EventBridge rule named `rule` sends on its schedule.
#[must_use]
pub fn scheduled_event(rule: &str) -> String {
    let resource = format!("arn:aws:events:us-east-1:123456789012:rule/{rule}");
    // Written out rather than serialized, so that the keys come in the order in which AWS sends them.
    format!(
        concat!(
            r#"{{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","#,
            r#""source":"aws.events","account":"123456789012","time":"2015-10-08T16:53:06Z","region":"us-east-1","#,
            r#""resources":[{resource}],"detail":{{}}}}"#,
        ),
        resource = serde_json::Value::from(resource)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_rule_is_named_in_the_resources() {
        let event: Value = serde_json::from_str(&scheduled_event("KeepSCVFunctionsWarm")).unwrap();
        assert_eq!(event["source"], "aws.events");
        assert_eq!(event["resources"][0], "arn:aws:events:us-east-1:123456789012:rule/KeepSCVFunctionsWarm");
    }

    #[test]
    fn a_name_with_a_quote_still_gives_json() {
        let event: Value = serde_json::from_str(&scheduled_event(r#"a"b\c"#)).unwrap();
        assert!(event["resources"][0].as_str().unwrap().ends_with(r#"rule/a"b\c"#));
    }
}
