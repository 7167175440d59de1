//! sandbox-describe: `DescribeBackupVault` in one of 10,000 accounts of the emulated AWS that the demo and the tests run in.
//!
//! Its limit is an answer of the same server to which no account, signature, rule or log belongs. What the program takes is measured
//! when the accounts are there, and again after the calls: it must grow with what is stored, not with what was called.

use std::time::{Duration, Instant};

use holdfast::child::Child;
use jiff::Timestamp;
use nix::sys::signal::Signal;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::footprint::resident_mebibytes;
use crate::installation::program;
use crate::load::{self, Round};
use crate::{Comparison, ROUNDS, Result};

const ACCOUNTS: u64 = 10_000;
const CLIENTS: usize = 8;
/// Of each client in a round.
const CALLS: usize = 5_000;
const SEED: u64 = 10_000;
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// How fast it answers, and what it takes.
pub(crate) struct Measured {
    pub(crate) describe: Comparison,
    /// Resident memory with a vault in every account, and after all calls.
    pub(crate) mebibytes: (f64, f64),
}

pub(crate) async fn measure() -> Result<Measured> {
    let dir = tempfile::tempdir()?;
    let (child, url) = start(&dir).await?;
    let measured = measure_at(&url, &child).await;
    child.stop(STOPPED_WITHIN).await;
    measured
}

async fn start(dir: &TempDir) -> Result<(Child, String)> {
    let ready = dir.path().join("ready.json");
    let log = std::fs::File::create(dir.path().join("sandbox.log"))?;
    let child = Child::spawn("sandbox", program("sandbox")?, Signal::SIGTERM, None, |command| {
        command
            .args(["--port", "0", "--ready-file"])
            .arg(&ready)
            .env("RUST_LOG", "warn")
            .stdout(std::process::Stdio::null())
            .stderr(log)
    })?;
    let begun = Instant::now();
    loop {
        if let Ok(json) = std::fs::read(&ready) {
            let ready: Value = serde_json::from_slice(&json)?;
            let url = ready["url"].as_str().ok_or("a sandbox without an address")?;
            return Ok((child, url.to_owned()));
        }
        if child.exit_status().is_some() || begun.elapsed() > READY_WITHIN {
            let log = std::fs::read_to_string(dir.path().join("sandbox.log"))?;
            return Err(format!("the sandbox is not ready: {log}").into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn measure_at(url: &str, child: &Child) -> Result<Measured> {
    let pid = child.pid().ok_or("the sandbox has ended")?;
    make_accounts(url).await?;
    let stored = resident_mebibytes(pid)?;
    let mut random = SmallRng::seed_from_u64(SEED);
    let (mut ours, mut limit): (Vec<Round>, Vec<Round>) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let accounts: Vec<Vec<String>> = (0..CLIENTS)
            .map(|_| (0..=CALLS).map(|_| account(random.random_range(0..ACCOUNTS))).collect())
            .collect();
        ours.push(load::round(&accounts, async |http, account| describe(http, url, account).await).await?);
        limit.push(load::round(&accounts, async |http, _| read_clock(http, url).await).await?);
    }
    Ok(Measured {
        describe: Comparison {
            ours: ours.into(),
            limit: limit.into(),
        },
        mebibytes: (stored, resident_mebibytes(pid)?),
    })
}

/// A vault in each account, tagged.
async fn make_accounts(url: &str) -> Result<()> {
    let numbers: Vec<u64> = (0..ACCOUNTS).collect();
    let shares: Vec<Vec<u64>> = numbers
        .chunks(ACCOUNTS as usize / CLIENTS)
        .map(<[u64]>::to_vec)
        .collect();
    load::round(&shares, async |http, number| {
        let account = account(*number);
        let request = http.put(format!("{url}/backup-vaults/daily"));
        let made = request
            .header("authorization", authorization(&account))
            .json(&json!({"BackupVaultTags": {"holdfast:tenant": account}}))
            .send()
            .await?;
        expect(made.status(), &account)
    })
    .await?;
    Ok(())
}

async fn describe(http: &Client, url: &str, account: &str) -> Result<()> {
    let request = http.get(format!("{url}/backup-vaults/daily"));
    let answer = request.header("authorization", authorization(account)).send().await?;
    expect(answer.status(), account)?;
    let vault: Value = answer.json().await?;
    let arn = format!("arn:aws:backup:eu-west-1:{account}:backup-vault:daily");
    if vault["BackupVaultArn"] == arn.as_str() {
        Ok(())
    } else {
        Err(format!("{arn} was described as {vault}").into())
    }
}

async fn read_clock(http: &Client, url: &str) -> Result<()> {
    let answer: Value = http.get(format!("{url}/_sandbox/clock")).send().await?.json().await?;
    answer["now"]
        .as_str()
        .ok_or("a clock without a time")?
        .parse::<Timestamp>()?;
    Ok(())
}

fn account(number: u64) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

/// Of an account's root, whose signature the sandbox does not look at.
fn authorization(account: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={account}/20261121/eu-west-1/backup/aws4_request, SignedHeaders=host, Signature=00"
    )
}

fn expect(status: StatusCode, account: &str) -> Result<()> {
    if status.is_success() {
        Ok(())
    } else {
        Err(format!("account {account} was answered {status}").into())
    }
}
