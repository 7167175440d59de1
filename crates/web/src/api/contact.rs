//! The people whom a contract names.

use app::Cx;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::contact;
use domain::id::ContactId;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::contact::{Contact, ContactCard};
use super::idempotent::IdempotencyKey;
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Where a page of contacts begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactsQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The contacts of a customer, by name
#[utoipa::path(get, path = "/api/v1/customers/{slug}/contacts", tag = "contract",
    params(("slug" = String, Path), ContactsQuery), responses((status = 200, body = List<Contact>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ContactsQuery>,
) -> Result<Json<List<Contact>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let contacts = app::contact::list(&cx, &actor, tenant.id, query.cursor.map(ContactId)).await?;
    let next = contacts.next(|contact| contact.id);
    Ok(Json(List {
        items: contacts.items.into_iter().map(Contact::from).collect(),
        next,
    }))
}

/// Add a contact
#[utoipa::path(post, path = "/api/v1/customers/{slug}/contacts", tag = "contract",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = ContactCard,
    responses((status = 201, body = Contact)))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<ContactCard>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let answers = contact::ContactCard::from(body).answers();
    let contact = app::contact::add(&cx, &actor, tenant.id, &answers, key.as_ref()).await?;
    let location = format!("/api/v1/customers/{slug}/contacts/{}", contact.id);
    let answer = (StatusCode::CREATED, [(header::LOCATION, location)], told(contact));
    Ok(answer.into_response())
}

/// One contact; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/contacts/{id}", tag = "contract",
    params(("slug" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = Contact)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let contact = app::contact::get(&cx, &actor, tenant.id, ContactId(id)).await?;
    Ok(told(contact))
}

/// Change a contact to what is sent
#[utoipa::path(put, path = "/api/v1/customers/{slug}/contacts/{id}", tag = "contract",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = ContactCard,
    responses((status = 200, body = Contact)))]
pub(crate) async fn change(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    ApiJson(body): ApiJson<ContactCard>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let answers = contact::ContactCard::from(body).answers();
    let contact = app::contact::change(&cx, &actor, tenant.id, ContactId(id), seen.revision(), &answers).await?;
    Ok(told(contact))
}

/// Remove a contact; it cannot be brought back
#[utoipa::path(delete, path = "/api/v1/customers/{slug}/contacts/{id}", tag = "contract",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "It is removed")))]
pub(crate) async fn remove(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
) -> Result<StatusCode, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    app::contact::remove(&cx, &actor, tenant.id, seen.decide(ContactId(id), None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn told(contact: contact::Contact) -> Response {
    tagged(contact.revision, Contact::from(contact))
}
