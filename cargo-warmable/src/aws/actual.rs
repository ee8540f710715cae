//! What there is in AWS now, of one fleet and nothing else: its rules with their targets, its
//! schedules with their group and roles, and the statements in its functions' policies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use aws_sdk_eventbridge::types::{RuleState, Target as SdkTarget};
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{ScheduleGroupState, ScheduleState};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::Value;

use super::error::{AwsError, call, optional};
use super::{AT_ONCE, Aws};
use crate::names::{FunctionRef, RuleName};
use crate::tag;

/// What there is of a fleet.
#[derive(Debug, Default)]
pub struct Actual {
    /// The rules whose names are the fleet's.
    pub rules: Vec<ActualRule>,
    /// The statements in the policies of its functions, by the function's ARN.
    pub policies: HashMap<String, Vec<Statement>>,
    /// Functions of the fleet that do not exist.
    pub unknown_functions: HashSet<FunctionRef>,
    /// The group of schedules.
    pub group: Option<ActualGroup>,
    /// The roles under the fleet's path.
    pub roles: Vec<ActualRole>,
}

/// A rule.
#[derive(Debug, Clone)]
pub struct ActualRule {
    /// Its name.
    pub name: String,
    /// Its schedule.
    pub schedule: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether it carries the fleet's tag.
    pub owned: bool,
    /// Its targets.
    pub targets: Vec<ActualTarget>,
}

/// A target of a rule.
#[derive(Debug, Clone)]
pub struct ActualTarget {
    /// Its id.
    pub id: String,
    /// What it calls.
    pub arn: String,
    /// Its constant input.
    pub input: Option<String>,
    /// Whether it has settings that a target of ours never has.
    pub foreign: bool,
}

/// A statement that allows a service to call a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: String,
    /// The function, version or alias.
    pub function: FunctionRef,
    /// The service that may call.
    pub service: String,
    /// On whose behalf.
    pub source_arn: String,
}

/// The group of schedules.
#[derive(Debug, Clone)]
pub struct ActualGroup {
    /// Whether it carries the fleet's tag.
    pub owned: bool,
    /// Whether AWS is still deleting it.
    pub deleting: bool,
    /// Its schedules, by name.
    pub schedules: BTreeMap<String, ActualSchedule>,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct ActualSchedule {
    /// When it fires.
    pub expression: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// What it calls.
    pub arn: String,
    /// The role that it assumes.
    pub role_arn: String,
    /// Its input.
    pub input: Option<String>,
    /// Whether it has the retry policy and the time window of a schedule of ours.
    pub prompt: bool,
}

/// A role under the fleet's path.
#[derive(Debug, Clone)]
pub struct ActualRole {
    /// Its name.
    pub name: String,
    /// Who may assume it.
    pub trust: String,
    /// Its inline policies, by name.
    pub policies: BTreeMap<String, String>,
}

impl Aws {
    /// What there is of the fleet `rule`, whose functions are `functions`.
    pub async fn actual(&self, rule: &RuleName, functions: &[FunctionRef]) -> Result<Actual, AwsError> {
        let rules = self.rules(rule).await?;
        let group = self.group(rule).await?;
        let roles = match &group {
            Some(_) => self.roles(rule).await?,
            None => self.roles_left_behind(rule).await?,
        };
        let unknown_functions = self.unknown(functions).await?;
        let known = functions.iter().filter(|f| !unknown_functions.contains(*f));
        let mut with_policy: BTreeSet<FunctionRef> = known.cloned().collect();
        // A function that left the fleet still has the statement until `apply` takes it away.
        let owned = rules.iter().filter(|rule| rule.owned);
        let targets = owned.flat_map(|rule| &rule.targets);
        with_policy.extend(targets.filter_map(|target| target.arn.parse().ok()));
        let policies = self.policies(with_policy).await?;
        Ok(Actual { rules, policies, unknown_functions, group, roles })
    }

    async fn rules(&self, rule: &RuleName) -> Result<Vec<ActualRule>, AwsError> {
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let page = self.events.list_rules().name_prefix(rule.as_str()).set_next_token(token);
            let page = call("events:ListRules", rule.as_str(), page.send()).await?;
            let rules = page.rules.unwrap_or_default().into_iter();
            found.extend(rules.filter(|r| r.name().is_some_and(|name| rule.covers(name))));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        let mut rules: Vec<ActualRule> =
            stream::iter(found).map(|found| self.rule(rule, found)).buffer_unordered(AT_ONCE).try_collect().await?;
        rules.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
        Ok(rules)
    }

