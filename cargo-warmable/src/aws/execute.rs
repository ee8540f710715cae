//! The calls of a plan. Each is safe to repeat: what is gone already, or there already, is what the
//! call wanted.

use std::time::Duration;

use aws_sdk_eventbridge::types::{RuleState, Tag as RuleTag, Target as SdkTarget};
use aws_sdk_iam::types::Tag as RoleTag;
use aws_sdk_scheduler::types::{
    FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, ScheduleState, Tag as GroupTag, Target as ScheduleTarget,
};
use aws_smithy_types::error::operation::BuildError;
use futures_util::stream::{self, StreamExt};

use super::error::{AwsError, call, optional};
use super::{AT_ONCE, Aws};
use crate::desired::{Permission, ScheduleItem, Target};
use crate::names::FunctionRef;
use crate::plan::{Action, Call, EVENTS, Line, Plan, ROLE_POLICY};
use crate::tag;

/// What `apply` writes into a rule's description.
const DESCRIPTION: &str = "Keeps Lambda functions warm";
/// The longest that a ping may be late; the next one is on its way then.
const LATEST_SECONDS: i32 = 60;
/// A new role is refused until IAM has spread the word, which takes some ten seconds.
const ROLE_TRIES: u32 = 10;
const ROLE_WAIT: Duration = Duration::from_secs(3);

impl Aws {
    /// Makes the calls of `plan`, and tells `done` of each resource as it is settled. The calls
    /// under way when one fails are finished, no further ones are made.
    pub async fn execute(&self, plan: Plan, done: impl Fn(&Line)) -> Result<(), AwsError> {
        for stage in plan.stages {
            let results: Vec<Result<(), AwsError>> = {
                let failed = std::cell::Cell::new(false);
                let (failed, done) = (&failed, &done);
                stream::iter(stage)
                    .map(|chain| async move {
                        if failed.get() {
                            return Ok(());
                        }
                        let result = self.chain(chain, done).await;
                        failed.set(failed.get() || result.is_err());
                        result
                    })
                    .buffer_unordered(AT_ONCE)
                    .collect()
                    .await
            };
            results.into_iter().collect::<Result<(), AwsError>>()?;
        }
        Ok(())
    }

    async fn chain(&self, chain: Vec<Call>, done: impl Fn(&Line)) -> Result<(), AwsError> {
        for Call { action, lines } in chain {
            self.act(action).await?;
            lines.iter().for_each(&done);
        }
        Ok(())
    }

    async fn act(&self, action: Action) -> Result<(), AwsError> {
        match action {
            Action::PutRule { name, schedule, tag } => self.put_rule(&name, &schedule, tag).await,
            Action::AddPermission(permission) => self.add_permission(permission).await,
            Action::RemovePermission { function, statement_id } => {
                self.remove_permission(&function, &statement_id).await
            }
            Action::PutTargets { rule, targets } => self.put_targets(&rule, targets).await,
            Action::RemoveTargets { rule, ids } => self.remove_targets(&rule, ids).await,
            Action::DeleteRule(name) => self.delete_rule(&name).await,
            Action::CreateGroup(name) => self.create_group(&name).await,
            Action::DeleteGroup(name) => self.delete_group(&name).await,
            Action::PutRole { name, path, tag, trust, policy } => self.put_role(&name, path, tag, trust, policy).await,
            Action::DeleteRole { name, policies } => self.delete_role(&name, policies).await,
            Action::PutSchedule { exists, group, expression, schedule } => {
                self.put_schedule(exists, &group, &expression, &schedule).await
            }
            Action::DeleteSchedule { group, name } => self.delete_schedule(&group, &name).await,
        }
    }

    async fn put_rule(&self, name: &str, schedule: &str, tag: Option<String>) -> Result<(), AwsError> {
        let tag = tag.map(|value| RuleTag::builder().key(tag::KEY).value(value).build());
        let tags = tag.transpose().map_err(|error| built(name, error))?.map(|tag| vec![tag]);
        let rule = self
            .events
            .put_rule()
            .name(name)
            .description(DESCRIPTION)
            .schedule_expression(schedule)
            .state(RuleState::Enabled)
            .set_tags(tags);
        call("events:PutRule", name, rule.send()).await.map(drop)
    }

