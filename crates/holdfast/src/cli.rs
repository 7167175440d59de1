//! The command line: what can be typed, and which part of the house answers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::compose::{self, Halves, RunError};
use crate::config::{Config, ConfigError};
use crate::database::{self, Database, OpenError};
use crate::telemetry::{self, chain};
use crate::{demo, doctor, stop};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Holdfast: agreed backups, made real in customers' accounts, and proven.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Settings come from holdfast.toml and from HOLDFAST_* in the environment."
)]
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
    /// Checks settings, database, GitHub App and each linked account; says how to mend what is wrong.
    Doctor,
    /// Customers, people and their API tokens.
    #[command(subcommand)]
    Admin(Admin),
    /// Everything on loopback with an outside world of its own; runs the main job end to end.
    Demo {
        /// End after the main job; success only when each step was verified outside.
        #[arg(long)]
        exit: bool,
    },
}

impl Cli {
    /// Runs the command: 0 done, 1 failed (the reason is on standard error), 2 wrong settings.
    pub async fn run(self) -> ExitCode {
        let Err(error) = self.execute().await else {
            return ExitCode::SUCCESS;
        };
        eprintln!("holdfast: {}", chain(&*error));
        ExitCode::from(if is_usage(&*error) { 2 } else { 1 })
    }

    async fn execute(self) -> Result<(), Error> {
        let config = || Config::load(self.config.as_deref()).inspect(|config| telemetry::init(config.log_format));
        match self.command {
            Command::Run => compose::run(&config()?, Halves::Both, stop::on_signal()?).await?,
            Command::Serve => compose::run(&config()?, Halves::Pages, stop::on_signal()?).await?,
            Command::Work => compose::run(&config()?, Halves::Jobs, stop::on_signal()?).await?,
            Command::Migrate => {
                database::migrate(config()?.owner_database_url.as_ref().ok_or(OpenError::OwnerNotGiven)?).await?
            }
            Command::Doctor => {
                let config = config()?;
                with_database(&config, async |cx| Ok(doctor::run(&config, &cx).await?)).await?;
            }
            Command::Admin(admin) => with_database(&config()?, async |cx| Ok(admin.run(&cx).await?)).await?,
            Command::Demo { exit } => demo::run(exit).await?,
        }
        Ok(())
    }
}

/// Whether the settings are wrong, or too few for the command.
fn is_usage(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<ConfigError>()
        || matches!(
            error.downcast_ref(),
            Some(OpenError::NotGiven | OpenError::OwnerNotGiven)
        )
        || matches!(error.downcast_ref(), Some(RunError::Database(OpenError::NotGiven)))
}

/// Runs `command` on the database that `run` would use.
async fn with_database(config: &Config, command: impl AsyncFnOnce(app::Cx) -> Result<(), Error>) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let database = Database::given_or_idle(config).await?;
    let cx = compose::connect(config, database.app_url(), &stop).await?;
    let outcome = command(cx).await;
    stop.cancel();
    database.close().await;
    outcome
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, OpenError, is_usage};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_tokens_life_is_a_number_of_days_or_left_out() {
        let token = |more: &[&str]| {
            let typed = ["holdfast", "admin", "create-token", "--email=a@b.test", "--name=ci"];
            Cli::try_parse_from(typed.iter().chain(more)).map_err(|error| error.to_string())
        };
        assert!(token(&[]).is_ok() && token(&["--expires-days=90"]).is_ok());
        for wrong in ["--expires-days=0", "--expires-days=3651", "--expires-days=soon"] {
            assert!(
                token(&[wrong]).expect_err("refused").contains("--expires-days"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn migrating_without_an_owner_is_wrong_usage_and_names_the_key() {
        assert!(is_usage(&OpenError::OwnerNotGiven));
        assert!(
            OpenError::OwnerNotGiven
                .to_string()
                .contains("HOLDFAST_OWNER_DATABASE_URL")
        );
    }
}