    async fn rule(&self, rule: &RuleName, found: aws_sdk_eventbridge::types::Rule) -> Result<ActualRule, AwsError> {
        let name = found.name.unwrap_or_default();
        let arn = found.arn.unwrap_or_default();
        let tags = self.events.list_tags_for_resource().resource_arn(arn).send();
        let tags = call("events:ListTagsForResource", &name, tags).await?;
        let mut targets = Vec::new();
        let mut token = None;
        loop {
            let page = self.events.list_targets_by_rule().rule(&name).set_next_token(token);
            let page = call("events:ListTargetsByRule", &name, page.send()).await?;
            targets.extend(page.targets.unwrap_or_default().into_iter().map(target));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Ok(ActualRule {
            schedule: found.schedule_expression.unwrap_or_default(),
            enabled: found.state == Some(RuleState::Enabled),
            owned: tags.tags().iter().any(|t| t.key == tag::KEY && t.value == rule.as_str()),
            name,
            targets,
        })
    }

    async fn unknown(&self, functions: &[FunctionRef]) -> Result<HashSet<FunctionRef>, AwsError> {
        let checked = stream::iter(functions.iter().cloned())
            .map(|function| async move {
                let configuration = self
                    .lambda
                    .get_function_configuration()
                    .function_name(self.function_name(&function))
                    .set_qualifier(function.qualifier.clone())
                    .send();
                let label = function.label();
                let found = call("lambda:GetFunctionConfiguration", &label, configuration).await;
                Ok(optional(found)?.is_none().then_some(function))
            })
            .buffer_unordered(AT_ONCE);
        checked.try_filter_map(|unknown| async { Ok(unknown) }).try_collect().await
    }

    async fn policies(&self, functions: BTreeSet<FunctionRef>) -> Result<HashMap<String, Vec<Statement>>, AwsError> {
        stream::iter(functions)
            .map(|function| async move {
                let policy = self
                    .lambda
                    .get_policy()
                    .function_name(self.function_name(&function))
                    .set_qualifier(function.qualifier.clone())
                    .send();
                let policy = call("lambda:GetPolicy", &function.label(), policy).await;
                let policy = optional(policy)?.and_then(|policy| policy.policy);
                let arn = self.scope.function_arn(&function);
                let statements = statements(policy.as_deref().unwrap_or("{}"), &function, &arn);
                Ok((arn, statements))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn group(&self, rule: &RuleName) -> Result<Option<ActualGroup>, AwsError> {
        let name = rule.as_str();
        let group = self.scheduler.get_schedule_group().name(name).send();
        let group = optional(call("scheduler:GetScheduleGroup", name, group).await)?;
        let Some(group) = group else {
            return Ok(None);
        };
        let arn = group.arn().unwrap_or_default();
        let tags = self.scheduler.list_tags_for_resource().resource_arn(arn).send();
        let tags = call("scheduler:ListTagsForResource", name, tags).await?;
        let owned = tags.tags().iter().any(|t| t.key == tag::KEY && t.value == name);
        let deleting = group.state == Some(ScheduleGroupState::Deleting);
        let schedules = match owned && !deleting {
            true => self.schedules(name).await?,
            false => BTreeMap::new(),
        };
        Ok(Some(ActualGroup { owned, deleting, schedules }))
    }

    async fn schedules(&self, group: &str) -> Result<BTreeMap<String, ActualSchedule>, AwsError> {
        let mut names = Vec::new();
        let mut token = None;
        loop {
            let page = self.scheduler.list_schedules().group_name(group).set_next_token(token);
            let page = call("scheduler:ListSchedules", group, page.send()).await?;
            names.extend(page.schedules.into_iter().filter_map(|schedule| schedule.name));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        stream::iter(names)
            .map(|name| async move {
                let schedule = self.scheduler.get_schedule().group_name(group).name(&name).send();
                let schedule = call("scheduler:GetSchedule", &name, schedule).await?;
                Ok((name, schedule.into()))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Roles without their group are left where `remove` was interrupted. A caller who may not look
    /// for them has never made any.
    async fn roles_left_behind(&self, rule: &RuleName) -> Result<Vec<ActualRole>, AwsError> {
        match self.roles(rule).await {
            Err(error) if error.code().contains("AccessDenied") => Ok(Vec::new()),
            roles => roles,
        }
    }

    async fn roles(&self, rule: &RuleName) -> Result<Vec<ActualRole>, AwsError> {
        let path = tag::role_path(rule.as_str(), &self.scope.region);
        let mut found = Vec::new();
        let mut marker = None;
        loop {
            let page = self.iam.list_roles().path_prefix(&path).set_marker(marker);
            let page = call("iam:ListRoles", &path, page.send()).await?;
            found.extend(page.roles);
            marker = page.marker;
            if marker.is_none() {
                break;
            }
        }
        let mut roles: Vec<ActualRole> = stream::iter(found)
            .map(|role| async move {
                let trust = decoded(role.assume_role_policy_document().unwrap_or_default());
                let policies = self.role_policies(&role.role_name).await?;
                Ok(ActualRole { name: role.role_name, trust, policies })
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        roles.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(roles)
    }

    async fn role_policies(&self, role: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let names = self.iam.list_role_policies().role_name(role).send();
        let names = call("iam:ListRolePolicies", role, names).await?.policy_names;
        let mut policies = BTreeMap::new();
        for name in names {
            let policy = self.iam.get_role_policy().role_name(role).policy_name(&name).send();
            let policy = call("iam:GetRolePolicy", role, policy).await?;
            policies.insert(name, decoded(policy.policy_document()));
        }
        Ok(policies)
    }

    /// How Lambda's API names a function: its qualifier is a parameter of its own.
    pub(crate) fn function_name(&self, function: &FunctionRef) -> String {
        match &function.account {
            None => function.name.clone(),
            Some(_) => self.scope.function_arn(&FunctionRef { qualifier: None, ..function.clone() }),
        }
    }
}

fn target(target: SdkTarget) -> ActualTarget {
    ActualTarget {
        foreign: target.input_path.is_some() || target.input_transformer.is_some() || target.role_arn.is_some(),
        id: target.id,
        arn: target.arn,
        input: target.input,
    }
}

impl From<GetScheduleOutput> for ActualSchedule {
    fn from(schedule: GetScheduleOutput) -> Self {
        let enabled = schedule.state == Some(ScheduleState::Enabled);
        let expression = schedule.schedule_expression.unwrap_or_default();
        let Some(target) = schedule.target else {
            return Self {
                expression,
                enabled,
                arn: String::new(),
                role_arn: String::new(),
                input: None,
                prompt: false,
            };
        };
        Self {
            expression,
            enabled,
            prompt: target.retry_policy.is_some_and(|retry| retry.maximum_retry_attempts == Some(0)),
            arn: target.arn,
            role_arn: target.role_arn,
            input: target.input,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    #[serde(default)]
    statement: Vec<PolicyStatement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyStatement {
    #[serde(default)]
    sid: String,
    #[serde(default)]
    effect: String,
    #[serde(default)]
    resource: Value,
    #[serde(default)]
    principal: Value,
    #[serde(default)]
    condition: Value,
}

/// The statements of `policy` that let a service call the function `arn`.
fn statements(policy: &str, function: &FunctionRef, arn: &str) -> Vec<Statement> {
    let Ok(document) = serde_json::from_str::<PolicyDocument>(policy) else {
        return Vec::new();
    };
    let of_function = document.statement.into_iter().filter(|s| s.effect == "Allow" && s.resource == arn);
    of_function
        .map(|statement| Statement {
            id: statement.sid,
            function: function.clone(),
            service: statement.principal["Service"].as_str().unwrap_or_default().to_owned(),
            source_arn: source_arn(&statement.condition).to_owned(),
        })
        .collect()
}

/// The key's case differs from one service's documents to the next's.
fn source_arn(condition: &Value) -> &str {
    let operators = condition.as_object().into_iter().flat_map(|operators| operators.values());
    let mut keys = operators.filter_map(Value::as_object).flatten();
    keys.find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))
        .and_then(|(_, arn)| arn.as_str())
        .unwrap_or_default()
}

/// IAM returns documents URL-encoded.
fn decoded(document: &str) -> String {
    percent_encoding::percent_decode_str(document).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_statements_that_let_a_service_call_this_alias_count() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
        let policy = format!(
            r#"{{"Version":"2012-10-17","Id":"default","Statement":[
                {{"Sid":"warmable-K","Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{arn}","Condition":{{"ArnLike":{{"AWS:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/K"}}}}}},
                {{"Sid":"other","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:f"}}]}}"#
        );
        let function: FunctionRef = "f:live".parse().unwrap();
        let [statement] = &statements(&policy, &function, arn)[..] else { panic!("one statement") };
        assert_eq!(statement.id, "warmable-K");
        assert_eq!(statement.service, "events.amazonaws.com");
        assert_eq!(statement.source_arn, "arn:aws:events:eu-west-1:123456789012:rule/K");
    }
}
