//! Holds on recovery points.

use std::collections::BTreeMap;

use app::Cx;
use app::hold::{self, Filter, On};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::contract::Side;
use domain::id::{ComponentId, HoldId, RecoveryPointId};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::List;
use super::body::hold::{AskRelease, Hold, NewHold};
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
    /// `true`: only those that stand; `false`: only those that have ended.
    stands: Option<bool>,
    /// Only those that stand while this side asks that they be released.
    #[param(inline)]
    release_asked: Option<SideName>,
    /// Only of this case.
    case: Option<String>,
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// A side of the contract.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SideName {
    Customer,
    Provider,
}

impl From<SideName> for Side {
    fn from(name: SideName) -> Self {
        match name {
            SideName::Customer => Self::Customer,
            SideName::Provider => Self::Provider,
        }
    }
}

/// What a customer or its provider wants kept, newest first; no mechanism enforces it yet
#[utoipa::path(get, path = "/api/v1/customers/{slug}/recovery-point-holds", tag = "holds",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<Hold>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<Hold>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let filter = Filter {
        stands: query.stands,
        release_asked: query.release_asked.map(Side::from),
        case: query.case,
        before: query.cursor,
    };
    let holds = hold::list(&cx, &actor, tenant.id, &filter).await?;
    let next = holds.next(|held| held.hold.number);
    let now = cx.now();
    Ok(Json(List {
        items: holds.items.iter().map(|held| Hold::new(held, now)).collect(),
        next,
    }))
}

/// Ask that recovery points be kept; recorded and weighed in every plan, not enforced
#[utoipa::path(post, path = "/api/v1/customers/{slug}/recovery-point-holds", tag = "holds",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewHold,
    responses((status = 201, body = Hold)))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewHold>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let on = match (body.recovery_point_id, body.component_id) {
        (Some(point), _) => Some(On::Point(RecoveryPointId(point))),
        (None, Some(component)) => Some(On::Component(ComponentId(component))),
        (None, None) => None,
    };
    let answers = [
        ("case", body.case),
        ("until", body.until),
        ("reason", Some(body.reason)),
    ];
    let given: BTreeMap<_, _> = answers
        .into_iter()
        .filter_map(|(field, answer)| Some((field.to_owned(), answer?)))
        .collect();
    let held = hold::ask(&cx, &actor, tenant.id, on, &given, key.as_ref()).await?;
    let location = format!("/api/v1/recovery-point-holds/{}", held.hold.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(Hold::new(&held, cx.now())),
    )
        .into_response())
}

/// One hold; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/recovery-point-holds/{id}", tag = "holds",
    params(("id" = Uuid, Path)), responses((status = 200, body = Hold)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Response, ApiError> {
    let held = hold::by_id(&cx, &actor, HoldId(id)).await?;
    Ok(tagged(held.hold.revision, Hold::new(&held, cx.now())))
}

/// Ask, for one side, that it be released; the other side has to confirm
#[utoipa::path(post, path = "/api/v1/recovery-point-holds/{id}/ask-release", tag = "holds",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = AskRelease,
    responses((status = 200, body = Hold)))]
pub(crate) async fn ask_release(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<AskRelease>,
) -> Result<Json<Hold>, ApiError> {
    let decision = seen.decide(HoldId(id), key.of(&body));
    let held = hold::ask_release(&cx, &actor, decision, &body.reason).await?;
    Ok(Json(Hold::new(&held, cx.now())))
}

/// Confirm, for the other side than the one that asked, that it is released
#[utoipa::path(post, path = "/api/v1/recovery-point-holds/{id}/release", tag = "holds",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Hold)))]
pub(crate) async fn release(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<Hold>, ApiError> {
    let held = hold::release(&cx, &actor, seen.decide(HoldId(id), key.of(&()))).await?;
    Ok(Json(Hold::new(&held, cx.now())))
}

/// Turn down the release that was asked for, or take it back
#[utoipa::path(post, path = "/api/v1/recovery-point-holds/{id}/keep", tag = "holds",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Hold)))]
pub(crate) async fn keep(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<Hold>, ApiError> {
    let held = hold::keep(&cx, &actor, seen.decide(HoldId(id), key.of(&()))).await?;
    Ok(Json(Hold::new(&held, cx.now())))
}