    async fn add_permission(&self, permission: Permission) -> Result<(), AwsError> {
        let Permission { statement_id, function, rule_arn, .. } = permission;
        let add = self
            .lambda
            .add_permission()
            .function_name(self.function_name(&function))
            .set_qualifier(function.qualifier.clone())
            .statement_id(statement_id)
            .action("lambda:InvokeFunction")
            .principal(EVENTS)
            .source_arn(rule_arn);
        match call("lambda:AddPermission", &function.label(), add.send()).await {
            // The statement is there: a try whose answer was lost did its work.
            Err(AwsError::Refused { code, message, .. })
                if code == "ResourceConflictException" && message.contains("already exists") =>
            {
                Ok(())
            }
            result => result.map(drop),
        }
    }

    async fn remove_permission(&self, function: &FunctionRef, id: &str) -> Result<(), AwsError> {
        let remove = self
            .lambda
            .remove_permission()
            .function_name(self.function_name(function))
            .set_qualifier(function.qualifier.clone())
            .statement_id(id);
        gone(call("lambda:RemovePermission", &function.label(), remove.send()).await)
    }

    async fn put_targets(&self, rule: &str, targets: Vec<Target>) -> Result<(), AwsError> {
        let targets = targets.into_iter().map(|target| {
            let input = target.input.map(|input| input.to_json());
            SdkTarget::builder().id(target.id).arn(target.arn).set_input(input).build()
        });
        let targets = targets.collect::<Result<_, _>>().map_err(|error| built(rule, error))?;
        let put = self.events.put_targets().rule(rule).set_targets(Some(targets));
        let answer = call("events:PutTargets", rule, put.send()).await?;
        match answer.failed_entries().first() {
            None => Ok(()),
            Some(entry) => Err(AwsError::Refused {
                action: "events:PutTargets",
                resource: format!("{} of {rule}", entry.target_id().unwrap_or_default()),
                code: entry.error_code().unwrap_or("unknown").to_owned(),
                message: entry.error_message().unwrap_or("no reason given").to_owned(),
            }),
        }
    }

    async fn remove_targets(&self, rule: &str, ids: Vec<String>) -> Result<(), AwsError> {
        let remove = self.events.remove_targets().rule(rule).set_ids(Some(ids));
        let answer = optional(call("events:RemoveTargets", rule, remove.send()).await)?;
        match answer.as_ref().and_then(|answer| answer.failed_entries().first()) {
            None => Ok(()),
            Some(entry) => Err(AwsError::Refused {
                action: "events:RemoveTargets",
                resource: format!("{} of {rule}", entry.target_id().unwrap_or_default()),
                code: entry.error_code().unwrap_or("unknown").to_owned(),
                message: entry.error_message().unwrap_or("no reason given").to_owned(),
            }),
        }
    }

    async fn delete_rule(&self, name: &str) -> Result<(), AwsError> {
        let delete = self.events.delete_rule().name(name);
        gone(call("events:DeleteRule", name, delete.send()).await)
    }

    async fn create_group(&self, name: &str) -> Result<(), AwsError> {
        let tag = GroupTag::builder().key(tag::KEY).value(name).build();
        let tag = tag.map_err(|error| built(name, error))?;
        let create = self.scheduler.create_schedule_group().name(name).tags(tag);
        there(call("scheduler:CreateScheduleGroup", name, create.send()).await)
    }

    async fn delete_group(&self, name: &str) -> Result<(), AwsError> {
        let delete = self.scheduler.delete_schedule_group().name(name);
        gone(call("scheduler:DeleteScheduleGroup", name, delete.send()).await)
    }

    async fn put_role(
        &self,
        name: &str,
        path: Option<String>,
        tag: String,
        trust: String,
        policy: String,
    ) -> Result<(), AwsError> {
        match path {
            Some(path) => {
                let tag = RoleTag::builder().key(tag::KEY).value(tag).build();
                let create = self
                    .iam
                    .create_role()
                    .role_name(name)
                    .path(&path)
                    .assume_role_policy_document(trust)
                    .tags(tag.map_err(|error| built(name, error))?);
                match call("iam:CreateRole", name, create.send()).await {
                    Err(error) if error.code() == "EntityAlreadyExists" => {
                        self.check_role(name, &path, error).await?;
                    }
                    created => created.map(drop)?,
                }
            }
            None => {
                let update = self.iam.update_assume_role_policy().role_name(name).policy_document(trust);
                call("iam:UpdateAssumeRolePolicy", name, update.send()).await?;
            }
        }
        let put = self.iam.put_role_policy().role_name(name).policy_name(ROLE_POLICY).policy_document(policy);
        call("iam:PutRolePolicy", name, put.send()).await.map(drop)
    }

