//! Releasing a hold: one side asks, the other confirms or turns it down.

use app::hold;
use app::{Actor, Cx};
use axum::extract::State;
use axum::response::Redirect;
use domain::id::HoldId;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::PageError;
use crate::extract::{Form, Path};
use crate::links::Links;

/// The form that asks for the release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseForm {
    reason: String,
}

pub(crate) async fn ask_release(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(form): Form<ReleaseForm>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    hold::ask_release(&cx, &actor, id, &form.reason).await?;
    Ok(back(&slug, number, "release-asked"))
}

pub(crate) async fn release(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    hold::release(&cx, &actor, id).await?;
    Ok(back(&slug, number, "released"))
}

pub(crate) async fn keep(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Redirect, PageError> {
    let id = id(&cx, &actor, &slug, number).await?;
    hold::keep(&cx, &actor, id).await?;
    Ok(back(&slug, number, "hold-kept"))
}

async fn id(cx: &Cx, actor: &Actor, slug: &str, number: i32) -> Result<HoldId, PageError> {
    let tenant = actor.tenant(cx, slug).await?;
    Ok(hold::by_number(cx, actor, tenant.id, number).await?.hold.hold.id)
}

fn back(slug: &str, number: i32, done: &str) -> Redirect {
    Redirect::to(&format!("{}?done={done}", Links::slug(slug).hold(number)))
}
