//! One person: roles, API tokens, and what an administrator may do.

use app::user::{self, ApiToken, Person};
use app::{Actor, AppError, Cx, Decision};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::UserId;
use domain::role::Role;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{address, customers, password_page, roles};
use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::pages::DoneQuery;
use crate::pages::frame::across;
use crate::view::{Badge, Frame, Moment, Tone, words};

#[derive(Template)]
#[template(path = "user/show.html")]
struct ShowPage {
    frame: Frame,
    address: String,
    name: String,
    email: String,
    created: Moment,
    disabled: Option<Moment>,
    revision: i64,
    /// The reader is that person: nobody gives themselves a role, or disables themselves.
    own: bool,
    held: Vec<(&'static str, String, String)>,
    roles: Vec<(&'static str, &'static str)>,
    customers: Vec<(String, String)>,
    tokens: Vec<TokenRow>,
    /// What was typed to confirm, and what is wrong with it.
    typed: String,
    wrong: Option<String>,
}

struct TokenRow {
    id: Uuid,
    name: String,
    created: Moment,
    expires: Option<Moment>,
    badge: Badge,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let person = user::get(&cx, &actor, UserId(id)).await?;
    let mut page = page(&cx, &actor, person).await?;
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page).into_response())
}

async fn page(cx: &Cx, actor: &Actor, person: Person) -> Result<ShowPage, PageError> {
    let tokens = user::tokens(cx, actor, person.id).await?;
    let known = customers(cx, actor).await?;
    let held = roles(&person, &known);
    let mut customers: Vec<_> = known.into_values().collect();
    customers.sort_by(|one, other| one.1.cmp(&other.1));
    let row = |token: &ApiToken| TokenRow {
        id: token.id,
        name: token.name.clone(),
        created: token.created_at.into(),
        expires: token.expires_at.map(Moment),
        badge: match token.expires_at {
            Some(at) if at <= cx.now() => Badge::new(Tone::Unknown, "Ended"),
            _ => Badge::new(Tone::Ok, "Works"),
        },
    };
    Ok(ShowPage {
        frame: across(actor, &person.display_name, "/settings"),
        address: address(person.id),
        created: person.created_at.into(),
        disabled: person.disabled_at.map(Moment),
        revision: person.revision,
        own: person.id == actor.user,
        held,
        roles: Role::ALL.map(|role| (role.as_str(), words::role(role))).into(),
        customers,
        tokens: tokens.items.iter().map(row).collect(),
        name: person.display_name,
        email: person.email,
        typed: String::new(),
        wrong: None,
    })
}

/// A form that changes something of a person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeForm {
    /// What was read before; another one has to be read first.
    revision: Option<i64>,
    #[serde(default)]
    confirm: String,
}

/// A form that names a role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleForm {
    revision: Option<i64>,
    role: String,
    #[serde(default)]
    customer: String,
}

const fn on(id: Uuid, revision: Option<i64>) -> Decision<UserId> {
    Decision {
        on: UserId(id),
        revision,
        key: None,
    }
}

fn back(done: Result<Person, AppError>, word: &str) -> Result<Redirect, PageError> {
    let person = done?;
    Ok(Redirect::to(&format!("{}?done={word}", address(person.id))))
}

pub(crate) async fn disable(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, PageError> {
    let person = user::get(&cx, &actor, UserId(id)).await?;
    if form.confirm.trim() != person.email {
        let wrong = format!("Nothing was done: {} is expected, as it is shown.", person.email);
        let page = ShowPage {
            typed: form.confirm,
            wrong: Some(wrong),
            ..page(&cx, &actor, person).await?
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let done = user::disable_person(&cx, &actor, on(id, form.revision)).await;
    Ok(back(done, "disabled")?.into_response())
}

pub(crate) async fn enable(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<ChangeForm>,
) -> Result<Redirect, PageError> {
    back(user::enable_person(&cx, &actor, on(id, form.revision)).await, "enabled")
}

pub(crate) async fn reset(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, PageError> {
    let created = user::reset(&cx, &actor, on(id, form.revision)).await?;
    Ok(password_page(&actor, "New password", created))
}

pub(crate) async fn grant(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<RoleForm>,
) -> Result<Redirect, PageError> {
    let done = user::grant(&cx, &actor, on(id, form.revision), role(&form)?, Some(&form.customer)).await;
    back(done, "granted")
}

pub(crate) async fn revoke(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(id): Path<Uuid>,
    Form(form): Form<RoleForm>,
) -> Result<Redirect, PageError> {
    let done = user::revoke(&cx, &actor, on(id, form.revision), role(&form)?, Some(&form.customer)).await;
    back(done, "revoked")
}

pub(crate) async fn revoke_token(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((id, token)): Path<(Uuid, Uuid)>,
) -> Result<Redirect, PageError> {
    back(user::revoke_one(&cx, &actor, UserId(id), token).await, "token-revoked")
}

fn role(form: &RoleForm) -> Result<Role, PageError> {
    let unknown = |error: domain::role::UnknownRole| Failure {
        detail: error.to_string().into(),
        ..Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "This was not understood", "")
    };
    form.role.parse().map_err(|error| PageError(unknown(error)))
}
