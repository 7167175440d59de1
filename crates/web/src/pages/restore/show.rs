//! One restore as a page: from what, to what, who agreed, how far it is, what to do next.

use askama::Template;
use domain::restore::{RestoreRequest, State};
use domain::tenant::Side;

use crate::links::Links;
use crate::view::{Badge, Decision, Entry, Frame, Moment, PlanView, SideView, Tone, When, words};

/// What the reader may do with the restore.
#[derive(Debug, Clone)]
pub(super) struct Rights {
    /// `Err`: why the reader cannot decide on it.
    pub(super) decide: Result<(), String>,
    pub(super) verify: bool,
    pub(super) cancel: bool,
}

#[derive(Template)]
#[template(path = "restore/show.html")]
pub(super) struct ShowPage {
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
    point_at: Moment,
    respond_by: Option<Moment>,
    plan: PlanView,
    decision: Option<Decision>,
    can_verify: bool,
    can_cancel: bool,
    timeline: Vec<Entry>,
}

impl ShowPage {
    pub(super) fn new(frame: Frame, links: &Links, restore: RestoreRequest, rights: Rights) -> Self {
        let plan = PlanView::new(&restore.plan, restore.digest, restore.created_at);
        let decision = matches!(restore.state, State::Submitted).then(|| decision(&restore, &plan, rights.decide));
        Self {
            frame,
            list: links.page("restores"),
            address: links.restore(restore.number),
            number: restore.number,
            asked: restore.created_at.into(),
            badge: badge(&restore.state),
            outcome: outcome(&restore),
            facts: facts(&restore),
            point_at: restore.target.point.at.into(),
            respond_by: matches!(restore.state, State::Submitted).then(|| restore.respond_by.into()),
            decision,
            can_verify: rights.verify && matches!(restore.state, State::Verifying),
            can_cancel: rights.cancel && matches!(restore.state, State::Submitted | State::Approved),
            timeline: timeline(&restore),
            plan,
            component: restore.component.name,
            asker: restore.requester.name,
            reason: restore.reason,
        }
    }
}

/// The state in one word.
pub(super) const fn badge(state: &State) -> Badge {
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
            format!("The data is there again, as {target}. Check it: point a test at its new endpoint, then say below that it is right. {} itself was not touched.", restore.component.name),
        )),
        State::Closed => Some(("ok", format!("Restored as {target}, and verified by the customer."))),
        State::Failed { reason } => Some(("bad", format!("It could not be completed: {reason}"))),
        State::Rejected { reason } => Some(("bad", format!("Rejected: {reason}"))),
        State::Expired => Some(("warn", "Nobody decided in time. Nothing was restored; ask again if it is still needed.".to_owned())),
        State::Cancelled => Some(("", "Cancelled before anything was restored.".to_owned())),
        State::Submitted | State::Approved | State::Executing => None,
    }
}

fn facts(restore: &RestoreRequest) -> Vec<(&'static str, String)> {
    let component = &restore.component;
    let point = &restore.target.point;
    let mut facts = vec![
        ("Component", format!("{}, {}, {}", component.name, component.environment, component.kind.words())),
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

fn decision(restore: &RestoreRequest, plan: &PlanView, decide: Result<(), String>) -> Decision {
    Decision {
        title: "Approve this restore",
        binding: "If the recovery point or the target changes, the approval no longer counts.",
        digest: plan.digest,
        short: plan.short(),
        sides: SideView::all(&[Side::Provider], restore.approval.as_slice()),
        refused: decide.err(),
        typed_name: None,
    }
}

fn timeline(restore: &RestoreRequest) -> Vec<Entry> {
    let mut entries =
        vec![Entry::new(When::Done(Some(restore.created_at.into())), "Asked for").by(&restore.requester.name)];
    if let Some(approval) = &restore.approval {
        entries.push(Entry::new(When::Done(Some(approval.at.into())), "Approved").by(&approval.name));
    }
    let updated = Moment(restore.updated_at);
    let (now, later): (Vec<Entry>, &[&str]) = match &restore.state {
        State::Submitted => (vec![Entry::new(When::Now, "Waiting for approval")], &["Restored", "Verified by the customer"]),
        State::Approved => (vec![Entry::new(When::Now, "About to start")], &["Restored", "Verified by the customer"]),
        State::Executing => {
            (vec![Entry::new(When::Now, "Being restored; this takes minutes to hours")], &["Verified by the customer"])
        }
        State::Verifying => (
            vec![
                Entry::new(When::Done(Some(updated)), "Restored and observed"),
                Entry::new(When::Now, "Waiting for the customer to verify"),
            ],
            &[],
        ),
        State::Closed => (
            vec![
                Entry::new(When::Done(None), "Restored and observed"),
                Entry::new(When::Done(Some(updated)), "Verified by the customer"),
            ],
            &[],
        ),
        State::Failed { .. } => (vec![Entry::new(When::Stopped(updated), "Failed")], &[]),
        State::Rejected { .. } => (vec![Entry::new(When::Stopped(updated), "Rejected")], &[]),
        State::Cancelled => (vec![Entry::new(When::Stopped(updated), "Cancelled")], &[]),
        State::Expired => (vec![Entry::new(When::Stopped(updated), "Expired undecided")], &[]),
    };
    entries.extend(now);
    entries.extend(later.iter().map(|words| Entry::new(When::Later, *words)));
    entries
}
