//! The ends of a customer's components.

use app::Cx;
use app::decommission::{self, Listed};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::decommission::StateName;
use domain::id::DecommissionId;
use serde::Deserialize;
use uuid::Uuid;

use super::{badge, confirmers, fate};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::status::component_facts;
use crate::view::{Badge, Csv, Filter as FilterLink, Format, Frame, Moment, Pager, chosen, filters, words};

const COLUMNS: [&str; 10] = [
    "component",
    "environment",
    "kind",
    "state",
    "asked_by",
    "asked_at",
    "confirmed_by",
    "awaited",
    "recovery_points",
    "updated_at",
];

#[derive(Template)]
#[template(path = "decommission/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    filters: Vec<FilterLink>,
    rows: Vec<Row>,
    pager: Pager,
    components: String,
}

struct Row {
    href: String,
    name: String,
    facts: String,
    badge: Badge,
    asker: String,
    confirmer: String,
    /// The sides that still have to.
    awaited: Vec<&'static str>,
    updated: Moment,
    fate: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default, deserialize_with = "chosen")]
    state: Option<StateName>,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

const STATES: [(&str, &str); 3] = [
    (StateName::Asked.as_str(), "Waiting"),
    (StateName::Decommissioned.as_str(), "Decommissioned"),
    (StateName::Withdrawn.as_str(), "Withdrawn"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let links = Links::of(&tenant);
    let ends = decommission::list(&cx, &actor, tenant.id, query.state, query.cursor.map(DecommissionId)).await?;
    let next = ends.next(|listed| listed.end.id);
    let rows: Vec<_> = ends.items.iter().map(|listed| Row::new(&links, listed)).collect();
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { decommission::list(&cx, &actor, tenant.id, query.state, Some(before)).await }
        };
        return Ok(Csv::new("decommissions", &COLUMNS).pages(ends, |listed| listed.end.id, read, cells));
    }
    let path = links.page("decommissions");
    let state = query.state.map(StateName::as_str);
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Decommissioning", "components"),
        filters: filters(&path, "state", &STATES, state),
        rows,
        pager: Pager::new(&path, state.map(|state| ("state", state)), next),
        components: links.page("components"),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, listed: &Listed) -> Self {
        let Listed { end, component, .. } = listed;
        Self {
            href: links.decommission(component.id),
            name: component.name.clone(),
            facts: component_facts(component),
            badge: badge(end),
            asker: end.requester.name.clone(),
            confirmer: confirmers(end),
            awaited: listed.outstanding.iter().map(|side| words::side(*side)).collect(),
            updated: end.updated_at.into(),
            fate: fate(end),
        }
    }
}

fn cells(listed: &Listed) -> Vec<String> {
    let Listed { end, component, .. } = listed;
    let awaited: Vec<_> = listed.outstanding.iter().map(|side| side.as_str()).collect();
    vec![
        component.name.clone(),
        component.environment.to_string(),
        component.kind.as_str().to_owned(),
        end.state.name().to_owned(),
        end.requester.name.clone(),
        end.asked_at.to_string(),
        confirmers(end),
        awaited.join(" and "),
        fate(end),
        end.updated_at.to_string(),
    ]
}
