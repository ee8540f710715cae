//! The order of calls, in a world in memory that refuses what AWS refuses.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::aws::actual::{ActualGroup, ActualRole, ActualTarget, Statement};
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
        let mut seen: BTreeSet<String> = fleet.functions.iter().map(|f| scope().function_arn(&f.reference)).collect();
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
