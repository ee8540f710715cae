//! A fleet is the functions that one configuration keeps warm. What is wrong with it as a whole
//! (a function listed twice, an ARN of another account, more rules than a bus holds) is found
//! here, before anything is printed or called.

use std::collections::HashSet;
use std::fmt;

use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::desired;
use crate::names::{FunctionRef, NameError, RuleName, Schedule};

/// The most targets that EventBridge takes on one rule.
pub const TARGETS_PER_RULE: usize = 5;
/// The most rules that EventBridge keeps on one bus, unless AWS raised the account's limit.
pub const RULES_PER_BUS: usize = 300;
/// The most schedules that EventBridge Scheduler keeps in a region.
pub const SCHEDULES_PER_REGION: usize = 1_000_000;
/// The longest hold that can matter: Lambda ends every invocation after 15 minutes.
const LONGEST_HOLD_MS: u32 = 900_000;

/// For how long, in milliseconds, a ping is held open that one rule sends to several environments.
pub const HOLD_MS: u32 = 75;
/// The same where several rules send them: their pings come further apart than those of one.
pub const HOLD_MS_OF_SEVERAL_RULES: u32 = 500;

/// What calls the functions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// EventBridge rules on a schedule, up to five targets each
    #[default]
    Rule,
    /// EventBridge Scheduler schedules, one target each, and the role that they assume
    Scheduler,
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rule => "rule",
            Self::Scheduler => "scheduler",
        })
    }
}

/// One function of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// How AWS addresses it.
    pub reference: FunctionRef,
    /// How many of its execution environments are kept warm.
    pub concurrency: u32,
    /// The binary that it is built from, where that is not named like the function.
    pub bin: Option<String>,
}

impl Function {
    /// The function `name` (a name, `NAME:QUALIFIER` or an ARN).
    pub fn new(name: &str, concurrency: u32) -> Result<Self, NameError> {
        if !(1..=1000).contains(&concurrency) {
            return Err(NameError::Function {
                given: name.to_owned(),
                reason: format!("{concurrency} is no number of environments to keep warm; 1 to 1000 are"),
            });
        }
        Ok(Self { reference: name.parse()?, concurrency, bin: None })
    }

    /// The name of the binary that it is built from.
    pub fn binary(&self) -> &str {
        self.bin.as_deref().unwrap_or(&self.reference.name)
    }
}

/// The functions that are kept warm together, and how.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// The rule's name, and that of the schedules' group.
    pub rule: RuleName,
    /// When the functions are pinged.
    pub schedule: Schedule,
    /// What pings them.
    pub via: Via,
    /// For how long a ping is held open where several environments are kept warm; none is the default.
    pub hold_ms: Option<u32>,
    /// A role for EventBridge Scheduler that is there already.
    pub role: Option<String>,
    /// The functions, in the order of the configuration.
    pub functions: Vec<Function>,
}

/// Why the functions of a fleet cannot be kept warm together.
#[derive(Debug, Error, Diagnostic)]
pub enum FleetError {
    /// One function stands in the list twice.
    #[error("`{0}` is listed twice")]
    #[diagnostic(help(
        "list it once; to keep several of its environments warm, write `{{ name = \"{0}\", concurrency = 2 }}`"
    ))]
    Twice(String),
    /// An ARN lies outside the fleet's region or account.
    #[error("`{function}` is in {what} {found}, not in {expected}")]
    #[diagnostic(help("rules call functions of their own region and account only: configure one fleet for each"))]
    Foreign {
        /// The function.
        function: String,
        /// `region` or `account`.
        what: &'static str,
        /// The one in the ARN.
        found: String,
        /// The one that the others, or the credentials, are in.
        expected: String,
    },
    /// More rules than a bus holds.
    #[error("{targets} targets need {rules} rules, and a bus holds {RULES_PER_BUS}")]
    #[diagnostic(help("use EventBridge Scheduler: `via = \"scheduler\"`, or `--via scheduler`"))]
    TooManyRules {
        /// How many targets the fleet has.
        targets: usize,
        /// How many rules they would take.
        rules: usize,
    },
    /// More schedules than EventBridge Scheduler holds.
    #[error("{0} schedules are more than the {SCHEDULES_PER_REGION} that EventBridge Scheduler holds in a region")]
    TooManySchedules(usize),
    /// A numbered rule's name would be too long.
    #[error("the rule's name is too long to be numbered: `{0}` has more than {max} characters", max = RuleName::MAX)]
    #[diagnostic(help("choose a shorter `rule`"))]
    NumberedName(String),
    /// A hold that no function could keep.
    #[error("`hold-ms` is {0}, and Lambda ends every invocation after {LONGEST_HOLD_MS} ms")]
    #[diagnostic(help("75 is enough for the pings of one rule, 500 for those of two"))]
    Hold(u32),
    /// A role that is no role's ARN.
    #[error("`{0}` is no role's ARN")]
    #[diagnostic(help("write `arn:aws:iam::123456789012:role/my-role`, or leave `role` out to have one made"))]
    Role(String),
}

