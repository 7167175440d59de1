//! Change requests.

use app::Cx;
use app::change_request::{self, Filter};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::change_request::Source;
use domain::id::ChangeRequestId;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::change_request::{Approve, ChangeRequest, NewChangeRequest, Reject};
use super::body::plan::Plan;
use super::idempotent::IdempotencyKey;
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::{ApiError, Failure};
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only in this state.
    state: Option<String>,
    /// Only of the issue with this number.
    github_issue: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// The change requests of a customer, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/change-requests", tag = "change requests",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<ChangeRequest>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<ChangeRequest>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let filter = Filter {
        state: query.state,
        github_issue: query.github_issue,
        since: None,
        before: query.cursor,
    };
    let requests = change_request::list_with_plans(&cx, &actor, tenant.id, &filter).await?;
    let next = requests.next(|(request, _)| request.number);
    let items = requests
        .items
        .into_iter()
        .map(|(request, plan)| ChangeRequest::new(request, plan.as_ref()));
    Ok(Json(List {
        items: items.collect(),
        next,
    }))
}

/// Ask for a change with the fields of the issue form
#[utoipa::path(post, path = "/api/v1/customers/{slug}/change-requests", tag = "change requests",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewChangeRequest,
    responses((status = 201, body = ChangeRequest), (status = 422, description = "Answers are missing or not understood")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewChangeRequest>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let request = change_request::submit(&cx, &actor, tenant.id, Source::Api, &body.fields, key.as_ref()).await?;
    let location = format!("/api/v1/change-requests/{}", request.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(ChangeRequest::new(request, None)),
    )
        .into_response())
}

/// One change request; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/change-requests/{id}", tag = "change requests",
    params(("id" = Uuid, Path)), responses((status = 200, body = ChangeRequest)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Response, ApiError> {
    let view = change_request::by_id(&cx, &actor, ChangeRequestId(id)).await?;
    let revision = view.request.revision;
    Ok(tagged(revision, ChangeRequest::new(view.request, view.plan.as_ref())))
}

/// The plan that a change request stands on
#[utoipa::path(get, path = "/api/v1/change-requests/{id}/plan", tag = "change requests",
    params(("id" = Uuid, Path)), responses((status = 200, body = Plan), (status = 404, description = "There is no plan yet")))]
pub(crate) async fn plan(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Json<Plan>, ApiError> {
    let shown = change_request::by_id(&cx, &actor, ChangeRequestId(id)).await?.plan;
    let shown = shown.ok_or(ApiError(Failure::NOT_FOUND))?;
    Ok(Json(Plan::new(&shown.plan, &shown.digest, shown.made_at)))
}

/// Approve exactly the plan that was read
#[utoipa::path(post, path = "/api/v1/change-requests/{id}/approve", tag = "change requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Approve,
    responses((status = 200, body = ChangeRequest), (status = 409, description = "Another plan stands by now")))]
pub(crate) async fn approve(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Approve>,
) -> Result<Json<ChangeRequest>, ApiError> {
    change_request::approve(
        &cx,
        &actor,
        seen.decide(ChangeRequestId(id), key.of(&body)),
        body.plan_digest,
    )
    .await?;
    as_it_is(&cx, &actor, id).await
}

/// Reject it, for a reason that the requester reads
#[utoipa::path(post, path = "/api/v1/change-requests/{id}/reject", tag = "change requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Reject,
    responses((status = 200, body = ChangeRequest)))]
pub(crate) async fn reject(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Reject>,
) -> Result<Json<ChangeRequest>, ApiError> {
    change_request::reject(
        &cx,
        &actor,
        seen.decide(ChangeRequestId(id), key.of(&body)),
        body.reason.trim(),
    )
    .await?;
    as_it_is(&cx, &actor, id).await
}

/// Take it back, as long as no worker has begun
#[utoipa::path(post, path = "/api/v1/change-requests/{id}/withdraw", tag = "change requests",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = ChangeRequest)))]
pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<ChangeRequest>, ApiError> {
    change_request::withdraw(&cx, &actor, seen.decide(ChangeRequestId(id), key.of(&()))).await?;
    as_it_is(&cx, &actor, id).await
}

async fn as_it_is(cx: &Cx, actor: &app::Actor, id: Uuid) -> Result<Json<ChangeRequest>, ApiError> {
    let view = change_request::by_id(cx, actor, ChangeRequestId(id)).await?;
    Ok(Json(ChangeRequest::new(view.request, view.plan.as_ref())))
}
