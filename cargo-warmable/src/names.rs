//! AWS refuses a bad name only when the call is made, and by then half of the schedule may be in
//! place. Each name and expression therefore has a type of its own here, and a value of that type
//! is one that AWS takes.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

/// Why a name, an expression or a reference is not one that AWS takes.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// An EventBridge rule's name.
    #[error("`{0}` is no rule name: EventBridge takes 1 to 64 of `A-Z a-z 0-9 . - _`")]
    Rule(String),
    /// A schedule expression that is neither `rate(…)` nor `cron(…)`.
    #[error("`{given}` is no schedule expression: {reason}")]
    Schedule {
        /// What was written.
        given: String,
        /// What is wrong with it, and what to write.
        reason: String,
    },
    /// A Lambda function's name, ARN or qualifier.
    #[error("`{given}` is no Lambda function: {reason}")]
    Function {
        /// What was written.
        given: String,
        /// What is wrong with it, and what to write.
        reason: String,
    },
}

/// The name of an EventBridge rule; further rules are numbered from it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RuleName(String);

impl RuleName {
    /// The longest name that EventBridge takes.
    pub const MAX: usize = 64;

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the `n`th rule, counted from 1: the first has the name itself.
    pub fn numbered(&self, n: usize) -> String {
        match n {
            1 => self.0.clone(),
            n => format!("{}-{n}", self.0),
        }
    }

    /// Whether `name` is this name or a numbered one made from it.
    pub fn covers(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(&self.0) else {
            return false;
        };
        let number = rest.strip_prefix('-').and_then(|n| n.parse::<usize>().ok());
        rest.is_empty() || number.is_some_and(|n| n >= 2 && rest == format!("-{n}"))
    }

    /// The id of the statement in a function's policy that lets the rule `name` call it.
    ///
    /// Statement ids know no dot; a name with one gets a checksum, so that `a.b` and `a-b` differ.
    pub fn statement_id(name: &str) -> String {
        if name.contains('.') {
            let sum = checksum(name);
            return format!("warmable-{}-{sum:08x}", name.replace('.', "-"));
        }
        format!("warmable-{name}")
    }
}

impl FromStr for RuleName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let fits = (1..=Self::MAX).contains(&name.len());
        if fits && name.bytes().all(|b| is_word(b) || b == b'.') {
            return Ok(Self(name.to_owned()));
        }
        Err(NameError::Rule(name.to_owned()))
    }
}

