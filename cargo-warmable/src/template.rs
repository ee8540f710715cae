//! The schedule as a file: for teams whose infrastructure is code already, and who would not let a
//! command-line tool near it. The files under `templates/` are what is printed; here are their
//! names for things, and how each format writes a string.
//!
//! An ARN's region and account are expressions of the format (`${AWS::Region}`, `${local.region}`):
//! one [`Scope`] of such expressions makes the same [`Desired`] resources that `apply` works with.

use std::collections::HashSet;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::desired::{Desired, Permission, Scheduler, Scope};
use crate::event::ScheduledEvent;
use crate::fleet::{Fleet, TARGETS_PER_RULE, Via};
use crate::names::FunctionRef;
use crate::policy;
use crate::tag;

/// A format that `cargo warmable template` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// AWS SAM, to deploy beside the functions or to paste into their template
    Sam,
    /// AWS CloudFormation
    Cloudformation,
    /// Terraform and OpenTofu, for the hashicorp/aws provider
    Terraform,
    /// A construct for the AWS CDK, in TypeScript
    Cdk,
    /// A shell script that calls the AWS CLI
    AwsCli,
}

const TEMPLATES: [(&str, &str); 8] = [
    ("cloudformation-rule.yaml", include_str!("../templates/cloudformation-rule.yaml.j2")),
    ("cloudformation-scheduler.yaml", include_str!("../templates/cloudformation-scheduler.yaml.j2")),
    ("terraform-rule.tf", include_str!("../templates/terraform-rule.tf.j2")),
    ("terraform-scheduler.tf", include_str!("../templates/terraform-scheduler.tf.j2")),
    ("cdk-rule.ts", include_str!("../templates/cdk-rule.ts.j2")),
    ("cdk-scheduler.ts", include_str!("../templates/cdk-scheduler.ts.j2")),
    ("aws-cli-rule.sh", include_str!("../templates/aws-cli-rule.sh.j2")),
    ("aws-cli-scheduler.sh", include_str!("../templates/aws-cli-scheduler.sh.j2")),
];

impl Format {
    /// Every format, in the order of the manual.
    pub const ALL: [Self; 5] = [Self::Sam, Self::Cloudformation, Self::Terraform, Self::Cdk, Self::AwsCli];

    /// How this format says where a stack is deployed.
    fn scope(self) -> Scope {
        match self {
            Self::Sam | Self::Cloudformation => Scope::new("${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"),
            Self::Terraform => Scope::new("${local.partition}", "${local.region}", "${local.account}"),
            Self::Cdk => Scope::new("${Aws.PARTITION}", "${Aws.REGION}", "${Aws.ACCOUNT_ID}"),
            Self::AwsCli => Scope::new("${partition}", "${region}", "${account}"),
        }
    }

    fn file(self, via: Via) -> &'static str {
        let scheduler = via == Via::Scheduler;
        match self {
            Self::Sam | Self::Cloudformation if scheduler => "cloudformation-scheduler.yaml",
            Self::Sam | Self::Cloudformation => "cloudformation-rule.yaml",
            Self::Terraform if scheduler => "terraform-scheduler.tf",
            Self::Terraform => "terraform-rule.tf",
            Self::Cdk if scheduler => "cdk-scheduler.ts",
            Self::Cdk => "cdk-rule.ts",
            Self::AwsCli if scheduler => "aws-cli-scheduler.sh",
            Self::AwsCli => "aws-cli-rule.sh",
        }
    }

    /// The name of a resource in this format's own terms.
    fn identifier(self, name: &str) -> String {
        match self {
            Self::Terraform => hcl_identifier(name),
            _ => logical_id(name),
        }
    }
}

/// The schedule of `fleet` as a file in `format`.
pub fn render(fleet: &Fleet, format: Format) -> String {
    let scope = format.scope();
    let desired = Desired::new(fleet, &scope);
    environment()
        .get_template(format.file(fleet.via))
        .and_then(|template| template.render(View::new(fleet, format, &scope, &desired)))
        .expect("each template is rendered by the tests, and no value can make it fail")
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("yaml", yaml);
    environment.add_filter("sub", sub);
    environment.add_filter("json", json);
    environment.add_filter("sh", shell);
    environment.add_filter("hcl", |value: Value, depth: Option<usize>| hcl(&value, depth.unwrap_or(0)));
    environment.add_filter("ts", |value: Value, depth: Option<usize>| ts(&value, depth.unwrap_or(0)));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("each template is rendered by the tests");
    }
    environment
}

