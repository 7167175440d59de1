//! `holdfast demo`: the whole product with an outside world of its own, on loopback.

pub mod app_key;
pub mod aws_seed;
pub mod customers;
pub mod ministack;
pub mod world;

use std::path::{Path, PathBuf};

use self::aws_seed::SeedError;
use self::customers::{Customer, PROVIDER_ACCOUNT, REGION};
use self::world::{Holdfast, World, WorldError};
use crate::stop;

/// Where the demo keeps its state, below the directory in which it is started.
const DIR: &str = ".demo";
const DEFAULT_PORT: u16 = 8080;

/// The demo failed.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The value of `HOLDFAST_PORT`.
    #[error("HOLDFAST_PORT is `{0}`: expected a port from 1 to 65535")]
    Port(String),
    /// Its processes.
    #[error(transparent)]
    World(#[from] WorldError),
    /// Its AWS.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// `--exit` promises that the main job was verified.
    #[error("this version starts the demo's world, but has no main job to verify")]
    NoMainJob,
    /// Signals.
    #[error("watching for SIGINT and SIGTERM")]
    Signals(#[source] std::io::Error),
}

/// Starts everything and stays up until SIGINT or SIGTERM; with `exit`, ends when the main job is done.
///
/// # Errors
/// [`DemoError`]; every process is ended.
pub async fn run(exit: bool) -> Result<(), DemoError> {
    let stop = stop::on_signal().map_err(DemoError::Signals)?;
    let started = stop.run_until_cancelled(start()).await;
    // A signal while it starts: dropping what runs ends it.
    let Some(started) = started else {
        return Ok(());
    };
    let (world, holdfast) = started?;
    println!("Holdfast is ready at {}", holdfast.url);
    let outcome = tokio::select! {
        () = stop.cancelled() => Ok(()),
        broken = world.broken(&holdfast) => Err(broken.into()),
        () = std::future::ready(()), if exit => Err(DemoError::NoMainJob),
    };
    world.stop(holdfast).await;
    outcome
}

async fn start() -> Result<(World, Holdfast), DemoError> {
    let tools = tools();
    println!("Starting PostgreSQL, ministack and the sandbox");
    let world = World::start(Path::new(DIR), &tools, port()?).await?;
    println!("  database   {}", world.postgres_dir().display());
    println!(
        "  AWS        {} (accounts' owners), {} (as Holdfast sees it)",
        world.ministack_url(),
        world.sandbox_url()
    );
    println!("  GitHub     {}", world.github_url());
    let accounts: Vec<_> = customers::customers()
        .into_iter()
        .filter_map(|Customer { account, .. }| account)
        .collect();
    let principal = aws_seed::seed(
        &tools,
        world.ministack_url(),
        REGION,
        PROVIDER_ACCOUNT,
        &accounts,
    )
    .await?;
    println!(
        "  customers  {} AWS accounts trust {}",
        accounts.len(),
        principal.principal_arn
    );
    let holdfast = world.start_holdfast(&principal, REGION).await?;
    Ok((world, holdfast))
}

fn port() -> Result<u16, DemoError> {
    let Ok(port) = std::env::var("HOLDFAST_PORT") else {
        return Ok(DEFAULT_PORT);
    };
    port.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or(DemoError::Port(port))
}

/// Where `.ci/setup` puts ministack.
pub fn tools() -> PathBuf {
    std::env::var_os("HOLDFAST_TOOLS_DIR").map_or_else(|| PathBuf::from(".tools"), PathBuf::from)
}
