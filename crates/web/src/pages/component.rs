//! The inventory: every component that is known, decided or not.

use app::Cx;
use app::status::{self, Judged};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::sow::Scope;

use super::status::{badge, component_facts};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::FormatQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, Tone};

#[derive(Template)]
#[template(path = "component/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
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
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<FormatQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let status = status::of(&cx, &actor, &tenant).await?;
    let rows: Vec<_> = status.components.iter().map(Row::new).collect();
    if query.format == Format::Csv {
        return Ok(csv(&rows).into_response());
    }
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Components", "components"),
        rows,
        pager: Pager::new(&Links::of(&tenant).page("components"), None, None),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(judged: &Judged) -> Self {
        let component = &judged.status.component;
        Self {
            name: component.name.clone(),
            facts: component_facts(component),
            decision: match &judged.status.contracted {
                Some((Scope::In(_), _)) => Badge::new(Tone::Ok, "In scope"),
                Some((Scope::Out, _)) => Badge::new(Tone::Unknown, "Out of scope"),
                None => Badge::new(Tone::Warn, "Undecided"),
            },
            state: judged.protection.map(badge),
            why: judged.why.clone(),
            place: component.aws.as_ref().map(|place| place.arn.clone()).unwrap_or_default(),
            observed: judged.status.observed.as_ref().map(|seen| seen.at.into()),
        }
    }
}

fn csv(rows: &[Row]) -> Csv {
    let mut csv = Csv::new("components", &["component", "facts", "decision", "state", "why", "arn", "observed_at"]);
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
