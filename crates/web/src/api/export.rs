//! Hand-over exports.

use app::{Cx, export};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::ExportId;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::lifecycle::Export;
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiPath, ApiQuery};
use crate::pages::export::archive;

/// Where a page of the list begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The hand-over exports of a customer, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/exports", tag = "hand-over",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<Export>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<Export>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let exports = export::list(&cx, &actor, tenant, query.cursor.map(ExportId)).await?;
    let next = exports.next(|export| export.id);
    Ok(Json(List {
        items: exports.items.into_iter().map(Export::from).collect(),
        next,
    }))
}

/// Make an export; while one is under way, that one is meant
#[utoipa::path(post, path = "/api/v1/customers/{slug}/exports", tag = "hand-over",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 202, body = Export)))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let made = export::request(&cx, &actor, tenant, key.of(&()).as_ref()).await?;
    let location = format!("/api/v1/customers/{slug}/exports/{}", made.id);
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::ACCEPTED, headers, Json(Export::from(made))).into_response())
}

/// One export, and how far it is
#[utoipa::path(get, path = "/api/v1/customers/{slug}/exports/{export}", tag = "hand-over",
    params(("slug" = String, Path), ("export" = Uuid, Path)), responses((status = 200, body = Export)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Json<Export>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    Ok(Json(export::get(&cx, &actor, tenant, ExportId(id)).await?.into()))
}

/// The archive of a verified export
#[utoipa::path(get, path = "/api/v1/customers/{slug}/exports/{export}/content", tag = "hand-over",
    params(("slug" = String, Path), ("export" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip"), (status = 409, description = "It is not verified, or no longer kept")))]
pub(crate) async fn content(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let download = export::download(&cx, &actor, tenant.id, ExportId(id)).await?;
    Ok(archive(&tenant.slug, download))
}
