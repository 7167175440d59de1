//! The bucket: sync between clusters, and deletion.

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::Cluster;
use crate::support::World;

#[tokio::test]
async fn a_backup_whose_object_is_deleted_comes_back() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    c.api("Backup").delete("one", &DeleteParams::default()).await.unwrap();
    assert_eq!(c.get("Backup", "one").await, Value::Null);
    c.advance(120).await;
    let back = c.get("Backup", "one").await;
    assert_eq!(back["status"]["phase"], "Completed");
    let volumes = c.list("PodVolumeBackup").await;
    assert_eq!(
        volumes[0]["metadata"]["ownerReferences"][0]["uid"],
        back["metadata"]["uid"]
    );
}

#[tokio::test]
async fn clusters_that_share_a_prefix_share_their_backups() {
    let w = World::start().await;
    let (a, b) = (
        Cluster::at(&w, "a", "shared").await,
        Cluster::at(&w, "b", "shared").await,
    );
    let apart = Cluster::new(&w, "c").await;
    a.backup("one", json!({})).await;
    assert_eq!(b.names("Backup").await, ["one"]);
    assert_eq!(apart.names("Backup").await.len(), 0);
    b.create("DeleteBackupRequest", "delete-one", json!({"backupName": "one"}))
        .await;
    b.advance(180).await;
    assert_eq!(a.names("Backup").await.len(), 0, "its data is gone");
}

#[tokio::test]
async fn a_deleted_backup_goes_with_all_that_belongs_to_it() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    c.restore(
        "again",
        json!({"backupName": "one", "namespaceMapping": {"shop": "copy"}}),
    )
    .await;
    c.create("DeleteBackupRequest", "delete-one", json!({"backupName": "one"}))
        .await;
    let request = c.get("DeleteBackupRequest", "delete-one").await;
    assert_eq!(request["status"]["phase"], "InProgress");
    assert_eq!(request["metadata"]["labels"]["velero.io/backup-name"], "one");
    assert_eq!(c.status("Backup", "one").await["phase"], "Deleting");
    c.advance(300).await;
    for kind in [
        "Backup",
        "Restore",
        "PodVolumeBackup",
        "PodVolumeRestore",
        "DeleteBackupRequest",
    ] {
        assert_eq!(c.names(kind).await, Vec::<String>::new(), "{kind}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_done_says_why_and_stays_for_a_day() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create("DeleteBackupRequest", "unknown", json!({"backupName": "nobody"}))
        .await;
    let status = c.status("DeleteBackupRequest", "unknown").await;
    assert_eq!(status, json!({"phase": "Processed", "errors": ["backup not found"]}));

    c.backup("one", json!({"ttl": "1h"})).await;
    let read_only = Patch::Merge(json!({"spec": {"accessMode": "ReadOnly"}}));
    c.api("BackupStorageLocation")
        .patch("default", &PatchParams::default(), &read_only)
        .await
        .unwrap();
    c.create("DeleteBackupRequest", "one", json!({"backupName": "one"}))
        .await;
    assert_eq!(
        c.status("DeleteBackupRequest", "one").await["errors"],
        json!(["cannot delete backup because backup storage location default is currently in read-only mode"])
    );
    c.advance(3 * 3_600).await;
    assert_eq!(
        c.get("Backup", "one").await["metadata"]["labels"]["velero.io/gc-failure"],
        "BSLReadOnly"
    );
    assert_eq!(c.names("DeleteBackupRequest").await.len(), 2);
    c.advance(26 * 3_600).await;
    assert_eq!(c.names("DeleteBackupRequest").await.len(), 0);
}

#[tokio::test]
async fn a_deletion_that_fails_leaves_the_backup_deleting() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({})).await;
    c.fault("delete", "access-denied", "the bucket is locked").await;
    c.create("DeleteBackupRequest", "delete-one", json!({"backupName": "one"}))
        .await;
    c.advance(60).await;
    assert_eq!(
        c.status("DeleteBackupRequest", "delete-one").await["errors"],
        json!(["the bucket is locked"])
    );
    assert_eq!(c.status("Backup", "one").await["phase"], "Deleting");
}
