//! ministack, an emulator of AWS that we did not write: the outside AWS of the demo and of the tests.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::child::{Child, end_of};
use crate::port;

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(25);

/// A running ministack that enforces trust and identity policies. Its state is in memory.
#[derive(Debug)]
pub struct Ministack {
    child: Child,
    url: String,
}

/// ministack did not start.
#[derive(Debug, thiserror::Error)]
pub enum MinistackError {
    /// Its virtual environment is not there.
    #[error("ministack is not installed at `{}`: run `.ci/setup demo`, or start by `make`", program.display())]
    Missing {
        /// Where it should be.
        program: PathBuf,
    },
    /// Its process could not be started.
    #[error("starting ministack in `{}`", dir.display())]
    Start {
        /// Where it keeps its files.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It ended, each time on another port.
    #[error("ministack ended at once: {said}")]
    Ended {
        /// The end of its log.
        said: String,
    },
    /// It answered no health check in time.
    #[error("ministack was not ready within {} s; its log is `{}`", READY_WITHIN.as_secs(), log.display())]
    NotReady {
        /// Path of its log.
        log: PathBuf,
    },
}

impl Ministack {
    /// Starts it on a free loopback port, from the tools directory that `.ci/setup` fills; its files go to `dir`.
    ///
    /// # Errors
    /// [`MinistackError`].
    pub async fn start(tools: &Path, dir: &Path) -> Result<Self, MinistackError> {
        let program = venv_program(tools, "ministack");
        // It runs in another directory: a relative path would not be found from there.
        let Ok(program) = program.canonicalize() else {
            return Err(MinistackError::Missing { program });
        };
        let log = dir.join("ministack.log");
        for _ in 0..port::ATTEMPTS {
            let port = port::free().map_err(|source| MinistackError::Start {
                dir: dir.to_owned(),
                source,
            })?;
            let child = spawn(&program, dir, &log, port).map_err(|source| MinistackError::Start {
                dir: dir.to_owned(),
                source,
            })?;
            let url = format!("http://127.0.0.1:{port}");
            match tokio::time::timeout(READY_WITHIN, healthy(&child, &url)).await {
                Ok(true) => return Ok(Self { child, url }),
                // Most likely somebody took the port.
                Ok(false) => {}
                Err(_) => return Err(MinistackError::NotReady { log }),
            }
        }
        Err(MinistackError::Ended {
            said: end_of(&std::fs::read(&log).unwrap_or_default()),
        })
    }

    /// Its address, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it ends by itself, which it should not.
    pub async fn ended(&self) -> std::process::ExitStatus {
        self.child.wait().await
    }

    /// Stops it and forgets its state.
    pub async fn stop(self) {
        self.child.stop(STOPPED_WITHIN).await;
    }
}

/// A program of ministack's virtual environment.
pub(super) fn venv_program(tools: &Path, name: &str) -> PathBuf {
    tools.join("ministack-venv/bin").join(name)
}

fn spawn(program: &Path, dir: &Path, log: &Path, port: u16) -> std::io::Result<Child> {
    let log = File::create(log)?;
    let errors = log.try_clone()?;
    Child::spawn("ministack", program, Signal::SIGTERM, None, |command| {
        command
            // Without AUTH it checks neither trust policies nor ExternalId; without BIND_HOST it binds every address.
            .envs([
                ("AUTH", "true"),
                ("BIND_HOST", "127.0.0.1"),
                ("MINISTACK_HOST", "127.0.0.1"),
            ])
            .envs([("SFTP_ENABLED", "0"), ("IOT_MTLS_ENABLED", "0")])
            .env("GATEWAY_PORT", port.to_string())
            .env("STATE_DIR", dir)
            .env("TMPDIR", dir)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
    })
}

/// Waits until it answers (true) or has ended (false).
async fn healthy(child: &Child, url: &str) -> bool {
    let health = format!("{url}/_ministack/health");
    while child.exit_status().is_none() {
        if reqwest::get(&health)
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            return true;
        }
        tokio::time::sleep(POLL).await;
    }
    false
}
