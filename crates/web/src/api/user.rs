//! People, their roles and API tokens, and the log of what was done to them: for administrators.

use std::collections::HashMap;

use app::user::{self, Filter, Person};
use app::{Actor, AppError, Cx};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{TenantId, UserId};
use domain::role::Role;
use domain::scope_change::FormProblem;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::user::{LogEvent, NewUser, RoleAt, Token, User, UserWithPassword};
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
    /// Words that stand in the name or the e-mail address.
    q: Option<String>,
    /// Only with this role.
    #[param(value_type = Option<String>, pattern = "^(customer-viewer|customer-requester|customer-approver|engineer|approver|account-manager|auditor|admin)$")]
    role: Option<Role>,
    /// Only with a role for the customer of this name in addresses.
    customer: Option<String>,
    /// Only those who cannot sign in, or only those who can.
    disabled: Option<bool>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// The customers' names in addresses.
async fn customers(cx: &Cx, actor: &Actor) -> Result<HashMap<TenantId, String>, ApiError> {
    let tenants = app::tenant::list(cx, actor).await?;
    Ok(tenants.into_iter().map(|tenant| (tenant.id, tenant.slug)).collect())
}

/// With the revision as `ETag`.
async fn told(cx: &Cx, actor: &Actor, person: Person) -> Result<Response, ApiError> {
    let revision = person.revision;
    Ok(tagged(revision, User::new(person, &customers(cx, actor).await?)))
}

/// People by e-mail address
#[utoipa::path(get, path = "/api/v1/users", tag = "people", params(ListQuery), responses(
    (status = 200, body = List<User>),
    (status = 422, description = "There is no customer of this name")))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<User>>, ApiError> {
    let known = customers(&cx, &actor).await?;
    let tenant = match &query.customer {
        None => None,
        Some(slug) => {
            let found = known.iter().find(|(_, name)| *name == slug).map(|(id, _)| *id);
            Some(found.ok_or_else(|| no_customer(slug))?)
        }
    };
    let filter = Filter {
        words: query.q,
        role: query.role,
        tenant,
        disabled: query.disabled,
        after: query.cursor,
    };
    let people = user::list(&cx, &actor, &filter).await?;
    let next = people.next(|person| person.email.clone());
    let items = people.items.into_iter().map(|person| User::new(person, &known));
    Ok(Json(List {
        items: items.collect(),
        next,
    }))
}

fn no_customer(slug: &str) -> AppError {
    AppError::Invalid(vec![FormProblem {
        field: "customer".to_owned(),
        label: "Customer".to_owned(),
        given: Some(slug.to_owned()),
        why: "There is no customer of this name, or it is not yours to see.".to_owned(),
    }])
}

/// Add a person; a password is made, and shown in this answer only
#[utoipa::path(post, path = "/api/v1/users", tag = "people",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewUser,
    responses((status = 201, body = UserWithPassword)))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewUser>,
) -> Result<Response, ApiError> {
    let key = key.of(&body);
    let new = user::NewPerson {
        email: body.email,
        display_name: body.display_name,
        role: body.role,
        customer: body.customer,
    };
    let created = user::create_person(&cx, &actor, &new, key.as_ref()).await?;
    let location = format!("/api/v1/users/{}", created.person.id);
    let user = User::new(created.person, &customers(&cx, &actor).await?);
    let headers = [(header::LOCATION, location)];
    Ok((
        StatusCode::CREATED,
        headers,
        Json(UserWithPassword::new(user, created.password)),
    )
        .into_response())
}

/// One person; their revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "people",
    params(("user" = Uuid, Path)), responses((status = 200, body = User)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Response, ApiError> {
    told(&cx, &actor, user::get(&cx, &actor, UserId(id)).await?).await
}

/// Let a person in no more; their sessions and API tokens stop at once
#[utoipa::path(post, path = "/api/v1/users/{user}/disable", tag = "people",
    params(("user" = Uuid, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = User), (status = 409, description = "It is the last administrator, oneself, or done already")))]
