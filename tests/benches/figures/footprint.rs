//! How fast the program starts, and how much it takes when nobody uses it.

use std::time::Duration;

use crate::Result;
use crate::installation::Installation;

/// Starts that are measured; the median counts.
const STARTS: usize = 5;
/// Until a server that was just started counts as idle.
const IDLE: Duration = Duration::from_secs(5);

/// What the program takes.
pub(crate) struct Footprint {
    /// From exec to the first ready answer.
    pub(crate) cold_start: Duration,
    /// Resident memory of a server that has served nothing.
    pub(crate) idle_mebibytes: f64,
    /// Size of the program's file, in units of 1,000,000 bytes.
    pub(crate) megabytes: f64,
}

pub(crate) async fn measure(installation: &Installation) -> Result<Footprint> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let server = installation.serve().await?;
        starts.push(server.ready_after);
        server.stop().await;
    }
    starts.sort();

    let server = installation.serve().await?;
    tokio::time::sleep(IDLE).await;
    let idle_mebibytes = resident_mebibytes(server.pid().ok_or("the server has ended")?)?;
    server.stop().await;
    Ok(Footprint {
        cold_start: starts[STARTS / 2],
        idle_mebibytes,
        megabytes: installation.program.metadata()?.len() as f64 / 1e6,
    })
}

/// Memory that a process has of its own and shares with others, as the system counts it.
pub(crate) fn resident_mebibytes(pid: i32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .ok_or("no VmRSS in the process's status")?;
    Ok(kibibytes.parse::<f64>()? / 1024.0)
}
