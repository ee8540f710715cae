//! `cargo warmable remove`

use std::process::ExitCode;

use miette::Result;

use super::apply::Run;
use super::{Seen, look};
use crate::cli::Change;
use crate::config::Settings;
use crate::plan::Plan;

pub(super) async fn run(command: Change, settings: Settings) -> Result<ExitCode> {
    let settings = command.status.over(settings);
    let fleet = settings.clone().fleet_or_empty()?;
    let Seen { fleet, aws, actual } = look(&command.status, settings, fleet).await?;
    let plan = Plan::remove(&fleet, &aws.scope, &actual);
    Run::new(&command).carry_out(&aws, plan).await
}
