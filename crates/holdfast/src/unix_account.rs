//! The Unix account that the private Postgres cluster runs as: Postgres refuses to run as root.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};

use crate::child::command;

/// Name of the account that Debian's package makes.
const POSTGRES: &str = "postgres";

/// An account that root starts processes as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixAccount {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

/// Root found no user `postgres`.
#[derive(Debug, thiserror::Error)]
#[error(
    "Postgres does not run as root and there is no user `postgres`: install the package, or start Holdfast as an ordinary user"
)]
pub struct NoPostgresUser;

impl UnixAccount {
    /// `postgres` when we are root; `None`, ourselves, otherwise.
    ///
    /// # Errors
    /// [`NoPostgresUser`] when we are root and there is none.
    pub fn for_postgres() -> Result<Option<Self>, NoPostgresUser> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        let user = User::from_name(POSTGRES).ok().flatten().ok_or(NoPostgresUser)?;
        Ok(Some(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        }))
    }

    /// Makes the account the owner of `path`.
    ///
    /// # Errors
    /// As [`chown`].
    pub fn own(&self, path: &Path) -> std::io::Result<()> {
        chown(path, Some(self.uid), Some(self.gid))
    }

    /// Whether the account can enter `dir`; asked by trying, because ancestors, groups and ACLs all count.
    pub fn can_enter(&self, dir: &Path) -> bool {
        command("test", Signal::SIGTERM, Some(self))
            .arg("-x")
            .arg(dir)
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}
