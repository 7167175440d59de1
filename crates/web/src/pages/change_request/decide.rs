//! Deciding on a change: each form is one use-case, then back to the change.

use app::Cx;
use app::change_request::{self, View};
use axum::extract::State;
use axum::response::Redirect;
use domain::digest::Digest;
use http::StatusCode;
use serde::Deserialize;

use super::show::typed_name;
use crate::auth::Caller;
use crate::error::{Failure, PageError};
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::view::PlanView;

const NOT_CONFIRMED: Failure = Failure::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "Not confirmed",
    "This gives up protection. Go back and type the component's name to confirm it.",
);

/// The form that approves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveForm {
    plan_digest: Digest,
    /// The component's name, when protection is given up.
    #[serde(default)]
    confirm: String,
}

/// The form that rejects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectForm {
    reason: String,
}

pub(crate) async fn approve(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(form): Form<ApproveForm>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = change_request::by_number(&cx, &actor, &tenant, number).await?;
    let named = name_to_type(&view);
    if named.is_some_and(|name| name != form.confirm.trim()) {
        return Err(PageError(NOT_CONFIRMED));
    }
    change_request::approve(&cx, &actor, view.request.id, form.plan_digest).await?;
    Ok(back(&slug, number, "approved"))
}

fn name_to_type(view: &View) -> Option<String> {
    let shown = view.plan.as_ref()?;
    typed_name(&PlanView::new(&shown.plan, shown.digest, shown.made_at))
}

pub(crate) async fn reject(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(form): Form<RejectForm>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = change_request::by_number(&cx, &actor, &tenant, number).await?;
    change_request::reject(&cx, &actor, view.request.id, form.reason.trim()).await?;
    Ok(back(&slug, number, "rejected"))
}

pub(crate) async fn withdraw(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = change_request::by_number(&cx, &actor, &tenant, number).await?;
    change_request::withdraw(&cx, &actor, view.request.id).await?;
    Ok(back(&slug, number, "withdrawn"))
}

pub(crate) async fn plan_again(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = change_request::by_number(&cx, &actor, &tenant, number).await?;
    change_request::plan_again(&cx, &actor, view.request.id).await?;
    Ok(back(&slug, number, "planning"))
}

fn back(slug: &str, number: i32, done: &str) -> Redirect {
    Redirect::to(&format!("{}?done={done}", Links::slug(slug).change(number)))
}
