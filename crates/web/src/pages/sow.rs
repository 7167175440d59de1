//! The scope of work: what is contracted, where each value came from, and the versions that led there.

use std::collections::BTreeMap;

use app::authz::{Action, may};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::sow::{Scope, ScopeItem, SowVersion, Terms};
use domain::tenant::Tenant;

use super::status::{component_facts, mechanism, outside};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::FormatQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, TiersView, Tone, words};

#[derive(Template)]
#[template(path = "sow/show.html")]
struct SowPage {
    frame: Frame,
    customer: String,
    version: Option<Version>,
    new_change: Option<String>,
    contract_page: String,
    /// What is outside the contract's bounds, in a sentence.
    outside: Option<String>,
    rows: Vec<Row>,
    versions: Vec<Version>,
    tiers: TiersView,
    pager: Pager,
}

#[derive(Clone)]
struct Version {
    number: i32,
    since: Moment,
    made_by: &'static str,
    /// The import that made it.
    import: Option<String>,
    approved_by: String,
}

struct Row {
    name: String,
    facts: String,
    badge: Badge,
    reason: String,
    /// (column, value, where the value came from).
    terms: Vec<(&'static str, String, &'static str)>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<FormatQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = app::sow::versions(&cx, &actor, tenant.id).await?;
    let items = match versions.first() {
        Some(newest) => app::sow::as_of(&cx, &actor, tenant.id, newest.version).await?.1,
        None => Vec::new(),
    };
    if query.format == Format::Csv {
        return Ok(csv(&items).into_response());
    }
    let conflicts = app::contract::conflicts(&cx, &actor, &tenant).await?;
    Ok(Page(SowPage {
        outside: outside(&conflicts),
        ..SowPage::new(&actor, &tenant, versions, &items)
    })
    .into_response())
}

impl SowPage {
    fn new(actor: &Actor, tenant: &Tenant, versions: Vec<SowVersion>, items: &[ScopeItem]) -> Self {
        let links = Links::of(tenant);
        let versions: Vec<_> = versions
            .into_iter()
            .map(|version| Version::new(&links, version))
            .collect();
        Self {
            frame: of_tenant(actor, tenant, "Scope of work", "scope"),
            customer: tenant.name.clone(),
            version: versions.first().cloned(),
            new_change: may(actor, Action::RequestChange, tenant.id).then(|| links.page("changes/new")),
            contract_page: links.page("contract"),
            outside: None,
            rows: items.iter().map(Row::new).collect(),
            versions,
            tiers: TiersView::new(tenant.contract.service_level),
            pager: Pager::new(&links.page("scope"), None, None),
        }
    }
}

impl Version {
    fn new(links: &Links, version: SowVersion) -> Self {
        Self {
            number: version.version,
            since: version.effective_from.into(),
            import: version.import.map(|number| links.import(number)),
            made_by: if version.change_request.is_some() {
                "an approved change"
            } else if version.decommissioned.is_some() {
                "the end of a component"
            } else {
                "the onboarding document"
            },
            approved_by: words::list(&version.approved_by),
        }
    }
}

impl Row {
    fn new(item: &ScopeItem) -> Self {
        let (badge, terms) = match &item.scope {
            Scope::In(terms) => (Badge::new(Tone::Ok, "In scope"), terms_of(terms)),
            Scope::Out => (Badge::new(Tone::Unknown, "Out of scope"), Vec::new()),
        };
        let mechanism = mechanism(item.choice.mechanism)
            .map(|name| format!("{name}. "))
            .unwrap_or_default();
        let tier = item.scope.terms().and_then(|terms| terms.tier);
        let facts = [
            Some(component_facts(&item.component)),
            tier.map(|tier| words::tier(tier).to_owned()),
        ];
        Self {
            name: item.component.name.clone(),
            facts: facts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            badge,
            reason: format!("{mechanism}{}", item.choice.reason),
            terms,
        }
    }
}

fn terms_of(terms: &Terms) -> Vec<(&'static str, String, &'static str)> {
    let source = |field: &str| source(&terms.sources, field);
    let window = terms
        .daily_window()
        .map_or_else(|| "the provider's own".to_owned(), |window| format!("{window} UTC"));
    let window_source = match (terms.window, terms.schedule.daily_in_utc()) {
        (None, Some(_)) => "from the schedule",
        _ => source("window"),
    };
    vec![
        ("Retention", terms.retention.to_string(), source("retention_days")),
        ("Schedule", words::schedule(&terms.schedule), source("schedule")),
        ("Window", window, window_source),
        (
            "Location",
            words::location(terms.location).to_owned(),
            source("location"),
        ),
    ]
}

fn source(sources: &BTreeMap<String, domain::sow::ValueSource>, field: &str) -> &'static str {
    sources.get(field).map_or("", |source| words::value_source(*source))
}

fn csv(items: &[ScopeItem]) -> Csv {
    let head = [
        "component",
        "environment",
        "kind",
        "in_scope",
        "tier",
        "mechanism",
        "frequency",
        "retention_days",
        "backup_window",
        "location",
    ];
    let mut csv = Csv::new("scope-of-work", &head);
    for item in items {
        let terms = item.scope.terms();
        let of = |value: fn(&Terms) -> String| terms.map(value).unwrap_or_default();
        csv.row(&[
            item.component.name.clone(),
            item.component.environment.to_string(),
            item.component.kind.as_str().to_owned(),
            terms.is_some().to_string(),
            of(|terms| terms.tier.map(|tier| tier.number().to_string()).unwrap_or_default()),
            item.choice.mechanism.as_str().to_owned(),
            of(|terms| terms.schedule.to_string()),
            of(|terms| terms.retention.get().to_string()),
            of(|terms| terms.window.map(|window| window.to_string()).unwrap_or_default()),
            of(|terms| terms.location.as_str().to_owned()),
        ]);
    }
    csv
}
