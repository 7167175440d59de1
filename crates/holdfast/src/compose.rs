//! The parts put together: one process that serves, works, or both.

use std::path::PathBuf;
use std::sync::Arc;

use app::{Cx, Db, StoreError};
use aws::{AwsMechanism, AwsSettings};
use github::{GitHub, GitHubError};
use jiff::SignedDuration;
use mechanism::Mechanism;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::server::Limits;
use worker::Outside;

use crate::clock;
use crate::config::{self, Config};
use crate::database::{Database, OpenError};

/// Connections of one process to the database, besides those of the queue.
const CONNECTIONS: u32 = 20;

/// Which half of the product a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halves {
    /// Pages, API, webhooks.
    Pages,
    /// Jobs.
    Jobs,
    /// One process for all; keeps its own database when none is given.
    Both,
}

/// The process could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The database does not take us.
    #[error("connecting to the database")]
    Connect(#[from] StoreError),
    /// An address that we should listen at.
    #[error("listening at {address} (`{key}`)")]
    Listen {
        /// The setting.
        key: &'static str,
        /// Its value.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The metrics.
    #[error("serving metrics at the address of `metrics_listen`")]
    Metrics(#[from] BuildError),
    /// The sandbox's clock.
    #[error("asking the clock of `clock_url`")]
    Clock(#[from] reqwest::Error),
    /// The GitHub App's key.
    #[error("reading `github.private_key_file`, `{}`", path.display())]
    AppKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The GitHub App.
    #[error("setting up the GitHub App")]
    GitHub(#[from] GitHubError),
}

/// Runs `halves` until `stop`, then lets what is in flight finish within its bounds.
///
/// # Errors
/// [`RunError`] when it cannot start.
pub async fn run(config: &Config, halves: Halves, stop: CancellationToken) -> Result<(), RunError> {
    let database = match halves {
        Halves::Both => Database::given_or_private(config).await?,
        Halves::Pages | Halves::Jobs => Database::given(config)?,
    };
    let outcome = serve_and_work(config, halves, database.app_url(), stop).await;
    database.close().await;
    outcome
}

async fn serve_and_work(
    config: &Config,
    halves: Halves,
    database: &SecretString,
    stop: CancellationToken,
) -> Result<(), RunError> {
    PrometheusBuilder::new()
        .with_http_listener(config.metrics_listen)
        .install()?;
    let cx = connect(config, database, &stop).await?;
    let pages = async {
        if halves != Halves::Jobs {
            pages(config, &cx, stop.clone()).await?;
        }
        Ok(())
    };
    let jobs = async {
        if halves != Halves::Pages {
            let settings = worker::Settings {
                concurrency: config.workers as usize,
                observe_interval: SignedDuration::from_secs(config.observe_interval_seconds.into()),
            };
            worker::run(cx.clone(), outside(config, &cx).await?, settings, stop.clone()).await;
        }
        Ok(())
    };
    tokio::try_join!(pages, jobs).map(drop)
}

/// What every use-case needs, on the database at `url`.
///
/// # Errors
/// [`RunError::Connect`], [`RunError::Clock`].
pub async fn connect(config: &Config, url: &SecretString, stop: &CancellationToken) -> Result<Cx, RunError> {
    let db = Db::connect(url.expose_secret(), CONNECTIONS).await?;
    Ok(Cx::new(
        db,
        clock::start(config.clock_url.as_ref(), stop.clone()).await?,
    ))
}

/// The outside as the settings describe it; calls nobody yet.
///
/// # Errors
/// [`RunError::AppKey`], [`RunError::GitHub`].
pub async fn outside(config: &Config, cx: &Cx) -> Result<Outside, RunError> {
    Ok(Outside::new(aws(config, cx).await, github(config)?))
}

/// AWS as the settings describe it; calls nobody yet.
pub async fn aws(config: &Config, cx: &Cx) -> Arc<dyn Mechanism> {
    let settings = AwsSettings {
        region: config.aws.region.clone(),
        endpoint: config
            .aws
            .endpoint_url
            .as_ref()
            .map(|url| url.as_str().trim_end_matches('/').to_owned()),
        principal: None,
    };
    Arc::new(AwsMechanism::connect(settings, Arc::clone(&cx.clock)).await)
}

/// The GitHub App of the settings; calls nobody yet.
///
/// # Errors
/// [`RunError::AppKey`], [`RunError::GitHub`].
pub fn github(config: &Config) -> Result<Option<GitHub>, RunError> {
    config.github.as_ref().map(github_app).transpose()
}

fn github_app(config: &config::GitHub) -> Result<GitHub, RunError> {
    let path = &config.private_key_file;
    let private_key = std::fs::read_to_string(path).map_err(|source| RunError::AppKey {
        path: path.clone(),
        source,
    })?;
    let app = github::App {
        id: config.app_id,
        private_key: private_key.into(),
        base_url: config.api_url.clone(),
    };
    Ok(GitHub::new(&app)?)
}

async fn pages(config: &Config, cx: &Cx, stop: CancellationToken) -> Result<(), RunError> {
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| RunError::Listen {
        key: "listen",
        address,
        source,
    })?;
    let settings = web::Settings {
        public_url: Some(config.public_url()),
        secure_cookies: config.secure_cookies(),
        trusted_proxies: config.trusted_proxies.clone(),
        webhook_secrets: config
            .github
            .as_ref()
            .map(|github| github.webhook_secrets.clone())
            .unwrap_or_default(),
    };
    tokio::spawn(app::events::listen(cx.clone(), stop.clone()));
    let web = web::Web::new(cx.clone(), settings, stop.clone());
    tracing::info!(%address, "Serving {}", config.public_url());
    web::server::serve(listener, web::router(web), Limits::default(), stop).await;
    Ok(())
}
