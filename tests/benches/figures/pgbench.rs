//! The limit: one statement in `pgbench`, with as many clients as the figure has.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;

use crate::Result;
use crate::load::Round;

const DEBIAN: &str = "/usr/lib/postgresql";

/// A statement for `pgbench`, in its script language.
pub(crate) struct Script<'a> {
    /// The text.
    pub(crate) sql: &'a str,
    /// `:name` in the text, sent with each statement as a parameter.
    pub(crate) variables: &'a [(&'a str, &'a str)],
}

/// Runs the script `times` times in each of `clients` connections. Its files go to `dir`.
///
/// # Errors
/// When a statement fails, too.
pub(crate) async fn round(
    database: &SecretString,
    dir: &Path,
    script: &Script<'_>,
    clients: usize,
    times: usize,
) -> Result<Round> {
    let dir = tempfile::tempdir_in(dir)?;
    let file = dir.path().join("script.sql");
    std::fs::write(&file, script.sql)?;
    let url = Url::parse(database.expose_secret())?;
    let variables = script.variables.iter();
    let output = Command::new(program())
        .current_dir(dir.path())
        .env("PGPASSWORD", url.password().unwrap_or_default())
        .env("PGHOST", url.host_str().unwrap_or_default())
        .env("PGPORT", url.port().unwrap_or(5432).to_string())
        .env("PGUSER", url.username())
        .args(["--no-vacuum", "--protocol=prepared", "--log"])
        .arg(format!("--client={clients}"))
        .arg(format!("--transactions={times}"))
        .args(variables.map(|(name, value)| format!("--define={name}={value}")))
        .arg("--file")
        .arg(&file)
        .arg(url.path().trim_start_matches('/'))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("starting pgbench (Debian: apt-get install postgresql): {error}"))?;
    if !output.status.success() {
        return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let report = String::from_utf8(output.stdout)?;
    let per_second = per_second(&report).ok_or(format!("pgbench reports no rate: {report}"))?;
    let times_taken = times_taken(dir.path())?;
    if times_taken.len() != clients * times {
        return Err(format!("pgbench made only {} transactions", times_taken.len()).into());
    }
    Ok(Round {
        per_second,
        times: times_taken,
    })
}

/// `tps = 4801.2 (without initial connection time)`.
fn per_second(report: &str) -> Option<f64> {
    let line = report.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A line a transaction; its third word is how long it took, in microseconds.
fn times_taken(dir: &Path) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with("pgbench_log.") {
            continue;
        }
        for line in std::fs::read_to_string(entry.path())?.lines() {
            let time = line.split_whitespace().nth(2).ok_or("a short line in pgbench's log")?;
            times.push(Duration::from_micros(time.parse()?));
        }
    }
    Ok(times)
}

/// Debian's newest, else the one on PATH.
fn program() -> PathBuf {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let major = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions
        .map(|entry| entry.path())
        .filter(|version| version.join("bin/pgbench").is_file())
        .max_by_key(|version| major(version))
        .map_or("pgbench".into(), |version| version.join("bin/pgbench"))
}
