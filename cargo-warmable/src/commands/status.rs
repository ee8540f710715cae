//! `cargo warmable status`

use std::process::ExitCode;

use anstream::println;
use miette::Result;
use serde::Serialize;

use super::{FINDING, Seen, look};
use crate::cli::{OutputFormat, Status};
use crate::config::Settings;
use crate::output::{self, cell};
use crate::status::{self, FunctionStatus, State};

/// The status for machines.
#[derive(Serialize)]
struct Report<'a> {
    account: &'a str,
    region: &'a str,
    rule: &'a str,
    schedule: &'a str,
    complete: bool,
    functions: &'a [FunctionStatus],
}

pub(super) async fn run(command: Status, settings: Settings) -> Result<ExitCode> {
    let settings = command.over(settings);
    let fleet = settings.clone().fleet()?;
    let Seen { fleet, aws, actual } = look(&command, settings, fleet).await?;
    let functions = status::of(&fleet, &aws.scope, &actual);
    let complete = functions.iter().all(|function| function.missing.is_empty());
    match command.output.output_format {
        OutputFormat::Json => output::json(&Report {
            account: &aws.scope.account,
            region: &aws.scope.region,
            rule: fleet.rule.as_str(),
            schedule: fleet.schedule.as_str(),
            complete,
            functions: &functions,
        }),
        OutputFormat::Text => {
            println!("account {}, region {}, {}", aws.scope.account, aws.scope.region, fleet.schedule);
            table(&functions);
        }
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(FINDING) })
}

fn table(functions: &[FunctionStatus]) {
    let rows = functions.iter().map(|function| {
        let missing = match &function.missing[..] {
            [] => "nothing".to_owned(),
            missing => missing.join(", "),
        };
        let permission = if function.permission { "yes" } else { "no" };
        let state = match function.managed || function.state == State::Missing {
            true => function.state.as_str().to_owned(),
            false => format!("{}, not by apply", function.state.as_str()),
        };
        vec![
            cell(&function.function, None),
            cell(function.sources.join(", "), None),
            cell(state, Some(function.state == State::Enabled)),
            cell(format_args!("{}/{}", function.targets, function.wanted), Some(function.targets == function.wanted)),
            cell(permission, Some(function.permission)),
            cell(missing, Some(function.missing.is_empty())),
        ]
    });
    output::table(&["FUNCTION", "RULE", "STATE", "TARGETS", "PERMISSION", "MISSING"], rows.collect());
}