impl TryFrom<String> for RuleName {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        name.parse()
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When the functions are pinged: `rate(5 minutes)` or `cron(0/5 8-18 ? * MON-FRI *)`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Schedule(String);

impl Schedule {
    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Schedule {
    type Err = NameError;

    fn from_str(given: &str) -> Result<Self, NameError> {
        let checked = if let Some(rate) = inside(given, "rate") {
            check_rate(rate)
        } else if let Some(cron) = inside(given, "cron") {
            check_cron(cron)
        } else if given.starts_with("at(") {
            Err("`at(…)` fires once, which keeps nothing warm; write `rate(5 minutes)`".to_owned())
        } else {
            Err("write `rate(5 minutes)` or `cron(0/5 8-18 ? * MON-FRI *)`".to_owned())
        };
        match checked {
            Ok(()) => Ok(Self(given.to_owned())),
            Err(reason) => Err(NameError::Schedule { given: given.to_owned(), reason }),
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = NameError;

    fn try_from(given: String) -> Result<Self, NameError> {
        given.parse()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn inside<'a>(given: &'a str, call: &str) -> Option<&'a str> {
    given.strip_prefix(call)?.strip_prefix('(')?.strip_suffix(')')
}

fn check_rate(rate: &str) -> Result<(), String> {
    const SHAPE: &str = "a rate is a whole number above 0 and a unit, as in `rate(5 minutes)`";
    let (value, unit) = rate.split_once(' ').ok_or(SHAPE)?;
    let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let value: u32 = value.parse().map_err(|_| SHAPE)?;
    if !plain || value == 0 {
        return Err(SHAPE.to_owned());
    }
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    if !matches!(singular, "minute" | "hour" | "day") {
        return Err(format!("the unit is `minutes`, `hours` or `days`, not `{unit}`"));
    }
    let plural = unit.ends_with('s');
    match (value, plural) {
        (1, true) => Err(format!("the unit is singular for 1: write `rate(1 {singular})`")),
        (1, false) | (_, true) => Ok(()),
        (_, false) => Err(format!("the unit is plural above 1: write `rate({value} {singular}s)`")),
    }
}

fn check_cron(cron: &str) -> Result<(), String> {
    let fields: Vec<&str> = cron.split(' ').collect();
    let [_, _, day, _, weekday, _] = fields[..] else {
        return Err(format!(
            "a cron expression has six fields (minutes, hours, day of month, month, day of week, year), this one has {}",
            fields.iter().filter(|field| !field.is_empty()).count()
        ));
    };
    let known = |b: u8| b.is_ascii_alphanumeric() || b"*?,-/#".contains(&b);
    if let Some(field) = fields.iter().find(|f| f.is_empty() || !f.bytes().all(known)) {
        return Err(format!("`{field}` is no field of a cron expression"));
    }
    if (day == "?") == (weekday == "?") {
        return Err("exactly one of day of month and day of week is `?`, as in `cron(0/5 * * * ? *)`".to_owned());
    }
    Ok(())
}

/// A function as AWS addresses it: by name or ARN, on a version or alias where one is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionRef {
    /// The function's name alone.
    pub name: String,
    /// The version or alias; none is `$LATEST`.
    pub qualifier: Option<String>,
    /// The ARN's partition and region, where the reference was a full ARN.
    pub region: Option<(String, String)>,
    /// The ARN's account, where the reference named one.
    pub account: Option<String>,
}

impl FunctionRef {
    /// `name` or `name:qualifier`, the way the AWS console and CLI show it.
    pub fn label(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.name),
            None => self.name.clone(),
        }
    }

    /// `name` or `name.qualifier`: a label that target ids and schedule names may hold.
    pub fn dotted(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}.{qualifier}", self.name),
            None => self.name.clone(),
        }
    }
}

impl FromStr for FunctionRef {
    type Err = NameError;

