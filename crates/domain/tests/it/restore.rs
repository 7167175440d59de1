//! A restore request: which way it can go, who may agree to what, and what the restored resource is called.

use domain::account::{AwsAccountId, Region};
use domain::change_request::Refused;
use domain::component::{AwsPlace, Component, ComponentKind, Environment};
use domain::contract::Side;
use domain::id::{ComponentId, PlanId, RecoveryPointId, RestoreRequestId, TenantId};
use domain::observation::Granularity;
use domain::plan::Plan;
use domain::restore::{self, RecoveryPoint, RestoreRequest, RestoreTarget, State, Urgency, target_name};
use jiff::SignedDuration;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use crate::support::{ALICE, NOW, REQUESTER, approval, digest, requester, table};

fn component() -> Component {
    Component {
        id: ComponentId(Uuid::nil()),
        tenant: TenantId(Uuid::nil()),
        name: "prod-pg".to_owned(),
        kind: ComponentKind::RdsInstance,
        environment: Environment::Production,
        workload: None,
        owner: None,
        engine: None,
        version: None,
        size_bytes: None,
        aws: Some(AwsPlace {
            account: AwsAccountId::try_from("111122223333".to_owned()).unwrap(),
            region: Region::try_from("eu-west-1".to_owned()).unwrap(),
            arn: "arn:aws:rds:eu-west-1:111122223333:db:prod-pg".to_owned(),
        }),
        stated_region: None,
        decommissioned_at: None,
    }
}

fn target() -> RestoreTarget {
    RestoreTarget {
        point: RecoveryPoint {
            id: RecoveryPointId(Uuid::nil()),
            provider_id: "rds:prod-pg-1970-01-01".to_owned(),
            granularity: Granularity::Snapshot,
            at: NOW,
            earliest: None,
            encrypted: true,
        },
        name: "prod-pg-restored".to_owned(),
    }
}

fn plan_for(target: &RestoreTarget) -> Plan {
    let request = RestoreRequestId(Uuid::nil());
    let step = restore::step(TenantId(Uuid::nil()), request, &component(), target);
    Plan {
        steps: step.into_iter().collect(),
        findings: Vec::new(),
        unchanged: 0,
        gives_up: Vec::new(),
        full_from: Default::default(),
    }
}

fn request(state: State) -> RestoreRequest {
    RestoreRequest {
        id: RestoreRequestId(Uuid::nil()),
        tenant: TenantId(Uuid::nil()),
        number: 1,
        component: component(),
        target: target(),
        plan_id: PlanId(Uuid::nil()),
        plan: plan_for(&target()),
        digest: digest("shown"),
        urgency: Urgency::Critical,
        reason: "a table was dropped".to_owned(),
        requester: requester(),
        state,
        approval: None,
        respond_by: NOW,
        created_at: NOW,
        updated_at: NOW,
        revision: 0,
    }
}

/// One of each, in the order of a request's life.
fn states() -> Vec<State> {
    let reason = String::new();
    vec![
        State::Submitted,
        State::Approved,
        State::Executing,
        State::Verifying,
        State::Closed,
        State::Failed { reason: reason.clone() },
        State::Rejected { reason },
        State::Cancelled,
        State::Expired,
    ]
}

fn after(
    state: &State,
    transition: impl FnOnce(RestoreRequest) -> Result<RestoreRequest, Refused>,
) -> Option<&'static str> {
    transition(request(state.clone()))
        .ok()
        .map(|request| request.state.name())
}

#[test]
fn every_state_goes_only_where_it_may() {
    let table = table(
        &states(),
        State::name,
        &[
            ("approve", &|s| {
                after(s, |r| r.approve(approval(ALICE, Side::Provider, "shown")))
            }),
            ("void approval", &|s| after(s, |r| r.void_approval(NOW))),
            ("reject", &|s| after(s, |r| r.reject(String::new(), NOW))),
            ("cancel", &|s| after(s, |r| r.cancel(NOW))),
            ("expire", &|s| after(s, |r| r.expire(NOW))),
            ("begin", &|s| after(s, |r| r.begin(NOW))),
            ("restored", &|s| after(s, |r| r.restored(NOW))),
            ("verify", &|s| after(s, |r| r.verify(NOW))),
            ("dispute", &|s| after(s, |r| r.dispute("", NOW))),
            ("fail", &|s| after(s, |r| r.fail(String::new(), NOW))),
        ],
    );
    insta::assert_snapshot!(table);
}

