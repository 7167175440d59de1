//! Answers that make no sense, come twice or not at all.

use domain::observation::{Completeness, Granularity};
use mechanism::{ApplyError, Mechanism, ObserveError, Progress};

use crate::fixture::{TARGET, account, arn, authority, backups, key, noon, restore_of, restore_to, scope, step};
use crate::stub::{CUSTOMER, Stub, error, instance, listing, snapshot};

#[tokio::test]
async fn what_is_there_is_read_in_the_words_of_the_domain() {
    let stub = Stub::new().await;
    let tag = "<Tag><Key>team</Key><Value>shop</Value></Tag>";
    let snapshots = [
        snapshot("rds:prod-pg-1", "automated", "available", "2026-11-20T03:10:00Z"),
        snapshot("by-hand", "manual", "creating", "2026-11-21T11:00:00Z"),
    ];
    stub.holds(
        &(instance("prod-pg", "available", tag) + &instance("not-ours", "available", "")),
        &snapshots.concat(),
    )
    .await;
    let account = account(CUSTOMER);
    let seen = stub
        .mechanism
        .observe(&scope(&account, &["prod-pg", "gone"]))
        .await
        .unwrap();

    assert_eq!((seen.at, &seen.completeness), (noon(), &Completeness::Complete));
    assert_eq!(seen.resources.keys().collect::<Vec<_>>(), [&arn(&account, "prod-pg")]);
    let db = &seen.resources[&arn(&account, "prod-pg")];
    assert_eq!((db.status.as_str(), db.engine.as_str()), ("available", "postgres 16.4"));
    assert_eq!(
        (db.size_bytes, db.encrypted, db.automated_retention_days),
        (20 << 30, true, 35)
    );
    assert_eq!(db.window, Some("03:00-04:00".parse().unwrap()));
    assert_eq!(db.tags["team"], "shop");
    let points: Vec<_> = db
        .recovery_points
        .iter()
        .map(|p| (p.provider_id.as_str(), p.available))
        .collect();
    let continuous = format!("pitr:{}", arn(&account, "prod-pg"));
    assert_eq!(
        points,
        [("rds:prod-pg-1", true), ("by-hand", false), (continuous.as_str(), true)]
    );
    let newest = db.newest().unwrap();
    assert_eq!(
        (newest.granularity, newest.at),
        (Granularity::Continuous, "2026-11-21T11:55:00Z".parse().unwrap())
    );
    assert_eq!(newest.earliest, Some("2026-11-20T03:10:00Z".parse().unwrap()));
}

#[tokio::test]
async fn what_makes_no_sense_is_left_out_and_said_so() {
    let sound = instance("sound", "available", "");
    for (odd, names) in [
        (instance("odd", "levitating", ""), "levitating"),
        (instance("odd", "available", "").replace(">35<", ">-1<"), "retention"),
        (
            instance("odd", "available", "").replace("03:00-04:00", "teatime"),
            "teatime",
        ),
    ] {
        let stub = Stub::new().await;
        stub.holds(&(sound.clone() + &odd), "").await;
        let account = account(CUSTOMER);
        let seen = stub
            .mechanism
            .observe(&scope(&account, &["sound", "odd"]))
            .await
            .unwrap();
        let Completeness::Partial { reason } = seen.completeness else {
            panic!("complete with {odd}")
        };
        assert!(reason.contains(names), "{reason}");
        assert_eq!(seen.resources.keys().collect::<Vec<_>>(), [&arn(&account, "sound")]);
    }
}

#[tokio::test]
async fn a_resource_that_is_no_instance_of_the_account_is_unknown_and_not_absent() {
    let stub = Stub::new().await;
    stub.holds("", "").await;
    let account = account(CUSTOMER);
    let mut scope = scope(&account, &[]);
    scope.resources = vec!["arn:aws:s3:::media".to_owned()];
    let seen = stub.mechanism.observe(&scope).await.unwrap();
    assert!(matches!(seen.completeness, Completeness::Partial { .. }), "{seen:?}");
}

