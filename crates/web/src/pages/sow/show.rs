//! The scope of work as it is, with every component that lives, and as it was in any version.

use app::attestation;
use app::authz::{Action, may};
use app::sow::{self, AsOf, Decided, LineFilter, LiveLine, Version, VersionLine};
use app::status::{self, Shown};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::component::{Component, PLATFORM_UNSEEN};
use domain::contract::ServiceLevel;
use domain::sow::{MechanismChoice, Scope};
use domain::tenant::Tenant;
use jiff::civil::Date;

use super::versions::MadeBy;
use super::{AsOfQuery, TermsView, download};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::status::{component_facts, mechanism, outside};
use crate::view::{
    Badge, ComponentQuery, DeviationView, FilterBar, Format, Frame, Moment, Pager, TiersView, Tone, words,
};

#[derive(Template)]
#[template(path = "sow/show.html")]
struct SowPage {
    frame: Frame,
    customer: String,
    scope: String,
    versions: String,
    decisions: String,
    service: String,
    version: Option<VersionHead>,
    /// What of the past is shown, in a sentence; `None`: what is in force.
    past: Option<String>,
    /// The day that was asked for.
    on: Option<Date>,
    new_change: Option<String>,
    /// What is not in scope, in a sentence.
    waiting: Option<String>,
    contract_page: String,
    /// What is outside the contract's bounds, in a sentence.
    outside: Option<String>,
    /// What there is of Kubernetes beside what is listed.
    platform: Option<String>,
    tiers: TiersView,
    bar: FilterBar,
    rows: Vec<Row>,
    empty: &'static str,
    pager: Pager,
}

struct VersionHead {
    number: i32,
    href: String,
    since: Moment,
    made_by: MadeBy,
}

/// One component's line.
struct Row {
    name: String,
    href: String,
    facts: String,
    workload: Option<String>,
    badge: Badge,
    why: String,
    /// What of it is not what its tier stands for.
    deviations: Vec<DeviationView>,
    /// Why it is so, as the customer said.
    note: Option<String>,
    terms: Option<TermsView>,
    method: &'static str,
    /// What was observed; `None` in an old version.
    encryption: Option<&'static str>,
    /// The restore that proves it, and when the customer verified it; `None`: unproven, or nothing to prove.
    proof: Option<(String, Moment)>,
    /// When its restore was last tested, as the customer states it.
    claimed_test: Option<Date>,
    /// Whether an old version is shown, of which nobody knows what was proven.
    past: bool,
}

/// RPO and RTO as the contract means them.
pub(in crate::pages) const fn objectives(level: ServiceLevel) -> &'static str {
    match level {
        ServiceLevel::Baseline => "RPO and RTO are objectives, not committed: the contract is a Baseline one.",
        ServiceLevel::DrBc => "RPO and RTO are committed: the contract has the DR/BC add-on.",
    }
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ComponentQuery>,
    Query(as_of): Query<AsOfQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    match as_of.read()? {
        AsOf::Newest => live(cx, actor, tenant, query).await,
        as_of => past(cx, actor, tenant, query, as_of).await,
    }
}

/// Every component that lives, in, out and undecided.
async fn live(cx: Cx, actor: Actor, tenant: Tenant, query: ComponentQuery) -> Result<Response, PageError> {
    let (filter, order) = (query.filter(None), query.order());
    if query.format == Format::Csv {
        return Ok(download::live(cx, actor, tenant, &filter, order).await?);
    }
    let report = sow::report(&cx, &actor, &tenant, &filter, order, query.after()).await?;
    let today = app::tenant::today(&cx, &tenant);
    let links = Links::of(&tenant);
    let path = links.page("scope");
    let rows = report.lines.items.iter().map(|line| Row::live(line, today, &links));
    Ok(Page(SowPage {
        rows: rows.collect(),
        waiting: waiting(&report.tally),
        outside: outside(&report.conflicts),
        platform: report.without_platform.then(|| words::plain(PLATFORM_UNSEEN)),
        empty: if query.narrows() {
            "No component matches this filter"
        } else {
            "The inventory is empty"
        },
        bar: query.bar(&path, None),
        pager: query.pager(&path, report.lines.next(|line| line.judged.status.component.id)),
        ..SowPage::new(&actor, &tenant, report.version)
    })
    .into_response())
}

