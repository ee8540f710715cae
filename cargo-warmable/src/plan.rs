//! The difference between what a fleet needs and what there is, as calls in an order that may be
//! interrupted anywhere: a second run sees what is left and finishes it.
//!
//! A permission is given before the target that needs it. It is taken away before its target is:
//! the targets are how `apply` finds functions that left the fleet, so a statement would be out of
//! sight once its target was gone. Targets are removed before others are put, because a rule with
//! five takes no sixth.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::aws::actual::{Actual, ActualGroup, ActualRole, ActualRule, ActualSchedule, Statement};
use crate::desired::{Desired, Permission, Role, Rule, ScheduleItem, Scheduler, Scope, Target};
use crate::fleet::Fleet;
use crate::names::{FunctionRef, RuleName};
use crate::{policy, tag};

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
        Ok(Self::new(fleet, scope, &desired, actual))
    }

    /// Takes away all that `apply` made.
    pub fn remove(fleet: &Fleet, scope: &Scope, actual: &Actual) -> Self {
        Self::new(fleet, scope, &Desired::default(), actual)
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

    fn new(fleet: &Fleet, scope: &Scope, desired: &Desired, actual: &Actual) -> Self {
        let mut draft = Draft::default();
        for rule in &desired.rules {
            draft.rule(fleet, rule, actual.rules.iter().find(|a| a.name == rule.name));
        }
        let permissions: Vec<&Permission> = desired.rules.iter().flat_map(|r| &r.permissions).collect();
        draft.permissions(&fleet.rule, &permissions, actual);
        draft.surplus_rules(desired, actual);
        if let Some(scheduler) = &desired.scheduler {
            draft.scheduler(fleet, scope, scheduler, actual);
        }
        draft.surplus_schedules(fleet, desired.scheduler.as_ref(), actual);
        draft.plan()
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

/// A plan under way: one list for each kind of call, put in order at the end.
#[derive(Default)]
struct Draft {
    kept: Vec<Line>,
    put_rules: Vec<Call>,
    add_permissions: Vec<Call>,
    remove_permissions: Vec<Call>,
    remove_targets: Vec<Call>,
    put_targets: Vec<Call>,
    put_groups: Vec<Call>,
    put_roles: Vec<Call>,
    put_schedules: Vec<Call>,
    delete_rules: Vec<Call>,
    delete_schedules: Vec<Call>,
    delete_groups: Vec<Call>,
    delete_roles: Vec<Call>,
}

impl Draft {
    fn plan(self) -> Plan {
        let stages = [
            self.put_rules.into_iter().map(|call| vec![call]).collect(),
            by_function(self.add_permissions),
            self.put_groups.into_iter().map(|call| vec![call]).collect(),
            self.put_roles.into_iter().map(|call| vec![call]).collect(),
            self.put_schedules.into_iter().map(|call| vec![call]).collect(),
            by_function(self.remove_permissions),
            self.remove_targets.into_iter().map(|call| vec![call]).collect(),
            self.put_targets.into_iter().map(|call| vec![call]).collect(),
            self.delete_rules.into_iter().map(|call| vec![call]).collect(),
            self.delete_schedules.into_iter().map(|call| vec![call]).collect(),
            self.delete_groups.into_iter().map(|call| vec![call]).collect(),
            self.delete_roles.into_iter().map(|call| vec![call]).collect(),
        ];
        Plan { stages: stages.into_iter().filter(|stage: &Stage| !stage.is_empty()).collect(), kept: self.kept }
    }

    fn rule(&mut self, fleet: &Fleet, rule: &Rule, actual: Option<&ActualRule>) {
        let schedule = fleet.schedule.as_str();
        let put = |tag| Action::PutRule { name: rule.name.clone(), schedule: schedule.to_owned(), tag };
        let line = |change, note: String| Line::new(change, "rule", &rule.name, note);
        match actual {
            None => self.put_rules.push(Call {
                action: put(Some(fleet.rule.to_string())),
                lines: vec![line(Change::Create, schedule.to_owned())],
            }),
            Some(actual) => match rule_differs(schedule, actual) {
                Some(note) => self.put_rules.push(Call { action: put(None), lines: vec![line(Change::Change, note)] }),
                None => self.kept.push(line(Change::Keep, schedule.to_owned())),
            },
        }
        self.targets(rule, actual);
    }

    fn targets(&mut self, rule: &Rule, actual: Option<&ActualRule>) {
        let there = actual.map_or(&[][..], |actual| &actual.targets);
        let mut put = Vec::new();
        let mut lines = Vec::new();
        for target in &rule.targets {
            let line = |change, note: &str| {
                let note = match note {
                    "" => format!("of rule {}", rule.name),
                    note => format!("of rule {}, {note}", rule.name),
                };
                Line::new(change, "target", &target.id, note)
            };
            let found = there.iter().find(|there| there.id == target.id);
            let differs = found.map(|found| target_differs(target, found));
            match differs {
                Some(None) => {
                    self.kept.push(line(Change::Keep, ""));
                    continue;
                }
                Some(Some(note)) => lines.push(line(Change::Change, note)),
                None => lines.push(line(Change::Create, "")),
            }
            put.push(target.clone());
        }
        if !put.is_empty() {
            self.put_targets.push(Call { action: Action::PutTargets { rule: rule.name.clone(), targets: put }, lines });
        }
        let surplus = there.iter().filter(|there| rule.targets.iter().all(|t| t.id != there.id));
        self.remove_targets_of(&rule.name, surplus.map(|t| t.id.clone()).collect());
    }

    fn remove_targets_of(&mut self, rule: &str, ids: Vec<String>) {
        if ids.is_empty() {
            return;
        }
        let note = format!("of rule {rule}");
        self.remove_targets.push(Call {
            lines: ids.iter().map(|id| Line::new(Change::Remove, "target", id, &note)).collect(),
            action: Action::RemoveTargets { rule: rule.to_owned(), ids },
        });
    }

    fn permissions(&mut self, family: &RuleName, wanted: &[&Permission], actual: &Actual) {
        let line = |change, id: &str, function: &FunctionRef| {
            Line::new(change, "permission", id, format_args!("on {function}"))
        };
        for permission in wanted {
            let statements = actual.policies.get(&permission.arn).map_or(&[][..], Vec::as_slice);
            let (id, function) = (&permission.statement_id, &permission.function);
            let found = statements.iter().find(|s| s.id == *id);
            let add = Action::AddPermission((*permission).clone());
            match found {
                Some(found) if found.service == EVENTS && found.source_arn == permission.rule_arn => {
                    self.kept.push(line(Change::Keep, id, function));
                }
                Some(_) => {
                    let action = Action::RemovePermission { function: function.clone(), statement_id: id.clone() };
                    self.add_permissions.push(Call { action, lines: Vec::new() });
                    self.add_permissions.push(Call { action: add, lines: vec![line(Change::Change, id, function)] });
                }
                None => {
                    self.add_permissions.push(Call { action: add, lines: vec![line(Change::Create, id, function)] })
                }
            }
        }
        let kept: HashSet<(&str, &str)> = wanted.iter().map(|p| (p.arn.as_str(), p.statement_id.as_str())).collect();
        let there = actual.policies.iter().flat_map(|(arn, statements)| statements.iter().map(move |s| (arn, s)));
        let surplus = there.filter(|(arn, s)| is_ours(family, s) && !kept.contains(&(arn.as_str(), s.id.as_str())));
        let mut surplus: Vec<&Statement> = surplus.map(|(_, statement)| statement).collect();
        surplus.sort_by_key(|statement| (&statement.function, &statement.id));
        for Statement { id, function, .. } in surplus {
            self.remove_permissions.push(Call {
                action: Action::RemovePermission { function: function.clone(), statement_id: id.clone() },
                lines: vec![line(Change::Remove, id, function)],
            });
        }
    }

    fn surplus_rules(&mut self, desired: &Desired, actual: &Actual) {
        let wanted = |rule: &ActualRule| desired.rules.iter().any(|r| r.name == rule.name);
        for rule in actual.rules.iter().filter(|rule| rule.owned && !wanted(rule)) {
            self.remove_targets_of(&rule.name, rule.targets.iter().map(|t| t.id.clone()).collect());
            self.delete_rules.push(Call {
                action: Action::DeleteRule(rule.name.clone()),
                lines: vec![Line::new(Change::Remove, "rule", &rule.name, &rule.schedule)],
            });
        }
    }

    fn scheduler(&mut self, fleet: &Fleet, scope: &Scope, scheduler: &Scheduler, actual: &Actual) {
        let group = &scheduler.group;
        let line = |change| Line::new(change, "schedule group", group, "");
        match &actual.group {
            Some(_) => self.kept.push(line(Change::Keep)),
            None => self
                .put_groups
                .push(Call { action: Action::CreateGroup(group.clone()), lines: vec![line(Change::Create)] }),
        }
        for role in &scheduler.roles {
            let there = actual.roles.iter().find(|there| there.name == role.name);
            self.role(fleet, scope, scheduler, role, there);
        }
        let none = BTreeMap::new();
        let there = actual.group.as_ref().map_or(&none, |group| &group.schedules);
        for schedule in &scheduler.schedules {
            self.schedule(fleet, schedule, there.get(&schedule.name));
        }
    }

    fn role(&mut self, fleet: &Fleet, scope: &Scope, scheduler: &Scheduler, role: &Role, there: Option<&ActualRole>) {
        let trust = policy::scheduler_trust(&scope.account, &scheduler.group_arn);
        let allowed = policy::invoke(&role.functions);
        let (change, note) = match there {
            None => (Change::Create, format!("for {} functions", role.functions.len())),
            Some(there) if !policy::same(&there.trust, &trust) => (Change::Change, "is assumed by others".to_owned()),
            Some(there) if !there.policies.get(ROLE_POLICY).is_some_and(|p| policy::same(p, &allowed)) => {
                (Change::Change, "may call other functions".to_owned())
            }
            Some(_) => {
                self.kept.push(Line::new(Change::Keep, "role", &role.name, ""));
                return;
            }
        };
        let path = tag::role_path(fleet.rule.as_str(), &scope.region);
        self.put_roles.push(Call {
            action: Action::PutRole {
                name: role.name.clone(),
                path: there.is_none().then_some(path),
                tag: fleet.rule.to_string(),
                trust,
                policy: allowed,
            },
            lines: vec![Line::new(change, "role", &role.name, note)],
        });
    }

    fn schedule(&mut self, fleet: &Fleet, schedule: &ScheduleItem, there: Option<&ActualSchedule>) {
        let expression = fleet.schedule.as_str();
        let line = |change, note: String| Line::new(change, "schedule", &schedule.name, note);
        let line = match there {
            None => line(Change::Create, expression.to_owned()),
            Some(there) => match schedule_differs(expression, schedule, there) {
                Some(note) => line(Change::Change, note),
                None => {
                    self.kept.push(line(Change::Keep, expression.to_owned()));
                    return;
                }
            },
        };
        self.put_schedules.push(Call {
            action: Action::PutSchedule {
                exists: there.is_some(),
                group: fleet.rule.to_string(),
                expression: expression.to_owned(),
                schedule: Box::new(schedule.clone()),
            },
            lines: vec![line],
        });
    }

    fn surplus_schedules(&mut self, fleet: &Fleet, wanted: Option<&Scheduler>, actual: &Actual) {
        let name = fleet.rule.as_str();
        if let Some(group) = actual.group.as_ref().filter(|group| group.owned && !group.deleting) {
            match wanted {
                None => self.delete_group(name, group),
                Some(wanted) => self.delete_schedules(name, group, wanted),
            }
        }
        let wanted = |role: &&ActualRole| wanted.is_some_and(|w| w.roles.iter().any(|r| r.name == role.name));
        for role in actual.roles.iter().filter(|role| !wanted(role)) {
            self.delete_roles.push(Call {
                action: Action::DeleteRole {
                    name: role.name.clone(),
                    policies: role.policies.keys().cloned().collect(),
                },
                lines: vec![Line::new(Change::Remove, "role", &role.name, "")],
            });
        }
    }

    fn delete_group(&mut self, name: &str, group: &ActualGroup) {
        let schedules = group.schedules.keys().map(|name| Line::new(Change::Remove, "schedule", name, ""));
        let group = Line::new(Change::Remove, "schedule group", name, "");
        self.delete_groups
            .push(Call { action: Action::DeleteGroup(name.to_owned()), lines: schedules.chain([group]).collect() });
    }

    fn delete_schedules(&mut self, group: &str, there: &ActualGroup, wanted: &Scheduler) {
        let wanted: HashSet<&str> = wanted.schedules.iter().map(|schedule| schedule.name.as_str()).collect();
        for name in there.schedules.keys().filter(|name| !wanted.contains(name.as_str())) {
            self.delete_schedules.push(Call {
                action: Action::DeleteSchedule { group: group.to_owned(), name: name.clone() },
                lines: vec![Line::new(Change::Remove, "schedule", name, "")],
            });
        }
    }
}

/// One chain for each function: Lambda refuses two changes of one policy at the same time.
fn by_function(calls: Vec<Call>) -> Stage {
    let mut chains: Vec<(String, Vec<Call>)> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls {
        let name = match &call.action {
            Action::AddPermission(permission) => permission.function.name.clone(),
            Action::RemovePermission { function, .. } => function.name.clone(),
            _ => String::new(),
        };
        let at = *index.entry(name.clone()).or_insert(chains.len());
        if at == chains.len() {
            chains.push((name, Vec::new()));
        }
        chains[at].1.push(call);
    }
    chains.into_iter().map(|(_, chain)| chain).collect()
}

fn is_ours(family: &RuleName, statement: &Statement) -> bool {
    let Some((_, rule)) = statement.source_arn.rsplit_once(":rule/") else {
        return false;
    };
    family.covers(rule) && statement.id == RuleName::statement_id(rule)
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
pub fn target_differs(target: &Target, there: &crate::aws::actual::ActualTarget) -> Option<&'static str> {
    let input = target.input.as_ref().map(crate::event::ScheduledEvent::to_json);
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use proptest::prelude::*;

    use super::*;
    use crate::aws::actual::ActualTarget;
    use crate::fleet::tests::fleet;
    use crate::fleet::{TARGETS_PER_RULE, Via};

    /// AWS in memory, with the rules of its that an order of calls may break.
    #[derive(Default)]
    struct World {
        rules: BTreeMap<String, ActualRule>,
        statements: Vec<Statement>,
        group: Option<ActualGroup>,
        roles: BTreeMap<String, ActualRole>,
    }

    fn scope() -> Scope {
        Scope::new("aws", "eu-west-1", "123456789012")
    }

    impl World {
        /// What a run sees: policies of the fleet's functions and of its rules' targets, no others.
        fn read(&self, fleet: &Fleet) -> Actual {
            let mut seen: BTreeSet<String> =
                fleet.functions.iter().map(|f| scope().function_arn(&f.reference)).collect();
            seen.extend(self.rules.values().flat_map(|rule| &rule.targets).map(|target| target.arn.clone()));
            let mut policies: HashMap<String, Vec<Statement>> = HashMap::new();
            for statement in &self.statements {
                let arn = scope().function_arn(&statement.function);
                if seen.contains(&arn) {
                    policies.entry(arn).or_default().push(statement.clone());
                }
            }
            Actual {
                rules: self.rules.values().cloned().collect(),
                policies,
                unknown_functions: HashSet::new(),
                group: self.group.clone(),
                roles: self.roles.values().cloned().collect(),
            }
        }

        fn apply(&mut self, fleet: &Fleet, calls: usize) {
            let plan = Plan::apply(fleet, &scope(), &self.read(fleet)).unwrap();
            self.run(plan, calls);
        }

        fn remove(&mut self, fleet: &Fleet, calls: usize) {
            let plan = Plan::remove(fleet, &scope(), &self.read(fleet));
            self.run(plan, calls);
        }

        /// Makes the first `calls` calls, as an interrupted run does.
        fn run(&mut self, plan: Plan, calls: usize) {
            let all = plan.stages.into_iter().flatten().flatten();
            all.take(calls).for_each(|call| self.act(call.action));
        }

        fn is_empty(&self) -> bool {
            self.rules.is_empty() && self.statements.is_empty() && self.group.is_none() && self.roles.is_empty()
        }

        fn act(&mut self, action: Action) {
            match action {
                Action::PutRule { name, schedule, tag } => self.put_rule(name, schedule, tag),
                Action::AddPermission(permission) => self.add_permission(permission),
                Action::RemovePermission { function, statement_id } => {
                    self.statements.retain(|s| s.function != function || s.id != statement_id);
                }
                Action::PutTargets { rule, targets } => self.put_targets(&rule, targets),
                Action::RemoveTargets { rule, ids } => {
                    let rule = self.rules.get_mut(&rule).expect("targets are removed from a rule that is there");
                    rule.targets.retain(|target| !ids.contains(&target.id));
                }
                Action::DeleteRule(name) => {
                    let rule = self.rules.remove(&name).expect("a rule that is deleted is there");
                    assert!(rule.targets.is_empty(), "a rule with targets is not deleted");
                }
                Action::CreateGroup(_) => {
                    self.group = Some(ActualGroup { owned: true, deleting: false, schedules: BTreeMap::new() });
                }
                Action::DeleteGroup(_) => self.group = None,
                Action::PutRole { name, trust, policy, .. } => {
                    let policies = BTreeMap::from([(ROLE_POLICY.to_owned(), policy)]);
                    self.roles.insert(name.clone(), ActualRole { name, trust, policies });
                }
                Action::DeleteRole { name, .. } => {
                    self.roles.remove(&name);
                }
                Action::PutSchedule { exists, expression, schedule, .. } => {
                    self.put_schedule(exists, expression, *schedule);
                }
                Action::DeleteSchedule { name, .. } => {
                    let group = self.group.as_mut().expect("a schedule that is deleted has its group");
                    group.schedules.remove(&name);
                }
            }
        }

        fn put_rule(&mut self, name: String, schedule: String, tag: Option<String>) {
            let there = self.rules.remove(&name);
            assert_eq!(there.is_none(), tag.is_some(), "a rule is tagged when it is created, and only then");
            let targets = there.map(|there| there.targets).unwrap_or_default();
            self.rules.insert(name.clone(), ActualRule { name, schedule, enabled: true, owned: true, targets });
        }

        fn add_permission(&mut self, permission: Permission) {
            let Permission { statement_id: id, function, rule_arn: source_arn, .. } = permission;
            let taken = self.statements.iter().any(|s| s.id == id && s.function == function);
            assert!(!taken, "a statement's id is taken");
            self.statements.push(Statement { id, function, service: EVENTS.to_owned(), source_arn });
        }

        fn put_targets(&mut self, rule: &str, targets: Vec<Target>) {
            let rule = self.rules.get_mut(rule).expect("targets are put on a rule that is there");
            for target in targets {
                let arn = scope().rule_arn(&rule.name);
                let allowed = self.statements.iter().any(|s| s.function == target.function && s.source_arn == arn);
                assert!(allowed, "a target is put before it may be called");
                rule.targets.retain(|there| there.id != target.id);
                let input = target.input.map(|input| input.to_json());
                rule.targets.push(ActualTarget { id: target.id, arn: target.arn, input, foreign: false });
            }
            assert!(rule.targets.len() <= TARGETS_PER_RULE, "a rule takes no sixth target");
        }

        fn put_schedule(&mut self, exists: bool, expression: String, schedule: ScheduleItem) {
            assert!(self.roles.values().any(|role| schedule.role_arn.ends_with(&role.name)), "the role is not there");
            let group = self.group.as_mut().expect("a schedule is put into a group that is there");
            assert_eq!(group.schedules.contains_key(&schedule.name), exists);
            let ScheduleItem { name, arn, role_arn, input, .. } = schedule;
            let input = Some(input.to_json());
            let there = ActualSchedule { expression, enabled: true, arn, role_arn, input, prompt: true };
            group.schedules.insert(name, there);
        }
    }

    #[test]
    fn two_thousand_functions_are_planned() {
        let names: Vec<String> = (0..2_000).map(|n| format!("function-{n}:live")).collect();
        let listed: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 3)).collect();
        let fleet = fleet(Via::Scheduler, &listed);
        let mut world = World::default();
        world.apply(&fleet, usize::MAX);
        let plan = Plan::apply(&fleet, &scope(), &world.read(&fleet)).unwrap();
        assert!(plan.is_empty());
        assert_eq!(plan.kept.len(), 1 + 67 + 6_000);
        assert_eq!(Plan::remove(&fleet, &scope(), &world.read(&fleet)).changes(), 1 + 67 + 6_000);
    }

    fn any_fleet() -> impl Strategy<Value = Fleet> {
        let functions = proptest::collection::btree_map("[a-d](:[xy])?", 1u32..8, 1..6);
        (functions, any::<bool>(), any::<bool>()).prop_map(|(functions, scheduler, hourly)| {
            let via = if scheduler { Via::Scheduler } else { Via::Rule };
            let listed: Vec<(&str, u32)> = functions.iter().map(|(name, n)| (name.as_str(), *n)).collect();
            let mut fleet = fleet(via, &listed);
            if hourly {
                fleet.schedule = "rate(1 hour)".parse().unwrap();
            }
            fleet
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn whatever_was_there_a_second_run_has_nothing_to_do(before in any_fleet(), after in any_fleet()) {
            let mut world = World::default();
            world.apply(&before, usize::MAX);
            world.apply(&after, usize::MAX);
            let plan = Plan::apply(&after, &scope(), &world.read(&after)).unwrap();
            prop_assert!(plan.is_empty(), "{:?}", plan.lines().collect::<Vec<_>>());
        }

        #[test]
        fn wherever_a_run_is_interrupted_the_next_one_finishes(
            before in any_fleet(), after in any_fleet(), calls in 0usize..40
        ) {
            let mut world = World::default();
            world.apply(&before, usize::MAX);
            world.apply(&after, calls);
            world.apply(&after, usize::MAX);
            let plan = Plan::apply(&after, &scope(), &world.read(&after)).unwrap();
            prop_assert!(plan.is_empty(), "{:?}", plan.lines().collect::<Vec<_>>());
            world.remove(&after, calls);
            world.remove(&after, usize::MAX);
            prop_assert!(world.is_empty(), "{:?} {:?}", world.rules, world.statements);
        }

        #[test]
        fn remove_takes_all_even_from_a_run_that_was_interrupted(
            before in any_fleet(), after in any_fleet(), calls in 0usize..40
        ) {
            let mut world = World::default();
            world.apply(&before, usize::MAX);
            world.apply(&after, calls);
            world.remove(&after, usize::MAX);
            prop_assert!(world.is_empty(), "{:?} {:?}", world.rules, world.statements);
        }
    }
}
