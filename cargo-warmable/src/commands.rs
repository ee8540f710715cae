//! One file for each command: from its flags to its exit code.

mod apply;
mod audit;
mod iam;
mod ping;
mod remove;
mod status;
mod template;

use std::process::ExitCode;

use miette::Result;

use crate::aws::Aws;
use crate::aws::actual::Actual;
use crate::cli::{Cli, Command, Status};
use crate::config::{Settings, Workspace};
use crate::desired;
use crate::fleet::{Fleet, HOLD_MS_OF_SEVERAL_RULES, TARGETS_PER_RULE, Via};
use crate::output;

/// Something is not as it should be: the exit code of a finding, as of `grep` and `diff`.
const FINDING: u8 = 1;

/// Runs the command.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    let workspace = Workspace::load(cli.manifest_path.as_deref())?;
    match cli.command {
        Command::Ping(ping) => ping::run(ping, workspace).await,
        Command::Audit(audit) => audit::run(audit, &workspace),
        Command::Template(template) => template::run(template, workspace.settings),
        Command::Apply(apply) => apply::run(apply, workspace.settings).await,
        Command::Status(status) => status::run(status, workspace.settings).await,
        Command::Remove(remove) => remove::run(remove, workspace.settings).await,
        Command::Iam(iam) => iam::run(iam, workspace.settings),
    }
}

/// A fleet and what there is of it in AWS.
struct Seen {
    fleet: Fleet,
    aws: Aws,
    actual: Actual,
}

/// Looks at AWS, once it is sure that the fleet is of the account and the region that are called.
async fn look(flags: &Status, settings: Settings, fleet: Fleet) -> Result<Seen> {
    let aws = Aws::connect(&settings, flags.aws.endpoint_url.as_deref()).await?;
    fleet.check_place(&aws.scope.region, &aws.scope.account)?;
    let functions: Vec<_> = fleet.functions.iter().map(|function| function.reference.clone()).collect();
    let actual = aws.actual(&fleet.rule, &functions).await?;
    Ok(Seen { fleet, aws, actual })
}

/// Says so where pings of one function would not overlap, which keeps fewer environments warm.
fn warn_of_spread(fleet: &Fleet) {
    let spread = desired::spread(fleet);
    let who = match spread[..] {
        [] => return,
        [one] => format!("`{one}` has"),
        [first, ..] => format!("`{first}` and {} more functions have", spread.len() - 1),
    };
    match fleet.via {
        Via::Rule => output::warning(format_args!(
            "{who} more than {TARGETS_PER_RULE} environments: several rules ping them, one after the other, and where these come further apart than `hold-ms`, which is {}, fewer stay warm",
            fleet.hold_ms.unwrap_or(HOLD_MS_OF_SEVERAL_RULES)
        )),
        Via::Scheduler => output::warning(format_args!(
            "{who} several environments: schedules fire up to a minute apart, and fewer may stay warm; `--via rule` pings up to {TARGETS_PER_RULE} at one moment"
        )),
    }
}
