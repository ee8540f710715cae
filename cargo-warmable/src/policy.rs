//! The policy documents: what a schedule's role may do and who may assume it, and the least that
//! the commands themselves need.

use serde::Serialize;
use serde_json::{Value, json};

use crate::desired::Scope;
use crate::fleet::{Fleet, Via};
use crate::plan::EVENTS;

/// Who may assume the role of schedules: EventBridge Scheduler, for this account's group alone.
pub fn scheduler_trust(account: &str, group_arn: &str) -> String {
    one_statement(json!({
        "Effect": "Allow",
        "Principal": { "Service": "scheduler.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": account, "aws:SourceArn": group_arn } },
    }))
}

/// What the role may do: call `functions`.
pub fn invoke(functions: &[String]) -> String {
    one_statement(json!({
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": functions,
    }))
}

fn one_statement(statement: Value) -> String {
    let document = Document { version: VERSION, statement: vec![statement] };
    serde_json::to_string(&document).expect("statements are JSON")
}

/// Whether two documents say the same, whatever their spacing and the order of their keys.
pub fn same(one: &str, other: &str) -> bool {
    let parse = |text| serde_json::from_str::<Value>(text).ok();
    matches!((parse(one), parse(other)), (Some(one), Some(other)) if one == other)
}

/// The version of the policy language.
const VERSION: &str = "2012-10-17";

/// A policy document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document<T> {
    version: &'static str,
    statement: Vec<T>,
}

/// A statement that allows actions on resources.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: &'static str,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

impl Statement {
    fn allow<const N: usize>(sid: &'static str, action: [&'static str; N], resource: Vec<String>) -> Self {
        Self { sid, effect: "Allow", action: action.to_vec(), resource, condition: None }
    }

    fn only_if(self, key: &str, value: &str) -> Self {
        Self { condition: Some(json!({ "StringEquals": { key: value } })), ..self }
    }
}

/// The least that `apply`, `status`, `remove` and `ping --remote` need for `fleet` in `scope`.
///
/// Both services are read whichever is used, because a fleet may change from one to the other.
pub fn least(fleet: &Fleet, scope: &Scope) -> Document<Statement> {
    let name = fleet.rule.as_str();
    let rules = vec![scope.rule_arn(name), scope.rule_arn(&format!("{name}-*"))];
    let group = vec![scope.group_arn(name)];
    let functions = functions(fleet, scope);
    let mut statement = vec![
        // These two know no resources.
        Statement::allow("List", ["events:ListRules", "scheduler:ListSchedules"], vec!["*".to_owned()]),
        Statement::allow("ReadRules", ["events:ListTagsForResource", "events:ListTargetsByRule"], rules.clone()),
        Statement::allow("ReadGroup", ["scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"], group.clone()),
        Statement::allow(
            "ReadAndPing",
            ["lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:InvokeFunction"],
            functions.clone(),
        ),
        Statement::allow("RemovePermissions", ["lambda:RemovePermission"], functions.clone()),
    ];
    match fleet.via {
        Via::Rule => {
            let write = [
                "events:PutRule",
                "events:TagResource",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:DeleteRule",
            ];
            statement.push(Statement::allow("WriteRules", write, rules));
            let add = Statement::allow("AddPermissions", ["lambda:AddPermission"], functions);
            statement.push(add.only_if("lambda:Principal", EVENTS));
        }
        Via::Scheduler => scheduler(fleet, scope, group, &mut statement),
    }
    Document { version: VERSION, statement }
}

fn scheduler(fleet: &Fleet, scope: &Scope, group: Vec<String>, statement: &mut Vec<Statement>) {
    let name = fleet.rule.as_str();
    let write = ["scheduler:CreateScheduleGroup", "scheduler:TagResource", "scheduler:DeleteScheduleGroup"];
    statement.push(Statement::allow("WriteGroup", write, group));
    let write =
        ["scheduler:GetSchedule", "scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"];
    statement.push(Statement::allow("WriteSchedules", write, vec![scope.schedule_arn(name, "*")]));
    let passed = match &fleet.role {
        Some(role) => role.clone(),
        None => {
            let roles = scope.role_arn(name, "*");
            let write = [
                "iam:GetRole",
                "iam:CreateRole",
                "iam:TagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:DeleteRole",
                "iam:ListRolePolicies",
                "iam:GetRolePolicy",
                "iam:PutRolePolicy",
                "iam:DeleteRolePolicy",
            ];
            statement.push(Statement::allow("ListRoles", ["iam:ListRoles"], vec!["*".to_owned()]));
            statement.push(Statement::allow("WriteRoles", write, vec![roles.clone()]));
            roles
        }
    };
    let pass = Statement::allow("PassRole", ["iam:PassRole"], vec![passed]);
    statement.push(pass.only_if("iam:PassedToService", "scheduler.amazonaws.com"));
}

/// Each function with all its versions and aliases: a fleet may move from one alias to another.
fn functions(fleet: &Fleet, scope: &Scope) -> Vec<String> {
    let mut arns = Vec::new();
    for function in &fleet.functions {
        let mut function = function.reference.clone();
        function.qualifier = None;
        let arn = scope.function_arn(&function);
        if !arns.contains(&arn) {
            arns.extend([format!("{arn}:*"), arn]);
        }
    }
    arns
}
