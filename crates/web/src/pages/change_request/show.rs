//! One change as a page: what was asked, what would change, who agreed, what happened.

use app::change_request::View;
use askama::Template;
use domain::change_request::{IssueRef, Source, State};
use domain::contract::Side;
use domain::plan::Receipt;
use domain::scope_change::FormProblem;
use jiff::Timestamp;

use super::words::{asked_for, asked_schedule, badge, outcome};
use crate::links::Links;
use crate::view::{Badge, Decision, Entry, Frame, Moment, NextRuns, PlanView, SideView, words};

#[derive(Template)]
#[template(path = "change_request/show.html")]
pub(crate) struct ShowPage {
    frame: Frame,
    list: String,
    address: String,
    number: i32,
    title: String,
    asker: String,
    asked: Moment,
    door: &'static str,
    issue: Option<String>,
    badge: Badge,
    /// How it ended, with the class of the note.
    outcome: Option<(&'static str, String)>,
    missing: Vec<FormProblem>,
    how_to_answer: &'static str,
    plan: Option<PlanView>,
    asked_for: Vec<(&'static str, String)>,
    /// Of the schedule that was asked for; `None`: none was.
    next_runs: Option<NextRuns>,
    /// Proof of what was made: (the provider's name for it, when).
    receipts: Vec<(String, Moment)>,
    decision: Option<Decision>,
    can_withdraw: bool,
    can_plan_again: bool,
    timeline: Vec<Entry>,
}

impl ShowPage {
    pub(super) fn new(frame: Frame, links: &Links, view: View, now: Timestamp) -> Self {
        let plan = view
            .plan
            .as_ref()
            .map(|shown| PlanView::new(&shown.plan, shown.digest, shown.made_at));
        let decision = decision(&view, plan.as_ref());
        let timeline = timeline(&view);
        let change = view.request;
        let (missing, can_plan_again) = match &change.state {
            State::NeedsInformation { missing } => (missing.clone(), view.may_withdraw && change.form.is_some()),
            _ => (Vec::new(), false),
        };
        Self {
            frame,
            list: links.page("changes"),
            address: links.change(change.number),
            number: change.number,
            asker: change.requester.name,
            asked: change.created_at.into(),
            door: words::source(change.source),
            issue: change.issue.as_ref().map(issue),
            badge: badge(&change.state),
            outcome: outcome(&change.state),
            missing: missing
                .into_iter()
                .map(|problem| FormProblem {
                    why: words::plain(&problem.why),
                    ..problem
                })
                .collect(),
            how_to_answer: match change.source {
                Source::Github => "Edit the issue: it is read again at once.",
                Source::Web | Source::Api => "Once that is mended, plan it again; to change an answer, ask anew.",
            },
            plan,
            asked_for: change.form.as_ref().map(asked_for).unwrap_or_default(),
            next_runs: change
                .form
                .as_ref()
                .and_then(asked_schedule)
                .map(|schedule| NextRuns::new(schedule, now)),
            receipts: view
                .receipts
                .into_iter()
                .map(|Receipt { provider_ref, at, .. }| (provider_ref, at.into()))
                .collect(),
            decision,
            can_withdraw: view.may_withdraw,
            can_plan_again,
            timeline,
            title: change.title,
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

/// `acme/platform#214`.
fn issue(issue: &IssueRef) -> String {
    format!("{}#{}", issue.full_name, issue.number)
}

fn decision(view: &View, plan: Option<&PlanView>) -> Option<Decision> {
    let State::Planned { plan: awaited } = &view.request.state else {
        return None;
    };
    let plan = plan.filter(|plan| plan.digest == awaited.digest)?;
    Some(Decision {
        title: "Approve this plan",
        binding: "If the request or the plan changes, an approval no longer counts.",
        digest: plan.digest,
        short: plan.short(),
        sides: SideView::all(view.rule.sides(awaited.weakens), &view.request.approvals),
        refused: view.may_approve.clone().err(),
        may_reject: view.may_reject,
        typed_name: typed_name(plan),
    })
}

/// What an approver has to type before protection is given up.
pub(super) fn typed_name(plan: &PlanView) -> Option<String> {
    plan.gives_up.first().cloned()
}

fn timeline(view: &View) -> Vec<Entry> {
    let (now, later): (Option<&str>, &[&str]) = match &view.request.state {
        State::Submitted => (
            Some("Being planned against the live state"),
            &["Approved", "Applied and observed"],
        ),
        State::NeedsInformation { .. } => (
            Some("Waiting for the customer's answers"),
            &["Planned", "Approved", "Applied and observed"],
        ),
        State::Planned { .. } => (None, &["Applied and observed"]),
        State::Approved { .. } => (Some("About to be applied"), &["Observed", "Part of the scope of work"]),
        State::Applying { .. } => (Some("Being applied, then observed"), &["Part of the scope of work"]),
        _ => (None, &[]),
    };
    let now = now.map_or_else(|| awaited(&view.outstanding), |now| Some(now.to_owned()));
    view.timeline
        .iter()
        .map(Entry::past)
        .chain(Entry::ahead(now, later))
        .collect()
}

fn awaited(sides: &[Side]) -> Option<String> {
    let sides: Vec<_> = sides.iter().map(|side| words::side(*side).to_owned()).collect();
    (!sides.is_empty()).then(|| format!("Waiting for the approval of {}", words::list(&sides)))
}

#[cfg(test)]
mod tests {
    use domain::change_request::{Approval, ChangeRequest, PlanRef, Requester};
    use domain::digest::Digest;
    use domain::id::{ChangeRequestId, ComponentId, PlanId, TenantId, UserId};
    use domain::plan::{Finding, Plan, Severity, ShownPlan, Step, StepAction};

    use domain::contract::ApprovalRule;

    use super::*;

    const AT: &str = "2026-03-02T10:00:00Z";

    fn at() -> Timestamp {
        AT.parse().unwrap()
    }

    fn shown() -> ShownPlan {
        let step = |action, weakens| Step {
            component: ComponentId::at(at()),
            component_name: "prod-pg".to_owned(),
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            arn: "arn:aws:rds:eu-west-1:111122223333:db:prod-pg".to_owned(),
            action,
            weakens,
        };
        let backups = StepAction::SetAutomatedBackups {
            retention_before: 7,
            retention_after: 35,
            window_before: None,
            window_after: "03:00-04:00".parse().ok(),
        };
        let plan = Plan {
            steps: vec![step(StepAction::Tag { tags: [].into() }, false), step(backups, false)],
            findings: vec![Finding {
                severity: Severity::Warning,
                component_name: "prod-pg".to_owned(),
                message: "Its storage is not encrypted, so its backups are not.".to_owned(),
            }],
            unchanged: 3,
            gives_up: Vec::new(),
        };
        ShownPlan {
            id: PlanId::at(at()),
            digest: Digest::of(&plan),
            plan,
            made_at: at(),
        }
    }

    fn change(title: &str, state: State) -> ChangeRequest {
        ChangeRequest {
            id: ChangeRequestId::at(at()),
            tenant: TenantId::at(at()),
            number: 18,
            title: title.to_owned(),
            source: Source::Github,
            issue: Some(IssueRef {
                repository_id: 7,
                full_name: "acme/platform".to_owned(),
                number: 214,
            }),
            requester: Requester {
                user: None,
                name: "acme-dev".to_owned(),
            },
            form: None,
            resolved: None,
            request_digest: Digest::of(&1),
            state,
            approvals: Vec::new(),
            created_at: at(),
            updated_at: at(),
            revision: 1,
        }
    }

    fn planned(shown: &ShownPlan) -> State {
        State::Planned {
            plan: PlanRef {
                id: shown.id,
                digest: shown.digest,
                weakens: false,
            },
        }
    }

    fn rendered(request: ChangeRequest, plan: Option<&ShownPlan>, may_approve: Result<(), String>) -> String {
        let waits = |side: &Side| !request.approvals.iter().any(|approval| approval.side == *side);
        let view = View {
            plan: plan.cloned(),
            component: None,
            receipts: Vec::new(),
            timeline: Vec::new(),
            rule: ApprovalRule::Both,
            outstanding: ApprovalRule::Both.sides(false).iter().copied().filter(waits).collect(),
            may_reject: may_approve.is_ok(),
            may_approve,
            may_withdraw: true,
            request,
        };
        let frame = Frame::bare(view.request.title.clone());
        ShowPage::new(frame, &Links::slug("acme"), view, at()).render().unwrap()
    }

    #[test]
    fn a_hostile_title_is_inert() {
        let hostile = "<script>alert(1)</script>\u{202e}\"'><img src=x onerror=alert(1)>";
        let html = rendered(change(hostile, State::Submitted), None, Ok(()));
        assert!(
            !html.contains("<script>alert") && !html.contains("<img src=x"),
            "{html}"
        );
        assert!(html.contains("<h1><bdi>&#60;script&#62;"), "{html}");
    }

    #[test]
    fn an_approver_sends_the_digest_that_the_page_shows() {
        let shown = shown();
        let html = rendered(change("Keep longer", planned(&shown)), Some(&shown), Ok(()));
        assert!(html.contains(&format!(r#"name="plan_digest" value="{}""#, shown.digest)));
        assert!(html.contains("<del>7 days</del> <ins>35 days</ins>"));
        assert!(html.contains("Waiting for the approval of the customer and the provider"));
    }

    #[test]
    fn who_may_not_decide_reads_why_and_gets_no_button() {
        let shown = shown();
        let mut change = change("Keep longer", planned(&shown));
        change.approvals.push(Approval {
            side: Side::Customer,
            by: UserId::at(at()),
            name: "acme-lead".to_owned(),
            digest: shown.digest,
            at: at(),
        });
        let html = rendered(
            change,
            Some(&shown),
            Err("You asked for this, so somebody else decides.".to_owned()),
        );
        assert!(html.contains("You asked for this") && !html.contains("plan_digest"));
        assert!(html.contains("acme-lead, for the customer"));
        assert!(html.contains("Waiting for the approval of the provider"));
    }

    #[test]
    fn what_gives_up_protection_asks_for_the_name() {
        let mut shown = shown();
        shown.plan.gives_up = vec!["prod-pg".to_owned()];
        let html = rendered(change("Keep shorter", planned(&shown)), Some(&shown), Ok(()));
        assert!(html.contains("Type <code>prod-pg</code> to confirm"));
    }

    #[test]
    fn a_plan_that_no_longer_stands_cannot_be_approved() {
        let shown = shown();
        let other = State::Planned {
            plan: PlanRef {
                id: shown.id,
                digest: Digest::of(&2),
                weakens: false,
            },
        };
        assert!(!rendered(change("Keep longer", other), Some(&shown), Ok(())).contains("plan_digest"));
    }
}