pub(crate) async fn disable(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let on = seen.decide(UserId(id), key.of(&()));
    told(&cx, &actor, user::disable_person(&cx, &actor, on).await?).await
}

/// Let a person in again
#[utoipa::path(post, path = "/api/v1/users/{user}/enable", tag = "people",
    params(("user" = Uuid, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = User), (status = 409, description = "The person is not disabled")))]
pub(crate) async fn enable(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let on = seen.decide(UserId(id), key.of(&()));
    told(&cx, &actor, user::enable_person(&cx, &actor, on).await?).await
}

/// Give a person a new password, shown in this answer only; their sessions end
#[utoipa::path(post, path = "/api/v1/users/{user}/reset-password", tag = "people",
    params(("user" = Uuid, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = UserWithPassword)))]
pub(crate) async fn reset(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
) -> Result<Json<UserWithPassword>, ApiError> {
    let created = user::reset(&cx, &actor, seen.decide(UserId(id), key.of(&()))).await?;
    let user = User::new(created.person, &customers(&cx, &actor).await?);
    Ok(Json(UserWithPassword::new(user, created.password)))
}

/// Give a person a role; their sessions end
#[utoipa::path(post, path = "/api/v1/users/{user}/roles", tag = "people",
    params(("user" = Uuid, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = RoleAt,
    responses((status = 200, body = User), (status = 409, description = "They have it, or it is for oneself")))]
pub(crate) async fn grant(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<RoleAt>,
) -> Result<Response, ApiError> {
    let on = seen.decide(UserId(id), key.of(&body));
    let person = user::grant(&cx, &actor, on, body.role, body.customer.as_deref()).await?;
    told(&cx, &actor, person).await
}

/// Take a role from a person; their sessions end
#[utoipa::path(post, path = "/api/v1/users/{user}/roles/revoke", tag = "people",
    params(("user" = Uuid, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = RoleAt,
    responses((status = 200, body = User), (status = 409, description = "They do not have it, or it is the last administrator's")))]
pub(crate) async fn revoke(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<RoleAt>,
) -> Result<Response, ApiError> {
    let on = seen.decide(UserId(id), key.of(&body));
    let person = user::revoke(&cx, &actor, on, body.role, body.customer.as_deref()).await?;
    told(&cx, &actor, person).await
}

/// A person's API tokens, the newest 50
#[utoipa::path(get, path = "/api/v1/users/{user}/tokens", tag = "people",
    params(("user" = Uuid, Path)), responses((status = 200, body = List<Token>)))]
pub(crate) async fn tokens(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(id): ApiPath<Uuid>,
) -> Result<Json<List<Token>>, ApiError> {
    let tokens = user::tokens(&cx, &actor, UserId(id)).await?;
    Ok(Json(List::whole(tokens.items.into_iter().map(Token::from).collect())))
}

/// End an API token at once
#[utoipa::path(post, path = "/api/v1/users/{user}/tokens/{token}/revoke", tag = "people",
    params(("user" = Uuid, Path), ("token" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204, description = "It has ended")))]
pub(crate) async fn revoke_token(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((id, token)): ApiPath<(Uuid, Uuid)>,
    key: IdempotencyKey,
) -> Result<StatusCode, ApiError> {
    let on = app::Decision {
        on: UserId(id),
        revision: None,
        key: key.of(&()),
    };
    user::revoke_one(&cx, &actor, on, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a page of the log begins, and which words its lines have.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// Words that stand in the line.
    #[serde(default)]
    q: Option<String>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// What was done to people, roles and tokens, newest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "people", params(LogQuery), responses((status = 200, body = List<LogEvent>)))]
pub(crate) async fn log(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<LogQuery>,
) -> Result<Json<List<LogEvent>>, ApiError> {
    let words = query.q.unwrap_or_default();
    let events = app::audit::list_platform(&cx, &actor, &words, query.cursor).await?;
    let next = events.next(|event| event.id);
    Ok(Json(List {
        items: events.items.into_iter().map(LogEvent::from).collect(),
        next,
    }))
}
