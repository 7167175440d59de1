//! What AWS refuses.

use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_sdk_rds::types::Filter;

use super::{Account, RDS, code};

#[tokio::test]
async fn the_backup_window_keeps_away_from_the_maintenance_window() {
    let a = Account::new().await;
    let modify = || a.root().modify_db_instance().db_instance_identifier("prod-pg");
    let refused = modify()
        .preferred_backup_window("05:30-06:30")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        refused.message(),
        Some("The backup window and maintenance window must not overlap.")
    );
    let both = modify().preferred_backup_window("05:30-06:30");
    both.preferred_maintenance_window("mon:01:00-mon:01:30")
        .send()
        .await
        .unwrap();
    let shorter = modify().preferred_maintenance_window("mon:01:00-mon:01:20");
    assert_eq!(code(shorter.send().await), "InvalidParameterValue");
    let no_day = modify().preferred_maintenance_window("01:00-02:00");
    assert_eq!(code(no_day.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn identifiers_follow_the_rules_and_are_told_apart_without_case() {
    let a = Account::new().await;
    let create = |name: &str| {
        let create = a.root().create_db_snapshot().db_snapshot_identifier(name);
        create.db_instance_identifier("prod-pg").send()
    };
    for bad in ["1st", "a--b", "a-", "a_b", "rds:mine"] {
        assert_eq!(code(create(bad).await), "InvalidParameterValue", "{bad}");
    }
    let made = create("By-Hand").await.unwrap();
    assert_eq!(made.db_snapshot().unwrap().db_snapshot_identifier(), Some("by-hand"));
    assert_eq!(code(create("by-hand").await), "DBSnapshotAlreadyExists");
    assert_eq!(a.snapshot_status(&a.root(), "BY-HAND").await, "available");
    let instance = a
        .root()
        .create_db_instance()
        .db_instance_identifier("-x")
        .engine("postgres");
    let instance = instance.db_instance_class("db.t3.micro").send().await;
    assert_eq!(code(instance), "InvalidParameterValue");
}

#[tokio::test]
async fn an_instance_that_is_not_available_is_not_backed_up() {
    let a = Account::new().await;
    a.snapshot("by-hand").await;
    let restore = a
        .root()
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier("by-hand");
    restore.db_instance_identifier("new").send().await.unwrap();
    let snapshot = a.root().create_db_snapshot().db_snapshot_identifier("early");
    let snapshot = snapshot.db_instance_identifier("new");
    assert_eq!(code(snapshot.clone().send().await), "InvalidDBInstanceState");
    a.advance(3).await;
    snapshot.send().await.unwrap();
}

#[tokio::test]
async fn unknown_operations_filters_and_combinations_are_refused_by_name() {
    let a = Account::new().await;
    let unknown = a
        .post(&a.running.url, &a.id, RDS, "DescribeDBDreams", &[])
        .await
        .unwrap_err();
    assert!(
        unknown.contains("InvalidAction") && unknown.contains("DescribeDBDreams"),
        "{unknown}"
    );
    let filter = Filter::builder().name("colour").values("red").build();
    let filtered = a
        .root()
        .describe_db_snapshots()
        .filters(filter)
        .send()
        .await
        .unwrap_err();
    assert_eq!(filtered.message(), Some("Unrecognized filter name: colour"));
    let filter = |value: &str| Filter::builder().name("db-instance-id").values(value).build();
    let described = async |filter| a.root().describe_db_instances().filters(filter).send().await;
    let by_arn = described(filter(&a.arn("prod-pg"))).await.unwrap();
    assert_eq!(by_arn.db_instances().len(), 1);
    assert_eq!(described(filter("other")).await.unwrap().db_instances().len(), 0);
    a.retain(1).await;
    let restore = a
        .root()
        .restore_db_instance_to_point_in_time()
        .target_db_instance_identifier("t");
    let nothing = restore.clone().use_latest_restorable_time(true).send().await;
    assert_eq!(code(nothing), "InvalidParameterCombination");
    let two = restore
        .source_db_instance_identifier("prod-pg")
        .source_dbi_resource_id("db-1");
    assert_eq!(
        code(two.use_latest_restorable_time(true).send().await),
        "InvalidParameterCombination"
    );
    let no_target = [("SourceDBSnapshotIdentifier", "x")];
    let missing = a
        .post(&a.running.url, &a.id, RDS, "CopyDBSnapshot", &no_target)
        .await
        .unwrap_err();
    assert!(
        missing.contains("DBSnapshotNotFound") || missing.contains("MissingParameter"),
        "{missing}"
    );
}
