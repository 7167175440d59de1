//! Aurora clusters: their backups, snapshots and restores.

use aws_sdk_rds::Client;
use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{DbCluster, DbClusterSnapshot, Tag};

use super::{Account, code};

async fn with_cluster(a: &Account) -> Client {
    let client = a.root();
    let create = client.create_db_cluster().db_cluster_identifier("orders");
    let create = create
        .engine("aurora-postgresql")
        .master_username("postgres")
        .storage_encrypted(true);
    let create = create.preferred_backup_window("02:00-02:30").backup_retention_period(2);
    create.master_user_password("not-a-secret").send().await.unwrap();
    client
}

async fn cluster(client: &Client, id: &str) -> DbCluster {
    let described = client.describe_db_clusters().db_cluster_identifier(id);
    described.send().await.unwrap().db_clusters()[0].clone()
}

async fn snapshots(client: &Client, kind: &str) -> Vec<DbClusterSnapshot> {
    let described = client.describe_db_cluster_snapshots().db_cluster_identifier("orders");
    let described = described.snapshot_type(kind).send().await.unwrap();
    described.db_cluster_snapshots().to_vec()
}

#[tokio::test]
async fn a_cluster_is_backed_up_from_its_creation_for_as_long_as_it_keeps_backups() {
    let a = Account::new().await;
    let client = with_cluster(&a).await;
    let automated = snapshots(&client, "automated").await;
    assert_eq!(automated.len(), 1);
    let id = automated[0].db_cluster_snapshot_identifier().unwrap();
    assert!(id.starts_with("rds:orders-2"), "{id}");
    let first = cluster(&client, "orders").await;
    assert!(first.earliest_restorable_time() <= first.latest_restorable_time());
    assert!(first.kms_key_id().unwrap().starts_with("arn:aws:kms:eu-west-1:"));

    a.advance(10 * 86_400).await;
    let later = snapshots(&client, "automated").await;
    assert_eq!(later.len(), 2, "two days of retention: {later:?}");
    let cluster = cluster(&client, "orders").await;
    assert_eq!(
        cluster.earliest_restorable_time().unwrap().secs(),
        later[0].snapshot_create_time().unwrap().secs()
    );
    assert_eq!(snapshots(&client, "manual").await.len(), 0);
    let backups = client.describe_db_cluster_automated_backups().send().await.unwrap();
    let backup = &backups.db_cluster_automated_backups()[0];
    assert_eq!(
        (backup.status(), backup.backup_retention_period()),
        (Some("active"), Some(2))
    );
}

#[tokio::test]
async fn a_clusters_retention_is_at_least_a_day() {
    let a = Account::new().await;
    let client = with_cluster(&a).await;
    let modify = |days| {
        let modify = client.modify_db_cluster().db_cluster_identifier("orders");
        modify.backup_retention_period(days).send()
    };
    assert_eq!(code(modify(0).await), "InvalidParameterValue");
    assert_eq!(code(modify(36).await), "InvalidParameterValue");
    let modified = modify(35).await.unwrap();
    assert_eq!(modified.db_cluster().unwrap().backup_retention_period(), Some(35));
}

