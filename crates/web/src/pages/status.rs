//! A customer's status: what is contracted beside what was observed.

use std::collections::BTreeSet;

use app::authz::{Action, may};
use app::sow::LiveLine;
use app::status::{self, Judged, LastReading, Report, Shown, Tally};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::acknowledgement::Owed;
use domain::contract::{Conflict, ServiceLevel};
use domain::protection::ProtectionState;
use domain::sow::{MechanismName, Scope, Terms};
use domain::tenant::Tenant;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::live_csv::live_csv;
use crate::view::{Badge, ComponentQuery, FilterBar, Format, Frame, Moment, Pager, TallyCell, Tone, words};

/// What is listed where no state is chosen.
const IN_SCOPE: Option<Shown> = Some(Shown::InScope);

const COLUMNS: [&str; 18] = [
    "component",
    "environment",
    "kind",
    "workload",
    "owner",
    "tier",
    "state",
    "why",
    "contracted_days",
    "effective_days",
    "schedule",
    "mechanism",
    "rpo",
    "rto",
    "rpo_and_rto_are",
    "newest_recovery_point_at",
    "oldest_recovery_point_at",
    "observed_at",
];

#[derive(Template)]
#[template(path = "status/show.html")]
struct StatusPage {
    frame: Frame,
    headline: String,
    contract: String,
    observed: Option<Moment>,
    new_restore: Option<String>,
    new_change: Option<String>,
    tally: Vec<TallyCell>,
    objectives: &'static str,
    bar: FilterBar,
    rows: Vec<Row>,
    pager: Pager,
    /// What is not in scope, in a sentence.
    others: Option<String>,
    components: String,
    contract_page: String,
    /// What the customer has to sign, in a sentence.
    unsigned: Option<String>,
    /// What is outside the contract's bounds, in a sentence.
    outside: Option<String>,
}

struct Row {
    name: String,
    href: String,
    facts: String,
    why: Option<String>,
    badge: Badge,
    /// `None`: not in scope, so that nothing is contracted.
    line: Option<Line>,
    newest: Option<Moment>,
    oldest: Option<Moment>,
    no_point: &'static str,
    observed: Option<Moment>,
}

/// What is contracted, and what is kept.
struct Line {
    contracted: String,
    terms: String,
    effective: String,
    /// Whether less is kept than contracted.
    short: bool,
    mechanism: &'static str,
    rpo: String,
    rto: String,
}

/// One customer's status: what is contracted, what is effective, and the recovery points.
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ComponentQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (filter, order) = (query.filter(IN_SCOPE), query.order());
    if query.format == Format::Csv {
        let level = tenant.contract.service_level;
        let cells = move |line: &LiveLine| cells(&line.judged, level);
        let file = ("status", &COLUMNS[..]);
        return Ok(live_csv(file, (cx, actor, tenant.id), &filter, order, cells).await?);
    }
    let report = status::report(&cx, &actor, &tenant, &filter, order, query.after()).await?;
    Ok(Page(StatusPage::new(&actor, &tenant, &report, &query)).into_response())
}

impl StatusPage {
    fn new(actor: &Actor, tenant: &Tenant, report: &Report, query: &ComponentQuery) -> Self {
        let (tally, links) = (&report.tally, Links::of(tenant));
        let next = report.components.next(|judged| judged.status.component.id);
        let until = tenant.contract.until.map_or_else(
            || "open-ended".to_owned(),
            |day| format!("until {}", day.strftime("%-d %b %Y")),
        );
        let allowed = |action, page: &str| may(actor, action, tenant.id).then(|| links.page(page));
        Self {
            frame: of_tenant(actor, tenant, "Status", ""),
            headline: headline(&tenant.name, tally),
            contract: format!("{}, {until}", words::service_level(tenant.contract.service_level)),
            observed: report.observed_at.map(Moment),
            new_restore: allowed(Action::RequestRestore, "restores/new"),
            new_change: allowed(Action::RequestChange, "changes/new"),
            tally: TallyCell::all(tally, &links.status(), query.state()),
            objectives: committed(tenant.contract.service_level),
            bar: query.bar(&links.status(), IN_SCOPE),
            rows: report
                .components
                .items
                .iter()
                .map(|judged| Row::new(judged, &links))
                .collect(),
            pager: query.pager(&links.status(), next),
            others: others(tally),
            components: links.page("components"),
            contract_page: links.page("contract"),
            unsigned: unsigned(&report.owed),
            outside: outside(&report.conflicts),
        }
    }
}

