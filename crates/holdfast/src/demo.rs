//! `holdfast demo`: the whole product with an outside world of its own, on loopback.

pub mod agreement;
pub mod app_key;
pub mod aws_seed;
pub mod browser;
pub mod clusters;
pub mod customers;
pub mod facts;
pub mod main_job;
pub mod ministack;
pub mod owner;
pub mod rest;
pub mod script;
pub mod step;
pub mod tenants;
pub mod welcome;
pub mod world;

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use self::customers::{Customer, PROVIDER_ACCOUNT, REGION};
use self::facts::Facts;
use self::owner::Owner;
use self::script::ScriptError;
use self::step::StepFailed;
use self::tenants::{Onboarded, OnboardingError};
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
    #[error("filling the demo's AWS")]
    Seed(#[from] ScriptError),
    /// Its customers.
    #[error(transparent)]
    Onboarding(#[from] OnboardingError),
    /// A step of the main job was not verified.
    #[error("the main job was not verified (the logs are `{}/*.log`)", logs.display())]
    MainJob {
        /// Where the logs are.
        logs: PathBuf,
        /// Which step, and why.
        source: StepFailed,
    },
    /// `demo.json`.
    #[error("writing demo.json")]
    Facts(#[source] std::io::Error),
    /// `--exit` promises that the main job was verified.
    #[error("interrupted before the main job was verified")]
    Interrupted,
    /// Signals.
    #[error("watching for SIGINT and SIGTERM")]
    Signals(#[source] std::io::Error),
}

/// A running demo.
struct Demo {
    world: World,
    holdfast: Holdfast,
    facts: Facts,
    tools: PathBuf,
}

/// Starts everything, runs the main job and stays up until SIGINT or SIGTERM; with `exit`, ends after the main job.
///
/// # Errors
/// [`DemoError`]; every process is ended.
pub async fn run(exit: bool) -> Result<(), DemoError> {
    let stop = stop::on_signal().map_err(DemoError::Signals)?;
    let interrupted = || match exit {
        true => Err(DemoError::Interrupted),
        false => Ok(()),
    };
    let started = stop.run_until_cancelled(start()).await;
    // A signal while it starts: dropping what runs ends it.
    let Some(started) = started else {
        return interrupted();
    };
    let demo = started?;
    let outcome = tokio::select! {
        () = stop.cancelled() => interrupted(),
        broken = demo.world.broken(&demo.holdfast) => Err(broken.into()),
        shown = demo.show(exit) => shown,
    };
    println!("Stopping");
    demo.world.stop(demo.holdfast).await;
    outcome
}

impl Demo {
    /// The main job, then the invitation; returns only with `exit`, or when a step fails.
    async fn show(&self, exit: bool) -> Result<(), DemoError> {
        println!("The main job");
        let done = main_job::run(&self.facts, &self.tools).await;
        done.map_err(|source| DemoError::MainJob {
            logs: self.world.dir().to_owned(),
            source,
        })?;
        self.facts.write(self.world.dir()).map_err(DemoError::Facts)?;
        if !exit {
            println!("{}", welcome::words(&self.facts, self.world.dir()));
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

async fn start() -> Result<Demo, DemoError> {
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
    let customers = customers::customers();
    let accounts: Vec<_> = customers
        .iter()
        .filter_map(|customer| customer.account.clone())
        .collect();
    let endpoint = world.ministack_url();
    let principal = aws_seed::seed(&tools, endpoint, REGION, PROVIDER_ACCOUNT, &accounts).await?;
    println!(
        "  accounts   {} AWS accounts trust {}",
        accounts.len(),
        principal.principal_arn
    );
    let onboarded = tenants::take_on(&customers, &world.database_url(), world.sandbox_url()).await?;
    for customer in &customers {
        keep_what_was_agreed(&tools, endpoint, customer).await?;
    }
    println!(
        "  customers  {}",
        customers.iter().map(|one| one.name).collect::<Vec<_>>().join(", ")
    );
    let holdfast = world.start_holdfast(&principal, REGION).await?;
    println!("  Holdfast   {}", holdfast.url);
    let facts = facts(&world, &holdfast, onboarded);
    Ok(Demo {
        world,
        holdfast,
        facts,
        tools,
    })
}

/// What the first scope of work says of RDS is already so: the customer had these backups when it signed.
async fn keep_what_was_agreed(tools: &Path, endpoint: &str, customer: &Customer) -> Result<(), ScriptError> {
    let Some(account) = &customer.account else {
        return Ok(());
    };
    let owner = Owner {
        tools,
        endpoint,
        region: REGION,
        account: &account.id,
    };
    for (instance, days) in customer.native_backups() {
        owner.keep_backups(instance, days).await?;
    }
    Ok(())
}

fn facts(world: &World, holdfast: &Holdfast, onboarded: Onboarded) -> Facts {
    let (ministack, sandbox) = (world.ministack_url(), world.sandbox_url());
    let behind_sandbox = ["backup", "dlm", "rds", "sts"].map(|service| (service, sandbox));
    let endpoints = behind_sandbox.into_iter().chain([("*", ministack)]);
    Facts {
        url: holdfast.url.clone(),
        metrics_url: holdfast.metrics_url.clone(),
        logins: onboarded.logins,
        tokens: onboarded.tokens,
        customers: onboarded.customers,
        aws_endpoints: endpoints.map(|(service, url)| (service, url.to_owned())).collect(),
        clusters: onboarded.clusters,
        sandbox_url: sandbox.to_owned(),
        github_url: world.github_url().to_owned(),
        github_tokens: onboarded.github_tokens,
        webhook_secret: world.webhook_secret().expose_secret().to_owned(),
        database_url: world.database_url().expose_secret().to_owned(),
    }
}

fn port() -> Result<u16, DemoError> {
    let Ok(port) = std::env::var("HOLDFAST_PORT") else {
        return Ok(DEFAULT_PORT);
    };
    port.parse().ok().filter(|port| *port > 0).ok_or(DemoError::Port(port))
}

/// Where `.ci/setup` puts ministack.
pub fn tools() -> PathBuf {
    std::env::var_os("HOLDFAST_TOOLS_DIR").map_or_else(|| PathBuf::from(".tools"), PathBuf::from)
}
