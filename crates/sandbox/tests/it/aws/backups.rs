//! Automated backups: settings, snapshots, expiry.

use aws_sdk_rds::error::ProvideErrorMetadata;

use super::{Account, RDS};

#[tokio::test]
async fn switching_backups_on_makes_a_snapshot_at_once_and_one_a_day_until_they_expire() {
    let a = Account::new().await;
    assert_eq!(a.automated().await, Vec::<String>::new());
    a.retain(2).await;
    let first = a.automated().await;
    assert_eq!(first.len(), 1);
    assert!(first[0].starts_with("rds:prod-pg-2"), "{first:?}");
    let described = a.root().describe_db_instances().send().await.unwrap();
    let instance = &described.db_instances()[0];
    assert_eq!(
        (instance.backup_retention_period(), instance.preferred_backup_window()),
        (Some(2), Some("02:00-02:30"))
    );
    assert!(instance.latest_restorable_time().is_some());

    a.advance(86_400).await;
    let second = a.automated().await;
    assert_eq!((second.len(), &second[0]), (2, &first[0]));
    assert!(second[1].ends_with("-02-00"), "{second:?}");
    a.advance(30 * 86_400).await;
    let later = a.automated().await;
    assert_eq!(later.len(), 2, "two days of retention: {later:?}");
    assert!(!later.contains(&first[0]));
    a.retain(0).await;
    assert_eq!(a.automated().await, Vec::<String>::new());
}

#[tokio::test]
async fn retention_and_window_are_checked_as_aws_does() {
    let a = Account::new().await;
    let modify = || {
        a.root()
            .modify_db_instance()
            .db_instance_identifier("prod-pg")
            .apply_immediately(true)
    };
    let refused = modify().backup_retention_period(36).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValue"));
    let refused = modify()
        .preferred_backup_window("02:00-02:20")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn a_retention_that_waits_for_the_maintenance_window_is_pending() {
    let a = Account::new().await;
    let modify = |days| {
        a.root()
            .modify_db_instance()
            .db_instance_identifier("prod-pg")
            .backup_retention_period(days)
    };
    let off_to_on = modify(7).send().await.unwrap();
    let instance = off_to_on.db_instance().unwrap();
    assert_eq!(instance.backup_retention_period(), Some(0));
    assert_eq!(
        instance.pending_modified_values().unwrap().backup_retention_period(),
        Some(7)
    );
    a.retain(7).await;
    let between_days = modify(9).send().await.unwrap();
    let instance = between_days.db_instance().unwrap();
    assert_eq!(
        instance.backup_retention_period(),
        Some(9),
        "AWS changes one number of days for another at once"
    );
    assert_eq!(
        instance.pending_modified_values().unwrap().backup_retention_period(),
        None
    );
}

#[tokio::test]
async fn what_another_service_backs_up_at_ministack_is_listed_and_restored() {
    let a = Account::new().await;
    let params = [
        ("DBSnapshotIdentifier", "awsbackup:job-1"),
        ("DBInstanceIdentifier", "prod-pg"),
    ];
    a.post(&a.ministack, &a.id, RDS, "CreateDBSnapshot", &params)
        .await
        .unwrap();
    let listed = a.root().describe_db_snapshots().snapshot_type("awsbackup").send();
    let listed = listed.await.unwrap();
    assert_eq!(
        listed.db_snapshots()[0].db_snapshot_identifier(),
        Some("awsbackup:job-1")
    );
    let restore = a.root().restore_db_instance_from_db_snapshot();
    let restore = restore.db_snapshot_identifier("awsbackup:job-1");
    let restored = restore.db_instance_identifier("restored").send().await.unwrap();
    let instance = restored.db_instance().unwrap();
    assert_eq!(
        (instance.db_instance_class(), instance.backup_retention_period()),
        (Some("db.t3.medium"), Some(0)),
        "the source's settings"
    );
    a.post(&a.ministack, &a.id, RDS, "DeleteDBSnapshot", &params[..1])
        .await
        .unwrap();
    assert_eq!(
        a.root()
            .describe_db_snapshots()
            .send()
            .await
            .unwrap()
            .db_snapshots()
            .len(),
        0
    );
}

#[tokio::test]
async fn a_stopped_database_is_not_backed_up_and_nothing_is_made_up_for() {
    let a = Account::new().await;
    a.retain(7).await;
    a.root()
        .stop_db_instance()
        .db_instance_identifier("prod-pg")
        .send()
        .await
        .unwrap();
    a.advance(3 * 86_400).await;
    assert_eq!(a.automated().await.len(), 1);
    a.root()
        .start_db_instance()
        .db_instance_identifier("prod-pg")
        .send()
        .await
        .unwrap();
    assert_eq!(a.automated().await.len(), 1);
    a.advance(86_400).await;
    assert_eq!(a.automated().await.len(), 2);
}
