//! Restores from a snapshot and to a point in time.

use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_sdk_rds::types::Tag;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Account, RDS};

#[tokio::test]
async fn a_restore_keeps_its_tags_takes_its_time_and_happens_once() {
    let a = Account::new().await;
    a.retain(7).await;
    let snapshot = a.automated().await.remove(0);
    let target = a.arn("prod-pg-restored");
    let session = a.session(&["rds:RestoreDBInstanceFromDBSnapshot"], &[&target]).await;
    let restore = |target: &str| {
        let restore = session
            .restore_db_instance_from_db_snapshot()
            .db_snapshot_identifier(&snapshot);
        restore
            .db_instance_identifier(target)
            .tags(Tag::builder().key("holdfast:tenant").value("acme").build())
            .send()
    };
    let accepted = restore("prod-pg-restored").await.unwrap();
    let instance = accepted.db_instance().unwrap();
    assert_eq!(instance.db_instance_status(), Some("creating"));
    assert_eq!(instance.tag_list()[0].key(), Some("holdfast:tenant"));
    assert_eq!(
        restore("prod-pg-restored").await.unwrap_err().code(),
        Some("DBInstanceAlreadyExists")
    );
    assert_eq!(
        restore("elsewhere").await.unwrap_err().code(),
        Some("AccessDenied"),
        "the session policy names one ARN"
    );
    let modify = a
        .root()
        .modify_db_instance()
        .db_instance_identifier("prod-pg-restored")
        .backup_retention_period(3);
    assert_eq!(modify.send().await.unwrap_err().code(), Some("InvalidDBInstanceState"));
    a.advance(3).await;
    assert_eq!(a.status("prod-pg-restored").await, "available");
}

#[tokio::test]
async fn a_restore_can_fail_later() {
    let a = Account::new().await;
    a.retain(7).await;
    let rule = json!({"service": "rds", "account": a.id, "operation": "RestoreDBInstanceFromDBSnapshot", "kind": "job-failed"});
    a.control(reqwest::Method::POST, "/faults", rule).await;
    let snapshot = a.automated().await.remove(0);
    let restore = a
        .root()
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier(snapshot);
    restore.db_instance_identifier("restored").send().await.unwrap();
    assert_eq!(a.status("restored").await, "creating");
    a.advance(3).await;
    assert_eq!(a.status("restored").await, "incompatible-restore");
}

#[tokio::test]
async fn a_point_in_time_restore_stays_inside_the_window_and_needs_permission() {
    let a = Account::new().await;
    let client = a.root();
    let restore = |target: &str| {
        let restore = client
            .restore_db_instance_to_point_in_time()
            .source_db_instance_identifier("prod-pg");
        restore.target_db_instance_identifier(target)
    };
    let refused = restore("t").use_latest_restorable_time(true).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("PointInTimeRestoreNotEnabled"));
    a.retain(7).await;
    let early = aws_sdk_rds::primitives::DateTime::from_secs(1_000_000_000);
    assert_eq!(
        restore("t").restore_time(early).send().await.unwrap_err().code(),
        Some("InvalidParameterValue")
    );
    restore("t").use_latest_restorable_time(true).send().await.unwrap();
    assert_eq!(a.status("t").await, "creating");
    assert_eq!(a.automated().await.len(), 1, "the passing snapshot is gone");

    let reader = a.session(&["rds:Describe*"], &["*"]).await;
    let restore = reader
        .restore_db_instance_to_point_in_time()
        .source_db_instance_identifier("prod-pg");
    let denied = restore
        .target_db_instance_identifier("u")
        .use_latest_restorable_time(true)
        .send()
        .await
        .unwrap_err();
    assert_eq!(denied.code(), Some("AccessDenied"));
    let backups = reader.describe_db_instance_automated_backups().send().await.unwrap();
    assert!(
        backups.db_instance_automated_backups()[0]
            .restore_window()
            .unwrap()
            .latest_time()
            .is_some()
    );
}

#[tokio::test]
async fn a_point_in_time_restore_needs_permission_on_both_instances() {
    let a = Account::new().await;
    a.retain(7).await;
    let action = ["rds:RestoreDBInstanceToPointInTime"];
    let restore = async |on: &[&str], target: &str| {
        let session = a.session(&action, on).await;
        let restore = session
            .restore_db_instance_to_point_in_time()
            .source_db_instance_identifier("prod-pg");
        let restore = restore.target_db_instance_identifier(target);
        let answer = restore.use_latest_restorable_time(true).send().await;
        answer.err().and_then(|error| error.code().map(str::to_owned))
    };
    let (source, target) = (a.arn("prod-pg"), a.arn("t"));
    let denied = Some("AccessDenied".to_owned());
    assert_eq!(restore(&[&source], "t").await, denied, "the target is not named");
    assert_eq!(restore(&[&target], "t").await, denied, "the source is not named");
    assert_eq!(restore(&[&source, &target], "elsewhere").await, denied);
    assert_eq!(restore(&[&source, &target], "t").await, None);
}

#[tokio::test]
async fn a_caller_that_dies_leaves_a_complete_restore() {
    let a = Account::new().await;
    a.retain(7).await;
    let snapshot = a.automated().await.remove(0);
    let params = [
        ("DBInstanceIdentifier", "restored"),
        ("DBSnapshotIdentifier", snapshot.as_str()),
        ("Tags.Tag.1.Key", "holdfast:tenant"),
        ("Tags.Tag.1.Value", "acme"),
    ];
    let action = "RestoreDBInstanceFromDBSnapshot";
    let request = a.request(&a.running.url, &a.id, RDS, action, &params).await;
    let body = request.body().unwrap().as_bytes().unwrap();
    let host = request.url().authority();
    let mut raw = format!("POST / HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in request.headers() {
        raw.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut dying = TcpStream::connect(host).await.unwrap();
    let raw = [raw.as_bytes(), b"\r\n", body].concat();
    dying.write_all(&raw).await.unwrap();
    drop(dying);

    let path = format!("/calls?op={action}");
    while a.control(reqwest::Method::GET, &path, Value::Null).await["total"] == 0 {}
    let described = a.root().describe_db_instances().db_instance_identifier("restored");
    let described = described.send().await.unwrap();
    let tags = described.db_instances()[0].tag_list();
    assert_eq!(tags[0].value(), Some("acme"));
}
