//! Starting, serving and stopping.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::calls::Log;
use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::config::Config;
use crate::faults::{Faults, HangUp};
use crate::github::SeedError;
use crate::world::World;
use crate::{aws, cluster, control, github, velero};

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(200);

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or loopback is missing.
    #[error("listening on 127.0.0.1:{port}")]
    Listen {
        /// As asked for.
        port: u16,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// No TLS or resolver for outgoing requests.
    #[error("building the HTTP client")]
    Client(#[from] reqwest::Error),
    /// The App's public key is not an RSA key in PEM.
    #[error("reading the App's public key")]
    AppKey(#[from] jsonwebtoken::errors::Error),
    /// A seed contradicts another.
    #[error("seeding GitHub")]
    Seed(#[from] SeedError),
}

/// A sandbox that serves until it is shut down or dropped.
pub struct Running {
    /// `http://127.0.0.1:PORT`, for AWS and `/_sandbox`.
    pub url: String,
    /// Root of GitHub's REST API.
    pub github_url: String,
    /// Login to token, of the seeded users.
    pub github_tokens: BTreeMap<String, String>,
    tasks: Tasks,
}

/// Everything that runs, and how it is ended.
#[derive(Clone, Default)]
struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Runs until it ends or the sandbox does; `None` in the second case.
    fn spawn<F>(&self, task: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tracker.spawn(self.stop.clone().run_until_cancelled_owned(task))
    }
}

impl Running {
    /// Closes every connection, answered or not, and waits until all tasks have ended.
    pub async fn shutdown(self) {
        self.tasks.stop.cancel();
        self.tasks.tracker.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.stop.cancel();
    }
}

/// Starts a sandbox on 127.0.0.1; it serves when this returns.
///
/// # Errors
/// [`StartError`] when the port is taken or the configuration contradicts itself.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let listen = |source| StartError::Listen {
        port: config.port,
        source,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port))
        .await
        .map_err(listen)?;
    let url = format!("http://{}", listener.local_addr().map_err(listen)?);
    let github_url = format!("{url}/_github");
    // Redirects and proxies would make the sandbox something else than a wire.
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;

    let tasks = Tasks::default();
    let clock = Clock::default();
    let (github, deliveries) = github::GitHub::new(&config, &github_url, http.clone(), clock.now())?;
    let github_tokens = github.user_tokens();
    let aws = aws::Aws::new(
        config.ministack,
        (config.restore_seconds.unwrap_or(3), config.job_seconds.unwrap_or(3)),
        http,
    );
    let world = Arc::new(World {
        clock,
        calls: Log::default(),
        faults: Faults::default(),
        aws,
        clusters: Clusters::default(),
        github,
        velero: velero::Velero::new(&url),
    });

    tasks.spawn(github::deliver_in_order(world.clone(), deliveries));
    tasks.spawn(tick(world.clone()));
    tasks.spawn(accept(listener, router(world), tasks.clone()));
    tasks.tracker.close();
    tracing::info!(url, "Sandbox serves on {url}");
    Ok(Running {
        url,
        github_url,
        github_tokens,
        tasks,
    })
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .nest("/_sandbox", control::router())
        .nest("/_velero", velero::router())
        .nest("/_github", Router::new().fallback(to_github))
        .nest("/_cluster", Router::new().fallback(to_cluster))
        .fallback(to_aws)
        .with_state(world)
}

async fn to_github(State(world): State<Arc<World>>, request: Request) -> Response {
    github::answer(&world, request).await
}

async fn to_cluster(State(world): State<Arc<World>>, request: Request) -> Response {
    let reads = request.method() == Method::GET;
    let name = request.uri().path().split('/').nth(1).unwrap_or_default().to_owned();
    let now = world.clock.now();
    if world.velero.next_due().is_some_and(|due| due <= now) {
        world.run_velero(now).await;
    }
    let response = cluster::answer(&world, request).await;
    if !reads && let Some(cluster) = world.clusters.get(&name) {
        world.velero.follow(&cluster, &world.faults, world.clock.now());
    }
    response
}

async fn to_aws(State(world): State<Arc<World>>, request: Request) -> Response {
    aws::answer(&world, request).await
}

/// Does what is due also when nobody calls.
async fn tick(world: Arc<World>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = world.clock.now();
        if world.next_due().is_some_and(|due| due <= now) {
            let world = world.clone();
            // A task of its own: whatever goes wrong in it, time goes on.
            let done = tokio::spawn(async move { world.catch_up(now).await }).await;
            if let Err(error) = done {
                tracing::error!(%error, "What was due could not be done");
            }
        }
    }
}

async fn accept(listener: TcpListener, router: Router, tasks: Tasks) {
    while let Some(accepted) = tasks.stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve(stream, router.clone(), tasks.clone()));
            }
            Err(error) => tracing::warn!(%error, "Accepting a connection failed"),
        }
    }
}

async fn serve(stream: TcpStream, router: Router, tasks: Tasks) {
    // Without it, small answers wait for the peer's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "The connection ended before it was served");
    }
    let service = service_fn(move |request| answer(router.clone(), request, tasks.clone()));
    if let Err(error) = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(error, "A connection ended early");
    }
}

/// Once a request has arrived its effect is complete, even when the caller dies meanwhile.
async fn answer(router: Router, request: hyper::Request<Incoming>, tasks: Tasks) -> Result<Response, HangUp> {
    let answered = tasks.spawn(router.oneshot(request.map(Body::new))).await;
    let Ok(Some(Ok(response))) = answered else {
        return Err(HangUp);
    };
    match response.extensions().get::<HangUp>() {
        Some(hang_up) => Err(*hang_up),
        None => Ok(response),
    }
}
