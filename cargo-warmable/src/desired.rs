//! What a fleet needs in AWS, worked out without a call. Templates print it and `apply` compares
//! it with what is there, so both agree by construction.
//!
//! A rule takes five targets, and only the targets of one rule are called at the same moment. The
//! environments of one function are therefore kept on one rule as long as they fit: pings of
//! different rules would come one after the other and find the same environment.

use crate::event::ScheduledEvent;
use crate::fleet::{Fleet, Function, TARGETS_PER_RULE, Via};
use crate::names::{FunctionRef, RuleName, at_most};
use crate::tag;

/// The most functions that one role may call: their ARNs must fit into an inline policy, which IAM
/// limits to 10,240 characters.
const FUNCTIONS_PER_ROLE: usize = 30;

/// Where the resources are: the parts of an ARN, or a template's expressions for them.
#[derive(Debug, Clone)]
pub struct Scope {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// The region's name.
    pub region: String,
    /// The account's 12 digits.
    pub account: String,
}

impl Scope {
    /// A scope from its three parts.
    pub fn new(partition: &str, region: &str, account: &str) -> Self {
        Self { partition: partition.to_owned(), region: region.to_owned(), account: account.to_owned() }
    }

    /// The ARN that a target or a permission names `function` by.
    pub fn function_arn(&self, function: &FunctionRef) -> String {
        let (partition, region) = match &function.region {
            Some((partition, region)) => (partition, region),
            None => (&self.partition, &self.region),
        };
        let account = function.account.as_ref().unwrap_or(&self.account);
        let label = function.label();
        format!("arn:{partition}:lambda:{region}:{account}:function:{label}")
    }

    /// The ARN of the rule `name` on the default bus.
    pub fn rule_arn(&self, name: &str) -> String {
        self.arn("events", &format!("rule/{name}"))
    }

    /// The ARN of the group `name` of schedules.
    pub fn group_arn(&self, name: &str) -> String {
        self.arn("scheduler", &format!("schedule-group/{name}"))
    }

    /// The ARN of the schedule `name` in `group`.
    pub fn schedule_arn(&self, group: &str, name: &str) -> String {
        self.arn("scheduler", &format!("schedule/{group}/{name}"))
    }

    /// The ARN of the role `name` of the fleet `rule`.
    pub fn role_arn(&self, rule: &str, name: &str) -> String {
        let path = tag::role_path(rule, &self.region);
        format!("arn:{}:iam::{}:role{path}{name}", self.partition, self.account)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, region, account } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// All that a fleet needs; of the two services one is empty.
#[derive(Debug, Default)]
pub struct Desired {
    /// The rules, numbered from the first.
    pub rules: Vec<Rule>,
    /// The schedules, where EventBridge Scheduler is used.
    pub scheduler: Option<Scheduler>,
}

/// An EventBridge rule with its targets and the permissions that it needs.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it calls, five at most.
    pub targets: Vec<Target>,
    /// What lets it call each of its functions.
    pub permissions: Vec<Permission>,
}

/// One target of a rule: one environment of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The target's id within its rule.
    pub id: String,
    /// The function.
    pub function: FunctionRef,
    /// The function's ARN.
    pub arn: String,
    /// The constant input; none sends the event that EventBridge makes.
    pub input: Option<ScheduledEvent>,
}

/// A statement in the policy of a function, version or alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The statement's id.
    pub statement_id: String,
    /// The function.
    pub function: FunctionRef,
    /// The function's ARN.
    pub arn: String,
    /// The rule that may call it.
    pub rule_arn: String,
}

/// What EventBridge Scheduler needs.
#[derive(Debug)]
pub struct Scheduler {
    /// The group that holds the schedules and carries their tag.
    pub group: String,
    /// The group's ARN.
    pub group_arn: String,
    /// The roles to make; none where the fleet names one.
    pub roles: Vec<Role>,
    /// The schedules.
    pub schedules: Vec<ScheduleItem>,
}

/// A role that the schedules of some functions assume.
#[derive(Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The ARNs of the functions that it may call.
    pub functions: Vec<String>,
}

/// One schedule: one environment of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleItem {
    /// Its name within the group.
    pub name: String,
    /// The function.
    pub function: FunctionRef,
    /// The function's ARN.
    pub arn: String,
    /// The role that it assumes.
    pub role_arn: String,
    /// Which of the group's roles that is; none where the fleet names one.
    pub role: Option<usize>,
    /// Its input.
    pub input: ScheduledEvent,
}

