//! One wish for many components.

use app::{Actor, Cx, bulk_change};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::change_request::Source;
use domain::id::{ChangeRequestId, ComponentId};
use domain::tenant::Tenant;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::List;
use super::body::bulk_change::{ApprovalResult, ApproveMany, BulkChange, ListedBulkChange, NewBulkChange};
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// A page of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// The bulk changes of a customer, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/bulk-changes", tag = "change requests",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<ListedBulkChange>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<ListedBulkChange>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let listed = bulk_change::list(&cx, &actor, tenant.id, query.cursor).await?;
    let next = listed.next(|bulk| bulk.number);
    Ok(Json(List {
        items: listed.items.into_iter().map(ListedBulkChange::from).collect(),
        next,
    }))
}

/// Ask for the same terms for many components: a change request for each, and a result for each
#[utoipa::path(post, path = "/api/v1/customers/{slug}/bulk-changes", tag = "change requests",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewBulkChange,
    responses((status = 201, body = BulkChange),
        (status = 422, description = "No component can be meant by it, or the answers fit none; nothing was asked for")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewBulkChange>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let components: Vec<_> = body.components.iter().copied().map(ComponentId).collect();
    let asked = bulk_change::submit(
        &cx,
        &actor,
        tenant.id,
        Source::Api,
        &components,
        &body.fields,
        key.as_ref(),
    );
    let number = asked.await?.number;
    let location = format!("/api/v1/customers/{slug}/bulk-changes/{number}");
    let body = as_it_is(&cx, &actor, &tenant, number).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

/// One bulk change, with each of its requests as it stands
#[utoipa::path(get, path = "/api/v1/customers/{slug}/bulk-changes/{number}", tag = "change requests",
    params(("slug" = String, Path), ("number" = i32, Path)), responses((status = 200, body = BulkChange)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, number)): ApiPath<(String, i32)>,
) -> Result<Json<BulkChange>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    as_it_is(&cx, &actor, &tenant, number).await
}

/// Approve those of its requests whose plans only tighten, each as it was read: a result for each
///
/// A request that was approved before says so; posting the same again approves nothing twice.
#[utoipa::path(post, path = "/api/v1/customers/{slug}/bulk-changes/{number}/approve", tag = "change requests",
    params(("slug" = String, Path), ("number" = i32, Path)), request_body = ApproveMany,
    responses((status = 200, body = List<ApprovalResult>)))]
pub(crate) async fn approve(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, number)): ApiPath<(String, i32)>,
    ApiJson(body): ApiJson<ApproveMany>,
) -> Result<Json<List<ApprovalResult>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let shown = body.approvals.iter();
    let shown: Vec<_> = shown
        .map(|one| (ChangeRequestId(one.change_request_id), one.plan_digest))
        .collect();
    let results = bulk_change::approve(&cx, &actor, &tenant, number, &shown).await?;
    Ok(Json(List::whole(
        results.into_iter().map(ApprovalResult::from).collect(),
    )))
}

async fn as_it_is(cx: &Cx, actor: &Actor, tenant: &Tenant, number: i32) -> Result<Json<BulkChange>, ApiError> {
    Ok(Json(bulk_change::by_number(cx, actor, tenant, number).await?.into()))
}
