//! `cargo warmable remove`

use std::process::ExitCode;

use miette::Result;

use super::apply::Run;
use super::connect;
use crate::cli::Remove;
use crate::config::Settings;
use crate::plan::Plan;

pub(super) async fn run(command: Remove, settings: Settings) -> Result<ExitCode> {
    let settings = command.aws.over(command.fleet.settings().or(settings));
    let fleet = settings.clone().fleet_or_empty()?;
    let aws = connect(&settings, &command.aws, &fleet).await?;
    let functions: Vec<_> = fleet.functions.iter().map(|f| f.reference.clone()).collect();
    let actual = aws.actual(&fleet.rule, &functions).await?;
    let plan = Plan::remove(&fleet, &aws.scope, &actual);
    let run = Run { yes: command.yes, dry_run: command.dry_run, format: command.output.output_format };
    run.carry_out(&aws, plan).await
}
