//! A plan under way: what differs, resource by resource, and the calls in the order that lets any
//! of them be the last.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Action, Call, Change, EVENTS, Line, Plan, ROLE_POLICY, Stage, rule_differs, schedule_differs, target_differs,
};
use crate::aws::actual::{Actual, ActualGroup, ActualRole, ActualRule, ActualSchedule, Statement};
use crate::desired::{Desired, Permission, Role, Rule, ScheduleItem, Scheduler, Scope};
use crate::fleet::Fleet;
use crate::names::{FunctionRef, RuleName};
use crate::{policy, tag};

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

/// What makes `actual` what is `desired`.
pub(super) fn plan(fleet: &Fleet, scope: &Scope, desired: &Desired, actual: &Actual) -> Plan {
    let mut draft = Draft::default();
    let there: HashMap<&str, &ActualRule> = actual.rules.iter().map(|rule| (rule.name.as_str(), rule)).collect();
    for rule in &desired.rules {
        draft.rule(fleet, rule, there.get(rule.name.as_str()).copied());
    }
    let permissions: Vec<&Permission> = desired.rules.iter().flat_map(|rule| &rule.permissions).collect();
    draft.permissions(&fleet.rule, &permissions, actual);
    draft.surplus_rules(desired, actual);
    if let Some(scheduler) = &desired.scheduler {
        draft.scheduler(fleet, scope, scheduler, actual);
    }
    draft.surplus_schedules(fleet, desired.scheduler.as_ref(), actual);
    draft.in_order()
}

impl Draft {
    fn in_order(self) -> Plan {
        let stages = [
            alone(self.put_rules),
            by_function(self.add_permissions),
            alone(self.put_groups),
            alone(self.put_roles),
            alone(self.put_schedules),
            by_function(self.remove_permissions),
            alone(self.remove_targets),
            alone(self.put_targets),
            alone(self.delete_rules),
            alone(self.delete_schedules),
            alone(self.delete_groups),
            alone(self.delete_roles),
        ];
        Plan { stages: stages.into_iter().filter(|stage| !stage.is_empty()).collect(), kept: self.kept }
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

/// A chain for each call: they have nothing to do with each other.
fn alone(calls: Vec<Call>) -> Stage {
    calls.into_iter().map(|call| vec![call]).collect()
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
