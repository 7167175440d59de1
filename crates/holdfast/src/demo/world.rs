//! The demo's processes: the outside world (ministack, the sandbox), a private Postgres, and Holdfast itself.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use uuid::Uuid;

use super::app_key::AppKey;
use super::aws_seed::Principal;
use super::ministack::{Ministack, MinistackError};
use crate::child::{Child, end_of};
use crate::database::{self, MigrateError};
use crate::embedded_postgres::{DatabaseError, EmbeddedPostgres, EmbeddedPostgresError, Options};
use crate::port;

/// Id of the demo's GitHub App.
const APP_ID: &str = "1";
const DATABASE: &str = "holdfast";
const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(25);
const POLL: Duration = Duration::from_millis(25);

/// Everything outside Holdfast, and its database: running, empty.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    port: u16,
    postgres: EmbeddedPostgres,
    ministack: Ministack,
    sandbox: Child,
    sandbox_at: SandboxAddress,
    app_key: AppKey,
    webhook_secret: SecretString,
}

/// Holdfast itself, as its own process: `holdfast run`.
#[derive(Debug)]
pub struct Holdfast {
    child: Child,
    log: PathBuf,
    /// Its address, without a trailing slash.
    pub url: String,
    /// Address of its metrics.
    pub metrics_url: String,
}

#[derive(Debug, Deserialize)]
struct SandboxAddress {
    url: String,
    github_url: String,
}

/// The demo's world did not start.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Somebody listens there.
    #[error("port {port} is taken: choose another by HOLDFAST_PORT, for example `make demo HOLDFAST_PORT=8081`")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The database's server.
    #[error("starting the private Postgres cluster")]
    Postgres(#[from] EmbeddedPostgresError),
    /// The database.
    #[error("making the database")]
    Database(#[from] DatabaseError),
    /// The schema.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The outside AWS.
    #[error(transparent)]
    Ministack(#[from] MinistackError),
    /// Files of the demo's directory, or a process.
    #[error("{doing}")]
    Io {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A process of ours ended, or did not answer in time.
    #[error("{name} {what}; its log is `{}`: {said}", log.display())]
    Failed {
        /// The process.
        name: &'static str,
        /// What happened.
        what: &'static str,
        /// Path of its log.
        log: PathBuf,
        /// The end of its log.
        said: String,
    },
}

impl WorldError {
    fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}

impl World {
    /// Starts it with its files in `dir`, emptied of what an earlier demo left; `port` is kept for [`Holdfast`].
    ///
    /// # Errors
    /// [`WorldError`]; what had been started is ended.
    pub async fn start(dir: &Path, tools: &Path, port: u16) -> Result<Self, WorldError> {
        // As Holdfast will listen; freed again at once.
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|_| WorldError::PortTaken { port })?;
        // Holds the directory from here on: a second demo in it is refused before anything of the first is touched.
        let postgres = EmbeddedPostgres::start(
            dir,
            Options {
                fresh: true,
                ..Options::default()
            },
        )
        .await?;
        let dir = dir
            .canonicalize()
            .map_err(WorldError::io("resolving the demo's directory"))?;
        forget(&dir).map_err(WorldError::io(format!("emptying `{}`", dir.display())))?;
        postgres.server().create_database(DATABASE, None).await?;
        database::migrate(&postgres.owner_url(DATABASE).into()).await?;

        let ministack = Ministack::start(tools, &dir).await?;
        let app_key = AppKey::generate(&dir).map_err(WorldError::io("making the GitHub App's key"))?;
        let webhook_secret = Uuid::new_v4().simple().to_string();
        let sandbox = Sandbox {
            dir: &dir,
            port,
            ministack: ministack.url(),
            app_key: &app_key,
            secret: &webhook_secret,
        };
        let (sandbox, sandbox_at) = sandbox.start().await?;
        let webhook_secret = webhook_secret.into();
        Ok(Self {
            dir,
            port,
            postgres,
            ministack,
            sandbox,
            sandbox_at,
            app_key,
            webhook_secret,
        })
    }

    /// Where its files are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the database's files are, which user postgres must be able to reach.
    pub fn postgres_dir(&self) -> &Path {
        self.postgres.dir()
    }

    /// Address of the database for the application's role.
    pub fn database_url(&self) -> SecretString {
        self.postgres.app_url(DATABASE)
    }

    /// Address of ministack, where accounts' owners act.
    pub fn ministack_url(&self) -> &str {
        self.ministack.url()
    }

    /// Root of the sandbox: its control, and AWS as Holdfast sees it.
    pub fn sandbox_url(&self) -> &str {
        &self.sandbox_at.url
    }

    /// Root of GitHub's REST API.
    pub fn github_url(&self) -> &str {
        &self.sandbox_at.github_url
    }

    /// Signs GitHub's webhooks.
    pub fn webhook_secret(&self) -> &SecretString {
        &self.webhook_secret
    }

    /// Starts Holdfast in this world, as `principal` towards AWS, and waits until it serves.
    ///
    /// # Errors
    /// [`WorldError`].
    pub async fn start_holdfast(&self, principal: &Principal, region: &str) -> Result<Holdfast, WorldError> {
        let metrics = port::free().map_err(WorldError::io("finding a free port"))?;
        let url = format!("http://127.0.0.1:{}", self.port);
        let database_url = self.database_url();
        let log = self.dir.join("holdfast.log");
        let program = std::env::current_exe().map_err(WorldError::io("finding Holdfast's own program"))?;
        let child = spawn("holdfast", &program, &self.dir, &log, |command| {
            // What the person who starts the demo has set is meant for another installation.
            for (name, _) in std::env::vars_os() {
                if name.to_string_lossy().starts_with("HOLDFAST_") || name.to_string_lossy().starts_with("AWS_") {
                    command.env_remove(name);
                }
            }
            command
                .arg("run")
                .env("HOLDFAST_DATABASE_URL", database_url.expose_secret())
                .env("HOLDFAST_DATA_DIR", &self.dir)
                .env("HOLDFAST_LISTEN", format!("127.0.0.1:{}", self.port))
                .env("HOLDFAST_METRICS_LISTEN", format!("127.0.0.1:{metrics}"))
                .env("HOLDFAST_PUBLIC_URL", &url)
                .env("HOLDFAST_OBSERVE_INTERVAL_SECONDS", "15")
                .env("HOLDFAST_GITHUB_API_URL", self.github_url())
                .env("HOLDFAST_GITHUB_APP_ID", APP_ID)
                .env("HOLDFAST_GITHUB_PRIVATE_KEY_FILE", &self.app_key.private_file)
                .env("HOLDFAST_GITHUB_WEBHOOK_SECRETS", self.webhook_secret.expose_secret())
                .env("HOLDFAST_AWS_ENDPOINT_URL", self.sandbox_url())
                .env("HOLDFAST_AWS_REGION", region)
                .env("AWS_ACCESS_KEY_ID", &principal.access_key_id)
                .env("AWS_SECRET_ACCESS_KEY", principal.secret_access_key.expose_secret())
        })?;
        let ready = format!("{url}/readyz");
        until("holdfast", &child, &log, async || {
            reqwest::get(&ready)
                .await
                .ok()
                .filter(|answer| answer.status().is_success())
                .map(drop)
        })
        .await?;
        Ok(Holdfast {
            child,
            log,
            url,
            metrics_url: format!("http://127.0.0.1:{metrics}/metrics"),
        })
    }

    /// Ends it all; Holdfast first.
    pub async fn stop(self, holdfast: Holdfast) {
        holdfast.child.stop(STOPPED_WITHIN).await;
        self.sandbox.stop(STOPPED_WITHIN).await;
        self.ministack.stop().await;
        self.postgres.stop().await;
    }

    /// Waits until one of the processes ends by itself, which none should.
    pub async fn broken(&self, holdfast: &Holdfast) -> WorldError {
        tokio::select! {
            _ = holdfast.child.wait() => failed("holdfast", "ended", &holdfast.log),
            _ = self.sandbox.wait() => failed("sandbox", "ended", &self.dir.join("sandbox.log")),
            _ = self.ministack.ended() => failed("ministack", "ended", &self.dir.join("ministack.log")),
            _ = self.postgres.ended() => failed("postgres", "ended", &self.postgres.dir().join("postgres.log")),
        }
    }
}

/// What the sandbox is started with.
struct Sandbox<'a> {
    dir: &'a Path,
    port: u16,
    ministack: &'a str,
    app_key: &'a AppKey,
    secret: &'a str,
}

impl Sandbox<'_> {
    async fn start(&self) -> Result<(Child, SandboxAddress), WorldError> {
        let (ready, log) = (self.dir.join("sandbox.json"), self.dir.join("sandbox.log"));
        let ours = std::env::current_exe().map_err(WorldError::io("finding Holdfast's own program"))?;
        // Built beside us.
        let program = ours.with_file_name("sandbox");
        let child = spawn("sandbox", &program, self.dir, &log, |command| {
            command
                .args(["--port", "0", "--ministack", self.ministack])
                .args([
                    "--webhook-url",
                    &format!("http://127.0.0.1:{}/webhooks/github", self.port),
                ])
                .args(["--webhook-secret", self.secret])
                .args(["--app-id", APP_ID, "--app-public-key-file"])
                .arg(&self.app_key.public_file)
                .arg("--ready-file")
                .arg(&ready)
        })?;
        // A file that is half written is no JSON yet.
        let address = until("sandbox", &child, &log, async || {
            serde_json::from_slice(&fs::read(&ready).ok()?).ok()
        });
        let address = address.await?;
        Ok((child, address))
    }
}