#[tokio::test]
async fn a_cluster_snapshot_is_made_copied_restored_and_deleted() {
    let a = Account::new().await;
    let client = with_cluster(&a).await;
    let create = || {
        let create = client
            .create_db_cluster_snapshot()
            .db_cluster_snapshot_identifier("by-hand");
        let tag = Tag::builder().key("why").value("audit").build();
        create.db_cluster_identifier("orders").tags(tag).send()
    };
    let made = create().await.unwrap();
    let made = made.db_cluster_snapshot().unwrap();
    assert_eq!(
        (made.status(), made.snapshot_type()),
        (Some("creating"), Some("manual"))
    );
    assert_eq!(code(create().await), "DBClusterSnapshotAlreadyExistsFault");
    let copy = |key: Option<String>| {
        let source = made.db_cluster_snapshot_arn().unwrap();
        let there = a.root_in("eu-central-1");
        let copy = there
            .copy_db_cluster_snapshot()
            .source_db_cluster_snapshot_identifier(source);
        let copy = copy.target_db_cluster_snapshot_identifier("safe").copy_tags(true);
        copy.set_kms_key_id(key).send()
    };
    assert_eq!(code(copy(None).await), "InvalidParameterValue");
    let copied = copy(Some("alias/safe".to_owned())).await.unwrap();
    let copied = copied.db_cluster_snapshot().unwrap();
    assert_eq!(copied.source_db_cluster_snapshot_arn(), made.db_cluster_snapshot_arn());
    assert_eq!(copied.tag_list()[0].value(), Some("audit"));

    let restore = |engine: &str, snapshot: &str| {
        let restore = client.restore_db_cluster_from_snapshot().snapshot_identifier(snapshot);
        restore.db_cluster_identifier("restored").engine(engine).send()
    };
    assert_eq!(code(restore("aurora-mysql", "by-hand").await), "InvalidParameterValue");
    assert_eq!(
        code(restore("aurora-postgresql", "nothing").await),
        "DBClusterSnapshotNotFoundFault"
    );
    let restored = restore("aurora-postgresql", "by-hand").await.unwrap();
    assert_eq!(restored.db_cluster().unwrap().status(), Some("creating"));
    assert_eq!(
        code(restore("aurora-postgresql", "by-hand").await),
        "DBClusterAlreadyExistsFault"
    );
    a.advance(3).await;
    let restored = cluster(&client, "restored").await;
    assert_eq!(restored.status(), Some("available"));
    assert_eq!(
        (restored.backup_retention_period(), restored.preferred_backup_window()),
        (Some(2), Some("02:00-02:30")),
        "the source's settings"
    );
    let delete = client
        .delete_db_cluster_snapshot()
        .db_cluster_snapshot_identifier("by-hand");
    let deleted = delete.send().await.unwrap();
    assert_eq!(deleted.db_cluster_snapshot().unwrap().status(), Some("deleted"));
    assert_eq!(snapshots(&client, "manual").await.len(), 0);
}

#[tokio::test]
async fn a_cluster_is_cloned_or_restored_to_a_moment() {
    let a = Account::new().await;
    let client = with_cluster(&a).await;
    let restore = |target: &str| {
        let restore = client.restore_db_cluster_to_point_in_time();
        restore
            .source_db_cluster_identifier("orders")
            .db_cluster_identifier(target)
    };
    assert_eq!(code(restore("t").send().await), "InvalidParameterCombination");
    let early = DateTime::from_secs(1_000_000_000);
    assert_eq!(
        code(restore("t").restore_to_time(early).send().await),
        "InvalidParameterValue"
    );
    let clone_of_then = restore("t").restore_type("copy-on-write").restore_to_time(early);
    assert_eq!(code(clone_of_then.send().await), "InvalidParameterCombination");
    let clone = restore("clone")
        .restore_type("copy-on-write")
        .use_latest_restorable_time(true);
    assert_eq!(
        clone.send().await.unwrap().db_cluster().unwrap().status(),
        Some("creating")
    );
    a.advance(600).await;
    let latest = cluster(&client, "orders").await;
    let elsewhere = restore("moment")
        .kms_key_id("arn:aws:kms:us-east-1:1:key/k")
        .use_latest_restorable_time(true);
    assert_eq!(code(elsewhere.send().await), "KMSKeyNotAccessibleFault");
    let moment = restore("moment").restore_to_time(*latest.latest_restorable_time().unwrap());
    moment.send().await.unwrap();
    assert_eq!(cluster(&client, "clone").await.status(), Some("available"));
}

#[tokio::test]
async fn members_of_a_cluster_are_backed_up_with_it() {
    let a = Account::new().await;
    let client = with_cluster(&a).await;
    let create = || {
        let create = client.create_db_instance().db_instance_identifier("orders-1");
        let create = create.db_instance_class("db.r6g.large").engine("aurora-postgresql");
        create.db_cluster_identifier("orders")
    };
    assert_eq!(
        code(create().backup_retention_period(3).send().await),
        "InvalidParameterCombination"
    );
    create().send().await.unwrap();
    let snapshot = client.create_db_snapshot().db_snapshot_identifier("member");
    let snapshot = snapshot.db_instance_identifier("orders-1").send().await;
    assert_eq!(code(snapshot), "InvalidParameterValue");
    let described = client
        .describe_db_snapshots()
        .db_instance_identifier("orders-1")
        .send()
        .await
        .unwrap();
    assert_eq!(described.db_snapshots().len(), 0);
}