impl Desired {
    /// What `fleet` needs in `scope`.
    pub fn new(fleet: &Fleet, scope: &Scope) -> Self {
        if fleet.functions.is_empty() {
            return Self::default();
        }
        match fleet.via {
            Via::Rule => Self { rules: rules(fleet, scope), scheduler: None },
            Via::Scheduler => Self { rules: Vec::new(), scheduler: Some(scheduler(fleet, scope)) },
        }
    }
}

/// How many rules the environments of `fleet` need.
pub fn rules_needed(fleet: &Fleet) -> usize {
    pack(fleet).len()
}

/// The functions whose environments do not fit on one rule, and are thus not called at one moment.
pub fn spread(fleet: &Fleet) -> Vec<&FunctionRef> {
    let at_one_moment = match fleet.via {
        Via::Rule => TARGETS_PER_RULE,
        // Schedules fire somewhere within their minute, each on its own.
        Via::Scheduler => 1,
    };
    let spread = fleet.functions.iter();
    spread.filter(|f| f.concurrency as usize > at_one_moment).map(|f| &f.reference).collect()
}

/// Which environments stand on which rule, as indices of functions and numbers of environments.
fn pack(fleet: &Fleet) -> Vec<Vec<(usize, u32)>> {
    let mut rules: Vec<Vec<(usize, u32)>> = Vec::new();
    // The first rule with room for so many more targets: no rule before it has any.
    let mut first_with_room = [0; TARGETS_PER_RULE + 1];
    for (index, function) in fleet.functions.iter().enumerate() {
        let environments: Vec<u32> = (1..=function.concurrency).collect();
        for together in environments.chunks(TARGETS_PER_RULE) {
            let first = first_with_room[together.len()];
            let at = (first..rules.len())
                .find(|at| rules[*at].len() + together.len() <= TARGETS_PER_RULE)
                .unwrap_or(rules.len());
            first_with_room[together.len()] = at;
            if at == rules.len() {
                rules.push(Vec::new());
            }
            rules[at].extend(together.iter().map(|environment| (index, *environment)));
        }
    }
    rules
}

fn rules(fleet: &Fleet, scope: &Scope) -> Vec<Rule> {
    let packed = pack(fleet);
    let numbers = 1..;
    packed.iter().zip(numbers).map(|(members, number)| rule(fleet, scope, members, number)).collect()
}

fn rule(fleet: &Fleet, scope: &Scope, members: &[(usize, u32)], number: usize) -> Rule {
    let name = fleet.rule.numbered(number);
    let arn = scope.rule_arn(&name);
    let mut resources = vec![arn.clone()];
    if number > 1 {
        // A handler with `rule = …` names the first rule; its pings come from all of them.
        resources.push(scope.rule_arn(fleet.rule.as_str()));
    }
    let mut targets = Vec::new();
    let mut permissions: Vec<Permission> = Vec::new();
    for (index, environment) in members {
        let function = &fleet.functions[*index];
        let hold_ms = fleet.hold_ms_of(function);
        let input = (number > 1 || hold_ms.is_some()).then(|| {
            let resources = resources.clone();
            ScheduledEvent::constant(&scope.account, &scope.region, resources, hold_ms)
        });
        let function_arn = scope.function_arn(&function.reference);
        if permissions.iter().all(|p| p.function != function.reference) {
            permissions.push(Permission {
                statement_id: RuleName::statement_id(&name),
                function: function.reference.clone(),
                arn: function_arn.clone(),
                rule_arn: arn.clone(),
            });
        }
        targets.push(Target {
            id: environment_id(&function.reference, *environment),
            function: function.reference.clone(),
            arn: function_arn,
            input,
        });
    }
    Rule { name, arn, targets, permissions }
}

fn scheduler(fleet: &Fleet, scope: &Scope) -> Scheduler {
    let group = fleet.rule.as_str();
    let roles = if fleet.role.is_some() { Vec::new() } else { roles(fleet, scope) };
    let mut schedules = Vec::new();
    for (index, function) in fleet.functions.iter().enumerate() {
        let role = fleet.role.is_none().then_some(index / FUNCTIONS_PER_ROLE);
        let made = role.map(|role| scope.role_arn(group, &roles[role].name));
        let role_arn = made.or_else(|| fleet.role.clone()).unwrap_or_default();
        for environment in 1..=function.concurrency {
            let name = environment_id(&function.reference, environment);
            schedules.push(ScheduleItem {
                input: schedule_input(fleet, scope, function, &name),
                name,
                arn: scope.function_arn(&function.reference),
                function: function.reference.clone(),
                role_arn: role_arn.clone(),
                role,
            });
        }
    }
    Scheduler { group: group.to_owned(), group_arn: scope.group_arn(group), roles, schedules }
}