/// The lines of a version, as they were agreed.
async fn past(cx: Cx, actor: Actor, tenant: Tenant, query: ComponentQuery, as_of: AsOf) -> Result<Response, PageError> {
    let found = sow::version(&cx, &actor, &tenant, as_of).await?;
    let number = found.as_ref().map(|version| version.sow.version);
    let filter = line_filter(query.filter(None));
    if query.format == Format::Csv {
        return Ok(download::version(cx, actor, tenant, number, filter));
    }
    let links = Links::of(&tenant);
    let path = links.page("scope");
    let (rows, next) = match number {
        Some(number) => {
            let page = sow::lines(&cx, &actor, tenant.id, number, &filter, query.after()).await?;
            let rows: Vec<_> = page.items.iter().map(|line| Row::past(line, &links)).collect();
            (rows, page.next(|line| line.item.component.id))
        }
        None => (Vec::new(), None),
    };
    let (key, value) = match as_of {
        AsOf::On(day) => ("on", day.to_string()),
        _ => ("version", number.unwrap_or_default().to_string()),
    };
    let kept = |href: String| format!("{href}&{key}={value}");
    let pager = query.pager(&path, next);
    let mut bar = query.bar(&path, None);
    bar.selects.retain(|select| select.name != "order");
    for select in bar.selects.iter_mut().filter(|select| select.name == "state") {
        select
            .options
            .retain(|(value, ..)| matches!(value.as_str(), "" | "in-scope" | "out"));
    }
    bar.clear = bar.clear.map(|clear| format!("{clear}?{key}={value}"));
    bar.hidden = vec![(key, value.clone())];
    Ok(Page(SowPage {
        past: Some(past_words(as_of, number)),
        on: match as_of {
            AsOf::On(day) => Some(day),
            _ => None,
        },
        rows,
        empty: match (number, query.narrows()) {
            (None, _) => "Nothing had been agreed by then",
            (Some(_), true) => "No line of this version matches this filter",
            (Some(_), false) => "This version has no lines",
        },
        bar,
        pager: Pager {
            next: pager.next.map(kept),
            csv: kept(pager.csv),
        },
        ..SowPage::new(&actor, &tenant, found)
    })
    .into_response())
}

fn past_words(as_of: AsOf, number: Option<i32>) -> String {
    match (as_of, number) {
        (AsOf::On(day), Some(number)) => {
            format!("This is version {number}, which was in force at the end of {day} in the contract’s time zone.")
        }
        (AsOf::On(day), None) => format!("Nothing had been agreed by the end of {day}."),
        (_, number) => format!("This is version {} as it was agreed.", number.unwrap_or_default()),
    }
}

/// What a filter over the present means for an old version, of which only the decision is known: any other state names
/// nothing there.
fn line_filter(filter: status::Filter) -> LineFilter {
    LineFilter {
        decided: filter.state.and_then(|state| match state {
            Shown::InScope => Some(Decided::In),
            Shown::Out => Some(Decided::Out),
            Shown::TooShort | Shown::State(_) | Shown::Undecided => None,
        }),
        environment: filter.environment,
        kind: filter.kind,
        tier: filter.tier,
        text: filter.text,
    }
}

