//! The private Postgres cluster that `holdfast run` without a database, the demo and the tests use.
//!
//! It listens on loopback only, has no Unix socket, and lets in two roles ([`OWNER_ROLE`], [`APP_ROLE`]) with passwords
//! that are made anew at each start and written nowhere. Nobody can sign in as its superuser: the roles are set by
//! Postgres' single-user mode before it listens.

mod binaries;
mod cluster;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use secrecy::SecretString;
use uuid::Uuid;

pub use self::server::{APP_ROLE, DatabaseError, DatabaseServer, OWNER_ROLE};

use self::cluster::Cluster;
use crate::child::Child;
use crate::port;
use crate::unix_account::NoPostgresUser;

/// Recovery after a crash comes first, and may be long.
const READY_WITHIN: Duration = Duration::from_secs(120);
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// How the cluster is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Forget what an earlier cluster in this directory held.
    pub fresh: bool,
    /// Nothing is flushed to disk: for tests only, a power cut loses the cluster.
    pub fast_tests: bool,
}

/// A running private cluster; it ends when we end, by `kill -9` too.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    child: Child,
    cluster: Cluster,
    server: DatabaseServer,
}

/// The private cluster did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// Nothing installed that could run it.
    #[error(
        "no {} found under /usr/lib/postgresql or on PATH: install it (Debian: apt-get install postgresql), \
         or give Holdfast a database by HOLDFAST_DATABASE_URL",
        version.map_or("PostgreSQL 15 or newer".to_owned(), |major| format!("PostgreSQL {major}, which wrote this cluster,"))
    )]
    NoBinaries {
        /// The version that wrote the cluster, where one exists.
        version: Option<u32>,
    },
    /// We are root and there is nobody to run it as.
    #[error(transparent)]
    NoUser(#[from] NoPostgresUser),
    /// Another Holdfast holds the directory.
    #[error("another Holdfast is using `{}`: stop it, or give this one a data directory of its own", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory that user postgres could reach is not ours.
    #[error("user postgres cannot reach the data directory, and `{}` belongs to somebody else: remove it, or move the data directory", dir.display())]
    NotOurs {
        /// The directory.
        dir: PathBuf,
    },
    /// Reading or writing the data directory.
    #[error("{doing} `{}`", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The end of what it printed.
        said: String,
    },
    /// It runs, and takes no connections.
    #[error("Postgres was not ready within {} s; its log is `{}`", READY_WITHIN.as_secs(), log.display())]
    NotReady {
        /// Path of its log.
        log: PathBuf,
    },
}

impl EmbeddedPostgresError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

impl EmbeddedPostgres {
    /// Starts the cluster kept in `dir`, which it makes when there is none.
    ///
    /// A left-over of a killed Holdfast is ended first. As root the cluster runs as user `postgres`; where that user
    /// cannot reach `dir`, the cluster lives where [`Self::dir`] says.
    ///
    /// # Errors
    /// [`EmbeddedPostgresError`].
    pub async fn start(dir: &Path, options: Options) -> Result<Self, EmbeddedPostgresError> {
        let passwords = [Uuid::new_v4(), Uuid::new_v4()].map(|uuid| uuid.simple().to_string());
        let (cluster, passwords) = {
            let dir = dir.to_owned();
            tokio::task::spawn_blocking(move || {
                let cluster = Cluster::open(&dir, options)?;
                cluster.set_roles(&passwords)?;
                Ok::<_, EmbeddedPostgresError>((cluster, passwords))
            })
            .await
            .expect("opening a cluster does not panic")?
        };
        let mut attempt = 1;
        loop {
            let port = port::free().map_err(EmbeddedPostgresError::io("finding a free port for", cluster.dir()))?;
            let child = cluster.spawn(port)?;
            match ready(&child, &cluster).await {
                Ok(()) => {
                    let server = DatabaseServer::local(port, &passwords[0], &passwords[1]);
                    return Ok(Self { child, cluster, server });
                }
                Err(EmbeddedPostgresError::Program { said, .. })
                    if said.contains("could not create any TCP/IP sockets") && attempt < port::ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Where the cluster lives: below the directory asked for, or where user postgres can reach it.
    pub fn dir(&self) -> &Path {
        self.cluster.dir()
    }

    /// The process id of the postmaster; `None` when it has ended.
    pub fn pid(&self) -> Option<i32> {
        self.child.pid()
    }

    /// The server as its users see it.
    pub fn server(&self) -> &DatabaseServer {
        &self.server
    }

    /// Address of `database` for the role that owns and migrates it.
    pub fn owner_url(&self, database: &str) -> SecretString {
        self.server.owner_url(database)
    }

    /// Address of `database` for the application's role.
    pub fn app_url(&self, database: &str) -> SecretString {
        self.server.app_url(database)
    }

    /// Waits until Postgres ends by itself, which it should not.
    pub async fn ended(&self) -> std::process::ExitStatus {
        self.child.wait().await
    }

    /// Ends connections, writes everything to disk and stops; kills it when that takes too long.
    pub async fn stop(self) {
        let status = self.child.stop(STOPPED_WITHIN).await;
        tracing::info!(dir = %self.dir().display(), %status, "Private Postgres cluster stopped");
    }
}

/// How Postgres is asked to stop: "fast" ends connections; its SIGTERM would wait for them.
const STOP: Signal = Signal::SIGINT;

async fn ready(child: &Child, cluster: &Cluster) -> Result<(), EmbeddedPostgresError> {
    let polled = async {
        while child.exit_status().is_none() {
            if cluster.is_ready(child.pid()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(EmbeddedPostgresError::Program {
            program: "postgres",
            said: cluster.end_of_log(),
        })
    };
    let late = EmbeddedPostgresError::NotReady { log: cluster.log() };
    tokio::time::timeout(READY_WITHIN, polled).await.unwrap_or(Err(late))
}
