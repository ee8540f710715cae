//! The difference between what a fleet needs and what there is, as calls in an order that may be
//! interrupted anywhere: a second run sees what is left and finishes it.
//!
//! A permission is given before the target that needs it. It is taken away before its target is:
//! the targets are how `apply` finds functions that left the fleet, so a statement would be out of
//! sight once its target was gone. Targets are removed before others are put, because a rule with
//! five takes no sixth.

mod draft;
#[cfg(test)]
mod tests;

use std::fmt;

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::aws::actual::{Actual, ActualRule, ActualSchedule, ActualTarget};
use crate::desired::{Desired, Permission, ScheduleItem, Scope, Target};
use crate::event::ScheduledEvent;
use crate::fleet::Fleet;
use crate::names::{FunctionRef, RuleName};
use crate::tag;

/// The service that calls a rule's targets.
pub const EVENTS: &str = "events.amazonaws.com";
/// The name of a role's only policy.
pub const ROLE_POLICY: &str = "invoke";

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is made.
    Create,
    /// It is there, and is made what it should be.
    Change,
    /// It is there and has no reason to be.
    Remove,
    /// It is as it should be.
    Keep,
}

/// A resource and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What happens.
    pub change: Change,
    /// `rule`, `target`, `permission`, …
    pub kind: &'static str,
    /// The resource's name.
    pub name: String,
    /// What the name does not say: whose it is, or what differs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Line {
    fn new(change: Change, kind: &'static str, name: &str, note: impl fmt::Display) -> Self {
        Self { change, kind, name: name.to_owned(), note: note.to_string() }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, note, .. } = self;
        match note.as_str() {
            "" => write!(f, "{kind} {name}"),
            note => write!(f, "{kind} {name} {note}"),
        }
    }
}

/// A call, and the resources that it settles.
#[derive(Debug)]
pub struct Call {
    /// What to call.
    pub action: Action,
    /// What it settles.
    pub lines: Vec<Line>,
}

/// What to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Creates or changes a rule.
    PutRule {
        /// Its name.
        name: String,
        /// Its schedule.
        schedule: String,
        /// The tag's value, where it is created.
        tag: Option<String>,
    },
    /// Lets a rule call a function.
    AddPermission(Permission),
    /// Takes a statement out of a function's policy.
    RemovePermission {
        /// The function.
        function: FunctionRef,
        /// The statement's id.
        statement_id: String,
    },
    /// Creates or changes targets.
    PutTargets {
        /// Their rule.
        rule: String,
        /// What they are to be.
        targets: Vec<Target>,
    },
    /// Removes targets.
    RemoveTargets {
        /// Their rule.
        rule: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// Deletes a rule, whose targets are gone.
    DeleteRule(String),
    /// Creates the group of schedules.
    CreateGroup(String),
    /// Deletes it, with its schedules.
    DeleteGroup(String),
    /// Creates or changes a role.
    PutRole {
        /// Its name.
        name: String,
        /// Its path, where it is created.
        path: Option<String>,
        /// The value of its tag.
        tag: String,
        /// Who may assume it.
        trust: String,
        /// What it may do.
        policy: String,
    },
    /// Deletes a role and its policies.
    DeleteRole {
        /// Its name.
        name: String,
        /// The names of its inline policies.
        policies: Vec<String>,
    },
    /// Creates or changes a schedule.
    PutSchedule {
        /// Whether it is there already.
        exists: bool,
        /// Its group.
        group: String,
        /// When it fires.
        expression: String,
        /// What it is to be.
        schedule: Box<ScheduleItem>,
    },
    /// Deletes a schedule.
    DeleteSchedule {
        /// Its group.
        group: String,
        /// Its name.
        name: String,
    },
}

/// Why there is no plan.
#[derive(Debug, Error, Diagnostic)]
pub enum PlanError {
    /// A resource of that name belongs to somebody else.
    #[error("the {kind} `{name}` is there already, and is not this tool's: it has no tag `{}={rule}`", tag::KEY)]
    #[diagnostic(help("choose another `rule`; or, to hand it over, tag it: `{command}`"))]
    NotOurs {
        /// `rule` or `schedule group`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The fleet's rule.
        rule: String,
        /// The command that tags it.
        command: String,
    },
    /// Functions that do not exist.
    #[error("{}: no such function in this account and region", .0.join(", "))]
    #[diagnostic(help("nothing was changed; deploy them first (an alias too), or take them out of `functions`"))]
    UnknownFunctions(Vec<String>),
    /// AWS has not finished deleting the group.
    #[error("the schedule group `{0}` is still being deleted")]
    #[diagnostic(help("AWS takes a moment for its schedules; run it again in a minute"))]
    StillDeleting(String),
}

