//! Copies of snapshots.

use aws_sdk_rds::types::Tag;
use serde_json::Value;

use super::{Account, RDS, code};

#[tokio::test]
async fn a_copy_to_another_region_takes_its_time_and_can_be_restored_there() {
    let a = Account::new().await;
    a.snapshot("by-hand").await;
    let source = format!("arn:aws:rds:eu-west-1:{}:snapshot:by-hand", a.id);
    let there = a.root_in("eu-central-1");
    let copy = |key: Option<&str>| {
        let copy = there.copy_db_snapshot().source_db_snapshot_identifier(&source);
        let copy = copy.target_db_snapshot_identifier("safe").copy_tags(true);
        copy.set_kms_key_id(key.map(str::to_owned)).send()
    };
    assert_eq!(
        code(copy(None).await),
        "InvalidParameterValue",
        "encrypted, so a key is needed"
    );
    let elsewhere = format!("arn:aws:kms:eu-west-1:{}:key/k", a.id);
    assert_eq!(code(copy(Some(&elsewhere)).await), "KMSKeyNotAccessibleFault");
    let accepted = copy(Some("alias/safe")).await.unwrap();
    let copied = accepted.db_snapshot().unwrap();
    assert_eq!(
        (copied.status(), copied.percent_progress()),
        (Some("creating"), Some(0))
    );
    assert_eq!(copied.source_db_snapshot_identifier(), Some(source.as_str()));
    assert_eq!(
        (copied.source_region(), copied.snapshot_type()),
        (Some("eu-west-1"), Some("manual"))
    );
    assert_eq!(code(copy(Some("alias/safe")).await), "DBSnapshotAlreadyExists");
    let restore = || {
        let restore = there.restore_db_instance_from_db_snapshot();
        restore
            .db_snapshot_identifier("safe")
            .db_instance_identifier("rescued")
            .send()
    };
    assert_eq!(code(restore().await), "InvalidDBSnapshotState");
    let delete = there.delete_db_snapshot().db_snapshot_identifier("safe");
    assert_eq!(code(delete.clone().send().await), "InvalidDBSnapshotState");

    a.advance(3).await;
    assert_eq!(a.snapshot_status(&there, "safe").await, "available");
    let restored = restore().await.unwrap();
    let instance = restored.db_instance().unwrap();
    assert!(instance.kms_key_id().unwrap().ends_with("alias/safe"), "{instance:?}");
    assert_eq!(instance.engine(), Some("postgres"));
    delete.send().await.unwrap();
    let gone = there
        .describe_db_snapshots()
        .db_snapshot_identifier("safe")
        .send()
        .await;
    assert_eq!(code(gone), "DBSnapshotNotFound");
}

#[tokio::test]
async fn a_copy_within_the_region_may_be_of_an_automated_snapshot_and_outlives_it() {
    let a = Account::new().await;
    a.retain(1).await;
    let automated = a.automated().await.remove(0);
    let copy = a.root().copy_db_snapshot().source_db_snapshot_identifier(&automated);
    let tag = Tag::builder().key("why").value("audit").build();
    let copied = copy
        .target_db_snapshot_identifier("kept")
        .tags(tag)
        .send()
        .await
        .unwrap();
    let copied = copied.db_snapshot().unwrap();
    assert_eq!(copied.tag_list()[0].value(), Some("audit"));
    assert_eq!(copied.source_region(), None);
    a.advance(3 * 86_400).await;
    assert!(!a.automated().await.contains(&automated));
    assert_eq!(a.snapshot_status(&a.root(), "kept").await, "available");
    let missing = a.root().copy_db_snapshot().source_db_snapshot_identifier(&automated);
    let missing = missing.target_db_snapshot_identifier("other").send().await;
    assert_eq!(code(missing), "DBSnapshotNotFound");
}

#[tokio::test]
async fn a_copy_and_a_snapshot_can_fail_later_with_the_faults_message() {
    let a = Account::new().await;
    a.snapshot("good").await;
    a.fault("CopyDBSnapshot", "job-failed", "The disk is gone.").await;
    let copy = a.root().copy_db_snapshot().source_db_snapshot_identifier("good");
    copy.target_db_snapshot_identifier("bad-copy").send().await.unwrap();
    a.fault("CreateDBSnapshot", "job-failed", "The disk is gone.").await;
    a.snapshot("bad").await;
    for name in ["bad-copy", "bad"] {
        assert_eq!(a.snapshot_status(&a.root(), name).await, "creating");
    }
    a.advance(3).await;
    for name in ["bad-copy", "bad"] {
        assert_eq!(a.snapshot_status(&a.root(), name).await, "failed");
    }
    let events = a.root().describe_events().duration(5).send().await.unwrap();
    let told = events
        .events()
        .iter()
        .filter(|event| event.message() == Some("The disk is gone."));
    assert_eq!(told.count(), 2);
}

#[tokio::test]
async fn a_hundred_manual_snapshots_are_enough() {
    let a = Account::new().await;
    for n in 0..100 {
        a.snapshot(&format!("s-{n}")).await;
    }
    let params = [
        ("DBSnapshotIdentifier", "one-more"),
        ("DBInstanceIdentifier", "prod-pg"),
    ];
    let refused = a.post(&a.running.url, &a.id, RDS, "CreateDBSnapshot", &params).await;
    assert!(refused.unwrap_err().contains("SnapshotQuotaExceeded"));
    let first = a.root().describe_db_snapshots().max_records(60).send().await.unwrap();
    let marker = first.marker().unwrap();
    let second = a.root().describe_db_snapshots().marker(marker).send().await.unwrap();
    assert_eq!((first.db_snapshots().len(), second.db_snapshots().len()), (60, 40));
    let path = format!("/calls?tenant={}&op=CreateDBSnapshot", a.id);
    let logged = a.control(reqwest::Method::GET, &path, Value::Null).await;
    assert_eq!(logged["total"], 101);
}
