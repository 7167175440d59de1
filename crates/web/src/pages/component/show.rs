//! One component: what it is, what is contracted for it and since when, what was observed, what was asked and restored.

use app::authz::{Action, may};
use app::component::{self, View};
use app::recovery_point::OfComponent;
use app::sow::{PastLine, Version};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use domain::change_request::ChangeRequest;
use domain::component::{Component, ComponentKind};
use domain::id::ComponentId;
use domain::restore::RestoreRequest;
use domain::sow::{MechanismChoice, MechanismName, Terms};
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::decision;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::sow::{MadeBy, TermsView, encryption, objectives};
use crate::pages::status::{component_facts, mechanism};
use crate::pages::{DoneQuery, change_request, restore};
use crate::view::{Badge, DeviationView, ExactMoment, ExpiryView, FindingView, Frame, Moment, NextRuns, Signed, words};

#[derive(Template)]
#[template(path = "component/show.html")]
pub(crate) struct ShowPage {
    frame: Frame,
    list: String,
    name: String,
    facts: String,
    badge: Badge,
    why: String,
    decision: Badge,
    decommissioned: Option<Moment>,
    new_change: Option<String>,
    new_restore: Option<String>,
    /// (name, what is stated; `None`: nothing).
    inventory: Vec<(&'static str, Option<String>)>,
    edit: Option<String>,
    /// Where its end is asked for, or was.
    end: String,
    terms: Option<TermsView>,
    /// What of it is not what its tier stands for.
    deviations: Vec<DeviationView>,
    /// Why it is so, as the customer said.
    note: Option<String>,
    objectives: &'static str,
    method: &'static str,
    reason: String,
    encryption: &'static str,
    observed: Option<Moment>,
    /// The restore that proves its backups, and when the customer verified it.
    proof: Option<(String, Moment)>,
    /// When its restore was last tested, as the customer states it.
    claimed_test: Option<Date>,
    out: Option<OutView>,
    decisions: String,
    unscheduled: Option<&'static str>,
    next_runs: Option<NextRuns>,
    volumes: Option<&'static str>,
    findings: Vec<FindingView>,
    history: Vec<PastRow>,
    points: Vec<PointRow>,
    all_points: String,
    changes: Vec<ChangeRow>,
    all_changes: String,
    restores: Vec<RestoreRow>,
    all_restores: String,
}

/// Who decided that it is out of scope, and until when that holds.
struct OutView {
    by: String,
    at: Signed,
    reason: String,
    attested: Option<(String, Moment)>,
    due_on: Date,
    overdue: bool,
}

/// The line as it stood from one version on.
struct PastRow {
    number: i32,
    href: String,
    since: Option<Moment>,
    decision: &'static str,
    terms: String,
    made_by: Option<MadeBy>,
    /// The version that took the line away without another in its place.
    ended: Option<(i32, String)>,
}

struct PointRow {
    at: ExactMoment,
    earliest: Option<ExactMoment>,
    kind: &'static str,
    encrypted: &'static str,
    expires: ExpiryView,
    /// (number, address) of each hold that it is under.
    holds: Vec<(i32, String)>,
    restore: Option<String>,
}

struct ChangeRow {
    title: String,
    href: String,
    badge: Badge,
    asker: String,
    at: Moment,
}

struct RestoreRow {
    number: i32,
    href: String,
    badge: Badge,
    point: ExactMoment,
    asker: String,
    at: Moment,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Query(query): Query<DoneQuery>,
) -> Result<Page<ShowPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = component::view(&cx, &actor, &tenant, ComponentId(id)).await?;
    let mut page = ShowPage::new(&actor, &tenant, view, app::tenant::today(&cx, &tenant), cx.now());
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page))
}

