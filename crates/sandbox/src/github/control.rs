//! `/_sandbox/github`: what GitHub offers no REST call for, and what only a test does.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use super::caller::Caller;
use super::delivery::Payload;
use super::refusal::Refusal;
use super::turn::Turn;
use super::{issue_move, route, webhook, whole_seconds};
use crate::config::{SeedRepo, SeedUser, Webhook};
use crate::control::{Refused, parse};
use crate::world::World;

type Shared = State<Arc<World>>;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/github/users", post(seed_user))
        .route("/github/repos", post(seed_repo))
        .route("/github/webhook", post(set_webhook))
        .route("/github/operations", get(operations))
        .route("/github/rate-limit", post(set_rate_limit))
        .route("/github/issues/transfer", post(transfer_issue))
        .route("/github/issues/delete", post(delete_issue))
        .route("/github/deliver", post(deliver))
        .route("/github/drain", post(drain))
        .route("/github/hold", post(hold))
        .route("/github/held", get(held))
        .route("/github/release", post(release))
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

/// Every route that is offered, and every event that is sent.
async fn operations() -> Json<Value> {
    Json(json!({"items": route::shown(), "events": webhook::kinds()}))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Who {
    Login(String),
    Installation(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimit {
    of: Who,
    /// Calls an hour.
    limit: u32,
}

/// Opens a new window with this limit for a user or an installation.
async fn set_rate_limit(State(world): Shared, body: Bytes) -> Result<StatusCode, Refused> {
    let RateLimit { of, limit } = parse(&body)?;
    let mut state = world.github.lock();
    let holder = match of {
        Who::Installation(id) => Some(Caller::Installation(id)),
        Who::Login(login) => state.user_named(&login).map(|user| Caller::User(user.id)),
    };
    if holder.is_none() {
        return Err(unknown("user"));
    }
    state.limits.set(holder, limit);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveIssue {
    repository: String,
    number: u64,
    /// The repository that it goes to.
    to: String,
    /// Login of who does it.
    by: String,
}

async fn transfer_issue(State(world): Shared, body: Bytes) -> Result<Response, Refused> {
    let MoveIssue {
        repository,
        number,
        to,
        by,
    } = parse(&body)?;
    act(&world, &by, |turn| {
        let (from, to) = (named(turn, &repository)?, named(turn, &to)?);
        issue_move::transfer(turn, from, number, to).map(|issue| Json(issue).into_response())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteIssue {
    repository: String,
    number: u64,
    /// Login of who does it.
    by: String,
}

async fn delete_issue(State(world): Shared, body: Bytes) -> Result<Response, Refused> {
    let DeleteIssue { repository, number, by } = parse(&body)?;
    act(&world, &by, |turn| {
        let repo = named(turn, &repository)?;
        issue_move::delete(turn, repo, number)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
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

/// From now on deliveries wait for their release.
async fn hold(State(world): Shared) -> StatusCode {
    world.github.lock().held.get_or_insert_default();
    StatusCode::NO_CONTENT
}

async fn held(State(world): Shared) -> Json<Value> {
    let state = world.github.lock();
    let shown = |held: &super::delivery::Delivery| json!({"id": held.id, "guid": held.guid, "event": held.event, "action": held.action, "repository_id": held.repository});
    let items: Vec<Value> = state.held.iter().flatten().map(shown).collect();
    Json(json!({"items": items}))
}

/// Ids of held deliveries as they are to go out: one named twice goes twice, one not named is lost.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    order: Vec<u64>,
}

/// Ends the holding; the deliveries go out as ordered, and one that is lost can be sent again by the API.
async fn release(State(world): Shared, body: Bytes) -> Result<StatusCode, Refused> {
    let Release { order } = parse(&body)?;
    let now = world.clock.now();
    match world.github.lock().release(&order, now) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown("delivery")),
    }
}

/// Does what `by` does without a REST call, now.
fn act<T>(world: &World, by: &str, deed: impl FnOnce(&mut Turn<'_>) -> Result<T, Refusal>) -> Result<T, Refused> {
    let github = &world.github;
    let mut state = github.lock();
    let caller = state.user_named(by).map(|user| Caller::User(user.id));
    let mut turn = Turn {
        caller: caller.ok_or_else(|| unknown("user"))?,
        state: &mut state,
        links: &github.links,
        asked: &Asked::default(),
        now: whole_seconds(world.clock.now()),
        loses_deliveries: false,
    };
    deed(&mut turn).map_err(|refusal| Refused(refusal.status, refusal.message))
}

fn named(turn: &Turn<'_>, full_name: &str) -> Result<u64, Refusal> {
    let repo = turn.state.repo_named(full_name).ok_or_else(Refusal::not_found)?;
    turn.readable(repo)
}

fn unknown(what: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("no such {what}"))
}
