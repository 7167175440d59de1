//! `holdfast`, the binary.

use std::process::ExitCode;

use clap::Parser as _;
use holdfast::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // Reads FAILPOINTS where crash points are compiled in; otherwise it is nothing.
    let _crash_points = fail::FailScenario::setup();
    Cli::parse().run().await
}
