//! `/_sandbox`: what a test or the demo does to this world.

mod clusters;
mod velero;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::calls::Filter;
use crate::config::{SeedRepo, SeedUser, Webhook};
use crate::faults::Rule;
use crate::github::{Payload, SeedError};
use crate::world::World;

type Shared = State<Arc<World>>;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/calls", get(calls))
        .route("/counters", get(counters))
        .route("/clock", get(now).post(advance))
        .route("/faults", get(faults).post(post_fault).delete(clear_faults))
        .merge(clusters::router())
        .merge(velero::router())
        .route("/github/users", post(seed_user))
        .route("/github/repos", post(seed_repo))
        .route("/github/webhook", post(set_webhook))
        .route("/github/deliver", post(deliver))
        .route("/github/drain", post(drain))
        .fallback(async || Refused(StatusCode::NOT_FOUND, "no such control".to_owned()))
}

/// A control call that asks for something impossible.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<SeedError> for Refused {
    fn from(error: SeedError) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

/// JSON whatever the content type, so that a plain `curl -d` works.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))
}

async fn calls(State(world): Shared, Query(filter): Query<Filter>) -> Json<Value> {
    let items = world.calls.find(&filter);
    Json(json!({"total": items.len(), "items": items}))
}

async fn counters(State(world): Shared) -> Json<Value> {
    Json(json!({"items": world.calls.counters()}))
}

async fn now(State(world): Shared) -> Json<Value> {
    Json(json!({"now": world.clock.now()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

/// Returns when everything that became due is done.
async fn advance(State(world): Shared, body: Bytes) -> Result<Json<Value>, Refused> {
    let seconds = parse::<Advance>(&body)?.advance_seconds;
    // What was asked for until now happens now, not at the end of the leap.
    world.catch_up(world.clock.now()).await;
    world.clock.advance(seconds);
    let now = world.clock.now();
    world.catch_up(now).await;
    Ok(Json(json!({"now": now})))
}

async fn faults(State(world): Shared) -> Json<Value> {
    Json(json!({"items": world.faults.list()}))
}

async fn post_fault(State(world): Shared, body: Bytes) -> Result<(StatusCode, Json<Rule>), Refused> {
    let rule: Rule = parse(&body)?;
    world.faults.post(rule.clone());
    Ok((StatusCode::CREATED, Json(rule)))
}

async fn clear_faults(State(world): Shared) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn seed_user(State(world): Shared, body: Bytes) -> Result<(StatusCode, Json<Value>), Refused> {
    let seeded = world.github.seed_user(&parse::<SeedUser>(&body)?, world.clock.now())?;
    Ok((StatusCode::CREATED, Json(seeded)))
}

async fn seed_repo(State(world): Shared, body: Bytes) -> Result<(StatusCode, Json<Value>), Refused> {
    let seeded = world.github.seed_repo(&parse::<SeedRepo>(&body)?, world.clock.now())?;
    Ok((StatusCode::CREATED, Json(seeded)))
}

async fn set_webhook(State(world): Shared, body: Bytes) -> Result<StatusCode, Refused> {
    world.github.set_webhook(parse::<Webhook>(&body)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Sends any payload at once, signed with the webhook's secret or the given one, and says how it was answered.
async fn deliver(State(world): Shared, body: Bytes) -> Result<Json<Value>, Refused> {
    let payload: Payload = parse(&body)?;
    let delivered = world.github.deliver(payload, &world.clock).await;
    delivered
        .map(Json)
        .ok_or_else(|| Refused(StatusCode::CONFLICT, "no webhook is set".to_owned()))
}

/// Returns when every delivery queued so far has been attempted.
async fn drain(State(world): Shared) -> StatusCode {
    world.github.drain().await;
    StatusCode::NO_CONTENT
}
