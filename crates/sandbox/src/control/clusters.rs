//! `/_sandbox/clusters`: making and removing clusters.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Arc, Refused, Shared, World, parse};
use crate::cluster::{Cluster, SeedCluster, SeedRefused};

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/clusters", get(list).post(add))
        .route("/clusters/{name}", delete(remove))
        .route("/clusters/{name}/compact", post(compact))
}

impl From<SeedRefused> for Refused {
    fn from(refused: SeedRefused) -> Self {
        Self(refused.0, refused.1)
    }
}

/// Where clients reach it is under the address that the caller used.
fn shown(cluster: &Cluster, headers: &HeaderMap) -> Value {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    json!({
        "name": cluster.name,
        "server": format!("http://{host}/_cluster/{}", cluster.name),
        "token": cluster.token,
        "bucket": cluster.bucket,
        "prefix": cluster.prefix,
    })
}

async fn list(State(world): Shared, headers: HeaderMap) -> Json<Value> {
    let clusters = world.clusters.all();
    let items: Vec<Value> = clusters.iter().map(|cluster| shown(cluster, &headers)).collect();
    Json(json!({"items": items}))
}

async fn add(State(world): Shared, headers: HeaderMap, body: Bytes) -> Result<(StatusCode, Json<Value>), Refused> {
    let now = world.clock.now();
    let cluster = world.clusters.add(parse::<SeedCluster>(&body)?, now)?;
    world.run_velero(now).await;
    Ok((StatusCode::CREATED, Json(shown(&cluster, &headers))))
}

async fn remove(State(world): Shared, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    match world.clusters.remove(&name) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown(&name)),
    }
}

/// Forgets the history of changes: older watches and pages have to begin anew.
async fn compact(State(world): Shared, Path(name): Path<String>) -> Result<StatusCode, Refused> {
    let cluster = world.clusters.get(&name).ok_or_else(|| unknown(&name))?;
    cluster.write(crate::cluster::Store::forget);
    Ok(StatusCode::NO_CONTENT)
}

fn unknown(name: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("no cluster `{name}`"))
}