fn spawn(
    name: &'static str,
    program: &Path,
    dir: &Path,
    log: &Path,
    build: impl FnOnce(&mut std::process::Command) -> &mut std::process::Command,
) -> Result<Child, WorldError> {
    let start = || {
        let output = File::create(log)?;
        let errors = output.try_clone()?;
        Child::spawn(name, program, Signal::SIGTERM, None, |command| {
            build(command)
                .current_dir(dir)
                .stdin(Stdio::null())
                .stdout(output)
                .stderr(errors)
        })
    };
    start().map_err(WorldError::io(format!("starting `{}`", program.display())))
}

/// Asks `ready` until it says so; an error when the process ends before, or takes too long.
async fn until<T>(
    name: &'static str,
    child: &Child,
    log: &Path,
    ready: impl AsyncFn() -> Option<T>,
) -> Result<T, WorldError> {
    let polled = async {
        while child.exit_status().is_none() {
            if let Some(answer) = ready().await {
                return Ok(answer);
            }
            tokio::time::sleep(POLL).await;
        }
        Err(failed(name, "ended at once", log))
    };
    tokio::time::timeout(READY_WITHIN, polled)
        .await
        .unwrap_or_else(|_| Err(failed(name, "was not ready in time", log)))
}

fn failed(name: &'static str, what: &'static str, log: &Path) -> WorldError {
    WorldError::Failed {
        name,
        what,
        log: log.to_owned(),
        said: end_of(&fs::read(log).unwrap_or_default()),
    }
}

/// Removes the files that demos leave in `dir`, and nothing else: not the lock, not the running cluster.
fn forget(dir: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let left = path
            .extension()
            .is_some_and(|kind| ["json", "log", "pem", "pid"].iter().any(|left| kind == *left));
        if left && path.is_file() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
