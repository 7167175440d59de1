//! Deciding on a restore, taking it back, and saying whether the data is right.

use app::restore;
use app::{Actor, Cx};
use axum::extract::State;
use axum::response::Redirect;
use domain::digest::Digest;
use domain::id::RestoreRequestId;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::PageError;
use crate::extract::{Form, Path};
use crate::links::Links;

/// The form that approves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveForm {
    plan_digest: Digest,
}

/// The form that rejects the request, or what came of it.
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
    let id = id(&cx, &actor, &slug, number).await?;
    restore::approve(&cx, &actor, id, form.plan_digest).await?;
    Ok(back(&slug, number, "approved"))
}

pub(crate) async fn reject(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(form): Form<RejectForm>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    restore::reject(&cx, &actor, id, form.reason.trim()).await?;
    Ok(back(&slug, number, "rejected"))
}

pub(crate) async fn cancel(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    restore::cancel(&cx, &actor, id).await?;
    Ok(back(&slug, number, "cancelled"))
}

pub(crate) async fn verify(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    restore::verify(&cx, &actor, id).await?;
    Ok(back(&slug, number, "verified"))
}

pub(crate) async fn dispute(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(form): Form<RejectForm>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    restore::dispute(&cx, &actor, id, form.reason.trim()).await?;
    Ok(back(&slug, number, "disputed"))
}

async fn id(cx: &Cx, actor: &Actor, slug: &str, number: i32) -> Result<RestoreRequestId, PageError> {
    let tenant = actor.tenant(cx, slug).await?;
    Ok(restore::by_number(cx, actor, tenant.id, number).await?.request.id)
}

fn back(slug: &str, number: i32, done: &str) -> Redirect {
    Redirect::to(&format!("{}?done={done}", Links::slug(slug).restore(number)))
}