impl Fleet {
    /// Checks what only the whole fleet shows.
    pub fn check(&self) -> Result<(), FleetError> {
        if let Some(hold_ms) = self.hold_ms
            && hold_ms > LONGEST_HOLD_MS
        {
            return Err(FleetError::Hold(hold_ms));
        }
        if let Some(role) = &self.role
            && !is_role_arn(role)
        {
            return Err(FleetError::Role(role.clone()));
        }
        self.check_duplicates()?;
        self.check_places()?;
        self.check_limits()
    }

    /// For how many milliseconds the pings of `function` are held open; nothing, if it has one environment.
    pub fn hold_ms_of(&self, function: &Function) -> Option<u32> {
        let default = match function.concurrency as usize {
            0..=1 => return None,
            2..=TARGETS_PER_RULE => HOLD_MS,
            _ => HOLD_MS_OF_SEVERAL_RULES,
        };
        Some(self.hold_ms.unwrap_or(default))
    }

    /// Refuses a function whose ARN names another region or account than the one that is called.
    pub fn check_place(&self, region: &str, account: &str) -> Result<(), FleetError> {
        self.functions.iter().try_for_each(|function| check_place(function, Some(region), Some(account)))
    }

    fn check_duplicates(&self) -> Result<(), FleetError> {
        let mut seen = HashSet::new();
        let twice = self.functions.iter().map(|f| f.reference.label()).find(|label| !seen.insert(label.clone()));
        twice.map_or(Ok(()), |label| Err(FleetError::Twice(label)))
    }

    fn check_places(&self) -> Result<(), FleetError> {
        let references = || self.functions.iter().map(|f| &f.reference);
        let region = references().find_map(|r| r.region.as_ref().map(|(_, region)| region.as_str()));
        let account = references().find_map(|r| r.account.as_deref());
        self.functions.iter().try_for_each(|function| check_place(function, region, account))
    }

    fn check_limits(&self) -> Result<(), FleetError> {
        let targets: usize = self.functions.iter().map(|f| f.concurrency as usize).sum();
        if self.via == Via::Scheduler {
            return match targets {
                ..=SCHEDULES_PER_REGION => Ok(()),
                _ => Err(FleetError::TooManySchedules(targets)),
            };
        }
        let rules = desired::rules_needed(self);
        if rules > RULES_PER_BUS {
            return Err(FleetError::TooManyRules { targets, rules });
        }
        let last = self.rule.numbered(rules.max(1));
        if last.len() > RuleName::MAX {
            return Err(FleetError::NumberedName(last));
        }
        Ok(())
    }
}

fn is_role_arn(role: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@-_/:".contains(&b);
    role.starts_with("arn:aws") && role.contains(":iam::") && role.contains(":role/") && role.bytes().all(known)
}

