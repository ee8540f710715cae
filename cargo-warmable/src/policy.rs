//! The policy documents: what a schedule's role may do and who may assume it, and the least that
//! the commands themselves need.

use serde::Serialize;
use serde_json::{Value, json};

/// Who may assume the role of schedules: EventBridge Scheduler, for this account's group alone.
pub fn scheduler_trust(account: &str, group_arn: &str) -> String {
    document(json!({
        "Effect": "Allow",
        "Principal": { "Service": "scheduler.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": account, "aws:SourceArn": group_arn } },
    }))
}

/// What the role may do: call `functions`.
pub fn invoke(functions: &[String]) -> String {
    document(json!({
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": functions,
    }))
}

fn document(statement: impl Serialize) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Document<T> {
        version: &'static str,
        statement: [T; 1],
    }
    let document = Document {
        version: "2012-10-17",
        statement: [statement],
    };
    serde_json::to_string(&document).expect("statements are JSON")
}

/// Whether two documents say the same, whatever their spacing and the order of their keys.
pub fn same(one: &str, other: &str) -> bool {
    let parse = |text| serde_json::from_str::<Value>(text).ok();
    matches!((parse(one), parse(other)), (Some(one), Some(other)) if one == other)
}
