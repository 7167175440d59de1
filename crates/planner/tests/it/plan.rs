//! What a plan says: build, snapshot, mutate, snapshot.

use domain::component::ComponentKind;
use domain::hold::Held;
use domain::observation::{Completeness, Granularity, ObservedRecoveryPoint};
use domain::schedule::Schedule;
use domain::sow::{Location, Scope, Terms};

use crate::support::{World, arn, instance, keep, schedule, shown, window};

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
    info: prod-pg: Existing recovery points move to the new term: none keeps its old expiry.
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
fn a_longer_retention_holds_in_full_once_the_oldest_backup_is_that_old() {
    let point = |provider_id: &str, day: &str| ObservedRecoveryPoint {
        provider_id: provider_id.to_owned(),
        granularity: Granularity::Snapshot,
        at: format!("{day}T03:10:00Z").parse().unwrap(),
        earliest: None,
        available: true,
        encrypted: true,
    };
    let mut world = World::empty().with("prod-pg", Scope::In(keep(30)), instance(7));
    world.seen.at = "2026-03-08T12:00:00Z".parse().unwrap();
    let from = |world: &World| world.plan().full_from["prod-pg"].to_string();
    assert_eq!(from(&world), "2026-04-07T12:00:00Z", "there is none yet");
    world.seen("prod-pg").recovery_points = vec![
        point("before-the-upgrade", "2025-01-01"),
        point("rds:prod-pg-1", "2026-03-06"),
    ];
    assert_eq!(
        from(&world),
        "2026-04-05T03:10:00Z",
        "two nights are there; a manual snapshot is none of them"
    );
    world.wanted[0].1 = Scope::In(keep(7));
    assert_eq!(world.plan().full_from.len(), 0);
}

