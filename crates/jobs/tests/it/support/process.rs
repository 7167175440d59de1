//! A worker in a process of its own, to be killed and halted: this test binary, run again.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio_util::sync::CancellationToken;

use super::{Cluster, Journal, pool_at};

const SOCKET: &str = "JOBS_TEST_SOCKET";
const NAME: &str = "JOBS_TEST_PROCESS";

/// Ends with the test.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a process that runs jobs and calls itself `name` in the journal.
    pub(crate) fn start(cluster: &Cluster, name: &str) -> Self {
        let child = Command::new(env::current_exe().expect("this binary"))
            .args(["--exact", "process::runs_jobs_until_killed", "--ignored"])
            .env(SOCKET, cluster.socket())
            .env(NAME, name)
            .stdout(Stdio::null())
            .spawn()
            .expect("the process starts");
        Self(child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).expect("a pid fits");
        kill(Pid::from_raw(pid), signal).expect("signalling the process");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the process does.
pub(crate) async fn serve_as_process() {
    let socket = PathBuf::from(env::var_os(SOCKET).expect("only other tests start this one"));
    let name = env::var(NAME).expect("a name");
    let journal = Journal::existing(pool_at(&socket), &name);
    journal.runner(1).run(CancellationToken::new()).await;
}
