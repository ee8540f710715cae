//! Audit.
use crate::{cli::Audit, config::Workspace};
pub(super) fn run(_: Audit, _: &Workspace) -> miette::Result<std::process::ExitCode> {
    unimplemented!()
}
