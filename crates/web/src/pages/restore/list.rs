//! The restores of a customer.

use app::Cx;
use app::authz::{Action, may};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::restore::RestoreRequest;
use serde::Deserialize;

use super::show::badge;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, ExactMoment, Filter, Format, Frame, Moment, Pager, filters};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    state: Option<String>,
    cursor: Option<i32>,
    #[serde(default)]
    format: Format,
}

#[derive(Template)]
#[template(path = "restore/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    empty: &'static str,
    new: Option<String>,
    pager: Pager,
}

struct Row {
    number: i32,
    href: String,
    component: String,
    target: String,
    badge: Badge,
    point: ExactMoment,
    asker: String,
    updated: Moment,
}

const STATES: [(&str, &str); 5] = [
    ("submitted", "Waiting for approval"),
    ("executing", "Restoring"),
    ("verifying", "Waiting for verification"),
    ("closed", "Verified"),
    ("failed", "Failed"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let chosen = query.state.as_deref();
    let restores = app::restore::list(&cx, &actor, tenant.id, chosen, query.cursor).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor, state) = (cx.clone(), actor.clone(), query.state.clone());
            async move { app::restore::list(&cx, &actor, tenant.id, state.as_deref(), Some(before)).await }
        };
        return Ok(Csv::new("restores", &COLUMNS).pages(restores, |restore| restore.number, read, cells));
    }
    let links = Links::of(&tenant);
    let next = restores.next(|restore| restore.number);
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Restores", "restores"),
        filters: filters(&links.page("restores"), "state", &STATES, chosen),
        rows: restores
            .items
            .into_iter()
            .map(|restore| Row::new(&links, restore))
            .collect(),
        empty: if chosen.is_some() {
            "No restore is in this state"
        } else {
            "No restore was asked for yet"
        },
        new: may(&actor, Action::RequestRestore, tenant.id).then(|| links.page("restores/new")),
        pager: Pager::new(&links.page("restores"), chosen.map(|state| ("state", state)), next),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, restore: RestoreRequest) -> Self {
        Self {
            number: restore.number,
            href: links.restore(restore.number),
            badge: badge(&restore.state),
            point: ExactMoment(restore.target.point.at),
            updated: restore.updated_at.into(),
            component: restore.component.name,
            target: restore.target.name,
            asker: restore.requester.name,
        }
    }
}

const COLUMNS: [&str; 8] = [
    "number",
    "component",
    "target",
    "state",
    "recovery_point_at",
    "requester",
    "created_at",
    "updated_at",
];

fn cells(restore: &RestoreRequest) -> Vec<String> {
    vec![
        restore.number.to_string(),
        restore.component.name.clone(),
        restore.target.name.clone(),
        restore.state.name().to_owned(),
        restore.target.point.at.to_string(),
        restore.requester.name.clone(),
        restore.created_at.to_string(),
        restore.updated_at.to_string(),
    ]
}
