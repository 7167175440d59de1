//! A throw-away Postgres cluster on a Unix socket, which a test may stop hard and start again.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, chown};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tempfile::TempDir;

use super::eventually;

const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// A private cluster. Dropping it stops the server and removes the data.
pub(crate) struct Cluster {
    dir: TempDir,
    server: Option<Child>,
}

impl Cluster {
    /// Initialises, starts and migrates a cluster.
    pub(crate) async fn start() -> Self {
        let dir = TempDir::with_prefix("jobs-pg-").expect("a temporary directory");
        if let Some(owner) = postgres_owner() {
            chown(dir.path(), Some(owner.uid), Some(owner.gid)).expect("handing over the directory");
        }
        let done = command("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres", "-D"])
            .arg(data(dir.path()))
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(done.success(), "initdb failed");
        let mut cluster = Self { dir, server: None };
        cluster.resume().await;
        jobs::migrate(&cluster.pool()).await.expect("the schema of the jobs");
        cluster
    }

    /// Directory of the socket, for [`pool_at`] in another process.
    pub(crate) fn socket(&self) -> &Path {
        self.dir.path()
    }

    /// A new pool of connections as the owner of everything.
    pub(crate) fn pool(&self) -> PgPool {
        pool_at(self.socket())
    }

    /// Stops the server as a crash would: no checkpoint, every connection cut.
    pub(crate) fn crash(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = i32::try_from(server.id()).expect("a pid fits");
            kill(Pid::from_raw(pid), Signal::SIGQUIT).expect("signalling the server");
            server.wait().expect("the server ends");
        }
    }

    /// Starts the server and waits until it answers.
    pub(crate) async fn resume(&mut self) {
        let server = command("postgres")
            .arg("-D")
            .arg(data(self.dir.path()))
            .arg("-k")
            .arg(self.dir.path())
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=100",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts");
        self.server = Some(server);
        let pool = self.pool();
        eventually("Postgres answers", Duration::from_secs(30), || async {
            sqlx::query("SELECT 1").execute(&pool).await.is_ok()
        })
        .await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.crash();
    }
}

/// A pool on the cluster whose socket lies in `socket`.
pub(crate) fn pool_at(socket: &Path) -> PgPool {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .username("postgres")
        .database("postgres");
    PgPoolOptions::new()
        .max_connections(5)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(options)
}

fn data(dir: &Path) -> PathBuf {
    dir.join("data")
}

/// Postgres refuses to run as root, then it runs as user `postgres`.
fn postgres_owner() -> Option<User> {
    nix::unistd::geteuid().is_root().then(|| {
        User::from_name("postgres")
            .expect("reading users")
            .expect("a user postgres")
    })
}

fn command(program: &str) -> Command {
    let mut command = Command::new(Path::new(BINARIES).join(program));
    command.current_dir("/");
    if let Some(owner) = postgres_owner() {
        command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
    }
    command
}
