//! Snapshots that other accounts may restore and copy.

use super::{Account, code};

async fn plain_snapshot(a: &Account) -> String {
    let create = a.root().create_db_instance().db_instance_identifier("plain");
    let create = create
        .db_instance_class("db.t3.micro")
        .engine("mysql")
        .allocated_storage(20);
    create.master_username("admin1").send().await.unwrap();
    let snapshot = a.root().create_db_snapshot().db_snapshot_identifier("open");
    let snapshot = snapshot.db_instance_identifier("plain").send().await.unwrap();
    snapshot.db_snapshot().unwrap().db_snapshot_arn().unwrap().to_owned()
}

#[tokio::test]
async fn a_shared_snapshot_is_listed_copied_and_restored_by_the_other_account_alone() {
    let a = Account::new().await;
    let (friend, theirs) = a.stranger();
    let (_, nobody) = a.stranger();
    let arn = plain_snapshot(&a).await;
    let share = |values: &[&str]| {
        let modify = a.root().modify_db_snapshot_attribute().db_snapshot_identifier("open");
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        modify.attribute_name("restore").set_values_to_add(Some(values)).send()
    };
    assert_eq!(code(share(&["42"]).await), "InvalidParameterValue");
    let shared = share(&[&friend]).await.unwrap();
    let attribute = &shared.db_snapshot_attributes_result().unwrap().db_snapshot_attributes()[0];
    assert_eq!(
        (attribute.attribute_name(), attribute.attribute_values()),
        (Some("restore"), [friend.clone()].as_slice())
    );

    let list = theirs.describe_db_snapshots();
    assert_eq!(list.clone().send().await.unwrap().db_snapshots().len(), 0);
    let listed = list.clone().include_shared(true).send().await.unwrap();
    let snapshot = &listed.db_snapshots()[0];
    assert_eq!(
        (snapshot.db_snapshot_identifier(), snapshot.snapshot_type()),
        (Some(arn.as_str()), Some("shared"))
    );
    let copy = |by: &aws_sdk_rds::Client| {
        let copy = by.copy_db_snapshot().source_db_snapshot_identifier(&arn);
        copy.target_db_snapshot_identifier("mine").send()
    };
    copy(&theirs).await.unwrap();
    assert_eq!(code(copy(&nobody).await), "DBSnapshotNotFound");
    let restore = theirs
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier(&arn);
    let restored = restore.db_instance_identifier("got-it").send().await.unwrap();
    assert_eq!(restored.db_instance().unwrap().engine(), Some("mysql"));

    share(&["all"]).await.unwrap();
    let public = nobody
        .describe_db_snapshots()
        .snapshot_type("public")
        .send()
        .await
        .unwrap();
    assert!(
        public
            .db_snapshots()
            .iter()
            .any(|s| s.db_snapshot_arn() == Some(arn.as_str()))
    );
    let withdraw = a.root().modify_db_snapshot_attribute().db_snapshot_identifier("open");
    let withdraw = withdraw.attribute_name("restore");
    withdraw
        .values_to_remove(&friend)
        .values_to_remove("all")
        .send()
        .await
        .unwrap();
    let attributes = a
        .root()
        .describe_db_snapshot_attributes()
        .db_snapshot_identifier("open");
    let attributes = attributes.send().await.unwrap();
    let attributes = attributes
        .db_snapshot_attributes_result()
        .unwrap()
        .db_snapshot_attributes();
    assert_eq!(attributes[0].attribute_values().len(), 0);
    assert_eq!(code(copy(&nobody).await), "DBSnapshotNotFound");
}

#[tokio::test]
async fn what_is_encrypted_with_the_default_key_or_automated_is_not_shared() {
    let a = Account::new().await;
    let (friend, _) = a.stranger();
    a.snapshot("by-hand").await;
    let share = |name: &str, with: &str| {
        let modify = a.root().modify_db_snapshot_attribute().db_snapshot_identifier(name);
        modify.attribute_name("restore").values_to_add(with).send()
    };
    assert_eq!(code(share("by-hand", &friend).await), "InvalidDBSnapshotState");
    let copy = a.root().copy_db_snapshot().source_db_snapshot_identifier("by-hand");
    let copy = copy.target_db_snapshot_identifier("own-key").kms_key_id("alias/own");
    copy.send().await.unwrap();
    assert_eq!(
        code(share("own-key", &friend).await),
        "InvalidDBSnapshotState",
        "still creating"
    );
    a.advance(3).await;
    share("own-key", &friend).await.unwrap();
    assert_eq!(
        code(share("own-key", "all").await),
        "InvalidDBSnapshotState",
        "encrypted"
    );
    a.retain(1).await;
    let automated = a.automated().await.remove(0);
    assert_eq!(code(share(&automated, &friend).await), "InvalidDBSnapshotState");
    assert_eq!(code(share("nothing", &friend).await), "DBSnapshotNotFound");
}
