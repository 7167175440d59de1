//! The inventory: every component that is known, decided or not.

use app::Cx;
use app::authz::{Action, may};
use app::status::{self, Judged};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::sow::Scope;
use url::form_urlencoded::Serializer;

use super::status::component_facts;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, ComponentQuery, Csv, FilterBar, Format, Frame, Moment, Pager, Tone};

#[derive(Template)]
#[template(path = "component/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    bar: FilterBar,
    address: String,
    /// The components that are no more, or are to be.
    ends: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    name: String,
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
    let (filter, order, links) = (query.filter(None), query.order(), Links::of(&tenant));
    if query.format == Format::Csv {
        let all = status::all(&cx, &actor, tenant.id, &filter, order).await?;
        let rows: Vec<_> = all.iter().map(|judged| Row::new(&links, judged, None)).collect();
        return Ok(csv(&rows).into_response());
    }
    let listed = status::page(&cx, &actor, tenant.id, &filter, order, query.after()).await?;
    let path = links.page("components");
    let may_change = may(&actor, Action::RequestChange, tenant.id);
    let form = may_change.then(|| links.page("changes/new"));
    let rows = listed
        .items
        .iter()
        .map(|judged| Row::new(&links, judged, form.as_deref()));
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Components", "components"),
        bar: query.bar(&path, None),
        rows: rows.collect(),
        pager: query.pager(&path, listed.next(|judged| judged.status.component.id)),
        address: path,
        ends: links.page("decommissions"),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, judged: &Judged, form: Option<&str>) -> Self {
        let component = &judged.status.component;
        let known = [
            ("component", component.name.as_str()),
            ("environment", component.environment.as_str()),
        ];
        let known = Serializer::new(String::new()).extend_pairs(known).finish();
        Self {
            name: component.name.clone(),
            facts: component_facts(component),
            decision: match &judged.status.contracted {
                Some((Scope::In(_), _)) => Badge::new(Tone::Ok, "In scope"),
                Some((Scope::Out, _)) => Badge::new(Tone::Unknown, "Out of scope"),
                None => Badge::new(Tone::Warn, "Undecided"),
            },
            state: judged.protection.map(Badge::protection),
            why: judged.why.clone(),
            place: component
                .aws
                .as_ref()
                .map(|place| place.arn.clone())
                .unwrap_or_default(),
            observed: judged.status.observed.as_ref().map(|seen| seen.at.into()),
            change: form.map(|form| format!("{form}?{known}")),
            end: links.decommission(component.id),
        }
    }
}

fn csv(rows: &[Row]) -> Csv {
    let mut csv = Csv::new(
        "components",
        &["component", "facts", "decision", "state", "why", "arn", "observed_at"],
    );
    for row in rows {
        csv.row(&[
            row.name.clone(),
            row.facts.clone(),
            row.decision.word.to_owned(),
            row.state.map(|state| state.word.to_owned()).unwrap_or_default(),
            row.why.clone(),
            row.place.clone(),
            row.observed.map(|at| at.0.to_string()).unwrap_or_default(),
        ]);
    }
    csv
}
