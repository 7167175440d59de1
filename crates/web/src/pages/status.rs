//! What is protected: the fleet for staff, the own status for a customer.

use app::status::{self, Judged, Tally, TenantStatus};
use app::{Actor, Cx};
use app::authz::{Action, may};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::protection::ProtectionState;
use domain::sow::MechanismName;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::{across, of_tenant};
use crate::view::{Badge, Frame, Moment, TallyCell, Tone, words};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct StatusQuery {
    state: Option<String>,
}

/// The start: the fleet for staff, the own status for a customer.
pub(crate) async fn start(State(cx): State<Cx>, Caller(actor): Caller) -> Result<Response, PageError> {
    if actor.is_staff() {
        return Ok(Page(fleet(&cx, &actor).await?).into_response());
    }
    let tenants = app::tenant::list(&cx, &actor).await?;
    let own = match tenants.as_slice() {
        [only] => Links::of(only).status(),
        _ => "/customers".to_owned(),
    };
    Ok(Redirect::to(&own).into_response())
}

#[derive(Template)]
#[template(path = "status/fleet.html")]
struct FleetPage {
    frame: Frame,
    headline: String,
    lede: String,
    tally: Vec<TallyCell>,
    rows: Vec<FleetRow>,
}

struct FleetRow {
    href: String,
    name: String,
    facts: String,
    badge: Badge,
    /// (state, how many, where they are listed).
    numbers: Vec<(&'static str, usize, String)>,
    open: String,
}

async fn fleet(cx: &Cx, actor: &Actor) -> Result<FleetPage, PageError> {
    let fleet = status::fleet(cx, actor).await?;
    let changes = app::change_request::waiting(cx, actor).await?;
    let restores = app::restore::waiting(cx, actor).await?;
    let waiting = |one: &TenantStatus| {
        changes.iter().filter(|change| change.tenant == one.tenant.id).count()
            + restores.iter().filter(|restore| restore.tenant == one.tenant.id).count()
    };
    let troubled = fleet.iter().filter(|one| one.tally.protected < one.tally.in_scope()).count();
    let total = fleet.iter().fold(Tally::default(), |sum, one| Tally {
        protected: sum.protected + one.tally.protected,
        at_risk: sum.at_risk + one.tally.at_risk,
        unprotected: sum.unprotected + one.tally.unprotected,
        unknown: sum.unknown + one.tally.unknown,
        out_of_scope: sum.out_of_scope + one.tally.out_of_scope,
        undecided: sum.undecided + one.tally.undecided,
    });
    Ok(FleetPage {
        frame: across(actor, "Fleet", "/"),
        headline: match (fleet.len(), troubled) {
            (0, _) => "No customers".to_owned(),
            (_, 0) => "Everything in scope is protected".to_owned(),
            (all, some) => format!("{some} of {} somebody", words::count(all, "customer needs", "customers need")),
        },
        lede: format!("{} in scope, worst first.", words::count(total.in_scope(), "component", "components")),
        tally: TallyCell::all(&total, "/retention", None),
        rows: fleet.iter().map(|one| FleetRow::new(one, waiting(one))).collect(),
    })
}

impl FleetRow {
    fn new(status: &TenantStatus, waiting: usize) -> Self {
        let (links, tally) = (Links::of(&status.tenant), &status.tally);
        let number = |state: ProtectionState, number| (said(state), number, listed(&links, state));
        Self {
            href: links.status(),
            name: status.tenant.name.clone(),
            facts: facts(status),
            badge: worst(tally),
            numbers: vec![
                number(ProtectionState::Unprotected, tally.unprotected),
                number(ProtectionState::AtRisk, tally.at_risk),
                number(ProtectionState::Unknown, tally.unknown),
                number(ProtectionState::Protected, tally.protected),
            ],
            open: if waiting == 0 { "none".to_owned() } else { format!("{waiting} to decide") },
        }
    }
}

fn facts(status: &TenantStatus) -> String {
    let level = words::service_level(status.tenant.contract.service_level);
    if status.tenant.suspended { format!("{level} · suspended") } else { level.to_owned() }
}

fn listed(links: &Links, state: ProtectionState) -> String {
    format!("{}?state={}", links.status(), state.as_str())
}

/// The worst state that any component in scope is in.
fn worst(tally: &Tally) -> Badge {
    match tally {
        Tally { unprotected: 1.., .. } => badge(ProtectionState::Unprotected),
        Tally { at_risk: 1.., .. } => badge(ProtectionState::AtRisk),
        Tally { unknown: 1.., .. } => badge(ProtectionState::Unknown),
        Tally { protected: 1.., .. } => badge(ProtectionState::Protected),
        _ => Badge::new(Tone::Unknown, "Nothing in scope"),
    }
}

/// The state in one word.
pub(crate) const fn badge(state: ProtectionState) -> Badge {
    let tone = match state {
        ProtectionState::Protected => Tone::Ok,
        ProtectionState::AtRisk => Tone::Warn,
        ProtectionState::Unprotected => Tone::Bad,
        ProtectionState::Unknown => Tone::Unknown,
    };
    Badge::new(tone, said(state))
}

const fn said(state: ProtectionState) -> &'static str {
    match state {
        ProtectionState::Protected => "Protected",
        ProtectionState::AtRisk => "At risk",
        ProtectionState::Unprotected => "Unprotected",
        ProtectionState::Unknown => "Unknown",
    }
}