impl ShowPage {
    fn new(actor: &Actor, tenant: &Tenant, view: View, today: Date, now: Timestamp) -> Self {
        let links = Links::of(tenant);
        let (judged, allowed) = (&view.judged, |action| may(actor, action, tenant.id));
        let component = &judged.status.component;
        let contracted = judged.status.contracted.as_ref();
        let terms = contracted.and_then(|(scope, _)| scope.terms());
        let choice = contracted.map(|(_, choice)| choice);
        let seen = judged.status.observed.as_ref();
        let stated = decision(judged, view.decision.as_ref(), today);
        let lives = component.decommissioned_at.is_none();
        Self {
            frame: of_tenant(actor, tenant, &component.name, "components"),
            list: links.page("components"),
            name: component.name.clone(),
            facts: component_facts(component),
            badge: judged.protection.map_or(stated, Badge::protection),
            why: judged.why.clone(),
            decision: stated,
            decommissioned: component.decommissioned_at.map(Moment),
            new_change: (lives && allowed(Action::RequestChange)).then(|| links.ask_for(component, None)),
            new_restore: (!view.points.is_empty() && allowed(Action::RequestRestore))
                .then(|| format!("{}?from={}/last", links.page("restores/new"), component.id)),
            inventory: inventory(component),
            edit: (lives && allowed(Action::EditInventory)).then(|| format!("{}/facts", links.component(component.id))),
            end: links.decommission(component.id),
            terms: terms.map(|terms| TermsView::new(terms, &view.sources, &links)),
            deviations: contracted
                .map(|(scope, _)| DeviationView::all(component.kind, scope))
                .unwrap_or_default(),
            note: terms.and_then(|terms| terms.note.clone()),
            objectives: objectives(tenant.contract.service_level),
            method: choice
                .and_then(|choice| mechanism(choice.mechanism))
                .unwrap_or("none: no mechanism yet"),
            reason: choice.map(|choice| choice.reason.clone()).unwrap_or_default(),
            encryption: encryption(seen.and_then(|seen| seen.encrypted)),
            observed: seen.map(|seen| seen.at.into()),
            proof: view.proof.map(|proof| (links.restore(proof.number), proof.at.into())),
            claimed_test: view.claimed_test,
            out: view.decision.and_then(|decision| decision.out).map(|signed| OutView {
                by: words::list(&signed.by),
                at: Signed::new(signed.on, signed.at),
                reason: signed.reason,
                attested: signed.attested.map(|(by, at)| (by, at.into())),
                overdue: signed.due_on < today,
                due_on: signed.due_on,
            }),
            decisions: links.page("decisions"),
            unscheduled: unscheduled(terms, choice),
            next_runs: terms
                .filter(|_| unscheduled(terms, choice).is_none())
                .map(|terms| NextRuns::new(&terms.schedule, now)),
            volumes: volumes(component.kind),
            findings: view.findings.iter().map(FindingView::new).collect(),
            history: view
                .history
                .iter()
                .map(|(line, version)| PastRow::new(line, version.as_ref(), &links))
                .collect(),
            points: view
                .points
                .iter()
                .map(|listed| PointRow::new(listed, &links, allowed(Action::RequestRestore)))
                .collect(),
            all_points: format!("{}?component={}", links.page("recovery-points"), component.id),
            changes: view
                .changes
                .into_iter()
                .map(|change| ChangeRow::new(change, &links))
                .collect(),
            all_changes: links.page("changes"),
            restores: view
                .restores
                .into_iter()
                .map(|restore| RestoreRow::new(restore, &links))
                .collect(),
            all_restores: links.page("restores"),
        }
    }
}

fn inventory(component: &Component) -> Vec<(&'static str, Option<String>)> {
    let place = component.aws.as_ref();
    vec![
        ("Workload", component.workload.clone()),
        ("Owner", component.owner.clone()),
        ("Engine", component.engine.clone()),
        ("Version", component.version.clone()),
        ("Size", component.size_bytes.map(words::bytes)),
        ("Account", place.map(|place| place.account.to_string())),
        ("Region", component.region().map(ToString::to_string)),
        ("Resource", place.map(|place| place.arn.clone())),
    ]
}

/// Why nothing is scheduled; `None`: something is.
fn unscheduled(terms: Option<&Terms>, choice: Option<&MechanismChoice>) -> Option<&'static str> {
    if terms.is_none() {
        Some("It is not in scope, so nothing is scheduled.")
    } else if choice.is_none_or(|choice| choice.mechanism == MechanismName::None) {
        Some("There is no mechanism yet, so nothing is scheduled.")
    } else {
        None
    }
}

const fn volumes(kind: ComponentKind) -> Option<&'static str> {
    match kind {
        ComponentKind::Kubernetes | ComponentKind::KubernetesPlatform => Some(
            "Persistent volumes are not shown claim by claim yet: that comes with the Velero mechanism. Until then take none of them for protected.",
        ),
        _ => None,
    }
}

impl PastRow {
    fn new(past: &PastLine, version: Option<&Version>, links: &Links) -> Self {
        let (scope, choice) = &past.line;
        let terms = scope.terms().map(|terms| {
            let tier = terms
                .tier
                .map(|tier| format!(", {}", words::tier(tier)))
                .unwrap_or_default();
            let method = mechanism(choice.mechanism).unwrap_or("no mechanism");
            format!(
                "{}, kept {}{tier}, {method}",
                words::schedule(&terms.schedule),
                terms.retention
            )
        });
        Self {
            number: past.from_version,
            href: links.version(past.from_version),
            since: version.map(|version| version.sow.effective_from.into()),
            decision: if terms.is_some() { "In scope" } else { "Out of scope" },
            terms: terms.unwrap_or_default(),
            made_by: version.map(|version| MadeBy::new(version, links)),
            ended: past.to_version.map(|number| (number, links.version(number))),
        }
    }
}

impl PointRow {
    fn new(listed: &OfComponent, links: &Links, may_restore: bool) -> Self {
        let point = &listed.point;
        Self {
            at: ExactMoment(point.at),
            earliest: point.earliest.map(ExactMoment),
            kind: words::granularity(point.granularity),
            encrypted: if point.encrypted { "yes" } else { "no" },
            expires: ExpiryView::of_listed(listed),
            holds: listed
                .holds
                .iter()
                .map(|number| (*number, links.hold(*number)))
                .collect(),
            restore: may_restore
                .then(|| format!("{}?from={}/{}", links.page("restores/new"), listed.component, point.id)),
        }
    }
}

impl ChangeRow {
    fn new(change: ChangeRequest, links: &Links) -> Self {
        Self {
            href: links.change(change.number),
            badge: change_request::badge(&change.state),
            title: format!("{}. {}", change.number, change.title),
            asker: change.requester.name,
            at: change.updated_at.into(),
        }
    }
}

impl RestoreRow {
    fn new(restore: RestoreRequest, links: &Links) -> Self {
        Self {
            number: restore.number,
            href: links.restore(restore.number),
            badge: restore::badge(&restore.state),
            point: ExactMoment(restore.target.point.at),
            asker: restore.requester.name,
            at: restore.updated_at.into(),
        }
    }
}
