//! What a plan says: build, snapshot, mutate, snapshot.

use domain::component::ComponentKind;
use domain::frequency::Frequency;
use domain::observation::Completeness;
use domain::sow::{Location, Scope, Terms};

use crate::support::{World, arn, instance, keep, shown, window};

#[test]
fn a_new_instance_in_scope_is_marked_and_gets_backups() {
    let world = World::empty().with("prod-pg", Scope::In(keep(30)), instance(0));
    insta::assert_snapshot!(shown(&world.plan()), @r"
    prod-pg: mark as managed under the scope of work
    prod-pg: keep automated backups 30 days (now off)
    ");
}

#[test]
fn what_was_applied_needs_nothing_until_it_drifts() {
    let terms = Terms {
        window: Some(window("03:00-04:00")),
        ..keep(30)
    };
    let mut world = World::empty().with("prod-pg", Scope::In(terms), instance(7));
    let first = world.plan();
    insta::assert_snapshot!(shown(&first), @r"
    prod-pg: mark as managed under the scope of work
    prod-pg: keep automated backups 30 days (now 7 days), window 03:00-04:00 UTC (now 22:00-22:30)
    info: prod-pg: Existing recovery points move to the new term; the full 30 days are reached 23 days after the change.
    ");

    world.apply(&first);
    insta::assert_snapshot!(shown(&world.plan()), @"1 unchanged");

    world.seen("prod-pg").window = Some(window("10:00-10:30"));
    insta::assert_snapshot!(shown(&world.plan()), @"prod-pg: window 03:00-04:00 UTC (now 10:00-10:30)");

    world.seen("prod-pg").automated_retention_days = 0;
    insta::assert_snapshot!(shown(&world.plan()), @"prod-pg: keep automated backups 30 days (now off), window 03:00-04:00 UTC (now 10:00-10:30)");

    world.seen("prod-pg").tags.clear();
    insta::assert_snapshot!(shown(&world.plan()), @r"
    prod-pg: mark as managed under the scope of work
    prod-pg: keep automated backups 30 days (now off), window 03:00-04:00 UTC (now 10:00-10:30)
    ");
}

#[test]
fn retention_that_goes_down_is_said_to_weaken() {
    let world = World::empty().with("prod-pg", Scope::In(keep(7)), instance(35));
    insta::assert_snapshot!(shown(&world.plan()), @r"
    prod-pg: mark as managed under the scope of work
    prod-pg: keep automated backups 7 days (now 35 days) (weakens)
    warning: prod-pg: Retention goes down from 35 to 7 days: AWS removes older automated backups at once, and this cannot be undone.
    ");
}

#[test]
fn what_is_only_contracted_is_given_up_by_nobody_but_an_approver_either() {
    let mut drifted = World::empty()
        .with("prod-pg", Scope::In(keep(7)), instance(7))
        .contracted(Scope::In(keep(30)));
    assert_eq!(drifted.plan().gives_up, ["prod-pg"]);
    drifted.wanted[0].1 = Scope::Out;
    assert_eq!(drifted.plan().gives_up, ["prod-pg"]);
    drifted.wanted[0].1 = Scope::In(keep(40));
    assert_eq!(drifted.plan().gives_up, ["prod-pg"], "RDS keeps 35 days at most");
    drifted.wanted[0].1 = Scope::In(keep(35));
    assert_eq!(drifted.plan().gives_up, [""; 0]);
}

#[test]
fn out_of_scope_nothing_is_touched() {
    let world = World::empty()
        .with("prod-pg", Scope::Out, instance(7))
        .with("scratch", Scope::Out, instance(0));
    insta::assert_snapshot!(shown(&world.plan()), @"info: prod-pg: The automated backups at AWS stay as they are (7 days): turning them off would delete recovery points. Holdfast no longer watches them.");
}

#[test]
fn what_could_not_be_read_gets_no_step() {
    let mut world = World::empty().with("prod-pg", Scope::In(keep(30)), instance(0)).with(
        "orders-db",
        Scope::In(keep(30)),
        instance(0),
    );
    world.seen.resources.remove(&arn("prod-pg"));
    insta::assert_snapshot!(shown(&world.plan()), @r"
    orders-db: mark as managed under the scope of work
    orders-db: keep automated backups 30 days (now off)
    unmet: prod-pg: It was not found at AWS: nothing can be configured until it exists.
    1 unchanged
    ");

    world.seen.completeness = Completeness::Partial {
        reason: "AWS throttled the listing".to_owned(),
    };
    insta::assert_snapshot!(shown(&world.plan()), @r"
    orders-db: mark as managed under the scope of work
    orders-db: keep automated backups 30 days (now off)
    unmet: prod-pg: It could not be read, so nothing is planned for it: AWS throttled the listing
    1 unchanged
    ");
}

#[test]
fn what_native_backups_cannot_do_is_said_and_not_done_by_halves() {
    let elsewhere = Terms {
        location: Location::AnotherRegion,
        ..keep(7)
    };
    let world = World::empty()
        .with("at-the-limit", Scope::In(keep(35)), instance(35))
        .with("beyond-it", Scope::In(keep(36)), instance(35))
        .with("elsewhere", Scope::In(elsewhere), instance(7));
    insta::assert_snapshot!(shown(&world.plan()), @r"
    at-the-limit: mark as managed under the scope of work
    unmet: beyond-it: Native backups do not suffice: RDS keeps automated backups for 35 days at most, longer needs AWS Backup, which Holdfast cannot configure yet.
    unmet: elsewhere: Native backups do not suffice: a copy outside the account or region needs AWS Backup, which Holdfast cannot configure yet.
    2 unchanged
    ");
}

#[test]
fn kinds_and_places_without_a_mechanism_are_unprotected() {
    let mut world = World::empty().with("events", Scope::In(keep(7)), instance(0)).with(
        "unlinked",
        Scope::In(keep(7)),
        instance(0),
    );
    world.wanted[0].0.kind = ComponentKind::Msk;
    world.wanted[1].0.aws = None;
    insta::assert_snapshot!(shown(&world.plan()), @r#"
    unmet: events: There is no mechanism for the kind "MSK cluster" yet: it is in scope, but unprotected.
    unmet: unlinked: unlinked has no linked AWS resource yet.
    2 unchanged
    "#);
}

#[test]
fn an_instance_that_is_not_encrypted_is_warned_of() {
    let mut world = World::empty().with("prod-pg", Scope::In(keep(7)), instance(7));
    world.seen("prod-pg").encrypted = false;
    insta::assert_snapshot!(shown(&world.plan()), @r"
    prod-pg: mark as managed under the scope of work
    warning: prod-pg: The instance is not encrypted, so its backups are not either. RDS cannot encrypt in place: restore an encrypted copy and switch over.
    ");
}

#[test]
fn a_frequency_that_rds_meets_in_its_own_way_is_explained() {
    let at = |frequency| Scope::In(Terms { frequency, ..keep(7) });
    let mut world = World::empty()
        .with("continuous", at(Frequency::Continuous), instance(7))
        .with("hourly", at(Frequency::Hourly), instance(7))
        .with("weekly", at(Frequency::Weekly), instance(7));
    let plan = world.plan();
    world.apply(&plan);
    insta::assert_snapshot!(shown(&world.plan()), @r"
    info: hourly: RDS makes one snapshot a day; its point-in-time recovery, at most five minutes behind, meets the hourly objective.
    info: weekly: RDS makes a snapshot every day, which is more than was asked.
    3 unchanged
    ");
}
