//! Automated backups that are replicated to another region.

use super::{Account, code};

#[tokio::test]
async fn replicated_backups_are_kept_and_restored_in_the_other_region() {
    let a = Account::new().await;
    let there = a.root_in("eu-central-1");
    let start = |key: Option<&str>| {
        let start = there.start_db_instance_automated_backups_replication();
        let start = start
            .source_db_instance_arn(a.arn("prod-pg"))
            .backup_retention_period(5);
        start.set_kms_key_id(key.map(str::to_owned)).send()
    };
    assert_eq!(
        code(start(Some("alias/safe")).await),
        "InvalidDBInstanceState",
        "no backups"
    );
    a.retain(3).await;
    assert_eq!(
        code(start(None).await),
        "InvalidParameterValue",
        "encrypted, so a key is needed"
    );
    let started = start(Some("alias/safe")).await.unwrap();
    let replica = started.db_instance_automated_backup().unwrap();
    assert_eq!(
        (replica.status(), replica.backup_retention_period(), replica.region()),
        (Some("replicating"), Some(5), Some("eu-west-1"))
    );
    let arn = replica.db_instance_automated_backups_arn().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:rds:eu-central-1:"), "{arn}");
    assert_eq!(
        code(start(Some("alias/safe")).await),
        "InvalidDBInstanceAutomatedBackupState"
    );
    let here = a.root().describe_db_instance_automated_backups().send().await.unwrap();
    let noted = here.db_instance_automated_backups()[0].db_instance_automated_backups_replications();
    assert_eq!(noted[0].db_instance_automated_backups_arn(), Some(arn.as_str()));

    let restore = there
        .restore_db_instance_to_point_in_time()
        .target_db_instance_identifier("rescued");
    let restore = restore.source_db_instance_automated_backups_arn(&arn);
    restore.use_latest_restorable_time(true).send().await.unwrap();
    let delete = a.root().delete_db_instance().db_instance_identifier("prod-pg");
    delete.skip_final_snapshot(true).send().await.unwrap();
    let status = async || {
        let listed = there.describe_db_instance_automated_backups().send().await.unwrap();
        let listed = listed.db_instance_automated_backups().to_vec();
        let replica = listed
            .into_iter()
            .find(|backup| backup.db_instance_identifier() == Some("prod-pg"));
        replica.map(|replica| replica.status().unwrap().to_owned())
    };
    assert_eq!(status().await.as_deref(), Some("retained"));
    a.advance(6 * 86_400).await;
    assert_eq!(status().await, None);
}

#[tokio::test]
async fn replication_is_stopped_in_the_region_that_it_goes_to() {
    let a = Account::new().await;
    a.retain(3).await;
    let there = a.root_in("eu-central-1");
    let stop = || {
        let stop = there.stop_db_instance_automated_backups_replication();
        stop.source_db_instance_arn(a.arn("prod-pg")).send()
    };
    assert_eq!(code(stop().await), "InvalidDBInstanceState");
    let start = there.start_db_instance_automated_backups_replication();
    let start = start.source_db_instance_arn(a.arn("prod-pg")).kms_key_id("alias/safe");
    start.send().await.unwrap();
    let stopped = stop().await.unwrap();
    assert_eq!(
        stopped.db_instance_automated_backup().unwrap().status(),
        Some("retained")
    );
    let here = a.root().describe_db_instance_automated_backups().send().await.unwrap();
    let noted = here.db_instance_automated_backups()[0].db_instance_automated_backups_replications();
    assert_eq!(noted.len(), 0);
    let same_region = a.root().start_db_instance_automated_backups_replication();
    let same_region = same_region.source_db_instance_arn(a.arn("prod-pg")).send().await;
    assert_eq!(code(same_region), "InvalidParameterValue");
}
