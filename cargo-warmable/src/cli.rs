//! The command line. Flags are named as cargo, `cargo lambda` and the AWS CLI name the same things;
//! those with a key in `Cargo.toml` are named like it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Settings, parse_function};
use crate::fleet::{Function, Via};
use crate::names::{RuleName, Schedule};
use crate::template::Format;

/// Cargo calls its subcommands with their own name as the first argument.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
pub enum Cargo {
    /// Keep AWS Lambda functions warm: try a ping, write the schedule, apply it
    ///
    /// The functions are configured in Cargo.toml. Each key has a flag of the same name, which wins:
    ///
    ///     [workspace.metadata.warmable]
    ///     rule = "KeepFunctionsWarm"
    ///     schedule = "rate(5 minutes)"
    ///     functions = ["my-function:live", { name = "other", concurrency = 3 }]
    ///
    /// Exit codes: 0, all is well; 1, a ping is not answered, a handler is not warmable, a schedule
    /// is not complete; 2, the command could not do its work, as where no functions are configured.
    #[command(version, verbatim_doc_comment)]
    Warmable(Cli),
}

/// The command and what goes with any.
#[derive(Debug, Args)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour: where the output is a terminal and NO_COLOR is not set, unless told
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// The Cargo.toml of the workspace
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a function the event that keeps it warm, here or in AWS, and show its answer
    Ping(Ping),
    /// List the workspace's handlers: which are warmable, and which a schedule reaches
    Audit(Audit),
    /// Print the schedule for the configured functions, as infrastructure code
    Template(Template),
    /// Make AWS match the configuration
    Apply(Change),
    /// Show what there is in AWS of the schedule, and what is missing
    Status(Status),
    /// Take away what `apply` made
    Remove(Change),
    /// Print the least IAM policy that `apply`, `status`, `remove` and `ping --remote` need
    Iam(Iam),
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where the output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to write a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For machines
    Json,
}

/// The form of a result.
#[derive(Debug, Args)]
pub struct Output {
    /// The form of the result
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output_format: OutputFormat,
}

/// The keys of a fleet.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Schedule")]
pub struct FleetFlags {
    /// The name of the EventBridge rule; further rules are numbered from it [default: KeepFunctionsWarm]
    #[arg(long, value_name = "NAME")]
    pub rule: Option<RuleName>,

    /// When the functions are pinged [default: rate(5 minutes)]
    #[arg(long, value_name = "EXPRESSION")]
    pub schedule: Option<Schedule>,

    /// The functions to keep warm, by comma: NAME, NAME:ALIAS or an ARN, and =3 for 3 environments
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',', value_parser = parse_function)]
    pub functions: Option<Vec<Function>>,

    /// What pings them [default: rule]
    #[arg(long)]
    pub via: Option<Via>,

    /// For how many milliseconds a ping is held open where several environments are kept warm [default: 75, or 500 for more than 5]
    #[arg(long, value_name = "MS")]
    pub hold_ms: Option<u32>,

    /// The ARN of a role for EventBridge Scheduler, where it is not to be made
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
}

/// Where in AWS.
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsFlags {
    /// The region; else that of the environment or the profile
    #[arg(long)]
    pub region: Option<String>,

    /// The profile of the AWS configuration files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Send the calls here, not to AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

impl FleetFlags {
    /// The settings that are given as flags.
    pub fn settings(&self) -> Settings {
        let Self { rule, schedule, functions, via, hold_ms, role } = self.clone();
        Settings { rule, schedule, functions, via, hold_ms, role, ..Settings::default() }
    }
}

impl AwsFlags {
    /// These flags over `settings`.
    pub fn over(&self, settings: Settings) -> Settings {
        let flags = Settings { region: self.region.clone(), profile: self.profile.clone(), ..Settings::default() };
        flags.or(settings)
    }
}

/// `cargo warmable ping`
#[derive(Debug, Args)]
pub struct Ping {
    /// The package whose function is pinged
    #[arg(short, long, value_name = "PACKAGE")]
    pub package: Option<String>,

    /// The binary to ping
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,

    /// The example to ping
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,

    /// Build it in release mode
    #[arg(short, long)]
    pub release: bool,

    /// Features to build it with
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub features: Option<String>,

    /// Set a variable in the function's environment
    #[arg(short, long = "env-var", value_name = "KEY=VALUE", value_parser = key_value)]
    pub env_var: Vec<(String, String)>,

    /// The function's timeout in seconds, and how long it may take to ask for its first event
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=900))]
    pub timeout: u64,

    /// Ping deployed functions instead, all that are configured if none is named
    #[arg(long, value_name = "FUNCTION", num_args = 0.., conflicts_with_all = ["package", "bin", "example", "release", "features", "env_var", "timeout"])]
    pub remote: Option<Vec<crate::names::FunctionRef>>,

    /// Send the event in this file instead, or from standard input for `-`; one that is no ping may reach the handler
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "rule"])]
    pub event: Option<PathBuf>,

    /// The event's source
    #[arg(long, default_value = crate::event::SOURCE)]
    pub source: String,

    /// The rule that the event comes from; else the configured one
    #[arg(long, value_name = "NAME")]
    pub rule: Option<RuleName>,

    /// The answer that says "warm", as JSON, where a policy of your own gives another one
    #[arg(long, value_name = "JSON", value_parser = json)]
    pub expect: Option<serde_json::Value>,

    /// Send it so many times, one after the other, and summarize the times
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,

    /// Write the result as JSON
    #[arg(long)]
    pub json: bool,

    /// Where in AWS
    #[command(flatten)]
    pub aws: AwsFlags,
}

/// `cargo warmable audit`
#[derive(Debug, Args)]
pub struct Audit {
    /// Exit with 1 if a handler is not warmable or no configured schedule reaches its function, and with 2 if no functions are configured
    #[arg(long)]
    pub deny: bool,

    /// The fleet
    #[command(flatten)]
    pub fleet: FleetFlags,

    /// The result's form
    #[command(flatten)]
    pub output: Output,
}

/// `cargo warmable template`
#[derive(Debug, Args)]
pub struct Template {
    /// The kind of infrastructure code
    #[arg(long, value_name = "FORMAT")]
    pub format: Format,

    /// The fleet
    #[command(flatten)]
    pub fleet: FleetFlags,
}

impl Status {
    /// The flags over `settings`.
    pub fn over(&self, settings: Settings) -> Settings {
        self.aws.over(self.fleet.settings().or(settings))
    }
}

/// `cargo warmable status`, and what it shares with `apply` and `remove`
#[derive(Debug, Args)]
pub struct Status {
    /// The fleet
    #[command(flatten)]
    pub fleet: FleetFlags,

    /// Where in AWS
    #[command(flatten)]
    pub aws: AwsFlags,

    /// The result's form
    #[command(flatten)]
    pub output: Output,
}

/// `cargo warmable apply` and `cargo warmable remove`
#[derive(Debug, Args)]
pub struct Change {
    /// Do not ask
    #[arg(short, long, conflicts_with = "dry_run")]
    pub yes: bool,

    /// Show the plan, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// What to change, and where
    #[command(flatten)]
    pub status: Status,
}

/// `cargo warmable iam`
#[derive(Debug, Args)]
pub struct Iam {
    /// The fleet
    #[command(flatten)]
    pub fleet: FleetFlags,

    /// The region of the resources; any, if it is not configured
    #[arg(long)]
    pub region: Option<String>,

    /// The account of the resources; any, if no ARN names it
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}

fn key_value(given: &str) -> Result<(String, String), String> {
    match given.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

fn json(given: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(given).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cargo::command().debug_assert();
    }
}
