//! What deletions leave behind.

use aws_sdk_rds::types::DbInstanceAutomatedBackup;

use super::{Account, code};

impl Account {
    async fn backups(&self) -> Vec<DbInstanceAutomatedBackup> {
        let described = self
            .root()
            .describe_db_instance_automated_backups()
            .send()
            .await
            .unwrap();
        described.db_instance_automated_backups().to_vec()
    }
}

#[tokio::test]
async fn a_last_snapshot_is_asked_for_or_waived() {
    let a = Account::new().await;
    let delete = || a.root().delete_db_instance().db_instance_identifier("prod-pg");
    assert_eq!(code(delete().send().await), "InvalidParameterCombination");
    let both = delete().skip_final_snapshot(true).final_db_snapshot_identifier("last");
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
    a.snapshot("taken").await;
    let taken = delete().final_db_snapshot_identifier("taken").send().await;
    assert_eq!(code(taken), "DBSnapshotAlreadyExists");
    let deleted = delete().final_db_snapshot_identifier("last").send().await.unwrap();
    assert_eq!(deleted.db_instance().unwrap().db_instance_status(), Some("deleting"));
    assert_eq!(a.snapshot_status(&a.root(), "last").await, "available");
    assert_eq!(
        code(delete().skip_final_snapshot(true).send().await),
        "DBInstanceNotFound"
    );
    let restore = a
        .root()
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier("last");
    restore.db_instance_identifier("prod-pg").send().await.unwrap();
    assert_eq!(a.status("prod-pg").await, "creating");
}

#[tokio::test]
async fn a_protected_instance_is_not_deleted() {
    let a = Account::new().await;
    let protect = a.root().modify_db_instance().db_instance_identifier("prod-pg");
    protect.deletion_protection(true).send().await.unwrap();
    let delete = a.root().delete_db_instance().db_instance_identifier("prod-pg");
    let refused = delete.skip_final_snapshot(true).send().await.unwrap_err();
    let message = refused.into_service_error().to_string();
    assert!(message.contains("InvalidParameterCombination"), "{message}");
    assert_eq!(a.status("prod-pg").await, "available");
}

#[tokio::test]
async fn automated_backups_go_with_the_instance_unless_they_are_kept() {
    let a = Account::new().await;
    a.retain(2).await;
    let resource = a.backups().await[0].dbi_resource_id().unwrap().to_owned();
    let delete = a.root().delete_db_instance().db_instance_identifier("prod-pg");
    let delete = delete.skip_final_snapshot(true).delete_automated_backups(false);
    delete.send().await.unwrap();
    let kept = a.backups().await;
    assert_eq!((kept.len(), kept[0].status()), (1, Some("retained")));
    assert_eq!(a.automated().await.len(), 1);
    let ended = kept[0].restore_window().unwrap().latest_time().copied();
    a.advance(3_600).await;
    let later = a.backups().await;
    assert_eq!(later[0].restore_window().unwrap().latest_time().copied(), ended);

    let restore = a.root().restore_db_instance_to_point_in_time();
    let restore = restore
        .source_dbi_resource_id(&resource)
        .target_db_instance_identifier("back");
    restore.use_latest_restorable_time(true).send().await.unwrap();
    a.advance(3).await;
    assert_eq!(a.status("back").await, "available");
    a.advance(2 * 86_400).await;
    let left = a.backups().await;
    assert!(
        left.iter().all(|backup| backup.dbi_resource_id() != Some(&resource)),
        "{left:?}"
    );
}

#[tokio::test]
async fn only_retained_backups_are_deleted() {
    let a = Account::new().await;
    a.retain(2).await;
    let backups = a.backups().await;
    let resource = backups[0].dbi_resource_id().unwrap();
    let delete = || {
        a.root()
            .delete_db_instance_automated_backup()
            .dbi_resource_id(resource)
            .send()
    };
    assert_eq!(code(delete().await), "InvalidDBInstanceAutomatedBackupState");
    let gone = a.root().delete_db_instance().db_instance_identifier("prod-pg");
    let gone = gone.skip_final_snapshot(true).delete_automated_backups(false);
    gone.send().await.unwrap();
    delete().await.unwrap();
    assert_eq!(a.backups().await.len(), 0);
    assert_eq!(a.automated().await.len(), 0);
    assert_eq!(code(delete().await), "DBInstanceAutomatedBackupNotFound");
}
