//! What a customer has to sign, and who signed it.

use app::{Cx, acknowledgement};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::AcknowledgementId;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::acknowledgement::{Acknowledgement, Acknowledgements, Owed, Sign};
use super::idempotent::IdempotencyKey;
use super::if_match::IfMatch;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Where a page of signatures begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignaturesQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The signatures, newest first, and how each statement stands
#[utoipa::path(get, path = "/api/v1/customers/{slug}/acknowledgements", tag = "contract",
    params(("slug" = String, Path), SignaturesQuery), responses((status = 200, body = Acknowledgements)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<SignaturesQuery>,
) -> Result<Json<Acknowledgements>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let owed = acknowledgement::owed(&cx, &actor, &tenant).await?;
    let before = query.cursor.map(AcknowledgementId);
    let signatures = acknowledgement::list(&cx, &actor, tenant.id, before).await?;
    let next = signatures.next(|signature| signature.id);
    Ok(Json(Acknowledgements {
        owed: owed.into_iter().map(Owed::from).collect(),
        items: signatures.items.into_iter().map(Acknowledgement::from).collect(),
        next,
    }))
}

/// Sign a statement for the customer, for a year
#[utoipa::path(post, path = "/api/v1/customers/{slug}/acknowledgements", tag = "contract",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = Sign,
    responses((status = 201, body = Acknowledgement), (status = 422, description = "Another version is the one to sign")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Sign>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let (kind, version) = (body.kind.into(), body.text_version.as_str());
    let signature = acknowledgement::sign(&cx, &actor, &tenant, kind, version, key.as_ref()).await?;
    let location = format!("/api/v1/customers/{slug}/acknowledgements");
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(Acknowledgement::from(signature))).into_response())
}

/// Take a signature back; it stays on record
#[utoipa::path(post, path = "/api/v1/customers/{slug}/acknowledgements/{id}/withdraw", tag = "contract",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Acknowledgement), (status = 409, description = "It was taken back before")))]
pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<Acknowledgement>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let decision = seen.decide(AcknowledgementId(id), key.of(&()));
    let signature = acknowledgement::withdraw(&cx, &actor, tenant.id, decision).await?;
    Ok(Json(signature.into()))
}