/// What is not in scope, in a sentence.
fn waiting(tally: &status::Tally) -> Option<String> {
    let parts = [
        (tally.undecided, "component is undecided", "components are undecided"),
        (tally.out_of_scope, "is out of scope", "are out of scope"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| words::count(number, one, many))
        .collect();
    (!parts.is_empty()).then(|| format!("{}.", words::list(&parts)))
}

impl SowPage {
    /// The page around the rows.
    fn new(actor: &Actor, tenant: &Tenant, version: Option<Version>) -> Self {
        let links = Links::of(tenant);
        let scope = links.page("scope");
        let query = ComponentQuery::default();
        Self {
            frame: of_tenant(actor, tenant, "Scope of work", "scope"),
            customer: tenant.name.clone(),
            versions: links.page("scope/versions"),
            decisions: links.page("decisions"),
            service: links.page("service"),
            version: version.map(|version| VersionHead {
                number: version.sow.version,
                href: links.version(version.sow.version),
                since: version.sow.effective_from.into(),
                made_by: MadeBy::new(&version, &links),
            }),
            past: None,
            on: None,
            new_change: may(actor, Action::RequestChange, tenant.id).then(|| links.page("changes/new")),
            waiting: None,
            contract_page: links.page("contract"),
            outside: None,
            platform: None,
            tiers: TiersView::new(tenant.contract.service_level),
            bar: query.bar(&scope, None),
            rows: Vec::new(),
            empty: "",
            pager: query.pager(&scope, None),
            scope,
        }
    }
}

impl Row {
    fn live(line: &LiveLine, today: Date, links: &Links) -> Self {
        let status = &line.judged.status;
        let observed = status.observed.as_ref();
        let contracted = status.contracted.as_ref();
        let badge = match (line.judged.protection, &line.decision) {
            (Some(state), _) => Badge::protection(state),
            (None, Some(decision)) => Badge::decision(attestation::state(decision, today)),
            (None, None) => Badge::new(Tone::Unknown, "Out of scope"),
        };
        Self {
            why: line.judged.why.clone(),
            encryption: contracted
                .and_then(|(scope, _)| scope.terms())
                .map(|_| encryption(observed.and_then(|seen| seen.encrypted))),
            proof: line.proof.map(|proof| (links.restore(proof.number), proof.at.into())),
            claimed_test: line.claimed_test,
            past: false,
            ..Self::new(
                &status.component,
                contracted.map(|(scope, choice)| (scope, choice)),
                badge,
                links,
                &line.sources,
            )
        }
    }

    fn past(line: &VersionLine, links: &Links) -> Self {
        let item = &line.item;
        let badge = match &item.scope {
            Scope::In(_) => Badge::new(Tone::Ok, "In scope"),
            Scope::Out => Badge::new(Tone::Unknown, "Out of scope"),
        };
        Self::new(
            &item.component,
            Some((&item.scope, &item.choice)),
            badge,
            links,
            &line.sources,
        )
    }

    fn new(
        component: &Component,
        contracted: Option<(&Scope, &MechanismChoice)>,
        badge: Badge,
        links: &Links,
        sources: &sow::Sources,
    ) -> Self {
        let terms = contracted.and_then(|(scope, _)| scope.terms());
        Self {
            name: component.name.clone(),
            href: links.component(component.id),
            facts: component_facts(component),
            workload: component.workload.clone(),
            badge,
            why: contracted.map(|(_, choice)| choice.reason.clone()).unwrap_or_default(),
            deviations: contracted
                .map(|(scope, _)| DeviationView::all(component.kind, scope))
                .unwrap_or_default(),
            note: terms.and_then(|terms| terms.note.clone()),
            terms: terms.map(|terms| TermsView::new(terms, sources, links)),
            method: contracted
                .and_then(|(_, choice)| mechanism(choice.mechanism))
                .unwrap_or("no mechanism yet"),
            encryption: None,
            proof: None,
            claimed_test: None,
            past: true,
        }
    }
}

/// Whether what was observed is encrypted.
pub(in crate::pages) const fn encryption(encrypted: Option<bool>) -> &'static str {
    match encrypted {
        Some(true) => "encrypted",
        Some(false) => "not encrypted",
        None => "encryption unknown",
    }
}
