//! The account manager's view: contracted beside effective beside the oldest recovery point, worst first.

use app::Cx;
use app::authz::{Action, check_somewhere};
use app::status::{self, Judged};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::protection::ProtectionState;
use domain::tenant::Tenant;
use serde::Deserialize;

use super::status::{component_facts, effective, retention};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Badge, Csv, Filter, Format, Frame, Moment, Pager, Tone, filters, words};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RetentionQuery {
    state: Option<String>,
    #[serde(default)]
    format: Format,
}

#[derive(Template)]
#[template(path = "retention/list.html")]
struct RetentionPage {
    frame: Frame,
    lede: String,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    customer: String,
    customer_href: String,
    component: String,
    facts: String,
    state: ProtectionState,
    badge: Badge,
    retention: Badge,
    contracted: String,
    effective: String,
    oldest: Option<Moment>,
}

const STATES: [(&str, &str); 4] = [
    ("unprotected", "Unprotected"),
    ("at-risk", "At risk"),
    ("unknown", "Unknown"),
    ("protected", "Protected"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<RetentionQuery>,
) -> Result<Response, PageError> {
    check_somewhere(&actor, Action::ReadRetention)?;
    let mut fleet = Vec::new();
    for one in status::fleet(&cx, &actor, None).await?.1.items {
        let components = status::whole(&cx, &actor, one.tenant.id).await?;
        fleet.push((one.tenant, components));
    }
    let chosen = query.state.as_deref();
    let mut rows: Vec<_> = fleet
        .iter()
        .flat_map(|(tenant, components)| components.iter().filter_map(|judged| Row::new(tenant, judged)))
        .collect();
    let short = rows.iter().filter(|row| row.retention.tone == Tone::Bad).count();
    rows.retain(|row| chosen.is_none_or(|chosen| chosen == row.state.as_str()));
    rows.sort_by_key(Row::rank);
    if query.format == Format::Csv {
        return Ok(csv(&rows).into_response());
    }
    Ok(Page(RetentionPage {
        frame: across(&actor, "Retention", "/retention"),
        lede: match short {
            0 => "What is contracted, beside what is really kept. Nothing was observed to be kept for less than contracted.".to_owned(),
            some => format!(
                "The recovery points of {} kept for less than contracted.",
                words::count(some, "component are", "components are")
            ),
        },
        filters: filters("/retention", "state", &STATES, chosen),
        rows,
        pager: Pager::new("/retention", chosen.map(|state| ("state", state)), None),
    })
    .into_response())
}

impl Row {
    /// Worst first: no recovery point, then too short a retention, then the other states.
    fn rank(&self) -> (bool, bool, ProtectionState) {
        let unprotected = self.state == ProtectionState::Unprotected;
        (!unprotected, self.retention.tone != Tone::Bad, self.state)
    }

    fn new(tenant: &Tenant, judged: &Judged) -> Option<Self> {
        let (state, seen) = (judged.protection?, judged.status.observed.as_ref());
        let terms = judged.status.contracted.as_ref()?.0.terms()?;
        Some(Self {
            customer: tenant.name.clone(),
            customer_href: Links::of(tenant).status(),
            component: judged.status.component.name.clone(),
            facts: component_facts(&judged.status.component),
            state,
            badge: Badge::protection(state),
            retention: retention(state, seen, terms),
            contracted: terms.retention.to_string(),
            effective: effective(seen),
            oldest: seen.and_then(|seen| seen.oldest_recovery_point_at).map(Moment),
        })
    }
}

fn csv(rows: &[Row]) -> Csv {
    let head = [
        "customer",
        "component",
        "facts",
        "state",
        "retention",
        "contracted",
        "effective",
        "oldest_recovery_point_at",
    ];
    let mut csv = Csv::new("retention", &head);
    for row in rows {
        csv.row(&[
            row.customer.clone(),
            row.component.clone(),
            row.facts.clone(),
            row.state.as_str().to_owned(),
            row.retention.word.to_owned(),
            row.contracted.clone(),
            row.effective.clone(),
            row.oldest.map(|at| at.0.to_string()).unwrap_or_default(),
        ]);
    }
    csv
}
