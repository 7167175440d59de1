//! Backups: validation, completion, selection, volumes, expiry.

use serde_json::{Value, json};

use super::Cluster;
use crate::support::World;

async fn errors_of(c: &Cluster<'_>, name: &str, spec: Value) -> Value {
    let backup = c.backup(name, spec).await;
    assert_eq!(backup["status"]["phase"], "FailedValidation", "{backup}");
    backup["status"]["validationErrors"].clone()
}

#[tokio::test]
async fn a_backup_is_completed_as_the_real_server_completes_it() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let backup = c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    assert_eq!(
        backup["spec"],
        json!({
            "includedNamespaces": ["shop"],
            "excludedClusterScopedResources": ["volumesnapshotcontents.snapshot.storage.k8s.io"],
            "excludedNamespaceScopedResources": ["volumesnapshots.snapshot.storage.k8s.io"],
            "csiSnapshotTimeout": "10m0s", "itemOperationTimeout": "4h0m0s", "ttl": "720h0m0s",
            "defaultVolumesToFsBackup": false, "snapshotMoveData": false, "hooks": {}, "metadata": {},
            "storageLocation": "default", "volumeGroupSnapshotLabelKey": "velero.io/volume-group",
        })
    );
    assert_eq!(
        backup["metadata"]["labels"],
        json!({"velero.io/storage-location": "default"})
    );
    assert_eq!(
        backup["metadata"]["annotations"]["velero.io/source-cluster-k8s-gitversion"],
        "v1.34.2"
    );
    let status = &backup["status"];
    // The namespace, the claim with its volume, the pod and one of the config maps.
    assert_eq!(status["progress"], json!({"totalItems": 5, "itemsBackedUp": 5}));
    assert_eq!(
        (&status["phase"], &status["formatVersion"], &status["version"]),
        (&json!("Completed"), &json!("1.1.0"), &json!(1))
    );
    assert!(status["expiration"].as_str() > status["completionTimestamp"].as_str());
    assert!(status["completionTimestamp"].as_str() > status["startTimestamp"].as_str());
}

#[tokio::test]
async fn only_what_the_filters_take_is_counted() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    for (name, spec, items) in [
        (
            "maps",
            json!({"includedNamespaces": ["shop"], "includedResources": ["cm"]}),
            1,
        ),
        (
            "labelled",
            json!({"includedNamespaces": ["shop"], "labelSelector": {"matchLabels": {"app": "db"}}}),
            3,
        ),
        (
            "patterns",
            json!({"includedNamespaces": ["sh*"], "excludedNamespaceScopedResources": ["pods"]}),
            4,
        ),
        ("nothing", json!({"includedNamespaces": ["elsewhere"]}), 0),
    ] {
        let backup = c.backup(name, spec).await;
        assert_eq!(backup["status"]["progress"]["totalItems"], items, "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_backup_is_said_as_velero_says_it() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    assert_eq!(
        errors_of(&c, "elsewhere", json!({"storageLocation": "nowhere"})).await[0],
        "an existing backup storage location was not specified at backup creation time and the default nowhere was not found. Please address \
         this issue (see `velero backup-location -h` for options) and create a new backup. Error: BackupStorageLocation.velero.io \"nowhere\" not found"
    );
    let spec =
        json!({"provider": "aws", "accessMode": "ReadOnly", "objectStorage": {"bucket": "backups", "prefix": "ro"}});
    c.create("BackupStorageLocation", "ro", spec).await;
    assert_eq!(
        errors_of(&c, "read-only", json!({"storageLocation": "ro"})).await,
        json!(["backup can't be created because backup storage location ro is currently in read-only mode"])
    );
    let spec = json!({"provider": "aws", "objectStorage": {"bucket": "no-such-bucket"}});
    c.create("BackupStorageLocation", "missing", spec).await;
    let status = c.status("BackupStorageLocation", "missing").await;
    assert_eq!(status["phase"], "Unavailable");
    assert!(
        status["message"]
            .as_str()
            .unwrap()
            .starts_with("BackupStorageLocation \"missing\" is unavailable: ")
    );
    assert_eq!(
        errors_of(&c, "unavailable", json!({"storageLocation": "missing"})).await,
        json!(["backup can't be created because BackupStorageLocation missing is in Unavailable status."])
    );
    let mixed = json!({"includeClusterResources": true, "includedClusterScopedResources": ["*"]});
    assert!(
        errors_of(&c, "mixed", mixed).await[0]
            .as_str()
            .unwrap()
            .ends_with("They cannot be used together")
    );
    assert!(
        errors_of(&c, "snapshots", json!({"volumeSnapshotLocations": ["east"]})).await[0]
            .as_str()
            .unwrap()
            .starts_with("a VolumeSnapshotLocation CRD for the location east with the name specified in the backup spec needs to be created")
    );
}

