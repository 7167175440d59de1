//! `/_sandbox/velero`: what happens to a cluster's Velero from outside of it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;

use super::{Arc, Refused, Shared, World, parse};

pub(super) fn router() -> Router<Arc<World>> {
    Router::new().route("/velero/restart", post(restart))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restart {
    cluster: String,
}

/// Restarts a cluster's Velero, as its pod's death does.
async fn restart(State(world): Shared, body: Bytes) -> Result<StatusCode, Refused> {
    let name = parse::<Restart>(&body)?.cluster;
    let unknown = || Refused(StatusCode::NOT_FOUND, format!("there is no cluster {name:?}"));
    let cluster = world.clusters.get(&name).ok_or_else(unknown)?;
    let now = world.clock.now();
    world.run_velero(now).await;
    if world.velero.restart(&cluster, &world.faults, now) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown())
    }
}
