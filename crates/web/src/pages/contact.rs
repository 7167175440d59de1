//! The form of a contact: adding, changing, removing.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::contact::ContactCard;
use domain::id::ContactId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::once::Once;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{FormField, Frame, words};

/// The field with the revision that was read.
const READ: &str = "revision";

#[derive(Template)]
#[template(path = "contact/form.html")]
pub(crate) struct ContactPage {
    frame: Frame,
    contract: String,
    action: String,
    title: String,
    once: Once,
    /// Of the contact that is changed.
    revision: Option<i64>,
    fields: Vec<FormField>,
    wrong: Option<String>,
    /// How it is removed; `None`: it is not there yet.
    remove: Option<RemoveView>,
}

struct RemoveView {
    /// The name to type.
    name: String,
    /// The name that was typed instead, with what is wrong about it.
    wrong: Option<(String, String)>,
}

pub(crate) async fn add(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
) -> Result<Page<ContactPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ManageContract, tenant.id)?;
    Ok(Page(page(&actor, &tenant, None, &BTreeMap::new(), Vec::new(), None)))
}

pub(crate) async fn submit_new(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, given) = Once::take(pairs)?;
    match app::contact::add(&cx, &actor, tenant.id, &given, Some(&once.key(&given))).await {
        Ok(_) => Ok(back(&slug, "saved").into_response()),
        Err(AppError::Invalid(problems)) => {
            let wrong = Some(not_understood(&problems));
            let page = page(&actor, &tenant, None, &given, problems, wrong);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn edit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Page<ContactPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ManageContract, tenant.id)?;
    let contact = app::contact::get(&cx, &actor, tenant.id, ContactId(id)).await?;
    let given = contact.card.answers();
    let known = Some((contact.id, contact.revision, contact.card.name));
    Ok(Page(page(&actor, &tenant, known, &given, Vec::new(), None)))
}

pub(crate) async fn submit_change(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (_, mut given) = Once::take(pairs)?;
    let read = given.remove(READ).and_then(|read| read.parse().ok());
    // A form that does not say what it was read from is told so.
    let read = read.unwrap_or_default();
    let changed = app::contact::change(&cx, &actor, tenant.id, ContactId(id), Some(read), &given).await;
    let (status, problems, revision) = match changed {
        Ok(_) => return Ok(back(&slug, "saved").into_response()),
        Err(AppError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, Some(read)),
        Err(AppError::Superseded(problems)) => (StatusCode::PRECONDITION_FAILED, problems, None),
        Err(other) => return Err(other.into()),
    };
    let contact = app::contact::get(&cx, &actor, tenant.id, ContactId(id)).await?;
    let wrong = match revision {
        Some(_) => not_understood(&problems),
        None => "Somebody else changed this contact first. What it says by now stands beside each field that differs; save again to replace it.".to_owned(),
    };
    let known = Some((contact.id, revision.unwrap_or(contact.revision), contact.card.name));
    let page = page(&actor, &tenant, known, &given, problems, Some(wrong));
    Ok((status, Page(page)).into_response())
}

/// The form that removes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveForm {
    /// The contact's name.
    confirm: String,
}

pub(crate) async fn remove(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Form(form): Form<RemoveForm>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ManageContract, tenant.id)?;
    let contact = app::contact::get(&cx, &actor, tenant.id, ContactId(id)).await?;
    if form.confirm.trim() != contact.card.name {
        let why = format!(
            "Nothing was removed: {} is expected, as it is shown.",
            contact.card.name
        );
        let given = contact.card.answers();
        let known = Some((contact.id, contact.revision, contact.card.name));
        let mut page = page(&actor, &tenant, known, &given, Vec::new(), None);
        if let Some(remove) = &mut page.remove {
            remove.wrong = Some((form.confirm, why));
        }
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    app::contact::remove(&cx, &actor, tenant.id, contact.id.into()).await?;
    Ok(back(&slug, "contact-removed").into_response())
}

fn not_understood(problems: &[FormProblem]) -> String {
    let wrong = words::count(problems.len(), "answer is", "answers are");
    format!("{wrong} missing or not understood.")
}

/// `known`: id, the revision that was read, and name of a contact that is there already.
fn page(
    actor: &Actor,
    tenant: &Tenant,
    known: Option<(ContactId, i64, String)>,
    given: &BTreeMap<String, String>,
    problems: Vec<FormProblem>,
    wrong: Option<String>,
) -> ContactPage {
    let links = Links::of(tenant);
    let (action, title) = match &known {
        Some((id, _, name)) => (links.page(&format!("contacts/{id}")), name.clone()),
        None => (links.page("contacts/new"), "Add a contact".to_owned()),
    };
    ContactPage {
        frame: of_tenant(actor, tenant, &title, "contract").still(),
        contract: links.page("contract"),
        action,
        title,
        once: Once::new(),
        revision: known.as_ref().map(|(_, revision, _)| *revision),
        fields: FormField::all(&ContactCard::FIELDS, given, &problems),
        wrong,
        remove: known.map(|(_, _, name)| RemoveView { name, wrong: None }),
    }
}

fn back(slug: &str, done: &str) -> Redirect {
    let contract = Links::slug(slug).page("contract");
    Redirect::to(&format!("{contract}?done={done}#contacts"))
}
