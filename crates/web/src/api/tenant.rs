//! Customers, contracts, linked accounts and the audit log.

use app::Cx;
use app::fleet::{self, Filter};
use axum::Json;
use axum::extract::State;
use domain::id::TenantId;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::tenant::{Account, AuditEvent, Contract, Customer};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiPath, ApiQuery};
use crate::view::searched;

/// Where a page of the audit log begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// Which customers are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerQuery {
    /// Part of the name, in any case.
    q: Option<String>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The customers that the token's person may see, by name
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = List<Customer>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<CustomerQuery>,
) -> Result<Json<List<Customer>>, ApiError> {
    let filter = Filter {
        text: searched(query.q.as_deref()).map(str::to_owned),
        by_name: true,
        after: query.cursor.map(TenantId),
        ..Filter::default()
    };
    let (_, members) = fleet::page(&cx, &actor, &filter).await?;
    let next = members.next(|member| member.tenant.id);
    let items = members.items.into_iter();
    Ok(Json(List {
        items: items.map(|member| Customer::new(member.tenant, member.tally)).collect(),
        next,
    }))
}

/// One customer
#[utoipa::path(get, path = "/api/v1/customers/{slug}", tag = "customers",
    params(("slug" = String, Path)), responses((status = 200, body = Customer)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Customer>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let overview = app::status::overview(&cx, &actor, &tenant).await?;
    Ok(Json(Customer::new(tenant, overview.tally)))
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
