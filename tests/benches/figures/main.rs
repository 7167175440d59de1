//! The figures of README's table. `make bench` builds the release programs and runs this; it takes about five minutes.
//!
//! Only ratios within one run mean something: the machine is shared. Each figure stands beside its limit, which is what
//! `pgbench` reaches on the same cluster with as many clients, and the two take turns, [`ROUNDS`] times each. Rates are
//! the median of the rounds, times are of all requests together. Every answer is checked, and the run ends at the first
//! wrong one. The cluster is private and fresh, and flushes to disk. Holdfast is the program beside this one, started
//! as `holdfast serve` with its default settings.
//!
//! | figure | what is done |
//! |---|---|
//! | webhook-durable | [`webhook`]: an `issues` event of 6.5 kB is verified, stored once and answered after the commit |
//! | page-list | [`page_list`]: 50 of 100,000 change requests, of one of 50 customers, in one state, signed in |
//! | page-fleet | [`views`]: 1,000 customers of 100 components, worst first; and with ten times the history |
//! | page-status, page-sow | [`views`]: the components of one customer of 10,000, all and filtered; 50 on a page |
//! | import-10k | [`import`]: an onboarding document of 10,000 components, half of them in scope; over 5 s ends the run |
//! | sandbox-describe | [`sandbox`]: one of 10,000 accounts of the emulated AWS is asked for its vault; its limit is a bare answer |
//! | cold start, idle memory, size | [`footprint`] of the program |
//!
//! How long a clean clone takes to a finished demo is `make bench-clean`: minutes, so it is not part of this.

mod engineer;
mod footprint;
mod import;
mod installation;
mod load;
mod page_list;
mod pgbench;
mod sandbox;
mod views;
mod webhook;

use std::process::ExitCode;
use std::time::Duration;

use holdfast::telemetry::chain;

use crate::footprint::Footprint;
use crate::installation::Installation;
use crate::load::Rate;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How often each side of a comparison is measured.
const ROUNDS: usize = 3;

/// What one installation is measured by: the program, webhook-durable, page-list, the views by name, and import-10k.
type Measured = (Footprint, Comparison, Comparison, Views, Duration);

/// Each view by its name.
type Views = Vec<(&'static str, Comparison)>;

/// A rate of ours, and the rate that cannot be passed.
struct Comparison {
    ours: Rate,
    limit: Rate,
}

// One thread, as `pgbench` has: the rest of the machine is for what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("figures: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let installation = Installation::new().await?;
    let measured = measure(&installation).await;
    installation.stop().await;
    let (footprint, webhook, page, views, import) = measured?;
    let sandbox = sandbox::measure().await?;

    println!("| Figure | Holdfast | Limit | Ratio |");
    println!("|---|---|---|---|");
    line("webhook-durable, 8 clients", &webhook);
    line("page-list, 4 clients", &page);
    for (figure, view) in &views {
        line(figure, view);
    }
    println!(
        "| import-10k, the longest of {ROUNDS} | {:.1} s | 5 s | |",
        import.as_secs_f64()
    );
    line("sandbox-describe, 8 clients", &sandbox.describe);
    let (stored, called) = sandbox.mebibytes;
    println!(
        "| memory of the sandbox with 10,000 accounts, and after all calls | {stored:.0} MiB, {called:.0} MiB | | |"
    );
    println!(
        "| cold start, to the first ready answer | {:.0} ms | | |",
        footprint.cold_start.as_secs_f64() * 1e3
    );
    println!("| memory when idle | {:.0} MiB | | |", footprint.idle_mebibytes);
    println!("| size of the program | {:.1} MB | | |", footprint.megabytes);
    println!("| clean clone to a finished demo | `make bench-clean` | | |");
    Ok(())
}

async fn measure(installation: &Installation) -> Result<Measured> {
    let footprint = footprint::measure(installation).await?;
    let webhook = webhook::measure(installation).await?;
    let page = page_list::measure(installation).await?;
    let views = views::measure(installation).await?;
    let import = import::measure(installation).await?;
    Ok((footprint, webhook, page, views, import))
}

fn line(figure: &str, Comparison { ours, limit }: &Comparison) {
    let ratio = ours.per_second / limit.per_second;
    println!("| {figure} | {ours} | {limit} | {ratio:.2} |");
}
