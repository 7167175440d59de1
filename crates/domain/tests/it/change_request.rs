//! A change request: which way it can go, and who may agree to what.

use domain::change_request::{ChangeRequest, IssueRef, PlanRef, Refused, Resolved, Source, State};
use domain::contract::{ApprovalRule, Side};
use domain::id::{ChangeRequestId, ComponentId, PlanId, TenantId};
use domain::sow::Scope;
use uuid::Uuid;

use crate::support::{ALICE, BOB, NOW, REQUESTER, approval, digest, requester, table};

fn plan(of: &str) -> PlanRef {
    PlanRef {
        id: PlanId(Uuid::nil()),
        digest: digest(of),
        weakens: false,
    }
}

fn request(state: State) -> ChangeRequest {
    ChangeRequest {
        id: ChangeRequestId(Uuid::nil()),
        tenant: TenantId(Uuid::nil()),
        number: 1,
        title: "Protect prod-pg".to_owned(),
        source: Source::Github,
        issue: Some(IssueRef {
            repository_id: 7,
            full_name: "acme/infra".to_owned(),
            number: 1,
        }),
        requester: requester(),
        form: None,
        resolved: None,
        request_digest: digest("the issue"),
        state,
        approvals: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        revision: 0,
    }
}

fn planned() -> ChangeRequest {
    request(State::Planned { plan: plan("shown") })
}

fn resolved() -> Resolved {
    Resolved {
        component: ComponentId(Uuid::nil()),
        scope: Scope::Out,
    }
}

/// One of each, in the order of a request's life.
fn states() -> Vec<State> {
    let (shown, reason) = (plan("shown"), String::new());
    vec![
        State::Submitted,
        State::NeedsInformation { missing: Vec::new() },
        State::Planned { plan: shown },
        State::Approved { plan: shown },
        State::Applying { plan: shown },
        State::Applied {
            plan: shown,
            sow_version: 1,
        },
        State::Failed { reason: reason.clone() },
        State::Rejected { reason },
        State::Withdrawn,
        State::Expired,
    ]
}

fn after(
    state: &State,
    transition: impl FnOnce(ChangeRequest) -> Result<ChangeRequest, Refused>,
) -> Option<&'static str> {
    transition(request(state.clone()))
        .ok()
        .map(|request| request.state.name())
}

#[test]
fn every_state_goes_only_where_it_may() {
    let form = table(
        &states(),
        State::name,
        &[
            ("ask back", &|s| after(s, |r| r.ask_back(Vec::new(), NOW))),
            ("edited", &|s| {
                after(s, |r| r.edited(String::new(), None, digest("edited"), NOW))
            }),
            ("same plan", &|s| after(s, |r| r.plan(resolved(), plan("shown"), NOW))),
            ("other plan", &|s| after(s, |r| r.plan(resolved(), plan("other"), NOW))),
            ("approve", &|s| {
                let agreed = approval(ALICE, Side::Provider, "shown");
                after(s, |r| r.approve(ApprovalRule::Provider, agreed))
            }),
            ("reject", &|s| after(s, |r| r.reject(String::new(), NOW))),
            ("withdraw", &|s| after(s, |r| r.withdraw(NOW))),
            ("expire", &|s| after(s, |r| r.expire(NOW))),
            ("begin", &|s| after(s, |r| r.begin(NOW))),
            ("applied", &|s| after(s, |r| r.applied(1, NOW))),
            ("fail", &|s| after(s, |r| r.fail(String::new(), NOW))),
        ],
    );
    insta::assert_snapshot!(form);
}

#[test]
fn only_the_plan_that_was_shown_can_be_approved() {
    let stale = approval(ALICE, Side::Provider, "an earlier plan");
    let refused = planned().approve(ApprovalRule::Provider, stale);
    assert_eq!(refused, Err(Refused::PlanChanged));
}

#[test]
fn nobody_approves_what_they_asked_for() {
    for rule in [ApprovalRule::Provider, ApprovalRule::Customer, ApprovalRule::Both] {
        for side in rule.sides(false) {
            let own = approval(REQUESTER, *side, "shown");
            assert_eq!(planned().approve(rule, own), Err(Refused::OwnRequest));
        }
    }
}

#[test]
fn nobody_approves_for_the_customer_what_may_be_their_own() {
    let unlinked = || {
        let mut request = planned();
        request.requester.user = None;
        request
    };
    let customer = approval(ALICE, Side::Customer, "shown");
    let refused = unlinked().approve(ApprovalRule::Both, customer);
    assert_eq!(refused, Err(Refused::UnknownRequester));
    let provider = approval(ALICE, Side::Provider, "shown");
    assert!(unlinked().approve(ApprovalRule::Provider, provider).is_ok());
}

#[test]
fn what_gives_up_protection_needs_the_provider_whatever_the_contract_says() {
    for rule in [ApprovalRule::Provider, ApprovalRule::Customer, ApprovalRule::Both] {
        assert!(rule.sides(true).contains(&Side::Provider), "{rule:?}");
    }
    assert_eq!(ApprovalRule::Customer.sides(false), [Side::Customer]);
}

#[test]
fn both_sides_are_two_people() {
    let half = planned()
        .approve(ApprovalRule::Both, approval(ALICE, Side::Customer, "shown"))
        .unwrap();
    assert_eq!(half.state.name(), "planned");

    let again = approval(ALICE, Side::Provider, "shown");
    assert_eq!(
        half.clone().approve(ApprovalRule::Both, again),
        Err(Refused::SamePerson)
    );

    let other = approval(BOB, Side::Provider, "shown");
    let approved = half.approve(ApprovalRule::Both, other).unwrap();
    assert_eq!(approved.state, State::Approved { plan: plan("shown") });
    assert_eq!(approved.approvals.len(), 2);
}

#[test]
fn two_people_of_one_side_are_not_both_sides() {
    let request = [ALICE, BOB].into_iter().fold(planned(), |request, person| {
        request
            .approve(ApprovalRule::Both, approval(person, Side::Provider, "shown"))
            .unwrap()
    });
    assert_eq!(request.state.name(), "planned");
}

#[test]
fn the_side_that_the_contract_does_not_ask_does_not_decide() {
    let other_side = approval(ALICE, Side::Provider, "shown");
    let request = planned().approve(ApprovalRule::Customer, other_side).unwrap();
    assert_eq!(request.state.name(), "planned");
}

#[test]
fn what_changes_the_request_or_its_plan_voids_its_approvals() {
    let half = planned()
        .approve(ApprovalRule::Both, approval(ALICE, Side::Customer, "shown"))
        .unwrap();
    let whole = half
        .clone()
        .approve(ApprovalRule::Both, approval(BOB, Side::Provider, "shown"))
        .unwrap();
    for request in [half, whole] {
        let edited = request
            .clone()
            .edited("Another title".to_owned(), None, digest("edited"), NOW)
            .unwrap();
        assert_eq!((edited.approvals, edited.resolved), (vec![], None));

        let replanned = request.clone().plan(resolved(), plan("other"), NOW).unwrap();
        assert_eq!(replanned.approvals, []);

        let same = request.clone().plan(resolved(), plan("shown"), NOW).unwrap();
        assert_eq!(same, request, "the same plan again changes nothing");
    }
}
