//! `cargo warmable apply`

use std::process::ExitCode;

use anstream::{eprintln, println};
use miette::{Diagnostic, Result};
use serde::Serialize;
use thiserror::Error;

use super::{Seen, look, warn_of_spread};
use crate::aws::Aws;
use crate::cli::{Change, OutputFormat};
use crate::config::Settings;
use crate::output;
use crate::plan::{self, Line, Plan};

/// Nobody is there to say yes.
#[derive(Debug, Error, Diagnostic)]
#[error("the plan must be confirmed, and there is no terminal to ask on")]
#[diagnostic(help("pass `--yes` to change AWS without asking, or `--dry-run` to see the plan alone"))]
struct NoTerminal;

/// A run that stopped in the middle.
#[derive(Debug, Error, Diagnostic)]
#[error("stopped before the plan was done")]
#[diagnostic(help("{help}"))]
struct Stopped {
    #[source]
    cause: crate::aws::error::AwsError,
    help: String,
}

pub(super) async fn run(command: Change, settings: Settings) -> Result<ExitCode> {
    let settings = command.status.over(settings);
    let fleet = settings.clone().fleet()?;
    warn_of_spread(&fleet);
    let Seen { fleet, aws, actual } = look(&command.status, settings, fleet).await?;
    let plan = Plan::apply(&fleet, &aws.scope, &actual)?;
    Run::new(&command).carry_out(&aws, plan).await
}

/// How a plan is carried out; `remove` does it in the same way.
pub(super) struct Run {
    yes: bool,
    dry_run: bool,
    format: OutputFormat,
}

/// A plan, and whether it was carried out, for machines.
#[derive(Serialize)]
struct Report<'a> {
    account: &'a str,
    region: &'a str,
    applied: bool,
    resources: &'a [Line],
}

impl Run {
    pub(super) fn new(command: &Change) -> Self {
        Self { yes: command.yes, dry_run: command.dry_run, format: command.status.output.output_format }
    }

    pub(super) async fn carry_out(&self, aws: &Aws, plan: Plan) -> Result<ExitCode> {
        let text = self.format == OutputFormat::Text;
        if text {
            println!("account {}, region {}", aws.scope.account, aws.scope.region);
            output::plan(&plan);
        }
        let resources: Vec<Line> = plan.kept.iter().chain(plan.lines()).cloned().collect();
        let go = !self.dry_run && !plan.is_empty() && self.is_confirmed(plan.changes())?;
        if go {
            self.execute(aws, plan).await?;
        }
        if !text {
            let (account, region) = (&aws.scope.account, &aws.scope.region);
            output::json(&Report { account, region, applied: go, resources: &resources });
        }
        Ok(ExitCode::SUCCESS)
    }

    fn is_confirmed(&self, changes: usize) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        if !output::is_interactive() {
            return Err(NoTerminal.into());
        }
        let question = match changes {
            1 => "make this change?".to_owned(),
            n => format!("make these {n} changes?"),
        };
        output::confirm(&question).map_err(|error| miette::miette!("cannot ask: {error}"))
    }

    async fn execute(&self, aws: &Aws, plan: Plan) -> Result<()> {
        let text = self.format == OutputFormat::Text;
        let (done, changes) = (std::cell::Cell::new(0), plan.changes());
        let result = aws
            .execute(plan, |line| {
                done.set(done.get() + 1);
                if text {
                    eprintln!("[{}/{changes}] {} {line}", done.get(), past(line));
                }
            })
            .await;
        result.map_err(|cause| {
            let so_far = format!("{} of {changes} changes are made; run it again to make the others", done.get());
            let help = match Diagnostic::help(&cause) {
                Some(help) => format!("{so_far}\nhelp: {help}"),
                None => so_far,
            };
            Stopped { cause, help }.into()
        })
    }
}

fn past(line: &Line) -> &'static str {
    match line.change {
        plan::Change::Create => "created",
        plan::Change::Change => "changed",
        plan::Change::Remove => "removed",
        plan::Change::Keep => "kept",
    }
}
