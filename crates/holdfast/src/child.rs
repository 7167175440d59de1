//! A child process that cannot outlive us, however we end.

use std::ffi::OsStr;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use tokio::sync::watch;

use crate::unix_account::UnixAccount;

/// How long a child that is dropped, not stopped, is waited for.
const DROPPED_WITHIN: Duration = Duration::from_secs(10);

/// A running child. The kernel sends it its stop signal when we die, by `kill -9` too; dropping it sends the same.
///
/// The kernel ties that promise to the *thread* that started the child, so each child gets a thread of its own that
/// starts it and then waits for it.
#[derive(Debug)]
pub struct Child {
    name: String,
    stop_signal: Signal,
    /// `None` once the child was reaped: its pid may then belong to somebody else.
    pid: Arc<Mutex<Option<Pid>>>,
    exited: watch::Receiver<Option<ExitStatus>>,
}

/// A command whose process dies by `stop_signal` when we die, run as `account` if one is given.
pub fn command(program: impl AsRef<OsStr>, stop_signal: Signal, account: Option<&UnixAccount>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", stop_signal.as_str().trim_start_matches("SIG")]);
    if let Some(account) = account {
        command.arg("--reuid").arg(account.uid.to_string());
        command.arg("--regid").arg(account.gid.to_string());
        command.arg("--clear-groups");
    }
    command.arg("--").arg(program);
    command
}

impl Child {
    /// Starts `program` in a process group of its own, so that a Ctrl-C in our terminal does not reach it: we end it.
    ///
    /// `build` adds arguments, environment and output to the command. `name` is for logs and the thread.
    ///
    /// # Errors
    /// When the process or its thread cannot be started. A program that does not exist shows as exit code 127.
    pub fn spawn(
        name: &str,
        program: impl AsRef<OsStr>,
        stop_signal: Signal,
        account: Option<&UnixAccount>,
        build: impl FnOnce(&mut Command) -> &mut Command,
    ) -> std::io::Result<Self> {
        let mut command = command(program, stop_signal, account);
        build(&mut command).process_group(0);
        let pid = Arc::new(Mutex::new(None));
        let (started, start) = std::sync::mpsc::sync_channel(1);
        let (exit, exited) = watch::channel(None);
        let shared = Arc::clone(&pid);
        std::thread::Builder::new()
            .name(format!("child-{name}"))
            .spawn(move || {
                let mut child = match command.spawn() {
                    Ok(child) => child,
                    Err(error) => return drop(started.send(Err(error))),
                };
                let pid = Pid::from_raw(child.id().cast_signed());
                *lock(&shared) = Some(pid);
                // The receiver waits for this message and cannot be gone.
                let _ = started.send(Ok(()));
                // Waits without reaping, so that the pid stays ours until the lock is held.
                while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(nix::errno::Errno::EINTR)
                {
                }
                let mut shared = lock(&shared);
                let status = child.wait().unwrap_or(ExitStatus::from_raw(-1));
                *shared = None;
                exit.send_replace(Some(status));
            })?;
        start.recv().map_err(std::io::Error::other)??;
        Ok(Self {
            name: name.to_owned(),
            stop_signal,
            pid,
            exited,
        })
    }

    /// The process id; `None` when the process has ended.
    pub fn pid(&self) -> Option<i32> {
        lock(&self.pid).map(Pid::as_raw)
    }

    /// How it ended; `None` while it runs.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        *self.exited.borrow()
    }

    /// Waits until the process has ended.
    pub async fn wait(&self) -> ExitStatus {
        let mut exited = self.exited.clone();
        // The sender lives in the waiting thread, which sends before it ends.
        match exited.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            Err(_) => ExitStatus::from_raw(-1),
        }
    }

    /// Sends `signal`; does nothing when the process has ended.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = *lock(&self.pid) {
            // It may be a zombie already: nothing to do then.
            let _ = kill(pid, signal);
        }
    }

    /// Asks the process to stop; after `grace`, kills its whole group.
    pub async fn stop(&self, grace: Duration) -> ExitStatus {
        self.signal(self.stop_signal);
        if let Ok(status) = tokio::time::timeout(grace, self.wait()).await {
            return status;
        }
        tracing::warn!(child = %self.name, grace_s = grace.as_secs(), "{} did not stop in time: killed", self.name);
        if let Some(pid) = *lock(&self.pid) {
            let _ = killpg(pid, Signal::SIGKILL);
        }
        self.wait().await
    }
}

impl Drop for Child {
    /// Blocks until it has ended, so that nothing is left behind when we end next; for a bounded time.
    fn drop(&mut self) {
        self.signal(self.stop_signal);
        let deadline = Instant::now() + DROPPED_WITHIN;
        while self.pid().is_some() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A pid has no half-written state: a panic elsewhere does not spoil it.
fn lock(pid: &Mutex<Option<Pid>>) -> MutexGuard<'_, Option<Pid>> {
    pid.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last five lines of a program's output, for an error message.
pub(crate) fn end_of(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