#[tokio::test]
async fn garbage_is_never_taken_for_an_answer() {
    let whole = listing(
        "DescribeDBInstances",
        "DBInstances",
        &instance("prod-pg", "available", ""),
    );
    let cut_in_a_number = whole.find("</BackupRetentionPeriod>").unwrap() - 1;
    let cut_before_the_list = whole.find("<DBInstance>").unwrap();
    let cut_in_the_end = whole.len() - 5;
    for (status, body) in [
        (200, &whole[..cut_in_a_number]),
        (200, &whole[..cut_before_the_list]),
        (200, &whole[..cut_in_the_end]),
        (200, ""),
        (200, "<html><body>Welcome</body></html>"),
        (
            200,
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult/></DescribeDBInstancesResponse>",
        ),
        (403, "<html>a proxy says no</html>"),
        (502, "bad gateway"),
        (400, &error("Throttling")),
        (503, &error("ServiceUnavailable")),
    ] {
        let stub = Stub::new().await;
        stub.holds("", "").await;
        stub.answer_once("DescribeDBInstances", status, body).await;
        stub.answer_once("DescribeDBInstances", status, body).await;
        let seen = stub.mechanism.observe(&scope(&account(CUSTOMER), &["prod-pg"])).await;
        assert!(
            matches!(seen, Err(ObserveError::Unavailable { .. })),
            "{status} {body}: {seen:?}"
        );
    }
}

/// The instance as the plan of [`backups`] shows it.
fn as_planned() -> String {
    instance("prod-pg", "available", "").replace(">35<", ">1<")
}