/// Whether a tier's figures are promised (decisions.md): only with the DR/BC add-on.
const fn committed(level: ServiceLevel) -> &'static str {
    if level.commits_objectives() {
        "committed"
    } else {
        "objective, not committed"
    }
}

/// What the customer still has to sign, or soon has to sign again.
fn unsigned(owed: &[Owed]) -> Option<String> {
    let due = owed.iter().filter(|one| one.standing.is_due()).count();
    (due > 0).then(|| {
        format!(
            "{} missing, expired or of an earlier version.",
            words::count(due, "acknowledgement is", "acknowledgements are")
        )
    })
}

/// What the scope of work holds that the contract does not allow.
pub(super) fn outside(conflicts: &[Conflict]) -> Option<String> {
    let components: BTreeSet<_> = conflicts.iter().map(|conflict| conflict.component).collect();
    (!components.is_empty()).then(|| {
        format!(
            "{} outside what the contract allows.",
            words::count(components.len(), "component in scope is", "components in scope are")
        )
    })
}

fn headline(name: &str, tally: &Tally) -> String {
    match tally.in_scope() {
        0 => name.to_owned(),
        all if all == tally.protected => format!("{name}: everything in scope is protected"),
        all => format!("{name}: {} of {all} protected", tally.protected),
    }
}

fn others(tally: &Tally) -> Option<String> {
    let out = (tally.out_of_scope > 0).then(|| {
        format!(
            "{} out of scope",
            words::count(tally.out_of_scope, "component is", "components are")
        )
    });
    let undecided = (tally.undecided > 0).then(|| format!("{} undecided", words::count(tally.undecided, "is", "are")));
    let parts: Vec<_> = out.into_iter().chain(undecided).collect();
    (!parts.is_empty()).then(|| format!("Besides these, {}.", words::list(&parts)))
}

impl Row {
    fn new(judged: &Judged, links: &Links) -> Self {
        let status = &judged.status;
        let seen = status.observed.as_ref();
        Self {
            name: status.component.name.clone(),
            href: links.component(status.component.id),
            facts: component_facts(&status.component),
            why: (judged.protection != Some(ProtectionState::Protected)).then(|| judged.why.clone()),
            badge: state(judged),
            line: Line::new(judged),
            newest: seen.and_then(|seen| seen.newest_recovery_point_at).map(Moment),
            oldest: seen.and_then(|seen| seen.oldest_recovery_point_at).map(Moment),
            no_point: if seen.is_some() { "none" } else { "unknown" },
            observed: seen.map(|seen| seen.at.into()),
        }
    }
}

impl Line {
    fn new(judged: &Judged) -> Option<Self> {
        let seen = judged.status.observed.as_ref();
        let (scope, choice) = judged.status.contracted.as_ref()?;
        let terms = scope.terms()?;
        let tier = terms
            .tier
            .map(|tier| format!(" · {}", words::tier(tier)))
            .unwrap_or_default();
        Some(Self {
            contracted: terms.retention.to_string(),
            terms: format!("{}{tier}", words::schedule(&terms.schedule)),
            effective: effective(seen),
            short: retention(judged.protection?, seen, terms).tone == Tone::Bad,
            mechanism: mechanism(choice.mechanism).unwrap_or("no mechanism yet"),
            rpo: format!("RPO {}", words::span(terms.schedule.interval())),
            rto: terms.tier.map_or_else(
                || "no RTO stated".to_owned(),
                |tier| format!("RTO {}", words::span(tier.rto())),
            ),
        })
    }
}

