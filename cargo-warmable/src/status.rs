//! What keeps each function warm now, and what is missing for it. Unlike a plan it asks whether the
//! pings arrive, not whose resources they come from: a rule of a CloudFormation stack is as good.

use serde::Serialize;

use crate::aws::actual::{Actual, ActualRule, Statement};
use crate::desired::{Desired, Rule, ScheduleItem, Scheduler, Scope};
use crate::fleet::{Fleet, Function};
use crate::plan::{EVENTS, ROLE_POLICY, rule_differs, schedule_differs};

/// What keeps a function warm.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct FunctionStatus {
    /// The function with its qualifier.
    pub function: String,
    /// The rules that ping it, or the group of its schedules.
    pub sources: Vec<String>,
    /// Whether they are there and fire.
    pub state: State,
    /// How many of its environments are pinged.
    pub targets: usize,
    /// How many should be.
    pub wanted: usize,
    /// Whether the pings are allowed to call it.
    pub permission: bool,
    /// Whether `apply` made the rules, and may thus change them.
    pub managed: bool,
    /// What is missing or wrong, in words; nothing where all is well.
    pub missing: Vec<String>,
}

/// Whether a function's rules or schedules fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// They do.
    Enabled,
    /// One of them is disabled.
    Disabled,
    /// One of them is not there.
    Missing,
}

impl State {
    /// The state as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Missing => "missing",
        }
    }
}

/// The status of each function of `fleet`, in its order.
pub fn of(fleet: &Fleet, scope: &Scope, actual: &Actual) -> Vec<FunctionStatus> {
    let desired = Desired::new(fleet, scope);
    let functions = fleet.functions.iter();
    functions
        .map(|function| {
            let mut status = match &desired.scheduler {
                Some(scheduler) => by_schedules(fleet, function, scheduler, actual),
                None => by_rules(fleet, function, &desired.rules, actual),
            };
            if actual.unknown_functions.contains(&function.reference) {
                status.missing.insert(0, "the function".to_owned());
            }
            status
        })
        .collect()
}

fn by_rules(fleet: &Fleet, function: &Function, rules: &[Rule], actual: &Actual) -> FunctionStatus {
    let mut status = FunctionStatus::new(function);
    for rule in rules {
        let wanted: Vec<_> = rule.targets.iter().filter(|t| t.function == function.reference).collect();
        let Some(first) = wanted.first() else {
            continue;
        };
        status.sources.push(rule.name.clone());
        let allowed = actual.policies.get(&first.arn).is_some_and(|s| s.iter().any(|s| allows(s, &rule.arn)));
        if !allowed {
            status.permission = false;
            status.missing.push(format!("permission for {}", rule.name));
        }
        let Some(there) = actual.rules.iter().find(|there| there.name == rule.name) else {
            status.is_missing(format!("rule {}", rule.name));
            continue;
        };
        status.take_rule(fleet, there);
        status.targets += there.targets.iter().filter(|t| t.arn == first.arn).count().min(wanted.len());
        let input = |target: &&&crate::desired::Target| {
            let there = there.targets.iter().find(|there| there.id == target.id);
            there.is_some_and(|there| there.input != target.input.as_ref().map(|input| input.to_json()))
        };
        match wanted.iter().filter(input).count() {
            0 => {}
            n => status.missing.push(format!("the right input of {n} targets of {}", rule.name)),
        }
    }
    status.count("targets");
    status
}

fn by_schedules(fleet: &Fleet, function: &Function, scheduler: &Scheduler, actual: &Actual) -> FunctionStatus {
    let mut status = FunctionStatus::new(function);
    status.sources.push(scheduler.group.clone());
    let wanted: Vec<&ScheduleItem> = scheduler.schedules.iter().filter(|s| s.function == function.reference).collect();
    if let Some((schedule, role)) = wanted.first().and_then(|s| Some((s, s.role?))) {
        let role = &scheduler.roles[role].name;
        let there = actual.roles.iter().find(|there| there.name == *role);
        let policy = there.and_then(|there| there.policies.get(ROLE_POLICY));
        if !policy.is_some_and(|policy| policy.contains(&format!("\"{}\"", schedule.arn))) {
            status.permission = false;
            status.missing.push(format!("permission in role {role}"));
        }
    }
    let Some(group) = &actual.group else {
        status.is_missing(format!("schedule group {}", scheduler.group));
        return status;
    };
    status.managed = group.owned;
    for schedule in wanted {
        let Some(there) = group.schedules.get(&schedule.name) else {
            continue;
        };
        status.targets += 1;
        if !there.enabled && status.state == State::Enabled {
            status.state = State::Disabled;
        }
        if let Some(differs) = schedule_differs(fleet.schedule.as_str(), schedule, there) {
            status.missing.push(format!("schedule {} {differs}", schedule.name));
        }
    }
    status.count("schedules");
    status
}

impl FunctionStatus {
    fn new(function: &Function) -> Self {
        Self {
            function: function.reference.label(),
            sources: Vec::new(),
            state: State::Enabled,
            targets: 0,
            wanted: function.concurrency as usize,
            permission: true,
            managed: true,
            missing: Vec::new(),
        }
    }

    fn is_missing(&mut self, what: String) {
        self.state = State::Missing;
        self.missing.push(what);
    }

    fn take_rule(&mut self, fleet: &Fleet, there: &ActualRule) {
        self.managed &= there.owned;
        if !there.enabled && self.state == State::Enabled {
            self.state = State::Disabled;
        }
        if let Some(differs) = rule_differs(fleet.schedule.as_str(), there) {
            self.missing.push(format!("rule {} {differs}", there.name));
        }
    }

    fn count(&mut self, what: &str) {
        if self.state != State::Missing && self.targets < self.wanted {
            self.missing.push(format!("{} of {} {what}", self.wanted - self.targets, self.wanted));
        }
    }
}

/// Whether `statement` lets the rule call; a statement made by hand may end in a wildcard.
fn allows(statement: &Statement, rule_arn: &str) -> bool {
    let source = statement.source_arn.as_str();
    let matches = source == rule_arn || source.strip_suffix('*').is_some_and(|start| rule_arn.starts_with(start));
    statement.service == EVENTS && (source.is_empty() || matches)
}