#[tokio::test]
async fn a_change_without_a_sound_answer_is_unsure_and_is_asked_once() {
    let sound = "<ModifyDBInstanceResponse><ModifyDBInstanceResult/></ModifyDBInstanceResponse>";
    for (status, body) in [
        (200, &sound[..40]),
        (200, ""),
        (500, &error("InternalFailure")),
        (400, &error("Throttling")),
        (400, &error("InvalidDBInstanceState")),
    ] {
        let stub = Stub::new().await;
        stub.holds(&as_planned(), "").await;
        stub.answer("ModifyDBInstance", status, body).await;
        let account = account(CUSTOMER);
        let step = step(&account, backups(14, "01:00-02:00"));
        let made = stub
            .mechanism
            .apply(&account, &authority(&account), &step, &key())
            .await;
        assert!(
            matches!(made, Err(ApplyError::Unsure { .. })),
            "{status} {body}: {made:?}"
        );
        assert_eq!(stub.calls("ModifyDBInstance").await.len(), 1, "{status} {body}");
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_says_why() {
    let account = account(CUSTOMER);
    let step = step(&account, backups(14, "01:00-02:00"));
    for (status, code, words) in [
        (400, "InvalidParameterValue", "because"),
        (403, "AccessDenied", "role/holdfast/tune"),
    ] {
        let stub = Stub::new().await;
        stub.holds(&as_planned(), "").await;
        stub.answer("ModifyDBInstance", status, &error(code)).await;
        let made = stub
            .mechanism
            .apply(&account, &authority(&account), &step, &key())
            .await;
        let Err(ApplyError::Rejected { reason }) = made else {
            panic!("{code}: {made:?}")
        };
        assert!(reason.contains(words) && reason.contains("prod-pg"), "{reason}");
    }
}

#[tokio::test]
async fn a_retention_that_somebody_else_has_set_meanwhile_is_not_overwritten() {
    let stub = Stub::new().await;
    let raised = instance("prod-pg", "available", "").replace(">35<", ">20<");
    stub.holds(&raised, "").await;
    let account = account(CUSTOMER);
    let step = step(&account, backups(14, "01:00-02:00"));
    let made = stub
        .mechanism
        .apply(&account, &authority(&account), &step, &key())
        .await;
    let Err(ApplyError::Rejected { reason }) = made else {
        panic!("{made:?}")
    };
    assert!(reason.contains("is 20 by now"), "{reason}");
    assert_eq!(stub.calls("ModifyDBInstance").await.len(), 0);
}

#[tokio::test]
async fn the_snapshots_of_an_instance_that_is_gone_are_still_there() {
    let stub = Stub::new().await;
    stub.holds("", &snapshot("last", "manual", "available", "2026-11-20T03:10:00Z"))
        .await;
    let account = account(CUSTOMER);
    let seen = stub.mechanism.observe(&scope(&account, &["prod-pg"])).await.unwrap();
    assert!(seen.resources.is_empty());
    assert_eq!(seen.left_behind[&arn(&account, "prod-pg")][0].provider_id, "last");
}

#[tokio::test]
async fn pages_are_all_read_and_must_end() {
    let page = |name: &str, marker: &str| {
        let list = listing("DescribeDBInstances", "DBInstances", &instance(name, "available", ""));
        list.replace("</DBInstances>", &format!("</DBInstances><Marker>{marker}</Marker>"))
    };
    let account = account(CUSTOMER);
    let scope = scope(&account, &["prod-pg", "second"]);

    let stub = Stub::new().await;
    stub.holds(&instance("second", "available", ""), "").await;
    stub.answer_once("DescribeDBInstances", 200, &page("prod-pg", "m1"))
        .await;
    assert_eq!(stub.mechanism.observe(&scope).await.unwrap().resources.len(), 2);
    assert_eq!(stub.calls("DescribeDBInstances").await[1]["Marker"], "m1");

    let endless = Stub::new().await;
    endless.holds("", "").await;
    for marker in ["m1", "m2", "m1"] {
        endless
            .answer_once("DescribeDBInstances", 200, &page("prod-pg", marker))
            .await;
    }
    let seen = endless.mechanism.observe(&scope).await;
    assert!(matches!(seen, Err(ObserveError::Unavailable { .. })), "{seen:?}");
}

#[tokio::test]
async fn a_restore_finds_its_own_instance_and_leaves_anothers_alone() {
    let ours = "<Tag><Key>holdfast:restore-request</Key><Value>00000000-0000-0000-0000-000000000005</Value></Tag>";
    let account = account(CUSTOMER);
    for restore in [restore_of("snap-1"), restore_to(noon())] {
        let step = step(&account, restore);

        let made_before = Stub::new().await;
        made_before.holds(&instance(TARGET, "creating", ours), "").await;
        let receipt = made_before
            .mechanism
            .apply(&account, &authority(&account), &step, &key())
            .await
            .unwrap();
        assert_eq!(receipt.provider_ref, arn(&account, TARGET));
        assert!(restores(&made_before).await.is_empty());
        let progress = made_before.mechanism.progress(&account, &step, &key()).await.unwrap();
        assert_eq!(
            progress,
            Progress::Running {
                detail: "creating".to_owned()
            }
        );

        let anothers = Stub::new().await;
        anothers.holds(&instance(TARGET, "available", ""), "").await;
        let refused = anothers
            .mechanism
            .apply(&account, &authority(&account), &step, &key())
            .await;
        assert!(matches!(refused, Err(ApplyError::Rejected { .. })), "{refused:?}");
        assert!(restores(&anothers).await.is_empty());
    }
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_counts_only_with_our_tag() {
    let ours = "<Tag><Key>holdfast:restore-request</Key><Value>00000000-0000-0000-0000-000000000005</Value></Tag>";
    let account = account(CUSTOMER);
    let step = step(&account, restore_of("snap-1"));
    for (tags, ok) in [(ours, true), ("", false)] {
        let stub = Stub::new().await;
        let one = |xml: &str| listing("DescribeDBInstances", "DBInstances", xml);
        stub.answer("DescribeDBInstances", 200, &one(&instance(TARGET, "creating", tags)))
            .await;
        stub.answer_once("DescribeDBInstances", 404, &error("DBInstanceNotFound"))
            .await;
        stub.answer_once("DescribeDBInstances", 200, &one(&instance("prod-pg", "available", "")))
            .await;
        stub.answer(
            "RestoreDBInstanceFromDBSnapshot",
            400,
            &error("DBInstanceAlreadyExists"),
        )
        .await;
        let made = stub
            .mechanism
            .apply(&account, &authority(&account), &step, &key())
            .await;
        assert_eq!(made.is_ok(), ok, "{made:?}");
        let asked = restores(&stub).await;
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0]["DBSubnetGroupName"], "private");
        assert_eq!(asked[0]["PubliclyAccessible"], "false");
    }
}

async fn restores(stub: &Stub) -> Vec<std::collections::HashMap<String, String>> {
    let mut calls = stub.calls("RestoreDBInstanceFromDBSnapshot").await;
    calls.extend(stub.calls("RestoreDBInstanceToPointInTime").await);
    calls
}
