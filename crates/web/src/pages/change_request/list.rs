//! The changes of a customer.

use app::Cx;
use app::authz::{Action, may};
use app::change_request::{self, Filter};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::change_request::{ChangeRequest, State as Stage};
use jiff::Timestamp;
use serde::Deserialize;

use super::words::badge;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Filter as FilterLink, Format, Frame, Moment, Pager, filters, words};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    state: Option<String>,
    /// That last changed at this moment or later.
    since: Option<Timestamp>,
    cursor: Option<i32>,
    #[serde(default)]
    format: Format,
}

#[derive(Template)]
#[template(path = "change_request/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    filters: Vec<FilterLink>,
    rows: Vec<Row>,
    empty: &'static str,
    new: Option<String>,
    bulk: Option<String>,
    /// What was asked for many at once.
    many: String,
    pager: Pager,
}

struct Row {
    number: i32,
    href: String,
    title: String,
    badge: Badge,
    asker: String,
    door: &'static str,
    updated: Moment,
}

const STATES: [(&str, &str); 5] = [
    ("planned", "Waiting for approval"),
    ("needs-information", "Needs information"),
    ("applying", "Being applied"),
    ("applied", "Live"),
    ("failed", "Failed"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let filter = Filter {
        state: query.state.clone(),
        github_issue: None,
        // Nothing is older; years that no calendar of Postgres knows are all before it.
        since: query.since.filter(|since| *since > Timestamp::UNIX_EPOCH),
        before: query.cursor,
    };
    let changes = change_request::list(&cx, &actor, tenant.id, &filter).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            let filter = Filter {
                before: Some(before),
                ..filter.clone()
            };
            async move { change_request::list(&cx, &actor, tenant.id, &filter).await }
        };
        return Ok(Csv::new("changes", &COLUMNS).pages(changes, |change| change.number, read, cells));
    }
    let links = Links::of(&tenant);
    let (chosen, since) = (query.state.as_deref(), query.since.map(|since| since.to_string()));
    let next = changes.next(|change| change.number);
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Changes", "changes"),
        filters: filters(&links.page("changes"), "state", &STATES, chosen),
        rows: changes
            .items
            .into_iter()
            .map(|change| Row::new(&links, change))
            .collect(),
        empty: if chosen.is_some() {
            "No change is in this state"
        } else {
            "No change was asked for yet"
        },
        new: may(&actor, Action::RequestChange, tenant.id).then(|| links.page("changes/new")),
        bulk: may(&actor, Action::RequestChange, tenant.id).then(|| links.page("changes/bulk")),
        pager: Pager::new(
            &links.page("changes"),
            chosen
                .map(|state| ("state", state))
                .into_iter()
                .chain(since.as_deref().map(|since| ("since", since))),
            next,
        ),
        many: links.page("bulk-changes"),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, change: ChangeRequest) -> Self {
        Self {
            number: change.number,
            href: links.change(change.number),
            badge: badge(&change.state),
            door: words::source(change.source),
            updated: change.updated_at.into(),
            title: change.title,
            asker: change.requester.name,
        }
    }
}

const COLUMNS: [&str; 8] = [
    "number",
    "title",
    "state",
    "requester",
    "source",
    "sow_version",
    "created_at",
    "updated_at",
];

fn cells(change: &ChangeRequest) -> Vec<String> {
    let version = match &change.state {
        Stage::Applied { sow_version, .. } => sow_version.to_string(),
        _ => String::new(),
    };
    vec![
        change.number.to_string(),
        change.title.clone(),
        change.state.name().to_owned(),
        change.requester.name.clone(),
        change.source.as_str().to_owned(),
        version,
        change.created_at.to_string(),
        change.updated_at.to_string(),
    ]
}