/// Calls that may be under way at the same time; within one chain each waits for the one before.
pub type Stage = Vec<Vec<Call>>;

/// What is to be done, and what is to be left as it is.
#[derive(Debug, Default)]
pub struct Plan {
    /// The stages, one after the other.
    pub stages: Vec<Stage>,
    /// What is as it should be.
    pub kept: Vec<Line>,
}

impl Plan {
    /// Makes AWS match `fleet`.
    pub fn apply(fleet: &Fleet, scope: &Scope, actual: &Actual) -> Result<Self, PlanError> {
        let desired = Desired::new(fleet, scope);
        check(fleet, scope, &desired, actual)?;
        Ok(draft::plan(fleet, scope, &desired, actual))
    }

    /// Takes away all that `apply` made.
    pub fn remove(fleet: &Fleet, scope: &Scope, actual: &Actual) -> Self {
        draft::plan(fleet, scope, &Desired::default(), actual)
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.stages.iter().all(Vec::is_empty)
    }

    /// How many resources are changed.
    pub fn changes(&self) -> usize {
        self.lines().count()
    }

    /// What happens, in the order in which it happens.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.stages.iter().flatten().flatten().flat_map(|call| &call.lines)
    }

    /// How many resources are created, changed, removed and kept.
    pub fn counts(&self) -> [(Change, usize); 4] {
        let count = |change| self.lines().filter(|line| line.change == change).count();
        [
            (Change::Create, count(Change::Create)),
            (Change::Change, count(Change::Change)),
            (Change::Remove, count(Change::Remove)),
            (Change::Keep, self.kept.len()),
        ]
    }
}

/// Refuses what must not be touched, and functions that are not there.
fn check(fleet: &Fleet, scope: &Scope, desired: &Desired, actual: &Actual) -> Result<(), PlanError> {
    if !actual.unknown_functions.is_empty() {
        let functions = fleet.functions.iter().map(|f| &f.reference);
        let unknown = functions.filter(|f| actual.unknown_functions.contains(*f));
        return Err(PlanError::UnknownFunctions(unknown.map(FunctionRef::label).collect()));
    }
    let taken = |rule: &&ActualRule| !rule.owned && desired.rules.iter().any(|r| r.name == rule.name);
    if let Some(rule) = actual.rules.iter().find(taken) {
        let arn = scope.rule_arn(&rule.name);
        return Err(not_ours("rule", &rule.name, &fleet.rule, format!("aws events tag-resource --resource-arn {arn}")));
    }
    let Some(group) = actual.group.as_ref().filter(|_| desired.scheduler.is_some()) else {
        return Ok(());
    };
    let name = fleet.rule.as_str();
    if group.deleting {
        return Err(PlanError::StillDeleting(name.to_owned()));
    }
    if !group.owned {
        let arn = scope.group_arn(name);
        return Err(not_ours(
            "schedule group",
            name,
            &fleet.rule,
            format!("aws scheduler tag-resource --resource-arn {arn}"),
        ));
    }
    Ok(())
}

fn not_ours(kind: &'static str, name: &str, rule: &RuleName, command: String) -> PlanError {
    PlanError::NotOurs {
        kind,
        name: name.to_owned(),
        rule: rule.to_string(),
        command: format!("{command} --tags Key={},Value={rule}", tag::KEY),
    }
}

/// How a rule differs from what it should be.
pub fn rule_differs(schedule: &str, there: &ActualRule) -> Option<String> {
    match there {
        _ if there.schedule != schedule => Some(format!("has {}", there.schedule)),
        _ if !there.enabled => Some("is disabled".to_owned()),
        _ => None,
    }
}

/// How a target differs from what it should be.
pub fn target_differs(target: &Target, there: &ActualTarget) -> Option<&'static str> {
    let input = target.input.as_ref().map(ScheduledEvent::to_json);
    match there {
        _ if there.arn != target.arn => Some("calls another function"),
        _ if there.input != input || there.foreign => Some("has another input"),
        _ => None,
    }
}

/// How a schedule differs from what it should be.
pub fn schedule_differs(expression: &str, schedule: &ScheduleItem, there: &ActualSchedule) -> Option<String> {
    let differs = match there {
        _ if there.expression != expression => {
            return Some(format!("has {}", there.expression));
        }
        _ if !there.enabled => "is disabled",
        _ if there.arn != schedule.arn => "calls another function",
        _ if there.role_arn != schedule.role_arn => "assumes another role",
        _ if there.input.as_deref() != Some(schedule.input.to_json().as_str()) => "has another input",
        _ if !there.prompt => "is retried",
        _ => return None,
    };
    Some(differs.to_owned())
}