fn check_place(function: &Function, region: Option<&str>, account: Option<&str>) -> Result<(), FleetError> {
    let reference = &function.reference;
    let own_region = reference.region.as_ref().map(|(_, region)| region.as_str());
    let pairs = [("region", own_region, region), ("account", reference.account.as_deref(), account)];
    for (what, found, expected) in pairs {
        if let (Some(found), Some(expected)) = (found, expected)
            && found != expected
        {
            return Err(FleetError::Foreign {
                function: reference.label(),
                what,
                found: found.to_owned(),
                expected: expected.to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn fleet(via: Via, functions: &[(&str, u32)]) -> Fleet {
        Fleet {
            rule: "KeepSCVFunctionsWarm".parse().unwrap(),
            schedule: "rate(5 minutes)".parse().unwrap(),
            via,
            hold_ms: None,
            role: None,
            functions: functions.iter().map(|(name, concurrency)| Function::new(name, *concurrency).unwrap()).collect(),
        }
    }

    fn refusal(functions: &[(&str, u32)]) -> String {
        fleet(Via::Rule, functions).check().unwrap_err().to_string()
    }

    #[test]
    fn a_function_is_listed_once_however_it_is_written() {
        assert_eq!(refusal(&[("f", 1), ("f:$LATEST", 1)]), "`f` is listed twice");
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
        assert_eq!(refusal(&[("f:live", 1), (arn, 1)]), "`f:live` is listed twice");
        assert!(fleet(Via::Rule, &[("f", 1), ("f:live", 1)]).check().is_ok());
    }

    #[test]
    fn functions_of_another_region_or_account_are_refused() {
        let ireland = "arn:aws:lambda:eu-west-1:123456789012:function:a";
        let oregon = "arn:aws:lambda:us-west-2:123456789012:function:b";
        let other = "arn:aws:lambda:eu-west-1:210987654321:function:c";
        assert_eq!(refusal(&[(ireland, 1), (oregon, 1)]), "`b` is in region us-west-2, not in eu-west-1");
        assert_eq!(refusal(&[(ireland, 1), (other, 1)]), "`c` is in account 210987654321, not in 123456789012");
        let fleet = fleet(Via::Rule, &[("x", 1), (ireland, 1)]);
        assert!(fleet.check_place("eu-west-1", "123456789012").is_ok());
        assert!(fleet.check_place("eu-west-2", "123456789012").is_err());
    }

    #[test]
    fn more_rules_than_a_bus_holds_call_for_the_scheduler() {
        let functions: Vec<String> = (0..1_501).map(|n| format!("f{n}")).collect();
        let listed: Vec<(&str, u32)> = functions.iter().map(|f| (f.as_str(), 1)).collect();
        let error = fleet(Via::Rule, &listed).check().unwrap_err();
        assert_eq!(error.to_string(), "1501 targets need 301 rules, and a bus holds 300");
        assert!(error.help().unwrap().to_string().contains("--via scheduler"));
        assert!(fleet(Via::Rule, &listed[1..]).check().is_ok());
        assert!(fleet(Via::Scheduler, &listed).check().is_ok());
    }

    #[test]
    fn pings_of_several_rules_are_held_for_longer() {
        let held = |hold_ms: Option<u32>| {
            let fleet = Fleet { hold_ms, ..fleet(Via::Rule, &[("a", 1), ("b", 2), ("c", 5), ("d", 6)]) };
            Vec::from_iter(fleet.functions.iter().map(|function| fleet.hold_ms_of(function)))
        };
        assert_eq!(held(None), [None, Some(75), Some(75), Some(500)]);
        assert_eq!(held(Some(90)), [None, Some(90), Some(90), Some(90)]);
    }

    #[test]
    fn a_numbered_name_must_fit_too() {
        let mut fleet = fleet(Via::Rule, &[("a", 5), ("b", 5)]);
        fleet.rule = "r".repeat(63).parse().unwrap();
        assert!(matches!(fleet.check(), Err(FleetError::NumberedName(_))));
        fleet.functions.pop();
        assert!(fleet.check().is_ok());
    }
}
