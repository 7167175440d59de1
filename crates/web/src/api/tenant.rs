//! Customers, contracts, linked accounts and the audit log.

use app::Cx;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::tenant::{Account, AuditEvent, Contract, Customer};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiPath, ApiQuery};

/// Where a page of the audit log begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The customers that the token's person may see
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", responses((status = 200, body = List<Customer>)))]
pub(crate) async fn list(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Json<List<Customer>>, ApiError> {
    let tenants = app::tenant::list(&cx, &actor).await?;
    Ok(Json(List::whole(tenants.into_iter().map(Customer::from).collect())))
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

/// The agreement with a customer
#[utoipa::path(get, path = "/api/v1/customers/{slug}/contract", tag = "customers",
    params(("slug" = String, Path)), responses((status = 200, body = Contract)))]
pub(crate) async fn contract(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Contract>, ApiError> {
    Ok(Json(actor.tenant(&cx, &slug).await?.contract.into()))
}

/// The linked AWS accounts, and whether their roles work
#[utoipa::path(get, path = "/api/v1/customers/{slug}/accounts", tag = "customers",
    params(("slug" = String, Path)), responses((status = 200, body = List<Account>)))]
pub(crate) async fn accounts(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<List<Account>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let accounts = app::account::list(&cx, &actor, tenant.id).await?;
    Ok(Json(List::whole(accounts.into_iter().map(Account::from).collect())))
}

/// The audit log, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/audit", tag = "customers",
    params(("slug" = String, Path), AuditQuery), responses((status = 200, body = List<AuditEvent>)))]
pub(crate) async fn audit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<AuditQuery>,
) -> Result<Json<List<AuditEvent>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let events = app::audit::list(&cx, &actor, tenant.id, query.cursor).await?;
    let next = events.next(|event| event.id);
    Ok(Json(List {
        items: events.items.into_iter().map(AuditEvent::from).collect(),
        next,
    }))
}
