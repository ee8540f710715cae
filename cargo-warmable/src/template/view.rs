//! What the templates see: the desired resources under the names that a format gives them.

use std::collections::HashSet;

use serde::Serialize;

use super::Format;
use crate::desired::{Desired, Permission, Scheduler, Scope};
use crate::event::ScheduledEvent;
use crate::fleet::{Fleet, TARGETS_PER_RULE};
use crate::names::FunctionRef;
use crate::{policy, tag};

/// What the templates see.
#[derive(Serialize)]
pub(super) struct View<'a> {
    format: Format,
    rule: &'a str,
    expression: &'a str,
    tag: String,
    role_path: String,
    targets_per_rule: usize,
    rules: Vec<RuleView<'a>>,
    group: Option<GroupView<'a>>,
    roles: Vec<RoleView<'a>>,
    schedules: Vec<ScheduleView<'a>>,
}

#[derive(Serialize)]
struct RuleView<'a> {
    id: String,
    name: &'a str,
    targets: Vec<TargetView<'a>>,
    permissions: Vec<PermissionView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    id: String,
    name: &'a str,
    arn: &'a str,
    input: Option<&'a ScheduledEvent>,
    /// Whether it is the first of several that are held open.
    held: bool,
}

#[derive(Serialize)]
struct PermissionView<'a> {
    id: String,
    statement_id: &'a str,
    label: String,
    /// With its qualifier, as CloudFormation wants it.
    function: String,
    /// Without it, as the AWS CLI and Terraform want it.
    function_name: String,
    qualifier: Option<&'a str>,
}

#[derive(Serialize)]
struct GroupView<'a> {
    id: String,
    name: &'a str,
    arn: &'a str,
}

#[derive(Serialize)]
struct RoleView<'a> {
    id: String,
    name: &'a str,
    functions: &'a [String],
    trust: String,
    policy: String,
}

#[derive(Serialize)]
struct ScheduleView<'a> {
    id: String,
    name: &'a str,
    arn: &'a str,
    role_id: Option<String>,
    role_number: Option<usize>,
    role_arn: &'a str,
    input: &'a ScheduledEvent,
}

impl<'a> View<'a> {
    pub(super) fn new(fleet: &'a Fleet, format: Format, scope: &Scope, desired: &'a Desired) -> Self {
        let mut view = Self {
            format,
            rule: fleet.rule.as_str(),
            expression: fleet.schedule.as_str(),
            tag: format!("Key={},Value={}", tag::KEY, fleet.rule),
            role_path: tag::role_path(fleet.rule.as_str(), &scope.region),
            targets_per_rule: TARGETS_PER_RULE,
            rules: rules(format, scope, desired),
            group: None,
            roles: Vec::new(),
            schedules: Vec::new(),
        };
        if let Some(scheduler) = &desired.scheduler {
            view.add_scheduler(fleet, scope, scheduler);
        }
        view
    }

    fn add_scheduler(&mut self, fleet: &Fleet, scope: &Scope, scheduler: &'a Scheduler) {
        let format = self.format;
        let mut ids = Ids::new(format);
        self.group =
            Some(GroupView { id: ids.of(&scheduler.group), name: &scheduler.group, arn: &scheduler.group_arn });
        let numbers = 1..;
        self.roles = Vec::from_iter(scheduler.roles.iter().zip(numbers).map(|(role, number)| RoleView {
            id: ids.of(&format!("{}-role", fleet.rule.numbered(number))),
            name: &role.name,
            functions: &role.functions,
            trust: policy::scheduler_trust(&scope.account, &scheduler.group_arn),
            policy: policy::invoke(&role.functions),
        }));
        self.schedules = Vec::from_iter(scheduler.schedules.iter().map(|schedule| ScheduleView {
            id: ids.of(&schedule.name),
            name: &schedule.name,
            arn: &schedule.arn,
            role_id: schedule.role.map(|role| self.roles[role].id.clone()),
            role_number: schedule.role.map(|role| role + 1),
            role_arn: &schedule.role_arn,
            input: &schedule.input,
        }));
    }
}

fn rules<'a>(format: Format, scope: &Scope, desired: &'a Desired) -> Vec<RuleView<'a>> {
    // Terraform keeps a namespace for each type of resource; the other formats have one.
    let mut targets = Ids::new(format);
    let mut ids = Ids::new(format);
    let rules: Vec<String> = desired.rules.iter().map(|rule| ids.of(&rule.name)).collect();
    let mut permission_ids = if format == Format::Terraform { Ids::new(format) } else { ids };
    let with_ids = desired.rules.iter().zip(rules);
    with_ids
        .map(|(rule, id)| RuleView {
            permissions: Vec::from_iter(rule.permissions.iter().map(|permission| {
                let id = match format {
                    Format::Terraform => permission_ids.of(&format!("{id}_{}", permission.function.dotted())),
                    _ => permission_ids.of(&format!("{}-permission", permission.function.dotted())),
                };
                PermissionView::new(id, scope, permission)
            })),
            targets: Vec::from_iter(rule.targets.iter().map(|target| TargetView {
                id: targets.of(&target.id),
                name: &target.id,
                arn: &target.arn,
                input: target.input.as_ref(),
                held: target.id.ends_with(".1") && target.input.as_ref().is_some_and(ScheduledEvent::is_held),
            })),
            id,
            name: &rule.name,
        })
        .collect()
}

impl<'a> PermissionView<'a> {
    fn new(id: String, scope: &Scope, permission: &'a Permission) -> Self {
        let function = &permission.function;
        let unqualified = FunctionRef { qualifier: None, ..function.clone() };
        // A name is enough in one's own account, and is what a reader looks for.
        let by_arn = function.account.is_some() || function.region.is_some();
        let address = |of: &FunctionRef| {
            if by_arn { scope.function_arn(of) } else { of.label() }
        };
        Self {
            id,
            statement_id: &permission.statement_id,
            label: function.label(),
            function: address(function),
            function_name: address(&unqualified),
            qualifier: function.qualifier.as_deref(),
        }
    }
}

impl Format {
    /// The name of a resource in this format's own terms.
    fn identifier(self, name: &str) -> String {
        match self {
            Self::Terraform => hcl_identifier(name),
            _ => logical_id(name),
        }
    }
}

/// Identifiers of one file: made from names, and numbered where two names make the same one.
struct Ids {
    format: Format,
    taken: HashSet<String>,
}

impl Ids {
    fn new(format: Format) -> Self {
        Self { format, taken: HashSet::new() }
    }

    fn of(&mut self, name: &str) -> String {
        let base = self.format.identifier(name);
        let mut id = base.clone();
        let mut number = 2;
        while !self.taken.insert(id.clone()) {
            id = format!("{base}x{number}");
            number += 1;
        }
        id
    }
}

/// Letters and digits only: `kvsTranscriber.live.1` is `KvsTranscriberLive1`.
fn logical_id(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let id: String = words
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect();
    match id.starts_with(|c: char| c.is_ascii_digit()) {
        // Digits alone would be a number to YAML.
        true => format!("Function{id}"),
        false => id,
    }
}

fn hcl_identifier(name: &str) -> String {
    let plain = name.replace('.', "_");
    match plain.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        true => format!("_{plain}"),
        false => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_collide_are_numbered() {
        let mut ids = Ids::new(Format::Cloudformation);
        assert_eq!(ids.of("a-b"), "AB");
        assert_eq!(ids.of("a.b"), "ABx2");
        assert_eq!(Ids::new(Format::Terraform).of("1.live.1"), "_1_live_1");
    }
}