fn schedule_input(fleet: &Fleet, scope: &Scope, function: &Function, name: &str) -> ScheduledEvent {
    let group = fleet.rule.as_str();
    let resources = vec![
        scope.schedule_arn(group, name),
        // A handler with `rule = …` keeps its argument when the fleet changes its service.
        scope.rule_arn(group),
    ];
    let hold_ms = fleet.hold_ms_of(function);
    ScheduledEvent::scheduler(&scope.account, &scope.region, resources, hold_ms)
}

fn roles(fleet: &Fleet, scope: &Scope) -> Vec<Role> {
    let chunks = fleet.functions.chunks(FUNCTIONS_PER_ROLE).zip(1..);
    chunks
        .map(|(functions, number)| Role {
            // Role names are one account's, so the region keeps fleets of one name apart.
            name: format!("{}-{}", at_most(44, &fleet.rule.numbered(number)), scope.region),
            functions: functions.iter().map(|f| scope.function_arn(&f.reference)).collect(),
        })
        .collect()
}

/// `NAME.1`, `NAME.QUALIFIER.1`: no name or qualifier has a dot, so no two are alike.
fn environment_id(function: &FunctionRef, environment: u32) -> String {
    at_most(64, &format!("{}.{environment}", function.dotted()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use proptest::prelude::*;

    use super::*;
    use crate::fleet::tests::fleet;

    fn scope() -> Scope {
        Scope::new("aws", "eu-west-1", "123456789012")
    }

    #[test]
    fn one_environment_each_needs_no_input_on_the_first_rule() {
        let desired = Desired::new(&fleet(Via::Rule, &[("a", 1), ("b:live", 1)]), &scope());
        let [rule] = &desired.rules[..] else { panic!("one rule: {desired:?}") };
        assert_eq!(rule.arn, "arn:aws:events:eu-west-1:123456789012:rule/KeepSCVFunctionsWarm");
        assert!(rule.targets.iter().all(|target| target.input.is_none()));
        assert_eq!(rule.targets[1].id, "b.live.1");
        assert_eq!(rule.permissions[1].arn, "arn:aws:lambda:eu-west-1:123456789012:function:b:live");
        assert_eq!(rule.permissions[1].statement_id, "warmable-KeepSCVFunctionsWarm");
    }

    #[test]
    fn several_environments_are_held_open_under_the_rules_own_arn() {
        let desired = Desired::new(&fleet(Via::Rule, &[("a", 3)]), &scope());
        let rule = &desired.rules[0];
        assert_eq!((rule.targets.len(), rule.permissions.len()), (3, 1));
        assert_eq!(
            rule.targets[2].input.as_ref().unwrap().to_json(),
            r#"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:123456789012:rule/KeepSCVFunctionsWarm"],"detail":{"holdMs":75}}"#
        );
    }

    #[test]
    fn a_numbered_rules_pings_carry_the_first_rules_arn_too() {
        let desired = Desired::new(&fleet(Via::Rule, &[("a", 5), ("b", 1)]), &scope());
        let input = desired.rules[1].targets[0].input.as_ref().unwrap().to_json();
        assert!(input.contains(
            r#"rule/KeepSCVFunctionsWarm-2","arn:aws:events:eu-west-1:123456789012:rule/KeepSCVFunctionsWarm"]"#
        ));
        assert!(input.ends_with(r#""detail":{}}"#));
    }

    #[test]
    fn a_functions_environments_share_a_rule_and_gaps_are_filled() {
        let fleet = fleet(Via::Rule, &[("a", 3), ("b", 3), ("c", 2), ("d", 7)]);
        let names: Vec<Vec<&str>> = Vec::from_iter(
            pack(&fleet)
                .iter()
                .map(|rule| rule.iter().map(|(index, _)| fleet.functions[*index].reference.name.as_str()).collect()),
        );
        let expected: [&[&str]; 3] = [&["a", "a", "a", "c", "c"], &["b", "b", "b", "d", "d"], &["d"; 5]];
        assert_eq!(names, expected);
        assert_eq!(spread(&fleet).len(), 1);
    }

    #[test]
    fn a_schedule_matches_handlers_that_name_the_rule() {
        let desired = Desired::new(&fleet(Via::Scheduler, &[("a:live", 1)]), &scope());
        let scheduler = desired.scheduler.unwrap();
        assert_eq!(scheduler.roles[0].name, "KeepSCVFunctionsWarm-eu-west-1");
        assert_eq!(scheduler.schedules[0].name, "a.live.1");
        assert!(scheduler.schedules[0].input.to_json().contains(
            r#""resources":["arn:aws:scheduler:eu-west-1:123456789012:schedule/KeepSCVFunctionsWarm/a.live.1","arn:aws:events:eu-west-1:123456789012:rule/KeepSCVFunctionsWarm"]"#
        ));
    }

    #[test]
    fn a_role_s_policy_fits_into_what_iam_takes() {
        let long = format!("{}:{}", "f".repeat(64), "q".repeat(128));
        let mut fleet = fleet(Via::Scheduler, &[]);
        fleet.functions = vec![crate::fleet::Function::new(&long, 1).unwrap(); 61];
        let scope = Scope::new("aws-us-gov", "us-gov-east-1", "123456789012");
        let roles = Desired::new(&fleet, &scope).scheduler.unwrap().roles;
        assert_eq!(roles.len(), 3);
        assert!(roles.iter().all(|role| role.name.len() <= 64));
        assert!(serde_json::to_string(&roles[0].functions).unwrap().len() < 9_500);
    }

    #[test]
    fn two_thousand_functions_have_six_thousand_schedules_or_two_thousand_rules() {
        let names: Vec<String> = (0..2_000).map(|n| format!("function-{n}:live")).collect();
        let listed: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 3)).collect();
        let scheduled = Desired::new(&fleet(Via::Scheduler, &listed), &scope());
        let ruled = Desired::new(&fleet(Via::Rule, &listed), &scope());
        assert_eq!(scheduled.scheduler.unwrap().schedules.len(), 6_000);
        assert_eq!(ruled.rules.len(), 2_000);
    }

    fn any_fleet() -> impl Strategy<Value = Fleet> {
        proptest::collection::btree_map("[a-z]{1,3}(:[a-z0-9]{1,3})?", 1u32..14, 1..60).prop_map(
            |functions: BTreeMap<String, u32>| {
                let listed: Vec<(&str, u32)> = functions.iter().map(|(name, n)| (name.as_str(), *n)).collect();
                fleet(Via::Rule, &listed)
            },
        )
    }

    proptest! {
        #[test]
        fn every_environment_has_one_target_and_no_rule_has_six(fleet in any_fleet()) {
            let desired = Desired::new(&fleet, &scope());
            let wanted: u32 = fleet.functions.iter().map(|f| f.concurrency).sum();
            let ids: HashSet<&str> =
                desired.rules.iter().flat_map(|r| &r.targets).map(|t| t.id.as_str()).collect();
            prop_assert_eq!(ids.len(), wanted as usize);
            prop_assert!(desired.rules.iter().all(|r| (1..=5).contains(&r.targets.len())));
            prop_assert_eq!(desired.rules.len(), rules_needed(&fleet));
        }

        #[test]
        fn up_to_five_environments_of_a_function_are_called_at_one_moment(fleet in any_fleet()) {
            let desired = Desired::new(&fleet, &scope());
            for function in fleet.functions.iter().filter(|f| f.concurrency <= 5) {
                let rules = desired.rules.iter();
                let with = rules.filter(|r| r.targets.iter().any(|t| t.function == function.reference));
                prop_assert_eq!(with.count(), 1);
            }
        }

        #[test]
        fn each_rule_may_call_exactly_its_targets(fleet in any_fleet()) {
            for rule in Desired::new(&fleet, &scope()).rules {
                let called: HashSet<&String> = rule.targets.iter().map(|t| &t.arn).collect();
                let permitted: HashSet<&String> = rule.permissions.iter().map(|p| &p.arn).collect();
                prop_assert_eq!(&called, &permitted);
                prop_assert_eq!(permitted.len(), rule.permissions.len());
                prop_assert!(rule.permissions.iter().all(|p| p.rule_arn == rule.arn));
            }
        }
    }
}
