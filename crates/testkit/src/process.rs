//! A worker as a process of its own, so that a test can kill it.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;

use crate::TestApp;
use crate::app::{REGION, WEBHOOK_SECRET};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// `holdfast work` in the test's world; killed when this is dropped.
pub struct WorkerProcess(Child);

impl WorkerProcess {
    /// Starts one. `failpoints` names where it dies, as `FAILPOINTS` of the crate `fail`.
    ///
    /// # Panics
    /// When the program is missing.
    #[must_use]
    pub fn start(t: &TestApp, failpoints: &str) -> Self {
        let child = command(t)
            .arg("work")
            .env("FAILPOINTS", failpoints)
            .env("HOLDFAST_METRICS_LISTEN", "127.0.0.1:0")
            .env("HOLDFAST_GITHUB_API_URL", &t.sandbox.github_url)
            .env("HOLDFAST_GITHUB_APP_ID", "1")
            .env("HOLDFAST_GITHUB_PRIVATE_KEY_FILE", &t.app_key_file)
            .env("HOLDFAST_GITHUB_WEBHOOK_SECRETS", WEBHOOK_SECRET)
            .env("HOLDFAST_AWS_ENDPOINT_URL", &t.sandbox.url)
            .env("HOLDFAST_AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", &t.principal.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", t.principal.secret_access_key.expose_secret())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the worker starts");
        Self(child)
    }

    /// Waits until it has died at its crash point.
    ///
    /// # Panics
    /// When it lives on, or ended in another way.
    pub async fn died(mut self) {
        use std::os::unix::process::ExitStatusExt as _;
        let status = eventually("the worker reaches its crash point", async || {
            self.0.try_wait().expect("our child")
        })
        .await;
        assert_eq!(
            status.signal(),
            Some(nix::sys::signal::Signal::SIGABRT as i32),
            "{status}"
        );
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended already, which is no error.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `holdfast` says when it runs to its end in the test's world.
///
/// # Panics
/// When the program is missing.
#[must_use]
pub fn run(t: &TestApp, arguments: &[&str]) -> Output {
    command(t).args(arguments).output().expect("the program runs")
}

/// `holdfast` with the test's database.
fn command(t: &TestApp) -> Command {
    let program = program();
    assert!(
        program.is_file(),
        "{} is missing: run the tests by `make test`",
        program.display()
    );
    let mut command = Command::new(program);
    command.env("HOLDFAST_DATABASE_URL", t.database.app_url().expose_secret());
    command
}

/// Asks until there is an answer.
///
/// # Panics
/// When there is none within a minute: says what was waited for.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// Built beside the tests' own program, in `target/<profile>`.
fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    tests
        .parent()
        .and_then(std::path::Path::parent)
        .expect("target/<profile>/deps")
        .join("holdfast")
}
