//! Ending a component.

use app::{Actor, Cx, decommission};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::decommission::StateName;
use domain::id::{ComponentId, DecommissionId, TenantId};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::decommission::{AskDecommission, ConfirmDecommission, Decommission};
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
    #[param(value_type = Option<String>, pattern = "^(asked|decommissioned|withdrawn)$")]
    state: Option<StateName>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The ends of components that were asked for, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/decommissions", tag = "scope of work",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<Decommission>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<Decommission>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let ends = decommission::list(&cx, &actor, tenant.id, query.state, query.cursor.map(DecommissionId)).await?;
    let next = ends.next(|listed| listed.end.id);
    let items = ends.items.into_iter();
    Ok(Json(List {
        items: items
            .map(|listed| Decommission::new(listed.end, &listed.component, &listed.outstanding))
            .collect(),
        next,
    }))
}

/// The end of a component, if it was ever asked for; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/components/{id}/decommission", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Decommission), (status = 404, description = "It was never asked for")))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    as_it_is(&cx, &actor, tenant.id, ComponentId(id)).await
}

/// Ask for the end of a component; nothing at the outside is ever deleted
#[utoipa::path(post, path = "/api/v1/customers/{slug}/components/{id}/decommission", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = AskDecommission,
    responses((status = 201, body = Decommission),
        (status = 409, description = "It was asked for already, or changes or restores of the component are open"),
        (status = 422, description = "Answers are missing or not understood")))]
pub(crate) async fn ask(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<AskDecommission>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    decommission::ask(&cx, &actor, &tenant, ComponentId(id), &body.fields(), key.as_ref()).await?;
    let address = format!("/api/v1/customers/{slug}/components/{id}/decommission");
    let made = as_it_is(&cx, &actor, tenant.id, ComponentId(id)).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], made).into_response())
}

/// Confirm it for your side, if you did not ask for it; it happens when nobody is `outstanding`
#[utoipa::path(post, path = "/api/v1/customers/{slug}/components/{id}/decommission/confirm", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = ConfirmDecommission,
    responses((status = 200, body = Decommission),
        (status = 409, description = "The final backup was not seen yet, something of the component is open, or it does not wait for you"),
        (status = 412, description = "It changed since the `If-Match` was read")))]
pub(crate) async fn confirm(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<ConfirmDecommission>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let on = seen.decide(ComponentId(id), key.of(&body));
    decommission::confirm(&cx, &actor, tenant.id, on, &body.confirm).await?;
    as_it_is(&cx, &actor, tenant.id, ComponentId(id)).await
}

/// Take it back before it is confirmed
#[utoipa::path(post, path = "/api/v1/customers/{slug}/components/{id}/decommission/withdraw", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Decommission), (status = 409, description = "It is confirmed, withdrawn or was never asked for"),
        (status = 412, description = "It changed since the `If-Match` was read")))]
pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let on = seen.decide(ComponentId(id), key.of(&()));
    decommission::withdraw(&cx, &actor, tenant.id, on).await?;
    as_it_is(&cx, &actor, tenant.id, ComponentId(id)).await
}

async fn as_it_is(cx: &Cx, actor: &Actor, tenant: TenantId, component: ComponentId) -> Result<Response, ApiError> {
    let view = decommission::view(cx, actor, tenant, component).await?;
    let outstanding = view.outstanding();
    let end = view.end.ok_or(ApiError(Failure::NOT_FOUND))?;
    let revision = end.revision;
    Ok(tagged(revision, Decommission::new(end, &view.component, &outstanding)))
}
