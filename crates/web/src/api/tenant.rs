//! Customers, linked accounts and the audit log.

use app::Cx;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::AwsAccountLinkId;
use http::{StatusCode, header};

use super::body::tenant::{Account, AuditEvent, Customer, NewCustomer};
use super::body::{List, PageQuery};
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// The customers that the token's person may see
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", responses((status = 200, body = List<Customer>)))]
pub(crate) async fn list(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Json<List<Customer>>, ApiError> {
    let tenants = app::tenant::list(&cx, &actor).await?;
    Ok(Json(List::whole(tenants.into_iter().map(Customer::from).collect())))
}

/// Take a customer on: its name and the basics of its contract
#[utoipa::path(post, path = "/api/v1/customers", tag = "customers", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCustomer,
    responses((status = 201, body = Customer), (status = 422, description = "Answers are not understood, or the name in addresses is taken")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewCustomer>,
) -> Result<Response, ApiError> {
    let key = key.of(&body);
    let tenant = app::tenant::create(&cx, &actor, &body.fields(), key.as_ref()).await?;
    let location = format!("/api/v1/customers/{}", tenant.slug);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(Customer::from(tenant)),
    )
        .into_response())
}

/// One customer
#[utoipa::path(get, path = "/api/v1/customers/{slug}", tag = "customers",
    params(("slug" = String, Path)), responses((status = 200, body = Customer)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Customer>, ApiError> {
    Ok(Json(actor.tenant(&cx, &slug).await?.into()))
}

/// The linked AWS accounts, and whether their roles work
#[utoipa::path(get, path = "/api/v1/customers/{slug}/accounts", tag = "customers",
    params(("slug" = String, Path), PageQuery), responses((status = 200, body = List<Account>)))]
pub(crate) async fn accounts(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<List<Account>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let after = query.cursor.map(AwsAccountLinkId);
    let accounts = app::account::list(&cx, &actor, tenant.id, after).await?;
    let next = accounts.next(|linked| linked.account.id);
    Ok(Json(List {
        items: accounts.items.into_iter().map(Account::from).collect(),
        next,
    }))
}

/// The audit log, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/audit", tag = "customers",
    params(("slug" = String, Path), PageQuery), responses((status = 200, body = List<AuditEvent>)))]
pub(crate) async fn audit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<List<AuditEvent>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let events = app::audit::list(&cx, &actor, tenant.id, query.cursor).await?;
    let next = events.next(|event| event.id);
    Ok(Json(List {
        items: events.items.into_iter().map(AuditEvent::from).collect(),
        next,
    }))
}