    fn from_str(given: &str) -> Result<Self, NameError> {
        let wrong = |reason: String| NameError::Function { given: given.to_owned(), reason };
        let parts: Vec<&str> = given.split(':').collect();
        let (region, account, rest) = match parts[..] {
            ["arn", partition, "lambda", region, account, "function", ref rest @ ..] => {
                if !partition.starts_with("aws") || region.is_empty() {
                    return Err(wrong("its ARN has no partition or region".to_owned()));
                }
                let region = (partition.to_owned(), region.to_owned());
                (Some(region), Some(account), rest)
            }
            ["arn", _, _, ..] => {
                return Err(wrong(
                    "the ARN is not of the form `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`".to_owned(),
                ));
            }
            [account, "function", ref rest @ ..] => (None, Some(account), rest),
            ref rest => (None, None, rest),
        };
        if let Some(account) = account
            && !(account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(wrong(format!("`{account}` is no account: it has 12 digits")));
        }
        let (name, qualifier) = match *rest {
            [name] => (name, None),
            [name, qualifier] => (name, Some(qualifier)),
            _ => return Err(wrong("write `NAME`, `NAME:ALIAS` or an ARN".to_owned())),
        };
        if !(1..=64).contains(&name.len()) || !name.bytes().all(is_word) {
            return Err(wrong("a name is 1 to 64 of `A-Z a-z 0-9 - _`".to_owned()));
        }
        // `$LATEST` by name and no qualifier warm the same environments and need the same permission.
        let qualifier = qualifier.filter(|q| *q != "$LATEST");
        if let Some(qualifier) = qualifier
            && !((1..=128).contains(&qualifier.len()) && qualifier.bytes().all(is_word))
        {
            return Err(wrong("a version or alias is 1 to 128 of `A-Z a-z 0-9 - _`".to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            region,
            account: account.map(str::to_owned),
        })
    }
}

impl fmt::Display for FunctionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

/// `name` cut to `max` characters; what is cut off leaves a checksum, so that names stay distinct.
pub fn at_most(max: usize, name: &str) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    format!("{}-{:08x}", &name[..max - 9], checksum(name))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// FNV-1a, 32 bits. Names in AWS are made from it, so it must never change between releases, which
/// the standard library's hasher does not promise.
fn checksum(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reason<T: FromStr<Err = NameError> + fmt::Debug>(given: &str) -> String {
        given.parse::<T>().unwrap_err().to_string()
    }

    #[test]
    fn a_rate_of_one_is_singular_and_every_other_is_plural() {
        for good in ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(2 days)"] {
            assert_eq!(good.parse::<Schedule>().unwrap().as_str(), good);
        }
        assert!(reason::<Schedule>("rate(1 minutes)").contains("write `rate(1 minute)`"));
        assert!(reason::<Schedule>("rate(5 minute)").contains("write `rate(5 minutes)`"));
        for bad in ["rate(0 minutes)", "rate(+5 minutes)", "rate(5)", "rate(5  minutes)", "rate(5 weeks)"] {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cron_expression_has_six_fields_and_one_question_mark() {
        assert!("cron(0/5 8-18 ? * MON-FRI *)".parse::<Schedule>().is_ok());
        assert!(reason::<Schedule>("cron(0/5 * * * ?)").contains("this one has 5"));
        assert!(reason::<Schedule>("cron(0/5 * * * * *)").contains("exactly one"));
        assert!(reason::<Schedule>("cron(0/5 * ? * ? *)").contains("exactly one"));
        assert!(reason::<Schedule>("at(2026-11-24T00:00:00)").contains("fires once"));
    }

    #[test]
    fn a_function_is_a_name_an_alias_or_an_arn() {
        let plain: FunctionRef = "kvsTranscriber".parse().unwrap();
        assert_eq!(plain.label(), "kvsTranscriber");
        let alias: FunctionRef = "kvsTranscriber:live".parse().unwrap();
        assert_eq!(alias.qualifier.as_deref(), Some("live"));
        let arn: FunctionRef = "arn:aws-cn:lambda:cn-north-1:123456789012:function:f:7".parse().unwrap();
        assert_eq!(arn.region, Some(("aws-cn".into(), "cn-north-1".into())));
        assert_eq!(arn.label(), "f:7");
        let partial: FunctionRef = "123456789012:function:f".parse().unwrap();
        assert_eq!(partial.account.as_deref(), Some("123456789012"));
        assert_eq!("arn:live".parse::<FunctionRef>().unwrap().name, "arn");
        for bad in ["", "a b", "f:", "f:a:b", "arn:aws:s3:::bucket", "12:function:f", "é"] {
            assert!(bad.parse::<FunctionRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn latest_is_the_function_without_a_qualifier() {
        assert_eq!("f:$LATEST".parse::<FunctionRef>().unwrap(), "f".parse().unwrap());
    }

    #[test]
    fn a_rule_covers_its_numbered_rules_and_no_other() {
        let rule: RuleName = "KeepWarm".parse().unwrap();
        for n in 1..20 {
            assert!(rule.covers(&rule.numbered(n)));
        }
        for other in ["KeepWarm-1", "KeepWarm-02", "KeepWarm-x", "KeepWarmer", "Keep", "KeepWarm-2-3"] {
            assert!(!rule.covers(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_statement_id_is_one_that_lambda_takes(name in "[A-Za-z0-9._-]{1,64}") {
            let id = RuleName::statement_id(&name);
            prop_assert!(id.len() <= 100 && id.bytes().all(is_word), "{}", id);
        }

        #[test]
        fn names_of_any_length_stay_distinct_when_cut(a in "[a-z.]{1,200}", b in "[a-z.]{1,200}") {
            prop_assert!(at_most(64, &a).len() <= 64);
            prop_assert_eq!(a == b, at_most(64, &a) == at_most(64, &b));
        }

        #[test]
        fn a_label_parses_back_to_its_function(label in "[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?") {
            prop_assert_eq!(label.parse::<FunctionRef>().unwrap().label(), label);
        }
    }
}