#[test]
fn what_is_under_hold_is_named_before_a_shorter_retention_takes_it_away() {
    let held = |number, point: Option<&str>| Held {
        number,
        point: point.map(str::to_owned),
    };
    let mut world = World::empty().with("prod-pg", Scope::In(keep(7)), instance(35));
    world.held = vec![held(2, Some("before-the-upgrade"))];
    let without = world.plan();
    assert_eq!(without.findings.len(), 1, "AWS keeps what is not automated");
    world
        .held
        .extend([held(3, Some("rds:prod-pg-2026-03-01")), held(4, None)]);
    let plan = world.plan();
    insta::assert_snapshot!(shown(&plan), @r"
    prod-pg: mark as managed under the scope of work
    prod-pg: keep automated backups 7 days (now 35 days) (weakens)
    warning: prod-pg: Retention goes down from 35 to 7 days: AWS removes older automated backups at once, and this cannot be undone.
    warning: prod-pg: rds:prod-pg-2026-03-01 (hold 3), all its recovery points (hold 4) are under hold, and no mechanism enforces a hold on automated backups: what is older than 7 days goes all the same.
    ");
    assert_eq!(plan.gives_up, ["prod-pg"]);
    world.wanted[0].1 = Scope::In(keep(35));
    assert_eq!(world.plan().findings, []);
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
fn a_schedule_that_rds_meets_in_its_own_way_is_explained() {
    let at = |schedule| Scope::In(Terms { schedule, ..keep(7) });
    let mut world = World::empty()
        .with("continuous", at(Schedule::Continuous), instance(7))
        .with("hourly", at(Schedule::Hourly), instance(7))
        .with("weekly", at(Schedule::Weekly), instance(7));
    let plan = world.plan();
    world.apply(&plan);
    insta::assert_snapshot!(shown(&world.plan()), @r"
    info: hourly: RDS makes one snapshot a day; its point-in-time recovery, at most five minutes behind, meets the hourly objective.
    info: weekly: RDS makes a snapshot every day, which is more than was asked.
    3 unchanged
    ");
}

#[test]
fn a_time_of_day_becomes_the_window_unless_one_was_asked_for() {
    let at = |text: &str, window| {
        Scope::In(Terms {
            schedule: schedule(text),
            window,
            ..keep(7)
        })
    };
    let mut world = World::empty()
        .with("by-its-time", at("daily at 03:00", None), instance(7))
        .with("elsewhere", at("daily at 03:00 Asia/Kathmandu", None), instance(7))
        .with("begins-right", at("0 22 * * *", None), instance(7))
        .with("both", at("daily at 03:00", Some(window("02:45-03:30"))), instance(7))
        .with(
            "contradiction",
            at("daily at 03:00", Some(window("05:00-06:00"))),
            instance(7),
        );
    let plan = world.plan();
    insta::assert_snapshot!(shown(&plan), @r"
    by-its-time: mark as managed under the scope of work
    by-its-time: window 03:00-03:30 UTC (now 22:00-22:30)
    elsewhere: mark as managed under the scope of work
    elsewhere: window 21:15-21:45 UTC (now 22:00-22:30)
    begins-right: mark as managed under the scope of work
    both: mark as managed under the scope of work
    both: window 02:45-03:30 UTC (now 22:00-22:30)
    contradiction: mark as managed under the scope of work
    contradiction: window 05:00-06:00 UTC (now 22:00-22:30)
    warning: contradiction: The schedule says daily at 03:00, which is outside the backup window 05:00-06:00 UTC that was asked for: the window is set. To have the time, ask again for one that holds it, or for none.
    ");
    world.apply(&plan);
    assert_eq!(world.plan().steps, []);
}

#[test]
fn what_is_more_than_a_snapshot_a_day_needs_what_does_not_exist_yet() {
    let texts = [
        "every 15 minutes",
        "*/30 8 * * *",
        "@every 50m",
        "hourly at :15",
        "every 6 hours",
        "rate(1 day)",
        "daily at 03:00 Europe/Brussels",
        "weekly on Sunday at 00:00",
        "every two weeks on Sunday at 00:00",
        "cron(0 3 L * ? *)",
    ];
    let world = texts.iter().fold(World::empty(), |world, text| {
        let terms = Terms {
            schedule: schedule(text),
            ..keep(7)
        };
        world.with(text, Scope::In(terms), instance(7))
    });
    insta::assert_snapshot!(shown(&world.plan()), @r#"
    unmet: every 15 minutes: Snapshots “every 15 minutes” cannot be had at AWS: AWS Backup's shortest interval is one hour. Continuous backup (point in time) meets an objective of 5 minutes.
    unmet: */30 8 * * *: Snapshots “0,30 8 * * *” cannot be had at AWS: AWS Backup's shortest interval is one hour. Continuous backup (point in time) meets an objective of 5 minutes.
    unmet: @every 50m: Snapshots “@every 50m” cannot be had at AWS: AWS Backup's shortest interval is one hour. Continuous backup (point in time) meets an objective of 5 minutes.
    unmet: hourly at :15: Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "hourly at :15" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: every 6 hours: Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "every 6 hours" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: rate(1 day): Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "rate(1 day)" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: daily at 03:00 Europe/Brussels: Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "daily at 03:00 Europe/Brussels" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: weekly on Sunday at 00:00: Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "weekly on Sunday at 00:00" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: every two weeks on Sunday at 00:00: Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "every two weeks on Sunday at 00:00" needs AWS Backup, which Holdfast cannot configure yet.
    unmet: cron(0 3 L * ? *): Native backups do not suffice: RDS makes one snapshot a day, in a window in UTC; "monthly on the last day at 03:00" needs AWS Backup, which Holdfast cannot configure yet.
    10 unchanged
    "#);
}

#[test]
fn a_note_that_goes_is_a_line_of_the_plan() {
    let noted = |note: &str| Scope::In(keep(14)).noted(note);
    let mut world = World::empty()
        .with("prod-pg", noted("until May"), instance(14))
        .contracted(noted("until the archive is moved"));
    let said = |world: &World| {
        let findings = world.plan().findings;
        findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&world),
        ["Its note becomes “until May”; it was “until the archive is moved”."]
    );
    world.wanted[0].1 = noted("");
    assert_eq!(said(&world), ["Its note “until the archive is moved” goes."]);
    world.wanted[0].1 = noted("until the archive is moved");
    assert_eq!(said(&world), [""; 0]);
}
