//! What the service is, and who answers for what.

use app::{Cx, duty};
use axum::Json;
use axum::extract::State;
use axum::response::Response;

use super::body::service::{Agree, Agreed, Service};
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath};

/// What the service protects against and what not, its levels, response times, and who answers for what
#[utoipa::path(get, path = "/api/v1/customers/{slug}/service", tag = "contract",
    params(("slug" = String, Path)), responses((status = 200, body = Service)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Service>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let version = app::contract::in_force(&cx, &actor, &tenant).await?;
    let matrix = duty::matrix(&cx, &actor, &tenant).await?;
    Ok(Json(Service::new(&version.contract, matrix, cx.now())))
}

/// Agree on who answers for a duty; its revision is the `ETag`, 0 before anything was agreed
#[utoipa::path(put, path = "/api/v1/customers/{slug}/responsibilities/{duty}", tag = "contract",
    params(("slug" = String, Path), ("duty" = String, Path), ("If-Match" = Option<String>, Header)), request_body = Agree,
    responses((status = 200, body = Agreed)))]
pub(crate) async fn agree(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, String)>,
    seen: IfMatch,
    ApiJson(body): ApiJson<Agree>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let responsible = body.responsible.into();
    let agreed = duty::agree(&cx, &actor, tenant.id, &id, seen.revision(), responsible, &body.reason).await?;
    Ok(tagged(agreed.revision, Agreed::from(agreed)))
}
