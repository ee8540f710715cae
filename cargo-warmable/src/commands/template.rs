//! `cargo warmable template`

use std::process::ExitCode;

use miette::Result;

use super::warn_of_spread;
use crate::cli::Template;
use crate::config::Settings;
use crate::template::render;

pub(super) fn run(command: Template, settings: Settings) -> Result<ExitCode> {
    let fleet = command.fleet.settings().or(settings).fleet()?;
    warn_of_spread(&fleet);
    anstream::print!("{}", render(&fleet, command.format));
    Ok(ExitCode::SUCCESS)
}
