//! A Holdfast installation of the run's own: a private cluster that flushes to disk, and `holdfast serve` on it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use holdfast::child::Child;
use holdfast::database;
use holdfast::embedded_postgres::{EmbeddedPostgres, Options};
use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::Result;

/// Signs the webhooks.
pub(crate) const WEBHOOK_SECRET: &str = "a secret of the benchmarks";
const DATABASE: &str = "holdfast";
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Between two questions whether it is ready: the error of [`Server::ready_after`].
const POLL: Duration = Duration::from_millis(1);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// A migrated database without any data, and the program that is measured.
pub(crate) struct Installation {
    /// `target/<profile>/holdfast`.
    pub(crate) program: PathBuf,
    /// For the files of the run; goes with it.
    pub(crate) dir: TempDir,
    postgres: EmbeddedPostgres,
}

/// `holdfast serve`.
pub(crate) struct Server {
    /// Its address, without a trailing slash.
    pub(crate) url: String,
    /// From its start to its first ready answer.
    pub(crate) ready_after: Duration,
    child: Child,
}

impl Installation {
    pub(crate) async fn new() -> Result<Self> {
        let program = program("holdfast")?;
        // User postgres must be able to enter it.
        let dir = tempfile::Builder::new()
            .prefix("holdfast-bench-")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir()?;
        let options = Options {
            fresh: true,
            fast_tests: false,
        };
        let postgres = EmbeddedPostgres::start(dir.path(), options).await?;
        postgres.server().create_database(DATABASE, None).await?;
        database::migrate(&postgres.owner_url(DATABASE).into()).await?;
        Ok(Self { program, dir, postgres })
    }

    /// Address of the database for the role that owns it.
    pub(crate) fn owner_url(&self) -> SecretString {
        self.postgres.owner_url(DATABASE)
    }

    /// Address of the database for the application's role.
    pub(crate) fn app_url(&self) -> SecretString {
        self.postgres.app_url(DATABASE)
    }

    /// A connection as the owner: to fill in data, and to look behind the scenes.
    pub(crate) async fn owner(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(self.owner_url().expose_secret()).await?)
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn serve(&self) -> Result<Server> {
        // Free when it is asked for; nobody else takes ports in this order of time.
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = std::fs::File::create(self.dir.path().join("serve.log"))?;
        let errors = log.try_clone()?;
        let begun = Instant::now();
        let child = Child::spawn("serve", &self.program, Signal::SIGTERM, None, |command| {
            command
                .arg("serve")
                .env("HOLDFAST_DATABASE_URL", self.app_url().expose_secret())
                .env("HOLDFAST_LISTEN", listen.to_string())
                .env("HOLDFAST_METRICS_LISTEN", "127.0.0.1:0")
                .env("HOLDFAST_GITHUB_APP_ID", "1")
                // Only jobs call GitHub.
                .env("HOLDFAST_GITHUB_PRIVATE_KEY_FILE", "/dev/null")
                .env("HOLDFAST_GITHUB_WEBHOOK_SECRETS", WEBHOOK_SECRET)
                .stdout(log)
                .stderr(errors)
        })?;
        let url = format!("http://{listen}");
        while !is_ready(&url).await {
            if child.exit_status().is_some() || begun.elapsed() > READY_WITHIN {
                let log = std::fs::read_to_string(self.dir.path().join("serve.log"))?;
                return Err(format!("{} is not ready: {log}", self.program.display()).into());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Server {
            ready_after: begun.elapsed(),
            url,
            child,
        })
    }

    pub(crate) async fn stop(self) {
        self.postgres.stop().await;
    }
}

impl Server {
    /// Its process, while it runs.
    pub(crate) fn pid(&self) -> Option<i32> {
        self.child.pid()
    }

    pub(crate) async fn stop(self) {
        self.child.stop(STOPPED_WITHIN).await;
    }
}

async fn is_ready(url: &str) -> bool {
    let answer = reqwest::get(format!("{url}/readyz")).await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// A program that was built beside this one, in `target/<profile>`.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let profile = this.ancestors().nth(2).ok_or("no target directory")?;
    let program = profile.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is missing: use `make bench`", program.display()).into())
    }
}
