//! Restores.

pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod new;
mod show;

pub(super) use show::badge;

use app::Cx;
use axum::extract::State;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;

/// One restore.
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<DoneQuery>,
) -> Result<Page<show::ShowPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = app::restore::by_number(&cx, &actor, tenant.id, number).await?;
    let frame = of_tenant(&actor, &tenant, &format!("Restore {number}"), "restores").saying(query.done.as_deref());
    let held = show::held(&view.request.state, &tenant.lifecycle);
    Ok(Page(show::ShowPage::new(frame, &Links::of(&tenant), view).noting(held)))
}
