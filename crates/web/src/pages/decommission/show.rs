//! One component's end: what was asked, and what the reader may do.

use std::collections::BTreeMap;

use app::decommission::{self, View};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::decommission::{Decommission, FinalBackup, State as Stage};
use domain::id::ComponentId;
use domain::restore::RecoveryPoint;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use uuid::Uuid;

use super::{badge, confirmers, fate};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::pages::status::component_facts;
use crate::view::{Badge, Frame, Moment, SideView, words};

/// Recovery points among which the form lets choose, the newest.
const CHOICES: usize = 50;

#[derive(Template)]
#[template(path = "decommission/show.html")]
pub(super) struct ShowPage {
    frame: Frame,
    components: String,
    address: String,
    name: String,
    facts: String,
    badge: Option<Badge>,
    /// What was asked, where something was.
    end: Option<EndView>,
    /// What keeps the reader from asking; `None`: the form.
    refused: Option<String>,
    form: Option<FormView>,
    confirm: Option<ConfirmView>,
    can_withdraw: bool,
    revision: i64,
    points: usize,
    recovery_points: String,
    /// Other holds that stand on its recovery points: (number, address).
    holds: Vec<(i32, String)>,
}

struct EndView {
    asker: String,
    asked: Moment,
    reason: String,
    last: String,
    fate: String,
    /// What Holdfast cannot do about it.
    finding: Option<String>,
    /// The hold that records until when they are to be kept: (number, address).
    hold: Option<(i32, String)>,
    outcome: Option<(&'static str, String)>,
}

struct FormView {
    once: Once,
    reason: String,
    last: String,
    /// Why no new one will be seen; `None`: one can be waited for.
    no_new: Option<String>,
    point: String,
    points: Vec<(String, String)>,
    fate: String,
    keep_until: String,
    wrong: Vec<(String, String)>,
}

struct ConfirmView {
    sides: Vec<SideView>,
    refused: Option<String>,
    wrong: Option<String>,
    typed: String,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = decommission::view(&cx, &actor, tenant.id, ComponentId(id)).await?;
    let page = ShowPage::new(&actor, &tenant, view, query.done.as_deref(), &BTreeMap::new(), &[]);
    Ok(Page(page).into_response())
}

impl ShowPage {
    pub(super) fn new(
        actor: &Actor,
        tenant: &Tenant,
        view: View,
        done: Option<&str>,
        given: &BTreeMap<String, String>,
        problems: &[FormProblem],
    ) -> Self {
        let links = Links::of(tenant);
        let asked = view.is_asked();
        let ask = view.component.decommissioned_at.is_none() && !asked;
        let (form, refused) = match &view.may_ask {
            Ok(()) => (Some(FormView::new(&view, given, problems)), None),
            Err(why) => (None, Some(why.clone()).filter(|_| ask)),
        };
        let end = view.end.as_ref().filter(|end| end.is_asked());
        let confirm = end.map(|end| ConfirmView {
            sides: SideView::confirming(&view.needed, &end.confirmations()),
            refused: view.may_confirm.clone().err(),
            wrong: problems
                .iter()
                .find(|problem| problem.field == "confirm")
                .map(|problem| problem.why.clone()),
            typed: given.get("confirm").cloned().unwrap_or_default(),
        });
        let frame = of_tenant(
            actor,
            tenant,
            &format!("Decommission {}", view.component.name),
            "components",
        )
        .saying(done);
        Self {
            frame: if form.is_some() { frame.still() } else { frame },
            components: links.page("components"),
            address: links.decommission(view.component.id),
            name: view.component.name.clone(),
            facts: component_facts(&view.component),
            badge: view.end.as_ref().map(badge),
            holds: holds(&view, &links),
            end: view.end.as_ref().map(|end| EndView::new(end, &view, &links)),
            refused,
            form,
            confirm,
            can_withdraw: view.may_withdraw,
            revision: view.end.as_ref().map(|end| end.revision).unwrap_or_default(),
            points: view.points.len(),
            recovery_points: links.page("recovery-points"),
        }
    }
}

impl EndView {
    fn new(end: &Decommission, view: &View, links: &Links) -> Self {
        let named = |point: Option<&RecoveryPoint>| point.map(said);
        let last = match (&end.state, end.final_backup) {
            (Stage::Decommissioned { last_point, .. }, _) => {
                named(last_point.as_ref()).unwrap_or_else(|| "none, the customer wanted none".to_owned())
            }
            (_, FinalBackup::None) => "none: the customer says that it wants none".to_owned(),
            (_, FinalBackup::Existing { .. }) => match end.last_point(&view.points) {
                Ok(point) => named(point.as_ref()).unwrap_or_default(),
                Err(refused) => refused.to_string(),
            },
            (_, FinalBackup::Awaited) => match end.last_point(&view.points) {
                Ok(point) => format!("a new one, seen: {}", named(point.as_ref()).unwrap_or_default()),
                Err(_) => "a new one, newer than the asking: none was observed yet".to_owned(),
            },
        };
        Self {
            asker: end.requester.name.clone(),
            asked: end.asked_at.into(),
            reason: end.reason.clone(),
            last,
            fate: fate(end),
            finding: finding(end),
            hold: own_hold(end).map(|number| (number, links.hold(number))),
            outcome: outcome(end),
        }
    }
}

fn outcome(end: &Decommission) -> Option<(&'static str, String)> {
    match &end.state {
        Stage::Asked { .. } => None,
        Stage::Withdrawn { name } => Some(("", format!("Taken back by {name}. The component stays as it is."))),
        Stage::Decommissioned { sow_version, .. } => {
            let left = sow_version.map_or_else(
                || "It had no line in the scope of work.".to_owned(),
                |version| format!("Its line left the scope of work with version {version}."),
            );
            Some((
                "ok",
                format!(
                    "Confirmed by {}. {left} Holdfast configures nothing for it any more, and deleted nothing at AWS.",
                    confirmers(end)
                ),
            ))
        }
    }
}

/// What becomes of a wish to keep them; nothing once it was taken back.
fn finding(end: &Decommission) -> Option<String> {
    let day = end.fate.keep_until()?.strftime("%-d %b %Y");
    let recorded = match &end.state {
        Stage::Asked { .. } => "Once this is confirmed, a hold on all of its recovery points records that. ",
        Stage::Decommissioned { .. } => "",
        Stage::Withdrawn { .. } => return None,
    };
    Some(format!(
        "{recorded}No mechanism enforces a hold yet: those that expire before {day} by their own retention do expire. Have what must stay copied by your provider."
    ))
}

/// The hold that its end made.
fn own_hold(end: &Decommission) -> Option<i32> {
    match end.state {
        Stage::Decommissioned { hold, .. } => hold,
        Stage::Asked { .. } | Stage::Withdrawn { .. } => None,
    }
}

/// The holds that stand beside the one that its end made, each once.
fn holds(view: &View, links: &Links) -> Vec<(i32, String)> {
    let own = view.end.as_ref().and_then(own_hold);
    let mut numbers: Vec<_> = view.held.iter().map(|held| held.number).collect();
    numbers.dedup();
    let others = numbers.into_iter().filter(|number| Some(*number) != own);
    others.map(|number| (number, links.hold(number))).collect()
}

fn said(point: &RecoveryPoint) -> String {
    let at = point.at.strftime("%-d %b %Y, %H:%M:%S UTC");
    format!("{at} ({})", words::granularity(point.granularity))
}

impl FormView {
    fn new(view: &View, given: &BTreeMap<String, String>, problems: &[FormProblem]) -> Self {
        let answer = |field: &str| given.get(field).cloned().unwrap_or_default();
        Self {
            once: Once::new(),
            reason: answer("reason"),
            last: answer("final_backup"),
            no_new: view.no_new_backup.clone(),
            point: answer("recovery_point"),
            points: view
                .points
                .iter()
                .take(CHOICES)
                .map(|point| (point.id.to_string(), said(point)))
                .collect(),
            fate: answer("recovery_points"),
            keep_until: answer("keep_until"),
            wrong: problems
                .iter()
                .map(|problem| (problem.field.clone(), words::plain(&problem.why)))
                .collect(),
        }
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&str> {
        let mut wrong = self.wrong.iter().filter(|(of, _)| of == field);
        wrong.next().map(|(_, why)| why.as_str())
    }
}
