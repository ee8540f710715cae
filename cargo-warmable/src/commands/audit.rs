//! `cargo warmable audit`

use std::process::ExitCode;

use anstream::{eprintln, println};
use miette::Result;

use super::FINDING;
use crate::audit::{self, AuditError, Findings, Handler, Reach, Unseen};
use crate::cli::{Audit, OutputFormat};
use crate::config::Workspace;
use crate::output::{self, cell};

pub(super) fn run(command: Audit, workspace: &Workspace) -> Result<ExitCode> {
    let metadata = workspace.metadata.as_ref().ok_or(AuditError::NoManifest)?;
    let settings = command.fleet.settings().or(workspace.settings.clone());
    let needs_fleet = command.deny || settings.functions.is_some();
    let fleet = needs_fleet.then(|| settings.fleet()).transpose()?;
    let found = audit::audit(metadata, fleet.as_ref())?;
    warn(&found);
    let handlers = found.handlers;
    match command.output.output_format {
        OutputFormat::Json => output::json(&handlers),
        OutputFormat::Text => table(&handlers),
    }
    let cold = handlers.iter().filter(|handler| !handler.is_warm());
    let cold: Vec<String> = cold.map(|handler| format!("`{}` of {}", handler.name, handler.binary)).collect();
    if command.deny && !cold.is_empty() {
        let count = match (cold.len(), handlers.len()) {
            (1, 1) => "the only handler is".to_owned(),
            (1, all) => format!("1 of {all} handlers is"),
            (cold, all) => format!("{cold} of {all} handlers are"),
        };
        eprintln!("{count} not kept warm: {}", cold.join(", "));
        return Ok(ExitCode::from(FINDING));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was not read, and what is not there to be read.
fn warn(found: &Findings) {
    for Unseen { file, line, name } in &found.unseen {
        let file = file.display();
        output::warning(format_args!("{file}:{line}: `{name}!` holds a `service_fn`, which is not followed"));
    }
    for Handler { file, line, name, policy_not_read, .. } in &found.handlers {
        if let Some(why) = policy_not_read {
            let file = file.display();
            output::warning(format_args!("{file}:{line}: which pings `{name}` answers is not known: {why}"));
        }
    }
    if !found.unbuilt.is_empty() {
        let functions = found.unbuilt.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
        output::warning(format_args!(
            "no binary of the workspace carries {functions}: a function that is not named like its binary needs `bin = \"…\"`"
        ));
    }
}

fn table(handlers: &[Handler]) {
    if handlers.is_empty() {
        println!("no handlers: nothing is passed to `service_fn` or `run` of lambda_runtime or lambda_http");
        return;
    }
    let rows = handlers.iter().map(|handler| {
        let warmable = handler.warmable.map_or("no", audit::Means::as_str);
        let policy = match (handler.warmable, &handler.policy) {
            (None, _) => "",
            (Some(_), policy) => policy.as_deref().unwrap_or("default"),
        };
        let policy = match handler.policy_not_read {
            Some(_) => format!("{policy} (not read)"),
            None => policy.to_owned(),
        };
        let (schedule, reached) = match &handler.schedule {
            None => ("none configured".to_owned(), None),
            Some(Reach::Functions(functions)) => (functions.join(", "), Some(true)),
            Some(Reach::NotConfigured) => {
                (format!("not configured (under another name it needs `bin = \"{}\"`)", handler.binary), Some(false))
            }
            Some(Reach::Refused(why)) => (why.clone(), Some(false)),
        };
        vec![
            cell(format_args!("{}:{}", handler.file.display(), handler.line), None),
            cell(&handler.name, None),
            cell(&handler.binary, None),
            cell(warmable, Some(handler.warmable.is_some())),
            cell(schedule, reached),
            cell(policy, None),
        ]
    });
    output::table(&["WHERE", "HANDLER", "BINARY", "WARMABLE", "SCHEDULE", "POLICY"], rows.collect());
}
