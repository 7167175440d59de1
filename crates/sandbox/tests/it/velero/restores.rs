//! Restores.

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::Cluster;
use crate::support::World;

#[tokio::test]
async fn objects_come_back_in_another_namespace_with_their_data() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    let restore = c
        .restore(
            "copy",
            json!({"backupName": "one", "namespaceMapping": {"shop": "copy"}}),
        )
        .await;
    let status = &restore["status"];
    assert_eq!(
        (&status["phase"], &status["warnings"], &status["errors"]),
        (&json!("Completed"), &Value::Null, &Value::Null)
    );
    assert_eq!(status["progress"]["itemsRestored"], status["progress"]["totalItems"]);
    assert!(
        restore["spec"]["excludedResources"]
            .as_array()
            .unwrap()
            .contains(&json!("nodes"))
    );
    let settings = c.api_in("copy", "ConfigMap").get("settings").await.unwrap();
    assert_eq!(settings.data["data"]["colour"], "blue");
    let labels = settings.metadata.labels.unwrap();
    assert_eq!(
        (
            labels["velero.io/backup-name"].as_str(),
            labels["velero.io/restore-name"].as_str()
        ),
        ("one", "copy")
    );
    assert!(
        c.api_in("copy", "ConfigMap")
            .get_opt("scratch")
            .await
            .unwrap()
            .is_none()
    );
    let claim = c.api_in("copy", "PersistentVolumeClaim").get("data").await.unwrap();
    assert_eq!(claim.data["spec"]["volumeName"], Value::Null, "it gets a new volume");
    let volumes = c.list("PodVolumeRestore").await;
    assert_eq!(volumes[0]["spec"]["pod"]["namespace"], "copy");
    assert_eq!(volumes[0]["status"]["phase"], "Completed");
}

#[tokio::test]
async fn what_exists_stays_unless_it_is_to_be_updated() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup(
        "one",
        json!({"includedNamespaces": ["shop"], "includedResources": ["configmaps"]}),
    )
    .await;
    let same = c.restore("same", json!({"backupName": "one"})).await;
    assert_eq!(
        (&same["status"]["phase"], &same["status"]["warnings"]),
        (&json!("Completed"), &Value::Null)
    );
    let maps = c.api_in("shop", "ConfigMap");
    let green = Patch::Merge(json!({"data": {"colour": "green"}}));
    maps.patch("settings", &PatchParams::default(), &green).await.unwrap();
    let kept = c.restore("kept", json!({"backupName": "one"})).await;
    assert_eq!(
        (&kept["status"]["phase"], &kept["status"]["warnings"]),
        (&json!("Completed"), &json!(1))
    );
    assert_eq!(maps.get("settings").await.unwrap().data["data"]["colour"], "green");
    let updated = c
        .restore(
            "updated",
            json!({"backupName": "one", "existingResourcePolicy": "update"}),
        )
        .await;
    assert_eq!(updated["status"]["warnings"], Value::Null);
    assert_eq!(maps.get("settings").await.unwrap().data["data"]["colour"], "blue");
}

#[tokio::test]
async fn a_schedule_restores_its_newest_completed_backup() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create(
        "Schedule",
        "hourly",
        json!({"schedule": "@every 1h", "template": {"includedNamespaces": ["shop"]}}),
    )
    .await;
    c.advance(3_900).await;
    c.fault("backup", "error", "x").await;
    c.advance(3_900).await;
    let backups = c.names("Backup").await;
    assert_eq!(backups.len(), 2);
    assert_eq!(c.status("Backup", &backups[1]).await["phase"], "PartiallyFailed");
    let maps = c.api_in("shop", "ConfigMap");
    maps.delete("settings", &DeleteParams::default()).await.unwrap();
    let restore = c.restore("newest", json!({"scheduleName": "hourly"})).await;
    assert_eq!(restore["spec"]["backupName"], backups[0].as_str());
    assert_eq!(restore["status"]["phase"], "Completed");
    assert!(maps.get_opt("settings").await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_wrong_with_a_restore_is_said_as_velero_says_it() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    for (name, spec, error) in [
        (
            "neither",
            json!({}),
            "Either a backup or schedule must be specified as a source for the restore, but not both",
        ),
        (
            "unknown",
            json!({"backupName": "nobody"}),
            "Error retrieving backup: can't find backup velero/nobody: Backup.velero.io \"nobody\" not found",
        ),
        (
            "no-schedule",
            json!({"scheduleName": "nobody"}),
            "No backups found for schedule",
        ),
        (
            "nodes",
            json!({"backupName": "nobody", "includedResources": ["nodes"]}),
            "nodes are non-restorable resources",
        ),
    ] {
        let restore = c.restore(name, spec).await;
        assert_eq!(restore["status"]["phase"], "FailedValidation", "{name}");
        assert_eq!(restore["status"]["validationErrors"][0], error);
    }
}

#[tokio::test]
async fn a_restore_fails_on_demand_and_is_failed_by_a_restart() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({})).await;
    c.fault("restore", "job-failed", "cannot read the backup").await;
    let failed = c.restore("failed", json!({"backupName": "one"})).await;
    assert_eq!(failed["status"]["phase"], "Failed");
    assert_eq!(failed["status"]["failureReason"], "cannot read the backup");
    c.fault("restore", "timeout", "").await;
    c.restore("stuck", json!({"backupName": "one"})).await;
    assert_eq!(c.status("Restore", "stuck").await["phase"], "InProgress");
    c.restart().await;
    assert_eq!(
        c.status("Restore", "stuck").await["failureReason"],
        "found a restore with status \"InProgress\" during the server starting, mark it as \"Failed\""
    );
}

#[tokio::test]
async fn moved_data_comes_back_by_a_download() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let spec = json!({"includedNamespaces": ["shop"], "includedResources": ["pvc", "pv"], "snapshotMoveData": true});
    c.backup("one", spec).await;
    let restore = c
        .restore(
            "copy",
            json!({"backupName": "one", "namespaceMapping": {"shop": "copy"}}),
        )
        .await;
    assert_eq!(restore["status"]["phase"], "Completed");
    assert_eq!(restore["status"]["restoreItemOperationsCompleted"], 1);
    let downloads = c.list("DataDownload").await;
    assert_eq!(downloads[0]["spec"]["targetVolume"]["namespace"], "copy");
    assert_eq!(downloads[0]["status"]["phase"], "Completed");
}