/// What the templates see.
#[derive(Serialize)]
struct View<'a> {
    format: Format,
    rule: &'a str,
    expression: &'a str,
    /// The same under the name that reads best in a rule's template.
    schedule: &'a str,
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
    fn new(fleet: &'a Fleet, format: Format, scope: &Scope, desired: &'a Desired) -> Self {
        let mut view = Self {
            format,
            rule: fleet.rule.as_str(),
            expression: fleet.schedule.as_str(),
            schedule: fleet.schedule.as_str(),
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

/// A YAML scalar, quoted where a reader would take the plain one for something else.
fn yaml(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.:/()?*, ".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(word)
        && !text.contains(": ")
        && !text.ends_with([':', ' ']);
    let keyword = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !keyword.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A CloudFormation string: substituted where it has something to substitute.
fn sub(text: &str) -> String {
    match text.contains("${") {
        true if text.starts_with("arn:") => format!("!Sub {text}"),
        true => format!("!Sub '{}'", text.replace('\'', "''")),
        false => yaml(text),
    }
}

/// JSON without white space, keys in the order of the value.
fn json(value: &Value) -> String {
    serde_json::to_string(value).expect("the values of a view are JSON")
}

/// A shell word. Expressions of the script's own scope stay open to expansion.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/=,".contains(c);
    match text {
        _ if text.contains("${") => format!("\"{text}\""),
        _ if text.chars().all(plain) => text.to_owned(),
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// An HCL expression, over several lines where it is an object or a list.
fn hcl(value: &Value, depth: usize) -> String {
    let style = Style {
        key: |key| match key.contains('-') {
            true => format!("\"{key}\""),
            false => key.to_owned(),
        },
        text: |text| match expression(text) {
            Some(expression) => expression.to_owned(),
            None => json(&Value::from(text)),
        },
        equals: " = ",
        after_entry: "",
        aligned: true,
    };
    style.write(value, depth)
}

/// A TypeScript expression, over several lines where it is an object or a list.
fn ts(value: &Value, depth: usize) -> String {
    let style = Style {
        key: |key| match key.contains('-') {
            true => format!("'{key}'"),
            false => key.to_owned(),
        },
        text: |text| match expression(text) {
            Some(expression) => expression.to_owned(),
            None if text.contains("${") => format!("`{text}`"),
            None => format!("'{}'", text.replace('\'', "\\'")),
        },
        equals: ": ",
        after_entry: ",",
        aligned: false,
    };
    style.write(value, depth)
}

/// The expression that `text` consists of: `${local.region}` is better written `local.region`.
fn expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (!inner.contains('}')).then_some(inner)
}

/// How a language writes objects and lists.
struct Style {
    key: fn(&str) -> String,
    text: fn(&str) -> String,
    equals: &'static str,
    after_entry: &'static str,
    aligned: bool,
}

impl Style {
    fn write(&self, value: &Value, depth: usize) -> String {
        let (margin, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
        let items = || value.try_iter().into_iter().flatten();
        match value.kind() {
            ValueKind::Map if value.len() == Some(0) => "{}".to_owned(),
            ValueKind::Map => {
                let entries = Vec::from_iter(items().map(|name| {
                    let inner = value.get_item(&name).unwrap_or_default();
                    let key = (self.key)(name.as_str().unwrap_or_default());
                    (key, self.write(&inner, depth + 1))
                }));
                format!("{{\n{}{end}}}", self.lines(&entries, &margin))
            }
            ValueKind::Seq => {
                let lines = items().map(|item| format!("{margin}{},\n", self.write(&item, depth + 1)));
                format!("[\n{}{end}]", String::from_iter(lines))
            }
            ValueKind::String => (self.text)(value.as_str().unwrap_or_default()),
            _ => value.to_string(),
        }
    }

    /// `terraform fmt` lines up the values of entries that follow each other on one line each.
    fn lines(&self, entries: &[(String, String)], margin: &str) -> String {
        let (equals, after) = (self.equals, self.after_entry);
        let one_line = |entry: &(String, String)| !entry.1.contains('\n');
        let groups = entries.chunk_by(|a, b| one_line(a) && one_line(b));
        let written = groups.flat_map(|group| {
            let longest = group.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
            let width = if self.aligned { longest } else { 0 };
            let line = move |(key, value): &(String, String)| format!("{margin}{key:width$}{equals}{value}{after}\n");
            group.iter().map(line)
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::tests::fleet;

    fn voice(via: Via) -> Fleet {
        let functions = [
            ("InvokeTelephonyIntegrationApiFunction:live", 1),
            ("kvsConsumerTrigger", 1),
            ("kvsTranscriber:live", 3),
            ("arn:aws:lambda:eu-west-1:123456789012:function:123", 1),
        ];
        fleet(via, &functions)
    }

    #[test]
    fn each_format_prints_the_rules_of_the_voice_functions() {
        for format in Format::ALL {
            let name = format.file(Via::Rule);
            let name = if format == Format::Sam { "sam-rule.yaml" } else { name };
            insta::assert_snapshot!(name, render(&voice(Via::Rule), format));
        }
    }

    #[test]
    fn each_format_prints_the_schedules_of_the_voice_functions() {
        for format in Format::ALL {
            let name = format.file(Via::Scheduler);
            let name = if format == Format::Sam { "sam-scheduler.yaml" } else { name };
            insta::assert_snapshot!(name, render(&voice(Via::Scheduler), format));
        }
    }

    #[test]
    fn a_role_of_ones_own_is_used_as_it_is() {
        let mut fleet = voice(Via::Scheduler);
        fleet.role = Some("arn:aws:iam::123456789012:role/scheduler".to_owned());
        for format in Format::ALL {
            let printed = render(&fleet, format);
            assert!(printed.contains("arn:aws:iam::123456789012:role/scheduler"), "{printed}");
            assert!(!printed.contains("sts:AssumeRole"), "{printed}");
        }
    }

    #[test]
    fn names_that_would_collide_are_numbered() {
        let mut ids = Ids::new(Format::Cloudformation);
        assert_eq!(ids.of("a-b"), "AB");
        assert_eq!(ids.of("a.b"), "ABx2");
        assert_eq!(Ids::new(Format::Terraform).of("1.live.1"), "_1_live_1");
    }

    #[test]
    fn a_name_that_yaml_takes_for_a_number_or_a_word_is_quoted() {
        assert_eq!(yaml("123"), "'123'");
        assert_eq!(yaml("Yes"), "'Yes'");
        assert_eq!(yaml("rate(5 minutes)"), "rate(5 minutes)");
        assert_eq!(yaml("cron(0 8 ? * 2#1 *)"), "'cron(0 8 ? * 2#1 *)'");
        assert_eq!(yaml("f:live"), "f:live");
    }
}
