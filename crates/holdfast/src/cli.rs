//! The command line: what can be typed, and which part of the house answers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::compose::{self, Halves};
use crate::config::{Config, ConfigError};
use crate::database::{self, OpenError};
use crate::{demo, stop, telemetry};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Holdfast: agreed backups, made real in customers' accounts, and proven.
#[derive(Debug, Parser)]
#[command(version, after_help = "Settings come from holdfast.toml and from HOLDFAST_* in the environment.")]
pub struct Cli {
    /// Settings file; without it holdfast.toml is read where Holdfast is started, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pages, API and jobs in one process: the small installation. Keeps its own database when none is set.
    Run,
    /// Pages, API and webhooks only.
    Serve,
    /// Jobs only.
    Work,
    /// Brings the database's schema up to date, as the role of HOLDFAST_OWNER_DATABASE_URL.
    Migrate,
    /// Everything on loopback with an outside world of its own; runs the main job end to end.
    Demo(Demo),
}

#[derive(Debug, Args)]
struct Demo {
    /// End after the main job; success only when each step was verified outside.
    #[arg(long)]
    exit: bool,
}

impl Cli {
    /// Runs the command: 0 done, 1 failed (the reason is on standard error), 2 wrong settings.
    pub async fn run(self) -> ExitCode {
        let Err(error) = self.execute().await else { return ExitCode::SUCCESS };
        let chain = std::iter::successors(Some(&*error as &dyn std::error::Error), |error| error.source());
        eprintln!("holdfast: {}", chain.map(ToString::to_string).collect::<Vec<_>>().join(": "));
        let usage = error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(OpenError::NotGiven));
        ExitCode::from(if usage { 2 } else { 1 })
    }

    async fn execute(self) -> Result<(), Error> {
        if let Command::Demo(Demo { exit }) = self.command {
            return Ok(demo::run(exit).await?);
        }
        let config = Config::load(self.config.as_deref())?;
        telemetry::init(config.log_format);
        match self.command {
            Command::Run => compose::run(&config, Halves::Both, stop::on_signal()?).await?,
            Command::Serve => compose::run(&config, Halves::Pages, stop::on_signal()?).await?,
            Command::Work => compose::run(&config, Halves::Jobs, stop::on_signal()?).await?,
            Command::Migrate => {
                let owner = config.owner_database_url.as_ref().ok_or(OpenError::NotGiven)?;
                database::migrate(owner).await?;
            }
            Command::Demo(_) => unreachable!("answered above: the demo has no settings"),
        }
        Ok(())
    }
}