#[test]
fn only_what_was_shown_can_be_approved_and_not_by_who_asked() {
    let submitted = || request(State::Submitted);
    let stale = approval(ALICE, Side::Provider, "an earlier point");
    assert_eq!(submitted().approve(stale), Err(Refused::PlanChanged));
    let own = approval(REQUESTER, Side::Provider, "shown");
    assert_eq!(submitted().approve(own), Err(Refused::OwnRequest));
}

#[test]
fn beginning_again_does_not_begin_the_time_again() {
    let begun = request(State::Executing);
    let later = NOW + jiff::SignedDuration::from_hours(1);
    assert_eq!(begun.clone().begin(later), Ok(begun));
}

#[test]
fn a_voided_approval_is_forgotten() {
    let approved = request(State::Submitted)
        .approve(approval(ALICE, Side::Provider, "shown"))
        .unwrap();
    assert!(approved.approval.is_some());
    assert_eq!(approved.void_approval(NOW).unwrap().approval, None);
}

#[test]
fn the_digest_changes_with_everything_that_was_shown() {
    let shown = restore::digest(&component(), &target(), &plan_for(&target()));

    let mut moved = component();
    moved.aws.as_mut().unwrap().region = Region::try_from("eu-central-1".to_owned()).unwrap();
    assert_ne!(restore::digest(&moved, &target(), &plan_for(&target())), shown);

    let changes: [fn(&mut RestoreTarget); 6] = [
        |target| target.name.push('2'),
        |target| target.point.provider_id.push('2'),
        |target| target.point.granularity = Granularity::Continuous,
        |target| target.point.at += SignedDuration::from_secs(1),
        |target| target.point.earliest = Some(NOW),
        |target| target.point.encrypted = false,
    ];
    for change in changes {
        let mut changed = target();
        change(&mut changed);
        let plan = plan_for(&target());
        assert_ne!(restore::digest(&component(), &changed, &plan), shown, "{changed:?}");
    }
    let renamed = RestoreTarget {
        name: "elsewhere".to_owned(),
        ..target()
    };
    assert_ne!(restore::digest(&component(), &target(), &plan_for(&renamed)), shown);
}

#[test]
fn the_restored_resource_is_named_after_its_component_and_request() {
    let request = RestoreRequestId(Uuid::from_u128(0xabcd));
    let names = [
        "prod-pg",
        "a--- -b",
        "Prod_PG/1",
        "-",
        "数据库",
        "x-----------------------y",
    ]
    .map(|component| target_name(component, request));
    insta::assert_snapshot!(names.join("\n"), @r"
    holdfast-restore-prod-pg-00000000abcd
    holdfast-restore-a-b-00000000abcd
    holdfast-restore-prodpg1-00000000abcd
    holdfast-restore-00000000abcd
    holdfast-restore-00000000abcd
    holdfast-restore-x-00000000abcd
    ");
}

proptest! {
    #[test]
    fn the_name_is_one_that_rds_takes(component in ".{0,80}|[-a-zA-Z]{0,80}", id in any::<u128>()) {
        let request = RestoreRequestId(Uuid::from_u128(id));
        let name = target_name(&component, request);
        prop_assert!(name.len() <= 63);
        prop_assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", name);
        prop_assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{}", name);
        prop_assert!(!name.contains("--") && !name.ends_with('-'), "{}", name);
        prop_assert_eq!(target_name(&component, request), name);
    }

    #[test]
    fn two_requests_have_two_names(component in ".{0,80}", one in any::<u32>(), other in any::<u32>()) {
        let name = |id: u32| target_name(&component, RestoreRequestId(Uuid::from_u128(id.into())));
        prop_assert_eq!(name(one) == name(other), one == other);
    }
}
