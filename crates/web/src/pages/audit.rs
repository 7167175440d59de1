//! The audit log of a customer, and that of what concerns no customer.

use app::Cx;
use app::audit::{Event, PlatformEvent};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::PageQuery;
use crate::pages::frame::{across, of_tenant};
use crate::view::{Csv, Format, Frame, Moment, Pager};

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    at: Moment,
    who: String,
    what: String,
    subject: String,
    detail: String,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let events = app::audit::list(&cx, &actor, tenant.id, query.cursor).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { app::audit::list(&cx, &actor, tenant.id, Some(before)).await }
        };
        return Ok(Csv::new("audit", &COLUMNS).pages(events, |event| event.id, read, cells));
    }
    let next = events.next(|event| event.id);
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Audit log", "audit"),
        rows: events.items.iter().map(Row::new).collect(),
        pager: Pager::new(&Links::of(&tenant).page("audit"), None, next),
        customer: tenant.name,
    })
    .into_response())
}

#[derive(Template)]
#[template(path = "audit/platform.html")]
struct PlatformPage {
    frame: Frame,
    q: String,
    rows: Vec<Row>,
    pager: Pager,
}

/// Where a page of the log begins, and which words its lines have.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PlatformQuery {
    #[serde(default)]
    q: String,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

pub(crate) async fn platform(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<PlatformQuery>,
) -> Result<Response, PageError> {
    let events = app::audit::list_platform(&cx, &actor, &query.q, query.cursor).await?;
    if query.format == Format::Csv {
        let words = query.q;
        let read = move |before| {
            let (cx, actor, words) = (cx.clone(), actor.clone(), words.clone());
            async move { app::audit::list_platform(&cx, &actor, &words, Some(before)).await }
        };
        let cells = |event: &PlatformEvent| {
            let row = Row::platform(event);
            vec![row.at.0.to_string(), row.who, row.what, row.subject, row.detail]
        };
        let csv = Csv::new("log", &["at", "actor", "action", "subject", "detail"]);
        return Ok(csv.pages(events, |event| event.id, read, cells));
    }
    let next = events.next(|event| event.id);
    let rows: Vec<_> = events.items.iter().map(Row::platform).collect();
    let filter = (!query.q.is_empty()).then_some(("q", query.q.as_str()));
    Ok(Page(PlatformPage {
        frame: across(&actor, "Log", "/settings"),
        pager: Pager::new("/settings/audit", filter, next),
        rows,
        q: query.q,
    })
    .into_response())
}

impl Row {
    fn platform(event: &PlatformEvent) -> Self {
        let (_, verb) = event.action.split_once('.').unwrap_or(("", &event.action));
        Self {
            at: event.at.into(),
            who: event.actor_name.clone(),
            what: verb.replace('-', " "),
            subject: event.subject.replace('-', " "),
            detail: detail(&event.detail),
        }
    }

    fn new(event: &Event) -> Self {
        let (_, verb) = event.action.split_once('.').unwrap_or(("", &event.action));
        Self {
            at: event.at.into(),
            who: event.actor_name.clone(),
            what: verb.replace('-', " "),
            subject: match event.detail.get("number") {
                Some(number) => format!("{} {number}", event.subject.replace('-', " ")),
                None => event.subject.replace('-', " "),
            },
            detail: detail(&event.detail),
        }
    }
}

/// `name: value`, one after the other.
fn detail(detail: &serde_json::Value) -> String {
    let Some(fields) = detail.as_object() else {
        return String::new();
    };
    let said = |(name, value): (&String, &serde_json::Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}: {value}", name.replace('_', " "))
    };
    fields.iter().map(said).collect::<Vec<_>>().join(" · ")
}

const COLUMNS: [&str; 6] = ["at", "id", "actor", "action", "subject_id", "detail"];

fn cells(event: &Event) -> Vec<String> {
    vec![
        event.at.to_string(),
        event.id.to_string(),
        event.actor_name.clone(),
        event.action.clone(),
        event.subject_id.to_string(),
        event.detail.to_string(),
    ]
}
