//! `/_sandbox`: what a test or the demo does to this world.

mod clusters;
mod velero;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::calls::Filter;
use crate::clock::FURTHEST;
use crate::faults::Rule;
use crate::github::{self, SeedError};
use crate::world::World;

type Shared = State<Arc<World>>;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(help))
        .route("/calls", get(calls))
        .route("/counters", get(counters))
        .route("/clock", get(now).post(advance))
        .route("/faults", get(faults).post(post_fault).delete(clear_faults))
        .merge(clusters::router())
        .merge(velero::router())
        .merge(github::control::router())
        .fallback(async || Refused(StatusCode::NOT_FOUND, "no such control".to_owned()))
}

/// A control call that asks for something impossible.
pub(crate) struct Refused(pub(crate) StatusCode, pub(crate) String);

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
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))
}

/// What can be done here, for people, with the address that the caller used.
async fn help(headers: HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    include_str!("control/help.txt").replace("{url}", &format!("http://{}", host.unwrap_or_default()))
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
    if !world.clock.advance(seconds) {
        let message = format!("the clock can be {FURTHEST} seconds ahead at most");
        return Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
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
