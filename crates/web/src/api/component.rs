//! One component of the inventory.

use app::{Actor, Cx, attestation, component};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::ComponentId;
use domain::tenant::Tenant;
use http::header;
use uuid::Uuid;

use super::body::component::{ComponentDetail, EditFacts};
use super::if_match::IfMatch;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath};

/// One component with all that is known of it; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/components/{id}", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = ComponentDetail)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    as_it_is(&cx, &actor, &tenant, ComponentId(id)).await
}

/// State facts of a component anew
#[utoipa::path(patch, path = "/api/v1/customers/{slug}/components/{id}", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = EditFacts,
    responses((status = 200, body = ComponentDetail)))]
pub(crate) async fn edit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    ApiJson(body): ApiJson<EditFacts>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let on = seen.decide(ComponentId(id), None);
    component::edit(&cx, &actor, tenant.id, on, body.changes()).await?;
    as_it_is(&cx, &actor, &tenant, ComponentId(id)).await
}

async fn as_it_is(cx: &Cx, actor: &Actor, tenant: &Tenant, id: ComponentId) -> Result<Response, ApiError> {
    let view = component::view(cx, actor, tenant, id).await?;
    let tag = format!("\"{}\"", view.revision);
    let detail = ComponentDetail::new(&view, tenant.contract.service_level, attestation::today(cx, tenant));
    Ok(([(header::ETAG, tag)], Json(detail)).into_response())
}
