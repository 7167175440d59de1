//! The inventory: every component that is known, decided or not.

pub(crate) mod facts;
pub(crate) mod show;

use app::Cx;
use app::attestation::{self, Decision};
use app::authz::{Action, may};
use app::sow::{self, LiveLine};
use app::status::Judged;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::sow::Scope;
use jiff::civil::Date;

use super::status::component_facts;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::live_csv::live_csv;
use crate::view::{Badge, ComponentQuery, FilterBar, Format, Frame, Moment, Pager, Tone};

const COLUMNS: [&str; 7] = ["component", "facts", "decision", "state", "why", "arn", "observed_at"];

#[derive(Template)]
#[template(path = "component/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    bar: FilterBar,
    /// The components that live: this page.
    address: String,
    /// The components that are no more, or are to be.
    ends: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    name: String,
    href: String,
    facts: String,
    decision: Badge,
    state: Option<Badge>,
    why: String,
    /// The resource's ARN; empty outside AWS.
    place: String,
    observed: Option<Moment>,
    /// The form that asks for a change of it; `None`: the reader may not ask.
    change: Option<String>,
    end: String,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ComponentQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (filter, order) = (query.filter(None), query.order());
    let (links, today) = (Links::of(&tenant), app::tenant::today(&cx, &tenant));
    if query.format == Format::Csv {
        let cells = move |line: &LiveLine| Row::new(line, today, &links, false).cells();
        let file = ("components", &COLUMNS[..]);
        return Ok(live_csv(file, (cx, actor, tenant.id), &filter, order, cells).await?);
    }
    let listed = sow::page(&cx, &actor, tenant.id, &filter, order, query.after()).await?;
    let path = links.page("components");
    let may_change = may(&actor, Action::RequestChange, tenant.id);
    let rows = listed
        .items
        .iter()
        .map(|line| Row::new(line, today, &links, may_change));
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Components", "components"),
        address: path.clone(),
        ends: links.page("decommissions"),
        bar: query.bar(&path, None),
        rows: rows.collect(),
        pager: query.pager(&path, listed.next(|line| line.judged.status.component.id)),
        customer: tenant.name,
    })
    .into_response())
}

/// What was decided of a component.
pub(super) fn decision(line: &Judged, decision: Option<&Decision>, today: Date) -> Badge {
    match (&line.status.contracted, decision) {
        (Some((Scope::In(_), _)), _) => Badge::new(Tone::Ok, "In scope"),
        (_, Some(decision)) => Badge::decision(attestation::state(decision, today)),
        (Some((Scope::Out, _)), None) => Badge::new(Tone::Unknown, "Out of scope"),
        (None, None) => Badge::new(Tone::Warn, "Undecided"),
    }
}

impl Row {
    fn new(line: &LiveLine, today: Date, links: &Links, may_change: bool) -> Self {
        let judged = &line.judged;
        let component = &judged.status.component;
        Self {
            name: component.name.clone(),
            href: links.component(component.id),
            facts: component_facts(component),
            decision: decision(judged, line.decision.as_ref(), today),
            state: judged.protection.map(Badge::protection),
            why: judged.why.clone(),
            place: component
                .aws
                .as_ref()
                .map(|place| place.arn.clone())
                .unwrap_or_default(),
            observed: judged.status.observed.as_ref().map(|seen| seen.at.into()),
            change: may_change.then(|| links.ask_for(component, None)),
            end: links.decommission(component.id),
        }
    }

    fn cells(self) -> Vec<String> {
        vec![
            self.name,
            self.facts,
            self.decision.word.to_owned(),
            self.state.map(|state| state.word.to_owned()).unwrap_or_default(),
            self.why,
            self.place,
            self.observed.map(|at| at.0.to_string()).unwrap_or_default(),
        ]
    }
}
