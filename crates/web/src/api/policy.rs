//! The provider's policies, and the presets: what a change can start from.

use app::{Cx, policy};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::PolicyId;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::policy::{Policy, PolicyTerms, Preset};
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
    /// `true`: those that were retired instead of those that are offered.
    #[serde(default)]
    retired: bool,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The policies by name; they belong to the provider, not to a customer
#[utoipa::path(get, path = "/api/v1/policies", tag = "policies",
    params(ListQuery), responses((status = 200, body = List<Policy>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<Policy>>, ApiError> {
    let policies = policy::list(&cx, &actor, query.retired, query.cursor.map(PolicyId)).await?;
    let next = policies.next(|policy| policy.id);
    Ok(Json(List {
        items: policies.items.into_iter().map(Policy::from).collect(),
        next,
    }))
}

/// The presets that are built in, each with its source
#[utoipa::path(get, path = "/api/v1/presets", tag = "policies",
    responses((status = 200, body = List<Preset>)))]
pub(crate) async fn presets(Caller(_actor): Caller) -> Json<List<Preset>> {
    Json(List::whole(domain::policy::PRESETS.iter().map(Preset::from).collect()))
}

/// Make a policy
#[utoipa::path(post, path = "/api/v1/policies", tag = "policies",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = PolicyTerms,
    responses((status = 201, body = Policy)))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<PolicyTerms>,
) -> Result<Response, ApiError> {
    let key = key.of(&body);
    let made = policy::create(&cx, &actor, &body.fields(), &body.kinds, key.as_ref()).await?;
    let location = format!("/api/v1/policies/{}", made.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(Policy::from(made)),
    )
        .into_response())
}

/// One policy; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/policies/{policy}", tag = "policies",
    params(("policy" = Uuid, Path)), responses((status = 200, body = Policy)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Response, ApiError> {
    let policy = policy::get(&cx, &actor, PolicyId(id)).await?;
    Ok(tagged(policy.revision, Policy::from(policy)))
}

/// Change what a policy says; no line of any scope of work changes by it
#[utoipa::path(put, path = "/api/v1/policies/{policy}", tag = "policies",
    params(("policy" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = PolicyTerms,
    responses((status = 200, body = Policy), (status = 409, description = "It is retired, or somebody changed it at the same time")))]
pub(crate) async fn update(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<PolicyTerms>,
) -> Result<Json<Policy>, ApiError> {
    let decision = seen.decide(PolicyId(id), key.of(&body));
    let saved = policy::update(&cx, &actor, decision, &body.fields(), &body.kinds).await?;
    Ok(Json(saved.into()))
}

/// Offer a policy no longer; what was made from it stays as it is
#[utoipa::path(post, path = "/api/v1/policies/{policy}/retire", tag = "policies",
    params(("policy" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Policy)))]
pub(crate) async fn retire(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<Policy>, ApiError> {
    let retired = policy::retire(&cx, &actor, seen.decide(PolicyId(id), key.of(&()))).await?;
    Ok(Json(retired.into()))
}
