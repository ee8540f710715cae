//! `cargo warmable`: keep AWS Lambda functions warm.

use std::process::ExitCode;

use cargo_warmable::cli::Cargo;
use cargo_warmable::{commands, output};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let Cargo::Warmable(cli) = Cargo::parse();
    output::set_color(cli.color);
    commands::run(cli).await.unwrap_or_else(|report| {
        output::error(&report);
        ExitCode::from(2)
    })
}
