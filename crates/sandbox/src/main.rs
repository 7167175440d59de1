//! The sandbox as a process.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{App, Config, Webhook};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use url::Url;

/// The outside world of Holdfast's demo and tests: GitHub, and AWS in front of ministack. On 127.0.0.1 only; all state in memory.
#[derive(Debug, Parser)]
struct Args {
    /// Port on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address of the ministack behind the AWS front; without it STS and RDS are answered 503, and nothing can be backed up.
    #[arg(long)]
    ministack: Option<Url>,
    /// Receiver of the App's webhooks; it can also be set later at /_sandbox/github/webhook.
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<Url>,
    /// Secret that signs the webhooks.
    #[arg(long, requires = "webhook_url")]
    webhook_secret: Option<String>,
    /// Id of the GitHub App.
    #[arg(long, requires = "app_public_key_file")]
    app_id: Option<u64>,
    /// The App's RSA public key, PEM.
    #[arg(long, requires = "app_id")]
    app_public_key_file: Option<PathBuf>,
    /// Seconds on the virtual clock for which a restored database is `creating`.
    #[arg(long, default_value_t = 3)]
    restore_seconds: u32,
    /// Written when the sandbox serves: {"url", "github_url"}.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut chain = std::iter::successors(error.source(), |cause| cause.source());
            let causes: String = chain.by_ref().map(|cause| format!(": {cause}")).collect();
            tracing::error!("{error}{causes}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let app = match args.app_id.zip(args.app_public_key_file) {
        None => None,
        Some((id, file)) => {
            let read = std::fs::read_to_string(&file);
            let public_key_pem = read.map_err(|error| format!("reading {}: {error}", file.display()))?;
            Some(App { id, public_key_pem })
        }
    };
    // Before the ready file, so that whoever waits for it can end us.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let running = sandbox::start(Config {
        port: args.port,
        ministack: args.ministack,
        webhook: args
            .webhook_url
            .zip(args.webhook_secret)
            .map(|(url, secret)| Webhook { url, secret }),
        app,
        restore_seconds: Some(args.restore_seconds),
        ..Config::default()
    })
    .await?;
    let ready = json!({"url": running.url, "github_url": running.github_url}).to_string();
    println!("{ready}");
    if let Some(file) = args.ready_file {
        // Renamed into place: a reader never sees half of it.
        let partial = file.with_extension("partial");
        std::fs::write(&partial, ready)?;
        std::fs::rename(&partial, &file)?;
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.shutdown().await;
    Ok(())
}
