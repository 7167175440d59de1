//! The fleet: every customer of the reader, worst first, with what waits for somebody.

use app::fleet::{self, Member, Tally, Total, Waiting};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::protection::ProtectionState;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::Query;
use crate::links::Links;
use crate::pages::frame::across;
use crate::view::{Badge, Csv, CustomerQuery, FLEET, FilterBar, Format, Frame, Pager, TallyCell, Tone, words};

/// The start: the fleet for staff, the own status for a customer.
pub(crate) async fn start(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Query(query): Query<CustomerQuery>,
) -> Result<Response, PageError> {
    if actor.is_staff() {
        return show(&cx, &actor, &query).await;
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
    /// How many deliveries could not be used, in words.
    quarantined: Option<String>,
    bar: FilterBar,
    rows: Vec<FleetRow>,
    pager: Pager,
}

struct FleetRow {
    href: String,
    name: String,
    facts: String,
    badge: Badge,
    /// (state, how many, where they are listed).
    numbers: Vec<(&'static str, usize, String)>,
    /// (what waits, where it is listed).
    waiting: Vec<(String, String)>,
}

async fn show(cx: &Cx, actor: &Actor, query: &CustomerQuery) -> Result<Response, PageError> {
    let filter = query.filter();
    if query.format == Format::Csv {
        return Ok(csv(&fleet::all(cx, actor, &filter).await?).into_response());
    }
    let since = (cx.now() - fleet::FAILED_LATELY).to_string();
    let (total, members) = fleet::page(cx, actor, &filter).await?;
    let quarantined = app::inbox::quarantined_count(cx, actor).await?.filter(|some| *some > 0);
    Ok(Page(FleetPage {
        frame: across(actor, "Fleet", "/"),
        headline: headline(&total),
        lede: format!(
            "{} in scope, worst first.",
            words::count(total.tally.in_scope(), "component", "components")
        ),
        tally: TallyCell::all(&total.tally, "/", query.chosen()),
        quarantined: quarantined.map(|some| words::count(some, "webhook delivery", "webhook deliveries")),
        bar: query.bar("/", FLEET),
        rows: members
            .items
            .iter()
            .map(|member| FleetRow::new(member, &since))
            .collect(),
        pager: query.pager("/", members.next(|member| member.tenant.id)),
    })
    .into_response())
}

fn headline(total: &Total) -> String {
    match (total.tenants, total.troubled) {
        (0, _) => "No customers".to_owned(),
        (_, 0) if total.tally.in_scope() == 0 => "Nothing is in scope yet".to_owned(),
        (_, 0) => "Everything in scope is protected".to_owned(),
        (all, some) => format!(
            "{some} of {}",
            words::count(all, "customer needs attention", "customers need attention")
        ),
    }
}

impl FleetRow {
    fn new(member: &Member, since: &str) -> Self {
        let (links, tally) = (Links::of(&member.tenant), &member.tally);
        let number = |state: ProtectionState, number| (Badge::protection(state).word, number, listed(&links, state));
        let ended = member.tenant.lifecycle.ended_at().is_some();
        Self {
            href: links.status(),
            name: member.tenant.name.clone(),
            facts: facts(member),
            badge: if ended {
                Badge::new(Tone::Unknown, "Offboarded")
            } else {
                worst(tally)
            },
            numbers: vec![
                number(ProtectionState::Unprotected, tally.unprotected),
                number(ProtectionState::AtRisk, tally.at_risk),
                number(ProtectionState::Unknown, tally.unknown),
                number(ProtectionState::Protected, tally.protected),
            ],
            waiting: member
                .waiting
                .as_ref()
                .map(|waiting| waits(waiting, tally, &links, since))
                .unwrap_or_default(),
        }
    }
}

/// What waits, the most urgent first, each with where it is listed.
fn waits(waiting: &Waiting, tally: &Tally, links: &Links, since: &str) -> Vec<(String, String)> {
    let (changes, restores, accounts) = (links.page("changes"), links.page("restores"), links.page("accounts"));
    let all = [
        (
            waiting.restores,
            ("restore to decide", "restores to decide"),
            format!("{restores}?state=submitted"),
        ),
        (
            waiting.unreadable,
            ("account cannot be read", "accounts cannot be read"),
            accounts.clone(),
        ),
        (waiting.stale, ("reading is too old", "readings are too old"), accounts),
        (
            waiting.changes,
            ("change to decide", "changes to decide"),
            format!("{changes}?state=planned"),
        ),
        (
            waiting.releases,
            ("release of a hold to confirm", "releases of holds to confirm"),
            format!("{}?state=release-asked-by-customer", links.page("holds")),
        ),
        (
            waiting.ends,
            ("decommissioning to confirm", "decommissionings to confirm"),
            format!("{}?state=asked", links.page("decommissions")),
        ),
        (
            waiting.failed,
            ("change failed this week", "changes failed this week"),
            format!("{changes}?state=failed&since={since}"),
        ),
        (
            waiting.asking,
            ("change asks back", "changes ask back"),
            format!("{changes}?state=needs-information"),
        ),
        (
            waiting.overdue,
            ("out-decision overdue", "out-decisions overdue"),
            format!("{}?state=overdue", links.page("decisions")),
        ),
        (
            waiting.over,
            ("contract past its last day", "contracts past their last day"),
            links.page("contract"),
        ),
        (
            waiting.unsigned,
            ("statement to be signed", "statements to be signed"),
            links.page("contract#acknowledgements"),
        ),
        (
            tally.undecided,
            ("component to be decided", "components to be decided"),
            format!("{}?state=undecided", links.status()),
        ),
    ];
    let some = all.into_iter().filter(|(number, ..)| *number > 0);
    some.map(|(number, (one, many), href)| (words::count(number, one, many), href))
        .collect()
}

fn facts(member: &Member) -> String {
    let level = words::service_level(member.tenant.contract.service_level);
    words::standing(&member.tenant.lifecycle).map_or_else(|| level.to_owned(), |word| format!("{level} · {word}"))
}

fn listed(links: &Links, state: ProtectionState) -> String {
    format!("{}?state={}", links.status(), state.as_str())
}

/// The worst state that any component in scope is in.
pub(super) fn worst(tally: &Tally) -> Badge {
    match tally {
        Tally { unprotected: 1.., .. } => Badge::protection(ProtectionState::Unprotected),
        Tally { at_risk: 1.., .. } => Badge::protection(ProtectionState::AtRisk),
        Tally { unknown: 1.., .. } => Badge::protection(ProtectionState::Unknown),
        Tally { protected: 1.., .. } => Badge::protection(ProtectionState::Protected),
        _ => Badge::new(Tone::Unknown, "Nothing in scope"),
    }
}

fn csv(members: &[Member]) -> Csv {
    let head = [
        "customer",
        "slug",
        "service_level",
        "standing",
        "contract_until",
        "unprotected",
        "at_risk",
        "unknown",
        "protected",
        "undecided",
        "out_of_scope",
        "restores_to_decide",
        "accounts_unreadable",
        "readings_too_old",
        "changes_to_decide",
        "changes_failed_this_week",
        "changes_asking_back",
        "hold_releases_to_confirm",
        "decommissionings_to_confirm",
        "decisions_overdue",
        "contracts_past_last_day",
        "statements_to_be_signed",
    ];
    let mut csv = Csv::new("fleet", &head);
    for Member { tenant, tally, waiting } in members {
        let waits = |of: fn(&Waiting) -> usize| waiting.as_ref().map(of).unwrap_or_default().to_string();
        csv.row(&[
            tenant.name.clone(),
            tenant.slug.clone(),
            tenant.contract.service_level.as_str().to_owned(),
            words::standing(&tenant.lifecycle).unwrap_or_default().to_owned(),
            tenant.contract.until.map(|day| day.to_string()).unwrap_or_default(),
            tally.unprotected.to_string(),
            tally.at_risk.to_string(),
            tally.unknown.to_string(),
            tally.protected.to_string(),
            tally.undecided.to_string(),
            tally.out_of_scope.to_string(),
            waits(|waiting| waiting.restores),
            waits(|waiting| waiting.unreadable),
            waits(|waiting| waiting.stale),
            waits(|waiting| waiting.changes),
            waits(|waiting| waiting.failed),
            waits(|waiting| waiting.asking),
            waits(|waiting| waiting.releases),
            waits(|waiting| waiting.ends),
            waits(|waiting| waiting.overdue),
            waits(|waiting| waiting.over),
            waits(|waiting| waiting.unsigned),
        ]);
    }
    csv
}