#[tokio::test]
async fn backups_wait_for_one_another() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    for name in ["one", "two"] {
        c.create("Backup", name, json!({})).await;
    }
    let (one, two) = (c.status("Backup", "one").await, c.status("Backup", "two").await);
    assert_eq!((&one["phase"], &two["phase"]), (&json!("Queued"), &json!("Queued")));
    assert_eq!((&one["queuePosition"], &two["queuePosition"]), (&json!(1), &json!(2)));
    c.advance(600).await;
    let (one, two) = (c.status("Backup", "one").await, c.status("Backup", "two").await);
    assert_eq!(
        (&one["phase"], &two["phase"]),
        (&json!("Completed"), &json!("Completed"))
    );
    assert!(
        one["completionTimestamp"].as_str() <= two["startTimestamp"].as_str()
            || one["startTimestamp"].as_str() < two["startTimestamp"].as_str()
    );
}

#[tokio::test]
async fn volumes_that_a_pod_names_are_read_from_its_node() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let backup = c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    let volumes = c.list("PodVolumeBackup").await;
    assert_eq!(volumes.len(), 1, "the cache was not asked for");
    let (volume, status) = (&volumes[0], &volumes[0]["status"]);
    assert_eq!(
        (&volume["spec"]["volume"], &volume["spec"]["node"]),
        (&json!("data"), &json!("node-1"))
    );
    assert_eq!(
        volume["metadata"]["labels"]["velero.io/backup-uid"],
        backup["metadata"]["uid"]
    );
    assert_eq!(status["phase"], "Completed");
    assert!(status["progress"]["totalBytes"].as_u64().unwrap() > 1 << 30);
    assert_eq!(status["progress"]["bytesDone"], status["progress"]["totalBytes"]);
    let repositories = c.list("BackupRepository").await;
    assert_eq!(repositories[0]["spec"]["volumeNamespace"], "shop");
    assert_eq!(repositories[0]["status"]["phase"], "Ready");
    c.backup(
        "all",
        json!({"includedNamespaces": ["shop"], "defaultVolumesToFsBackup": true}),
    )
    .await;
    assert_eq!(c.list("PodVolumeBackup").await.len(), 3);
    assert_eq!(c.list("BackupRepository").await.len(), 1);
}

#[tokio::test]
async fn moved_snapshots_end_after_the_items() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let spec = json!({"includedNamespaces": ["shop"], "includedResources": ["pvc", "pv"], "snapshotMoveData": true});
    c.create("Backup", "one", spec).await;
    c.advance(8).await;
    let status = c.status("Backup", "one").await;
    assert_eq!(status["phase"], "WaitingForPluginOperations");
    assert_eq!(status["backupItemOperationsAttempted"], 1);
    c.advance(600).await;
    let status = c.status("Backup", "one").await;
    assert_eq!(
        (&status["phase"], &status["backupItemOperationsCompleted"]),
        (&json!("Completed"), &json!(1))
    );
    let uploads = c.list("DataUpload").await;
    assert_eq!(uploads[0]["spec"]["sourcePVC"], "data");
    assert_eq!(uploads[0]["status"]["phase"], "Completed");
}

#[tokio::test]
async fn an_expired_backup_goes_with_its_data() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("short", json!({"ttl": "2h", "includedNamespaces": ["shop"]}))
        .await;
    c.backup("long", json!({"ttl": "48h", "includedResources": ["configmaps"]}))
        .await;
    c.advance(4 * 3_600).await;
    assert_eq!(c.names("Backup").await, ["long"]);
    assert_eq!(c.names("PodVolumeBackup").await.len(), 0);
    assert_eq!(c.names("DeleteBackupRequest").await.len(), 0);
    c.advance(3 * 86_400).await;
    assert_eq!(c.names("Backup").await.len(), 0);
}

#[tokio::test]
async fn a_leap_of_two_months_keeps_only_what_has_not_expired() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let spec = json!({"schedule": "0 * * * *", "template": {"includedNamespaces": ["shop"], "ttl": "48h"}});
    c.create("Schedule", "hourly", spec).await;
    c.advance(60 * 86_400).await;
    let kept = c.names("Backup").await.len();
    assert!((48..=50).contains(&kept), "{kept}");
    let metrics = c.metrics().await;
    let made = metrics
        .lines()
        .find_map(|line| line.strip_prefix("velero_backup_success_total{schedule=\"hourly\"} "));
    assert!(matches!(made, Some("1439" | "1440")), "{made:?}");
}
