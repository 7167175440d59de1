//! Suspending and resuming a customer, and the end of its contract.

use app::{Cx, lifecycle};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::lifecycle::Lifecycle as Standing;
use http::StatusCode;

use super::body::lifecycle::{Announce, Lifecycle, Remaining, Suspend};
use super::idempotent::IdempotencyKey;
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::{ApiError, Failure};
use crate::extract::{ApiJson, ApiPath};

/// With the revision as `ETag`.
fn told(standing: Standing) -> Response {
    tagged(standing.revision, Lifecycle::from(standing))
}

/// How the customer stands; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/lifecycle", tag = "customers",
    params(("slug" = String, Path)), responses((status = 200, body = Lifecycle)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Response, ApiError> {
    Ok(told(actor.tenant(&cx, &slug).await?.lifecycle))
}

/// Stop queued work before its next call to the outside; it waits until the customer is resumed
#[utoipa::path(post, path = "/api/v1/customers/{slug}/suspend", tag = "customers",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Suspend,
    responses((status = 200, body = Lifecycle), (status = 409, description = "It is suspended, or offboarded")))]
pub(crate) async fn suspend(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Suspend>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let on = seen.decide(tenant, key.of(&body));
    Ok(told(lifecycle::suspend(&cx, &actor, on, &body.reason).await?))
}

/// Let work go on
#[utoipa::path(post, path = "/api/v1/customers/{slug}/resume", tag = "customers",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Lifecycle), (status = 409, description = "It is not suspended")))]
pub(crate) async fn resume(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    Ok(told(
        lifecycle::resume(&cx, &actor, seen.decide(tenant, key.of(&()))).await?,
    ))
}

/// Announce the end of the contract
#[utoipa::path(post, path = "/api/v1/customers/{slug}/offboarding", tag = "customers",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Announce,
    responses((status = 200, body = Lifecycle), (status = 409, description = "It is announced already")))]
pub(crate) async fn announce(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Announce>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let on = seen.decide(tenant, key.of(&body));
    Ok(told(
        lifecycle::announce(&cx, &actor, on, body.last_day, &body.reason).await?,
    ))
}

/// Take the announced end back
#[utoipa::path(post, path = "/api/v1/customers/{slug}/offboarding/cancel", tag = "customers",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Lifecycle), (status = 409, description = "No end is announced, or it has ended")))]
pub(crate) async fn keep(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    Ok(told(
        lifecycle::keep(&cx, &actor, seen.decide(tenant, key.of(&()))).await?,
    ))
}

/// Offboard the customer for good, on its last day or later, with a verified hand-over
#[utoipa::path(post, path = "/api/v1/customers/{slug}/offboarding/complete", tag = "customers",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Lifecycle), (status = 409, description = "Not announced, too early, or nothing was handed over")))]
pub(crate) async fn end(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    Ok(told(
        lifecycle::end(&cx, &actor, seen.decide(tenant, key.of(&()))).await?,
    ))
}

/// Unlink an AWS account of a customer that was offboarded, so that another can link it
#[utoipa::path(post, path = "/api/v1/customers/{slug}/accounts/{account}/unlink", tag = "customers",
    params(("slug" = String, Path), ("account" = String, Path, description = "Twelve digits"),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204), (status = 409, description = "The customer is not offboarded")))]
pub(crate) async fn unlink_account(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, account)): ApiPath<(String, String)>,
    key: IdempotencyKey,
) -> Result<StatusCode, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let account = account.parse().map_err(|_| ApiError(Failure::NOT_FOUND))?;
    lifecycle::unlink_account(&cx, &actor, tenant, &account, key.of(&()).as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What stays in the customer's accounts when Holdfast has gone
#[utoipa::path(get, path = "/api/v1/customers/{slug}/remaining", tag = "hand-over",
    params(("slug" = String, Path)), responses((status = 200, body = Remaining)))]
pub(crate) async fn remaining(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Remaining>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    Ok(Json(app::export::remaining(&cx, &actor, tenant).await?.into()))
}
