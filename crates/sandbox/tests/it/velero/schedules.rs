//! Schedules.

use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::Cluster;
use crate::support::World;

const DAY: u32 = 86_400;

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_leap_of_three_days_makes_every_hour_s_backup_in_its_own_time() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let template = json!({"includedNamespaces": ["shop"], "ttl": "240h", "metadata": {"labels": {"tier": "gold"}}});
    c.create(
        "Schedule",
        "hourly",
        json!({"schedule": "0 * * * *", "template": template}),
    )
    .await;
    c.advance(3 * DAY).await;
    let backups = c.list("Backup").await;
    // The last hour may have struck less than a minute ago.
    assert!((71..=72).contains(&backups.len()), "{}", backups.len());
    for pair in backups.windows(2) {
        let [before, after] = [&pair[0]["status"], &pair[1]["status"]].map(|status| at(&status["startTimestamp"]));
        assert_eq!(after.duration_since(before).as_secs(), 3_600);
    }
    let (first, status) = (&backups[0], &backups[0]["status"]);
    let stamp = at(&first["metadata"]["creationTimestamp"]).strftime("hourly-%Y%m%d%H%M%S");
    assert_eq!(first["metadata"]["name"], stamp.to_string());
    assert_eq!(
        first["metadata"]["labels"],
        json!({"tier": "gold", "velero.io/schedule-name": "hourly", "velero.io/storage-location": "default"})
    );
    assert_eq!(
        at(&first["metadata"]["creationTimestamp"])
            .duration_until(at(&status["startTimestamp"]))
            .as_secs(),
        2
    );
    assert_eq!(
        (&status["phase"], &status["errors"]),
        (&json!("Completed"), &Value::Null)
    );
    let schedule = c.get("Schedule", "hourly").await;
    assert_eq!(schedule["status"]["phase"], "Enabled");
    assert_eq!(schedule["spec"]["skipImmediately"], false);
    assert_eq!(
        schedule["status"]["lastBackup"],
        backups[backups.len() - 1]["metadata"]["creationTimestamp"]
    );
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_fails_validation_and_recovers() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create("Schedule", "broken", json!({"schedule": "0 3 * * 7", "template": {}}))
        .await;
    let status = c.status("Schedule", "broken").await;
    assert_eq!(status["phase"], "FailedValidation");
    assert_eq!(
        status["validationErrors"],
        json!(["invalid schedule: end of range (7) above maximum (6): 7"])
    );
    let mended = Patch::Merge(json!({"spec": {"schedule": "0 3 * * 0"}}));
    c.api("Schedule")
        .patch("broken", &PatchParams::default(), &mended)
        .await
        .unwrap();
    let status = c.status("Schedule", "broken").await;
    assert_eq!(
        (&status["phase"], &status["validationErrors"]),
        (&json!("Enabled"), &Value::Null)
    );
}

#[tokio::test]
async fn a_paused_schedule_rests_and_does_not_catch_up() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create(
        "Schedule",
        "daily",
        json!({"schedule": "@every 24h", "template": {}, "paused": true}),
    )
    .await;
    c.advance(5 * DAY).await;
    assert_eq!(c.names("Backup").await, Vec::<String>::new());
    assert_eq!(c.status("Schedule", "daily").await, Value::Null);
    let go_on = Patch::Merge(json!({"spec": {"paused": false}}));
    c.api("Schedule")
        .patch("daily", &PatchParams::default(), &go_on)
        .await
        .unwrap();
    c.advance(120).await;
    assert_eq!(
        c.names("Backup").await.len(),
        1,
        "only the last missed run is made up for"
    );
}

#[tokio::test]
async fn skip_immediately_is_honoured_once_and_rewritten() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.create(
        "Schedule",
        "daily",
        json!({"schedule": "@every 24h", "template": {}, "skipImmediately": true}),
    )
    .await;
    let schedule = c.get("Schedule", "daily").await;
    assert_eq!(schedule["spec"]["skipImmediately"], false);
    assert!(schedule["status"]["lastSkipped"].is_string(), "{schedule}");
}

#[tokio::test]
async fn a_schedule_waits_while_its_backup_is_in_progress() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    c.fault("backup", "timeout", "").await;
    c.create("Schedule", "hourly", json!({"schedule": "@every 1h", "template": {}}))
        .await;
    c.advance(DAY).await;
    let backups = c.list("Backup").await;
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0]["status"]["phase"], "InProgress");
}

#[tokio::test]
async fn owned_backups_go_with_their_schedule() {
    let w = World::start().await;
    let c = Cluster::new(&w, "a").await;
    let spec = json!({"schedule": "@every 1h", "template": {}, "useOwnerReferencesInBackup": true});
    c.create("Schedule", "hourly", spec).await;
    c.advance(2 * 3_600 + 120).await;
    assert_eq!(c.names("Backup").await.len(), 2);
    c.api("Schedule")
        .delete("hourly", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(c.names("Backup").await.len(), 0);
}
