//! Where PostgreSQL's programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Older servers let every role create tables in the schema `public`.
const OLDEST: u32 = 15;
const DEBIAN: &str = "/usr/lib/postgresql";
const NEEDED: [&str; 4] = ["postgres", "initdb", "createdb", "dropdb"];

/// The programs of one PostgreSQL version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest installed; with `major`, only that version, because a cluster is readable by its own version only.
    pub(super) fn find(major: Option<u32>) -> Option<Self> {
        let debian = std::fs::read_dir(DEBIAN)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path: Vec<_> = std::env::split_paths(&path)
            .filter_map(|dir| dir.join("postgres").canonicalize().ok())
            .collect();
        debian
            .chain(path.iter().filter_map(|program| program.parent().map(Path::to_owned)))
            .filter_map(Self::at)
            .filter(|found| found.major >= OLDEST && major.is_none_or(|major| found.major == major))
            .max_by_key(|found| found.major)
    }

    fn at(dir: PathBuf) -> Option<Self> {
        if !NEEDED.iter().all(|name| dir.join(name).is_file()) {
            return None;
        }
        let version = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
        let major = major_of(&String::from_utf8_lossy(&version.stdout))?;
        Some(Self { dir, major })
    }

    /// Path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// `postgres (PostgreSQL) 15.14 (Debian …)` is 15; `17beta1` is 17.
fn major_of(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 17beta1\n"), Some(17));
        assert_eq!(major_of("something else 15\n"), None);
    }
}
