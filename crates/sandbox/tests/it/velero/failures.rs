//! What goes wrong on demand, and how it is told.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::Cluster;
use crate::support::World;

/// Asks for a file, and fetches it.
async fn download(c: &Cluster<'_>, kind: &str, name: &str) -> Vec<u8> {
    let request = format!("{name}-{}", kind.to_lowercase());
    c.create(
        "DownloadRequest",
        &request,
        json!({"target": {"kind": kind, "name": name}}),
    )
    .await;
    let status = c.status("DownloadRequest", &request).await;
    assert_eq!(status["phase"], "Processed", "{status}");
    let fetched = c
        .world
        .http
        .get(status["downloadURL"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(fetched.status(), 200);
    let mut content = Vec::new();
    let bytes = fetched.bytes().await.unwrap();
    GzDecoder::new(bytes.as_ref()).read_to_end(&mut content).unwrap();
    content
}

#[tokio::test]
async fn a_backup_fails_partially_or_as_a_whole_and_its_log_says_why() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.fault("backup", "error", "the API server did not answer").await;
    let partial = c.backup("partial", json!({"includedNamespaces": ["shop"]})).await;
    assert_eq!(partial["status"]["phase"], "PartiallyFailed");
    assert_eq!(partial["status"]["errors"], 1);
    let log = String::from_utf8(download(&c, "BackupLog", "partial").await).unwrap();
    let error = log.lines().find(|line| line.contains("level=error")).unwrap();
    assert!(
        error.contains("the API server did not answer") && error.contains("backup=velero/partial"),
        "{error}"
    );
    let results: Value = serde_json::from_slice(&download(&c, "BackupResults", "partial").await).unwrap();
    assert!(
        results["errors"]["namespaces"]["shop"][0]
            .as_str()
            .unwrap()
            .contains("did not answer"),
        "{results}"
    );

    c.fault("backup", "job-failed", "no space left on device").await;
    let failed = c.backup("failed", json!({})).await;
    assert_eq!(failed["status"]["phase"], "Failed");
    assert_eq!(failed["status"]["failureReason"], "no space left on device");

    assert_eq!(c.backup("fine", json!({})).await["status"]["phase"], "Completed");
    let metrics = c.metrics().await;
    for line in [
        "velero_backup_attempt_total{schedule=\"\"} 3",
        "velero_backup_partial_failure_total{schedule=\"\"} 1",
        "velero_backup_failure_total{schedule=\"\"} 1",
        "velero_backup_success_total{schedule=\"\"} 1",
        "velero_backup_total 3",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_stuck_backup_holds_up_the_queue_until_the_server_restarts() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.fault("backup", "timeout", "").await;
    c.backup("stuck", json!({"includedNamespaces": ["shop"]})).await;
    let next = c.backup("next", json!({})).await;
    assert_eq!(c.status("Backup", "stuck").await["phase"], "InProgress");
    assert_eq!(next["status"]["phase"], "Queued");
    c.restart().await;
    let stuck = c.status("Backup", "stuck").await;
    assert_eq!(stuck["phase"], "Failed");
    assert_eq!(
        stuck["failureReason"],
        "found a backup with status \"InProgress\" during the server starting, mark it as \"Failed\""
    );
    assert!(
        !c.metrics().await.contains("velero_backup_attempt_total{"),
        "a restart forgets the metrics"
    );
    c.advance(600).await;
    assert_eq!(c.status("Backup", "next").await["phase"], "Completed");
}

#[tokio::test]
async fn a_volume_that_cannot_be_read_makes_its_backup_fail_partially() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.fault("datamover", "job-failed", "connection reset by peer").await;
    let backup = c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    assert_eq!(backup["status"]["phase"], "PartiallyFailed");
    let volume = &c.list("PodVolumeBackup").await[0]["status"];
    assert_eq!(
        (&volume["phase"], &volume["message"]),
        (&json!("Failed"), &json!("connection reset by peer"))
    );
}

#[tokio::test]
async fn a_location_is_unavailable_until_its_next_validation() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.fault("location", "access-denied", "AccessDenied: Access Denied")
        .await;
    c.advance(60).await;
    let status = c.status("BackupStorageLocation", "default").await;
    assert_eq!(status["phase"], "Unavailable");
    assert_eq!(
        status["message"],
        "BackupStorageLocation \"default\" is unavailable: AccessDenied: Access Denied"
    );
    assert!(
        c.metrics()
            .await
            .contains("velero_backup_location_status_gauge{backup_location_name=\"default\"} 0")
    );
    c.advance(60).await;
    let after = c.status("BackupStorageLocation", "default").await;
    assert_eq!(
        (&after["phase"], &after["message"]),
        (&json!("Available"), &Value::Null)
    );
    assert!(after["lastValidationTime"].as_str() > status["lastValidationTime"].as_str());
}

#[tokio::test]
async fn a_link_expires_and_a_wrong_one_is_refused() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.backup("one", json!({"includedNamespaces": ["shop"]})).await;
    assert!(!download(&c, "BackupContents", "one").await.is_empty());
    let link = c.status("DownloadRequest", "one-backupcontents").await["downloadURL"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = link.replace("/one/one.tar", "/two/two.tar");
    assert_eq!(w.http.get(other).send().await.unwrap().status(), 403);
    c.advance(601).await;
    let expired = w.http.get(link).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await.unwrap().contains("Request has expired"));
    c.advance(120).await;
    assert_eq!(c.names("DownloadRequest").await.len(), 0);
}

#[tokio::test]
async fn the_server_tells_its_version() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create("ServerStatusRequest", "who", json!({})).await;
    let status = c.status("ServerStatusRequest", "who").await;
    assert_eq!(
        (&status["phase"], &status["serverVersion"]),
        (&json!("Processed"), &json!("v1.18.0"))
    );
    c.advance(180).await;
    assert_eq!(c.get("ServerStatusRequest", "who").await, Value::Null);
}
