//! The fleet: every customer of the reader, worst first.

use app::status::{self, Overview, Tally};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::protection::ProtectionState;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Badge, Frame, TallyCell, Tone, words};

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
    let (total, fleet) = status::fleet(cx, actor, None).await?;
    let fleet = fleet.items;
    let changes = app::change_request::waiting(cx, actor).await?;
    let restores = app::restore::waiting(cx, actor).await?;
    let waiting = |one: &Overview| {
        changes.iter().filter(|change| change.tenant == one.tenant.id).count()
            + restores
                .iter()
                .filter(|restore| restore.tenant == one.tenant.id)
                .count()
    };
    let troubled = fleet
        .iter()
        .filter(|one| one.tally.protected < one.tally.in_scope())
        .count();
    Ok(FleetPage {
        frame: across(actor, "Fleet", "/"),
        headline: match (fleet.len(), troubled) {
            (0, _) => "No customers".to_owned(),
            (_, 0) => "Everything in scope is protected".to_owned(),
            (all, some) => format!(
                "{some} of {}",
                words::count(all, "customer needs attention", "customers need attention")
            ),
        },
        lede: format!(
            "{} in scope, worst first.",
            words::count(total.in_scope(), "component", "components")
        ),
        tally: TallyCell::all(&total, "/retention", None),
        rows: fleet.iter().map(|one| FleetRow::new(one, waiting(one))).collect(),
    })
}

impl FleetRow {
    fn new(status: &Overview, waiting: usize) -> Self {
        let (links, tally) = (Links::of(&status.tenant), &status.tally);
        let number = |state: ProtectionState, number| (Badge::protection(state).word, number, listed(&links, state));
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
            open: if waiting == 0 {
                "none".to_owned()
            } else {
                format!("{waiting} to decide")
            },
        }
    }
}

fn facts(status: &Overview) -> String {
    let level = words::service_level(status.tenant.contract.service_level);
    words::standing(&status.tenant.lifecycle).map_or_else(|| level.to_owned(), |word| format!("{level} · {word}"))
}

fn listed(links: &Links, state: ProtectionState) -> String {
    format!("{}?state={}", links.status(), state.as_str())
}

/// The worst state that any component in scope is in.
fn worst(tally: &Tally) -> Badge {
    match tally {
        Tally { unprotected: 1.., .. } => Badge::protection(ProtectionState::Unprotected),
        Tally { at_risk: 1.., .. } => Badge::protection(ProtectionState::AtRisk),
        Tally { unknown: 1.., .. } => Badge::protection(ProtectionState::Unknown),
        Tally { protected: 1.., .. } => Badge::protection(ProtectionState::Protected),
        _ => Badge::new(Tone::Unknown, "Nothing in scope"),
    }
}
