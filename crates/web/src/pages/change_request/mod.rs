//! Changes of the scope of work.

pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod new;
mod show;
mod words;

pub(super) use words::badge;

use app::Cx;
use axum::extract::State;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;

/// One change.
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<DoneQuery>,
) -> Result<Page<show::ShowPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = app::change_request::by_number(&cx, &actor, &tenant, number).await?;
    let frame = of_tenant(&actor, &tenant, &format!("Change {number}"), "changes").saying(query.done.as_deref());
    let held = words::held(&view.request.state, &tenant.lifecycle);
    let page = show::ShowPage::new(frame, &Links::of(&tenant), view, cx.now());
    Ok(Page(page.noting(held)))
}
