//! Settings: the way to people, repositories and the log, and the deliveries that could not be used.

use app::authz::{self, Action};
use app::inbox::Quarantined;
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::pages::frame::across;
use crate::view::{Frame, Moment};

#[derive(Template)]
#[template(path = "settings/show.html")]
pub(crate) struct SettingsPage {
    frame: Frame,
    /// Pages that the reader's role opens: (address, name, what is there).
    pages: Vec<(&'static str, &'static str, &'static str)>,
    /// `None`: the reader's role does not show them.
    quarantined: Option<Vec<Row>>,
}

struct Row {
    id: String,
    event: String,
    at: Moment,
    reason: String,
    excerpt: String,
}

pub(crate) async fn show(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Page<SettingsPage>, PageError> {
    let quarantined = match app::inbox::quarantined(&cx, &actor).await {
        Ok(rows) => Some(rows.into_iter().map(Row::new).collect()),
        Err(AppError::Forbidden(_)) => None,
        Err(other) => return Err(other.into()),
    };
    Ok(Page(SettingsPage {
        frame: across(&actor, "Settings", "/settings"),
        pages: pages(&actor),
        quarantined,
    }))
}

fn pages(actor: &Actor) -> Vec<(&'static str, &'static str, &'static str)> {
    let may = |action| authz::check_everywhere(actor, action).is_ok();
    let mut pages = Vec::new();
    if may(Action::Administer) {
        pages.push((
            "/settings/people",
            "People",
            "who may sign in, their roles and API tokens",
        ));
        pages.push((
            "/settings/repositories",
            "Repositories",
            "whose issues are requests, and who may ask there",
        ));
    }
    if may(Action::ReadPlatformAudit) {
        pages.push(("/settings/audit", "Log", "what was done to people and roles"));
    }
    pages
}

impl Row {
    fn new(quarantined: Quarantined) -> Self {
        let Quarantined {
            id,
            event,
            received_at,
            reason,
            excerpt,
        } = quarantined;
        Self {
            id,
            event,
            at: received_at.into(),
            reason,
            excerpt,
        }
    }
}
