//! Customers, linked accounts and the audit log.

use app::Cx;
use app::fleet::{self, Filter, Show};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{AwsAccountLinkId, TenantId};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::tenant::{Account, AuditEvent, Customer, NewCustomer};
use super::body::{List, PageQuery};
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};
use crate::view::{ShowName, searched};

/// Which customers are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerQuery {
    /// Part of the name, in any case.
    q: Option<String>,
    /// `needy`: where something in scope is not protected, or something waits; `suspended`: suspended or offboarded; a state:
    /// with a component in it. Only `suspended` finds those that were offboarded; without it all are listed.
    #[param(inline)]
    state: Option<ShowName>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The customers that the token's person may see, by name, each with what waits there
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers", params(CustomerQuery),
    responses((status = 200, body = List<Customer>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<CustomerQuery>,
) -> Result<Json<List<Customer>>, ApiError> {
    let filter = Filter {
        text: searched(query.q.as_deref()).map(str::to_owned),
        show: query.state.map(Show::from).unwrap_or_default(),
        by_name: true,
        after: query.cursor.map(TenantId),
    };
    let (_, members) = fleet::page(&cx, &actor, &filter).await?;
    let next = members.next(|member| member.tenant.id);
    let items = members.items.into_iter();
    Ok(Json(List {
        items: items.map(Customer::from).collect(),
        next,
    }))
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
    // Whatever happened to it since: the same post is answered as before.
    let customer = Customer::taken_on(tenant);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(customer)).into_response())
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
    let member = fleet::member(&cx, &actor, tenant).await?;
    Ok(Json(member.into()))
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
