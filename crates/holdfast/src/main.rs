//! `holdfast`, the binary.

use std::process::ExitCode;

use clap::Parser as _;
use holdfast::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await
}
