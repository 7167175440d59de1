//! Restore requests, and the recovery points that they can name.

use app::Cx;
use app::recovery_point::Filter;
use app::restore::{self, Asked};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{ComponentId, RecoveryPointId, RestoreRequestId};
use domain::observation::Granularity;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::change_request::{Approve, Reject};
use super::body::restore::{ListedRecoveryPoint, NewRestoreRequest, RestoreRequest};
use super::idempotent::IdempotencyKey;
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only in this state.
    state: Option<String>,
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// A page of recovery points.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointQuery {
    /// Only of this component.
    component_id: Option<Uuid>,
    /// Only `snapshot` or `continuous`.
    #[param(value_type = Option<String>, pattern = "^(snapshot|continuous)$")]
    granularity: Option<Granularity>,
    /// `true`: only those under a hold that stands; `false`: only those under none.
    held: Option<bool>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// What could be restored, as it was last observed, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/recovery-points", tag = "restore requests",
    params(("slug" = String, Path), PointQuery), responses((status = 200, body = List<ListedRecoveryPoint>)))]
pub(crate) async fn recovery_points(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<PointQuery>,
) -> Result<Json<List<ListedRecoveryPoint>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let filter = Filter {
        component: query.component_id.map(ComponentId),
        granularity: query.granularity,
        held: query.held,
        only: None,
        before: query.cursor.map(RecoveryPointId),
    };
    let points = app::recovery_point::list(&cx, &actor, tenant.id, &filter).await?;
    let next = points.next(|listed| listed.point.id);
    Ok(Json(List {
        items: points.items.into_iter().map(ListedRecoveryPoint::from).collect(),
        next,
    }))
}

/// The restore requests of a customer, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/restore-requests", tag = "restore requests",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<RestoreRequest>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<RestoreRequest>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let requests = restore::list(&cx, &actor, tenant.id, query.state.as_deref(), query.cursor).await?;
    let next = requests.next(|request| request.number);
    Ok(Json(List {
        items: requests.items.into_iter().map(RestoreRequest::from).collect(),
        next,
    }))
}

/// Ask for a restore under a new name
#[utoipa::path(post, path = "/api/v1/customers/{slug}/restore-requests", tag = "restore requests",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewRestoreRequest,
    responses((status = 201, body = RestoreRequest), (status = 422, description = "There is no such recovery point")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewRestoreRequest>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let asked = Asked {
        component: ComponentId(body.component_id),
        point: body.recovery_point_id.map(RecoveryPointId),
        urgency: body.urgency,
        reason: body.reason,
    };
    let request = restore::request(&cx, &actor, tenant.id, &asked, key.as_ref()).await?;
    let location = format!("/api/v1/restore-requests/{}", request.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(RestoreRequest::from(request)),
    )
        .into_response())
}

/// One restore request; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/restore-requests/{id}", tag = "restore requests",
    params(("id" = Uuid, Path)), responses((status = 200, body = RestoreRequest)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Response, ApiError> {
    let request = restore::by_id(&cx, &actor, RestoreRequestId(id)).await?.request;
    Ok(tagged(request.revision, RestoreRequest::from(request)))
}

/// Approve exactly what was read
#[utoipa::path(post, path = "/api/v1/restore-requests/{id}/approve", tag = "restore requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Approve,
    responses((status = 200, body = RestoreRequest), (status = 409, description = "Something else stands by now")))]
pub(crate) async fn approve(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Approve>,
) -> Result<Json<RestoreRequest>, ApiError> {
    let request = restore::approve(
        &cx,
        &actor,
        seen.decide(RestoreRequestId(id), key.of(&body)),
        body.plan_digest,
    )
    .await?;
    Ok(Json(request.into()))
}

/// Reject it, for a reason that the requester reads
#[utoipa::path(post, path = "/api/v1/restore-requests/{id}/reject", tag = "restore requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Reject,
    responses((status = 200, body = RestoreRequest)))]
pub(crate) async fn reject(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Reject>,
) -> Result<Json<RestoreRequest>, ApiError> {
    let request = restore::reject(
        &cx,
        &actor,
        seen.decide(RestoreRequestId(id), key.of(&body)),
        body.reason.trim(),
    )
    .await?;
    Ok(Json(request.into()))
}

/// Take it back, as long as no worker has begun
#[utoipa::path(post, path = "/api/v1/restore-requests/{id}/cancel", tag = "restore requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = RestoreRequest)))]
pub(crate) async fn cancel(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<RestoreRequest>, ApiError> {
    Ok(Json(
        restore::cancel(&cx, &actor, seen.decide(RestoreRequestId(id), key.of(&())))
            .await?
            .into(),
    ))
}

/// Say that the restored data is wrong, and what is wrong with it; the request ends as failed
#[utoipa::path(post, path = "/api/v1/restore-requests/{id}/dispute", tag = "restore requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Reject,
    responses((status = 200, body = RestoreRequest)))]
pub(crate) async fn dispute(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Reject>,
) -> Result<Json<RestoreRequest>, ApiError> {
    let request = restore::dispute(
        &cx,
        &actor,
        seen.decide(RestoreRequestId(id), key.of(&body)),
        body.reason.trim(),
    )
    .await?;
    Ok(Json(request.into()))
}

/// Say that the restored data is right
#[utoipa::path(post, path = "/api/v1/restore-requests/{id}/verify", tag = "restore requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = RestoreRequest)))]
pub(crate) async fn verify(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<RestoreRequest>, ApiError> {
    Ok(Json(
        restore::verify(&cx, &actor, seen.decide(RestoreRequestId(id), key.of(&())))
            .await?
            .into(),
    ))
}
