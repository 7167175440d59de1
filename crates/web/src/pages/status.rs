//! A customer's status: what is contracted beside what was observed.

use std::collections::BTreeSet;

use app::authz::{Action, may};
use app::status::{self, Filter, Judged, Order, Overview, Shown, Tally};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use domain::acknowledgement::Owed;
use domain::contract::Conflict;
use domain::id::ComponentId;
use domain::protection::ProtectionState;
use domain::sow::{MechanismName, Terms};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Frame, Moment, Pager, TallyCell, Tone, words};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct StatusQuery {
    state: Option<String>,
    cursor: Option<Uuid>,
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
    rows: Vec<Row>,
    pager: Pager,
    empty: &'static str,
    empty_words: &'static str,
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
    facts: String,
    why: Option<String>,
    badge: Badge,
    contracted: String,
    terms: String,
    effective: String,
    /// Whether less is kept than contracted.
    short: bool,
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
    let overview = status::overview(&cx, &actor, &tenant).await?;
    let chosen = query.state.as_deref().and_then(protection_state);
    let filter = Filter {
        state: Some(chosen.map_or(Shown::InScope, Shown::State)),
        ..Filter::default()
    };
    let after = query.cursor.map(ComponentId);
    let listed = status::page(&cx, &actor, tenant.id, &filter, Order::Worst, after).await?;
    let owed = app::acknowledgement::owed(&cx, &actor, &tenant).await?;
    let conflicts = app::contract::conflicts(&cx, &actor, &tenant).await?;
    Ok(Page(StatusPage {
        unsigned: unsigned(&owed),
        outside: outside(&conflicts),
        ..StatusPage::new(&actor, &overview, &listed, chosen)
    }))
}

impl StatusPage {
    fn new(actor: &Actor, status: &Overview, listed: &app::Page<Judged>, chosen: Option<ProtectionState>) -> Self {
        let (tenant, tally, links) = (&status.tenant, &status.tally, Links::of(&status.tenant));
        let chosen = chosen.map(ProtectionState::as_str);
        let next = listed.next(|judged| judged.status.component.id);
        let until = tenant.contract.until.map_or_else(
            || "open-ended".to_owned(),
            |day| format!("until {}", day.strftime("%-d %b %Y")),
        );
        let committed = tenant.contract.service_level.commits_objectives();
        let allowed = |action, page: &str| may(actor, action, tenant.id).then(|| links.page(page));
        Self {
            frame: of_tenant(actor, tenant, "Status", ""),
            headline: headline(&tenant.name, tally),
            contract: format!("{}, {until}", words::service_level(tenant.contract.service_level)),
            observed: status.observed_at.map(Moment),
            new_restore: allowed(Action::RequestRestore, "restores/new"),
            new_change: allowed(Action::RequestChange, "changes/new"),
            tally: TallyCell::all(tally, &links.status(), chosen),
            rows: listed
                .items
                .iter()
                .filter_map(|judged| Row::new(judged, committed))
                .collect(),
            pager: Pager::new(&links.status(), chosen.map(|state| ("state", state)), next),
            empty: if chosen.is_some() {
                "Nothing is in this state"
            } else {
                "Nothing is in scope yet"
            },
            empty_words: "A component is backed up from the moment that an approved change puts it in scope, and it is called protected only once a recovery point was observed.",
            others: others(tally),
            components: links.page("components"),
            contract_page: links.page("contract"),
            unsigned: None,
            outside: None,
        }
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

/// The state that an address names.
pub(super) fn protection_state(name: &str) -> Option<ProtectionState> {
    ProtectionState::ALL.into_iter().find(|state| state.as_str() == name)
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
    /// `committed` tells whether the contract promises the RPO.
    fn new(judged: &Judged, committed: bool) -> Option<Self> {
        let (state, status) = (judged.protection?, &judged.status);
        let (scope, choice) = status.contracted.as_ref()?;
        let terms = scope.terms()?;
        let seen = status.observed.as_ref();
        let tier = terms
            .tier
            .map(|tier| format!(" · {}", words::tier(tier)))
            .unwrap_or_default();
        Some(Self {
            name: status.component.name.clone(),
            facts: component_facts(&status.component),
            why: (state != ProtectionState::Protected).then(|| judged.why.clone()),
            badge: Badge::protection(state),
            contracted: terms.retention.to_string(),
            terms: format!("{}{tier}", words::schedule(&terms.schedule)),
            effective: effective(seen),
            short: retention(state, seen, terms).tone == Tone::Bad,
            mechanism: mechanism(choice.mechanism),
            newest: seen.and_then(|seen| seen.newest_recovery_point_at).map(Moment),
            no_point: if seen.is_some() { "none" } else { "unknown" },
            rpo: format!(
                "RPO {}, {}",
                words::span(terms.schedule.interval()),
                if committed { "committed" } else { "an objective" }
            ),
            observed: seen.map(|seen| seen.at.into()),
        })
    }
}

/// The retention that was read, beside the one that is contracted.
pub(super) fn retention(state: ProtectionState, seen: Option<&status::LastReading>, terms: &Terms) -> Badge {
    let fresh = seen.filter(|_| state != ProtectionState::Unknown);
    match fresh.and_then(|seen| seen.retention_days) {
        None => Badge::new(Tone::Unknown, "Unknown"),
        Some(days) if days < i32::from(terms.retention.get()) => Badge::new(Tone::Bad, "Too short"),
        Some(_) => Badge::new(Tone::Ok, "As contracted"),
    }
}

/// The retention that was read.
pub(super) fn effective(seen: Option<&status::LastReading>) -> String {
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
    let engine = component.engine.clone();
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
