//! `cargo warmable iam`

use std::process::ExitCode;

use miette::Result;

use crate::cli::Iam;
use crate::config::Settings;
use crate::desired::Scope;
use crate::{output, policy};

/// The most characters of a managed policy, spaces not counted.
const MANAGED_POLICY: usize = 6_144;

pub(super) fn run(command: Iam, settings: Settings) -> Result<ExitCode> {
    let mut settings = command.fleet.settings().or(settings);
    settings.region = command.region.or(settings.region);
    let region = settings.region.clone();
    let fleet = settings.fleet()?;
    let references = || fleet.functions.iter().map(|function| &function.reference);
    let place = references().find_map(|function| function.region.clone());
    let account = command.account.or_else(|| references().find_map(|function| function.account.clone()));
    let (partition, own_region) = place.unzip();
    let any = || "*".to_owned();
    let scope = Scope {
        partition: partition.unwrap_or_else(|| "aws".to_owned()),
        region: region.or(own_region).unwrap_or_else(any),
        account: account.unwrap_or_else(any),
    };
    let document = policy::least(&fleet, &scope);
    let size = serde_json::to_string(&document).map_or(0, |text| text.len());
    if size > MANAGED_POLICY {
        output::warning(format_args!(
            "the policy has {size} characters, and a managed policy takes {MANAGED_POLICY}: name the functions by a pattern that they share"
        ));
    }
    output::json(&document);
    Ok(ExitCode::SUCCESS)
}