/// What a component is shown as.
pub(super) fn state(judged: &Judged) -> Badge {
    match (judged.protection, &judged.status.contracted) {
        (Some(state), _) => Badge::protection(state),
        (None, Some((Scope::Out, _))) => Badge::new(Tone::Unknown, "Out of scope"),
        (None, _) => Badge::new(Tone::Warn, "Undecided"),
    }
}

/// The retention that was read, beside the one that is contracted.
fn retention(state: ProtectionState, seen: Option<&LastReading>, terms: &Terms) -> Badge {
    let fresh = seen.filter(|_| state != ProtectionState::Unknown);
    match fresh.and_then(|seen| seen.retention_days) {
        None => Badge::new(Tone::Unknown, "Unknown"),
        Some(days) if days < i32::from(terms.retention.get()) => Badge::new(Tone::Bad, "Too short"),
        Some(_) => Badge::new(Tone::Ok, "As contracted"),
    }
}

/// The retention that was read.
fn effective(seen: Option<&LastReading>) -> String {
    match seen {
        None => "unknown".to_owned(),
        Some(seen) => match seen.retention_days.and_then(|days| usize::try_from(days).ok()) {
            None => "not found".to_owned(),
            Some(0) => "off".to_owned(),
            Some(days) => words::count(days, "day", "days"),
        },
    }
}

/// `production · RDS instance · PostgreSQL 16 · 120 GiB`.
pub(super) fn component_facts(component: &domain::component::Component) -> String {
    let version = component.version.as_deref();
    let engine = component.engine.as_ref().map(|engine| match version {
        Some(version) => format!("{engine} {version}"),
        None => engine.clone(),
    });
    let parts = [
        Some(component.environment.to_string()),
        Some(component.kind.words().to_owned()),
        engine,
        component.size_bytes.map(words::bytes),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(super) const fn mechanism(name: MechanismName) -> Option<&'static str> {
    match name {
        MechanismName::NativeRds => Some("Native RDS backups"),
        MechanismName::None => None,
    }
}

fn cells(judged: &Judged, level: ServiceLevel) -> Vec<String> {
    let (component, seen) = (&judged.status.component, judged.status.observed.as_ref());
    let contracted = judged.status.contracted.as_ref();
    let terms = contracted.and_then(|(scope, _)| scope.terms());
    let of = |value: fn(&Terms) -> Option<String>| terms.and_then(value).unwrap_or_default();
    let at = |value: fn(&LastReading) -> Option<String>| seen.and_then(value).unwrap_or_default();
    vec![
        component.name.clone(),
        component.environment.to_string(),
        component.kind.as_str().to_owned(),
        component.workload.clone().unwrap_or_default(),
        component.owner.clone().unwrap_or_default(),
        of(|terms| terms.tier.map(|tier| tier.number().to_string())),
        state(judged).word.to_owned(),
        judged.why.clone(),
        of(|terms| Some(terms.retention.get().to_string())),
        at(|seen| seen.retention_days.map(|days| days.to_string())),
        of(|terms| Some(words::schedule(&terms.schedule))),
        contracted.map_or_else(String::new, |(_, choice)| choice.mechanism.as_str().to_owned()),
        of(|terms| Some(words::span(terms.schedule.interval()))),
        of(|terms| terms.tier.map(|tier| words::span(tier.rto()))),
        terms.map_or("", |_| committed(level)).to_owned(),
        at(|seen| seen.newest_recovery_point_at.map(|at| at.to_string())),
        at(|seen| seen.oldest_recovery_point_at.map(|at| at.to_string())),
        at(|seen| Some(seen.at.to_string())),
    ]
}
