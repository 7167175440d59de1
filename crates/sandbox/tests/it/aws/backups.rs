//! Automated backups: settings, snapshots, expiry.

use aws_sdk_rds::error::ProvideErrorMetadata;

use super::Account;

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
