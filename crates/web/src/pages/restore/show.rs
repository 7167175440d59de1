//! One restore as a page: from what, to what, who agreed, how far it is, what to do next.

use app::restore::View;
use askama::Template;
use domain::contract::Side;
use domain::lifecycle::Lifecycle;
use domain::plan::Receipt;
use domain::restore::{RestoreRequest, State};

use crate::links::Links;
use crate::view::{Badge, Decision, Entry, ExactMoment, Frame, Moment, PlanView, SideView, Tone, words};

#[derive(Template)]
#[template(path = "restore/show.html")]
pub(crate) struct ShowPage {
    frame: Frame,
    list: String,
    address: String,
    number: i32,
    component: String,
    asker: String,
    asked: Moment,
    reason: String,
    badge: Badge,
    outcome: Option<(&'static str, String)>,
    facts: Vec<(&'static str, String)>,
    point_at: ExactMoment,
    respond_by: Option<Moment>,
    plan: PlanView,
    /// Proof of what was made: (the provider's name for it, when).
    receipts: Vec<(String, Moment)>,
    decision: Option<Decision>,
    can_verify: bool,
    can_cancel: bool,
    timeline: Vec<Entry>,
}

impl ShowPage {
    pub(super) fn new(frame: Frame, links: &Links, view: View) -> Self {
        let plan = PlanView::new(&view.request.plan, view.request.digest, view.request.created_at);
        let decision = decision(&view, &plan);
        let timeline = timeline(&view);
        let (can_verify, can_cancel) = (view.may_verify, view.may_cancel);
        let receipts = view
            .receipts
            .into_iter()
            .map(|Receipt { provider_ref, at, .. }| (provider_ref, at.into()))
            .collect();
        let restore = view.request;
        Self {
            frame,
            list: links.page("restores"),
            address: links.restore(restore.number),
            number: restore.number,
            asked: restore.created_at.into(),
            badge: badge(&restore.state),
            outcome: outcome(&restore),
            facts: facts(&restore),
            point_at: ExactMoment(restore.target.point.at),
            respond_by: matches!(restore.state, State::Submitted).then(|| restore.respond_by.into()),
            receipts,
            decision,
            can_verify,
            can_cancel,
            timeline,
            plan,
            component: restore.component.name,
            asker: restore.requester.name,
            reason: restore.reason,
        }
    }

    /// The same, saying why nothing happens to it at the moment.
    pub(super) fn noting(self, held: Option<&'static str>) -> Self {
        let held = held.map(|words| ("warn", words.to_owned()));
        Self {
            outcome: self.outcome.or(held),
            ..self
        }
    }
}

/// Why nothing happens to it at the moment, while its customer is suspended.
pub(super) fn held(state: &State, lifecycle: &Lifecycle) -> Option<&'static str> {
    let suspended = lifecycle.suspension.is_some() && lifecycle.ended_at().is_none();
    match state {
        State::Approved if suspended => Some(
            "Held: the customer is suspended. Once it is resumed, this is restored if the recovery point is still what was approved.",
        ),
        State::Executing if suspended => Some("Held: the customer is suspended. Once it is resumed, this goes on."),
        _ => None,
    }
}

/// The state in one word.
pub(in crate::pages) const fn badge(state: &State) -> Badge {
    match state {
        State::Submitted => Badge::new(Tone::Warn, "Waiting for approval"),
        State::Approved => Badge::new(Tone::Busy, "Approved"),
        State::Executing => Badge::new(Tone::Busy, "Restoring"),
        State::Verifying => Badge::new(Tone::Warn, "Waiting for verification"),
        State::Closed => Badge::new(Tone::Ok, "Verified"),
        State::Failed { .. } => Badge::new(Tone::Bad, "Failed"),
        State::Rejected { .. } => Badge::new(Tone::Bad, "Rejected"),
        State::Cancelled => Badge::new(Tone::Unknown, "Cancelled"),
        State::Expired => Badge::new(Tone::Unknown, "Expired"),
    }
}

fn outcome(restore: &RestoreRequest) -> Option<(&'static str, String)> {
    let target = &restore.target.name;
    match &restore.state {
        State::Verifying => Some((
            "",
            format!(
                "The data is there again, as {target}. Check it: point a test at its new endpoint, then confirm on this page that it is right. {} itself was not touched.",
                restore.component.name
            ),
        )),
        State::Closed => Some(("ok", format!("Restored as {target}, and verified by the customer."))),
        State::Failed { reason } => Some(("bad", format!("This did not succeed. {reason}"))),
        State::Rejected { reason } => Some(("bad", format!("Rejected: {reason}"))),
        State::Expired => Some((
            "warn",
            "Nobody decided in time. Nothing was restored; ask again if it is still needed.".to_owned(),
        )),
        State::Cancelled => Some(("", "Cancelled before anything was restored.".to_owned())),
        State::Submitted | State::Approved | State::Executing => None,
    }
}

fn facts(restore: &RestoreRequest) -> Vec<(&'static str, String)> {
    let component = &restore.component;
    let point = &restore.target.point;
    let mut facts = vec![
        (
            "Component",
            format!(
                "{}, {}, {}",
                component.name,
                component.environment,
                component.kind.words()
            ),
        ),
        ("Kind of point", words::granularity(point.granularity).to_owned()),
        ("Known there as", point.provider_id.clone()),
        ("Restored as", restore.target.name.clone()),
        ("Encrypted", if point.encrypted { "yes" } else { "no" }.to_owned()),
    ];
    if let Some(place) = &component.aws {
        facts.push(("Place", format!("account {}, {}", place.account, place.region)));
    }
    facts.push(("Urgency", words::urgency(restore.urgency).to_owned()));
    facts
}

fn decision(view: &View, plan: &PlanView) -> Option<Decision> {
    matches!(view.request.state, State::Submitted).then(|| Decision {
        title: "Approve this restore",
        binding: "If the recovery point or the target changes, an approval no longer counts.",
        digest: plan.digest,
        short: plan.short(),
        sides: SideView::all(&[Side::Provider], view.request.approval.as_slice()),
        refused: view.may_approve.clone().err(),
        may_reject: view.may_reject,
        typed_name: None,
    })
}

fn timeline(view: &View) -> Vec<Entry> {
    let (now, later): (Option<&str>, &[&str]) = match &view.request.state {
        State::Submitted => (
            Some("Waiting for the approval of the provider"),
            &["Restored", "Verified by the customer"],
        ),
        State::Approved => (Some("About to start"), &["Restored", "Verified by the customer"]),
        State::Executing => (
            Some("Being restored; this takes minutes to hours"),
            &["Verified by the customer"],
        ),
        State::Verifying => (Some("Waiting for the customer to verify the data"), &[]),
        _ => (None, &[]),
    };
    view.timeline
        .iter()
        .map(Entry::past)
        .chain(Entry::ahead(now.map(str::to_owned), later))
        .collect()
}