    /// A role of that name is ours only under our path: a try whose answer was lost made it then.
    async fn check_role(&self, name: &str, path: &str, taken: AwsError) -> Result<(), AwsError> {
        let role = self.iam.get_role().role_name(name).send();
        let role = call("iam:GetRole", name, role).await?;
        match role.role() {
            Some(role) if role.path == path => Ok(()),
            _ => Err(taken),
        }
    }

    async fn delete_role(&self, name: &str, policies: Vec<String>) -> Result<(), AwsError> {
        for policy in policies {
            let delete = self.iam.delete_role_policy().role_name(name).policy_name(policy);
            gone(call("iam:DeleteRolePolicy", name, delete.send()).await)?;
        }
        let delete = self.iam.delete_role().role_name(name);
        gone(call("iam:DeleteRole", name, delete.send()).await)
    }

    async fn put_schedule(
        &self,
        exists: bool,
        group: &str,
        expression: &str,
        schedule: &ScheduleItem,
    ) -> Result<(), AwsError> {
        let mut tries = 1;
        loop {
            let put = match exists {
                true => self.update_schedule(group, expression, schedule).await,
                false => self.create_schedule(group, expression, schedule).await,
            };
            match put {
                Err(error) if is_new_role(&error) && tries < ROLE_TRIES => {
                    tries += 1;
                    tokio::time::sleep(ROLE_WAIT).await;
                }
                put => return put,
            }
        }
    }

    async fn create_schedule(&self, group: &str, expression: &str, schedule: &ScheduleItem) -> Result<(), AwsError> {
        let (target, window) = target(schedule).map_err(|error| built(&schedule.name, error))?;
        let create = self
            .scheduler
            .create_schedule()
            .group_name(group)
            .name(&schedule.name)
            .schedule_expression(expression)
            .state(ScheduleState::Enabled)
            .flexible_time_window(window)
            .target(target);
        there(call("scheduler:CreateSchedule", &schedule.name, create.send()).await)
    }

    async fn update_schedule(&self, group: &str, expression: &str, schedule: &ScheduleItem) -> Result<(), AwsError> {
        let (target, window) = target(schedule).map_err(|error| built(&schedule.name, error))?;
        let update = self
            .scheduler
            .update_schedule()
            .group_name(group)
            .name(&schedule.name)
            .schedule_expression(expression)
            .state(ScheduleState::Enabled)
            .flexible_time_window(window)
            .target(target);
        call("scheduler:UpdateSchedule", &schedule.name, update.send()).await.map(drop)
    }

    async fn delete_schedule(&self, group: &str, name: &str) -> Result<(), AwsError> {
        let delete = self.scheduler.delete_schedule().group_name(group).name(name);
        gone(call("scheduler:DeleteSchedule", name, delete.send()).await)
    }
}

fn target(schedule: &ScheduleItem) -> Result<(ScheduleTarget, FlexibleTimeWindow), BuildError> {
    let retry = RetryPolicy::builder().maximum_event_age_in_seconds(LATEST_SECONDS).maximum_retry_attempts(0).build();
    let target = ScheduleTarget::builder()
        .arn(&schedule.arn)
        .role_arn(&schedule.role_arn)
        .input(schedule.input.to_json())
        .retry_policy(retry)
        .build()?;
    Ok((target, FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build()?))
}

fn is_new_role(error: &AwsError) -> bool {
    let AwsError::Refused { code, message, .. } = error else {
        return false;
    };
    code == "ValidationException" && message.contains("assume the role")
}

/// A deletion of what is gone already.
fn gone<T>(result: Result<T, AwsError>) -> Result<(), AwsError> {
    optional(result).map(drop)
}

/// A creation of what is there already: a try whose answer was lost did its work.
fn there<T>(result: Result<T, AwsError>) -> Result<(), AwsError> {
    match result {
        Err(error) if error.code() == "ConflictException" => Ok(()),
        result => result.map(drop),
    }
}

/// A request that lacks a field. The types of `names` leave it nothing to lack.
fn built(resource: &str, error: BuildError) -> AwsError {
    AwsError::NoAnswer { action: "a request", resource: resource.to_owned(), reason: error.to_string() }
}