#[derive(Template)]
#[template(path = "status/show.html")]
pub(crate) struct StatusPage {
    frame: Frame,
    headline: String,
    contract: String,
    observed: Option<Moment>,
    new_restore: Option<String>,
    new_change: Option<String>,
    tally: Vec<TallyCell>,
    suspended: bool,
    rows: Vec<Row>,
    empty: &'static str,
    empty_words: &'static str,
    /// What is not in scope, in a sentence.
    others: Option<String>,
    components: String,
}

struct Row {
    name: String,
    facts: String,
    why: Option<String>,
    badge: Badge,
    contracted: String,
    terms: String,
    effective: String,
    mechanism: Option<&'static str>,
    newest: Option<Moment>,
    no_point: &'static str,
    rpo: String,
    observed: Option<Moment>,
}

/// One customer's status: what is contracted, what is effective, and the newest recovery point.
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<StatusQuery>,
) -> Result<Page<StatusPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let status = status::of(&cx, &actor, &tenant).await?;
    Ok(Page(StatusPage::new(&actor, &status, query.state.as_deref())))
}

impl StatusPage {
    fn new(actor: &Actor, status: &TenantStatus, chosen: Option<&str>) -> Self {
        let (tenant, tally, links) = (&status.tenant, &status.tally, Links::of(&status.tenant));
        let wanted = |judged: &&Judged| {
            judged.protection.is_some_and(|state| chosen.is_none_or(|chosen| chosen == state.as_str()))
        };
        let until = tenant.contract.until.map_or_else(|| "open-ended".to_owned(), |day| format!("until {}", day.strftime("%-d %b %Y")));
        let allowed = |action, page: &str| may(actor, action, tenant.id).then(|| links.page(page));
        Self {
            frame: of_tenant(actor, tenant, "Status", ""),
            headline: headline(&tenant.name, tally),
            contract: format!("{}, {until}", words::service_level(tenant.contract.service_level)),
            observed: status.observed_at.map(Moment),
            new_restore: allowed(Action::RequestRestore, "restores/new"),
            new_change: allowed(Action::RequestChange, "changes/new"),
            tally: TallyCell::all(tally, &links.status(), chosen),
            suspended: tenant.suspended,
            rows: status.components.iter().filter(wanted).filter_map(Row::new).collect(),
            empty: if chosen.is_some() { "Nothing is in this state" } else { "Nothing is in scope yet" },
            empty_words: "A component is backed up from the moment that an approved change puts it in scope, and it is called protected only once a recovery point was observed.",
            others: others(tally),
            components: links.page("components"),
        }
    }
}

fn headline(name: &str, tally: &Tally) -> String {
    match tally.in_scope() {
        0 => name.to_owned(),
        all if all == tally.protected => format!("{name}: everything in scope is protected"),
        all => format!("{name}: {} of {all} protected", tally.protected),
    }
}

fn others(tally: &Tally) -> Option<String> {
    let out = (tally.out_of_scope > 0).then(|| format!("{} out of scope", words::count(tally.out_of_scope, "component is", "components are")));
    let undecided = (tally.undecided > 0).then(|| format!("{} undecided", words::count(tally.undecided, "is", "are")));
    let parts: Vec<_> = out.into_iter().chain(undecided).collect();
    (!parts.is_empty()).then(|| format!("Besides these, {}.", words::list(&parts)))
}

impl Row {
    fn new(judged: &Judged) -> Option<Self> {
        let (state, status) = (judged.protection?, &judged.status);
        let (scope, choice) = status.contracted.as_ref()?;
        let terms = scope.terms()?;
        let seen = status.observed.as_ref();
        let tier = terms.tier.map(|tier| format!(" · {}", words::tier(tier))).unwrap_or_default();
        Some(Self {
            name: status.component.name.clone(),
            facts: component_facts(&status.component),
            why: (state != ProtectionState::Protected).then(|| judged.why.clone()),
            badge: badge(state),
            contracted: terms.retention.to_string(),
            terms: format!("{}{tier}", words::frequency(terms.frequency)),
            effective: effective(seen),
            mechanism: mechanism(choice.mechanism),
            newest: seen.and_then(|seen| seen.newest_recovery_point_at).map(Moment),
            no_point: if seen.is_some() { "none" } else { "not known" },
            rpo: format!("at most {} old", words::span(terms.frequency.rpo())),
            observed: seen.map(|seen| seen.at.into()),
        })
    }
}

/// The retention that was read.
pub(super) fn effective(seen: Option<&status::LastReading>) -> String {
    match seen {
        None => "not known".to_owned(),
        Some(seen) => match seen.retention_days.and_then(|days| usize::try_from(days).ok()) {
            None => "not found".to_owned(),
            Some(0) => "off".to_owned(),
            Some(days) => words::count(days, "day", "days"),
        },
    }
}

/// `production · RDS instance · PostgreSQL 16 · 120 GiB`.
pub(super) fn component_facts(component: &domain::component::Component) -> String {
    let engine = component.engine.clone();
    let parts = [Some(component.environment.to_string()), Some(component.kind.words().to_owned()), engine, component.size_bytes.map(words::bytes)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(super) const fn mechanism(name: MechanismName) -> Option<&'static str> {
    match name {
        MechanismName::NativeRds => Some("native: RDS"),
        MechanismName::None => None,
    }
}
