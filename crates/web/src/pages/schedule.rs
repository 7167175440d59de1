//! What a schedule means: a page of its own, and what the form for a change fetches while somebody types.

use app::Cx;
use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::pages::frame::across;
use crate::view::{Frame, ScheduleCheck};

#[derive(Template)]
#[template(path = "schedule/show.html")]
pub(crate) struct SchedulePage {
    frame: Frame,
    typed: String,
    check: ScheduleCheck,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ScheduleQuery {
    #[serde(default)]
    schedule: String,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<ScheduleQuery>,
) -> Result<Page<SchedulePage>, PageError> {
    Ok(Page(SchedulePage {
        frame: across(&actor, "What a schedule means", "/schedule").asking(),
        check: ScheduleCheck::of(&query.schedule, cx.now()),
        typed: query.schedule,
    }))
}
