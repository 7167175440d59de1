//! The cluster on disk: made, locked, its roles set, its server started.
//!
//! `<home>/data` belongs to the account that Postgres runs as; all else in `<home>` is ours, so that root never writes
//! where a lesser account could have put a link.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use sha2::{Digest as _, Sha256};

use super::binaries::Binaries;
use super::{APP_ROLE, EmbeddedPostgresError as Error, OWNER_ROLE, Options, STOP};
use crate::child::{Child, command, end_of};
use crate::unix_account::UnixAccount;

/// Written when the cluster is whole: the major version that made it.
const VERSION: &str = "version";
/// What a left-over of a killed Holdfast gets to shut down, before and after it is told to do so at once.
const LEFT_OVER_STOPS_WITHIN: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// A cluster directory that only we use while this lives.
#[derive(Debug)]
pub(super) struct Cluster {
    home: PathBuf,
    binaries: Binaries,
    account: Option<UnixAccount>,
    options: Options,
    /// Held, not read: the kernel frees it when we die.
    _lock: File,
}

impl Cluster {
    /// Locks `dir`, ends what a killed Holdfast left running there, and makes the cluster when there is none.
    pub(super) fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        let account = UnixAccount::for_postgres()?;
        fs::create_dir_all(dir).map_err(Error::io("creating", dir))?;
        let lock = lock(dir)?;
        let home = home(dir, account.as_ref())?;
        let version = if options.fresh { None } else { version_of(&home) };
        let binaries = Binaries::find(version).ok_or(Error::NoBinaries { version })?;
        let cluster = Self {
            home,
            binaries,
            account,
            options,
            _lock: lock,
        };
        cluster.end_left_over();
        if version.is_none() {
            // What is there is unwanted, or was not finished.
            cluster.make()?;
        }
        Ok(cluster)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.home
    }

    pub(super) fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Who may sign in, and how.
    fn hba(&self) -> PathBuf {
        self.home.join("pg_hba.conf")
    }

    /// Whether the server that runs as `pid` takes connections: Postgres says so in its pid file.
    pub(super) fn is_ready(&self, pid: Option<i32>) -> bool {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = file.lines();
        let ours = lines.next().and_then(|line| line.trim().parse().ok()) == pid;
        pid.is_some() && ours && lines.nth(6).is_some_and(|status| status.trim() == "ready")
    }

    /// The last lines of the server's log, for an error message.
    pub(super) fn end_of_log(&self) -> String {
        end_of(&fs::read(self.log()).unwrap_or_default())
    }

    /// Starts the server on `port`.
    pub(super) fn spawn(&self, port: u16) -> Result<Child, Error> {
        let log = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.log())
            .map_err(Error::io("creating", &self.log()))?;
        let errors = log.try_clone().map_err(Error::io("opening", &self.log()))?;
        Child::spawn(
            "postgres",
            self.binaries.program("postgres"),
            STOP,
            self.account.as_ref(),
            |command| {
                command
                    .args(self.settings())
                    .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
                    .args([
                        "-c",
                        "max_connections=200",
                        "-c",
                        "log_min_messages=warning",
                        "-c",
                        "timezone=UTC",
                    ])
                    .arg("-p")
                    .arg(port.to_string())
                    .current_dir("/")
                    .stdin(Stdio::null())
                    .stdout(log)
                    .stderr(errors)
            },
        )
        .map_err(Error::io("starting Postgres in", &self.home))
    }

    /// Makes or renews the two roles: passwords of the owner's and of the application's, in this order.
    pub(super) fn set_roles(&self, [owner, app]: &[String; 2]) -> Result<(), Error> {
        let hba = self.hba();
        fs::write(
            &hba,
            format!("host all {OWNER_ROLE},{APP_ROLE} 127.0.0.1/32 scram-sha-256\n"),
        )
        .map_err(Error::io("writing", &hba))?;
        let exists = |role| {
            format!("IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;")
        };
        // The owner ends other sessions when a test's database is dropped.
        let sql = format!(
            "DO $$ BEGIN {} {} END $$;\n\n\
             ALTER ROLE {OWNER_ROLE} LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS PASSWORD '{owner}';\n\n\
             ALTER ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{app}';\n\n\
             GRANT pg_signal_backend TO {OWNER_ROLE};\n\n",
            exists(OWNER_ROLE),
            exists(APP_ROLE),
        );
        // Settings of the single-user server: a statement ends at an empty line, the first error ends it all.
        let mut args = vec![
            "--single".to_owned(),
            "-j".to_owned(),
            "-c".to_owned(),
            "exit_on_error=on".to_owned(),
        ];
        args.extend(self.settings());
        args.push("postgres".to_owned());
        self.run("postgres", args, &sql)
    }

    fn settings(&self) -> Vec<String> {
        let mut settings = vec![format!("hba_file={}", self.hba().display())];
        if self.options.fast_tests {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
        }
        let data = ["-D".to_owned(), self.data().display().to_string()];
        data.into_iter()
            .chain(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]))
            .collect()
    }

    /// Makes an empty cluster; its version is noted last, so that one killed half-way is not taken for whole.
    fn make(&self) -> Result<(), Error> {
        let data = self.data();
        if data.exists() {
            fs::remove_dir_all(&data).map_err(Error::io("removing", &data))?;
        }
        make_dir(&data, 0o700)?;
        if let Some(account) = &self.account {
            account
                .own(&data)
                .map_err(Error::io("giving to user postgres", &data))?;
        }
        let path = data.display().to_string();
        let mut args = vec![
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=reject",
            "--username=postgres",
        ];
        args.extend(["--pgdata", &path]);
        if self.options.fast_tests {
            args.push("--no-sync");
        }
        self.run("initdb", args, "")?;
        let version = self.home.join(VERSION);
        fs::copy(data.join("PG_VERSION"), &version).map_err(Error::io("writing", &version))?;
        Ok(())
    }

    fn run<A: AsRef<OsStr>>(
        &self,
        program: &'static str,
        args: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Result<(), Error> {
        let failed = |source| Error::Io {
            doing: "running",
            path: self.binaries.program(program),
            source,
        };
        let mut child = command(self.binaries.program(program), STOP, self.account.as_ref())
            .args(args)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // When it has ended early, its status and its words say more than a broken pipe.
            let _ = stdin.write_all(input.as_bytes());
        }
        let Output { status, stderr, .. } = child.wait_with_output().map_err(failed)?;
        if status.success() {
            Ok(())
        } else {
            Err(Error::Program {
                program,
                said: end_of(&stderr),
            })
        }
    }

    /// Ends a server that outlived its Holdfast; the lock says that no other Holdfast wants it.
    fn end_left_over(&self) {
        for signal in [STOP, Signal::SIGQUIT, Signal::SIGKILL] {
            let Some(pid) = self.left_over() else { break };
            tracing::warn!(pid = pid.as_raw(), dir = %self.home.display(), "Ending a Postgres left over by a killed Holdfast");
            // Gone since: as wanted.
            let _ = kill(pid, signal);
            let deadline = Instant::now() + LEFT_OVER_STOPS_WITHIN;
            while self.left_over().is_some() && Instant::now() < deadline {
                std::thread::sleep(POLL);
            }
        }
        // A dead server's file, whose pid may be anybody's by now. Without one there is nothing to remove.
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
    }

    /// The process named in the pid file, if it is a Postgres on this very directory.
    fn left_over(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let pid: i32 = file.lines().next()?.trim().parse().ok()?;
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let data = self.data().display().to_string();
        arguments
            .split(|byte| *byte == 0)
            .any(|argument| argument == data.as_bytes())
            .then(|| Pid::from_raw(pid))
    }
}

fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(Error::io("creating", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::Io {
            doing: "locking",
            path,
            source,
        }),
    }
}

/// Where the cluster lives: `postgres` below `dir`, or a directory named after `dir` that `account` can reach.
fn home(dir: &Path, account: Option<&UnixAccount>) -> Result<PathBuf, Error> {
    let dir = dir.canonicalize().map_err(Error::io("resolving", dir))?;
    let near = dir.join("postgres");
    make_dir(&near, 0o711)?;
    if account.is_none_or(|account| account.can_enter(&near)) {
        return Ok(near);
    }
    let far = Path::new("/var/tmp").join(format!("holdfast-{}", short_hash(dir.as_os_str().as_encoded_bytes())));
    make_dir(&far, 0o711)?;
    let (asked, used) = (dir.display(), far.display());
    tracing::warn!(%asked, %used, "User postgres cannot reach {asked}: the cluster is in {used}");
    Ok(far)
}

/// Makes `dir`; one that is there must be a real directory of ours, for anybody may write in `/var/tmp`.
fn make_dir(dir: &Path, mode: u32) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(mode).create(dir) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => return made.map_err(Error::io("creating", dir)),
    }
    let found = fs::symlink_metadata(dir).map_err(Error::io("reading", dir))?;
    let ours = found.is_dir() && found.uid() == Uid::effective().as_raw();
    if ours {
        Ok(())
    } else {
        Err(Error::NotOurs { dir: dir.to_owned() })
    }
}

/// The major version that wrote the cluster in `home`; `None` when there is no whole one.
fn version_of(home: &Path) -> Option<u32> {
    fs::read_to_string(home.join(VERSION)).ok()?.trim().parse().ok()
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
