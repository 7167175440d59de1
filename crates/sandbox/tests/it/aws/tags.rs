//! Tags on instances.

use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_sdk_rds::types::Tag;

use super::{Account, code};

#[tokio::test]
async fn tags_need_permission_on_the_instance_that_they_are_put_on() {
    let a = Account::new().await;
    let tag = async |on: &str| {
        let session = a.session(&["rds:AddTagsToResource"], &[on]).await;
        let tag = Tag::builder().key("holdfast:tenant").value("acme").build();
        let answer = session
            .add_tags_to_resource()
            .resource_name(a.arn("prod-pg"))
            .tags(tag)
            .send()
            .await;
        answer.err().and_then(|error| error.code().map(str::to_owned))
    };
    assert_eq!(tag(&a.arn("another")).await.as_deref(), Some("AccessDenied"));
    assert_eq!(tag(&a.arn("prod-pg")).await, None);
    let arn = a.arn("prod-pg");
    let listed = a
        .root()
        .list_tags_for_resource()
        .resource_name(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.tag_list()[0].value(), Some("acme"));
}

#[tokio::test]
async fn snapshots_have_tags_of_their_own() {
    let a = Account::new().await;
    a.snapshot("by-hand").await;
    let arn = format!("arn:aws:rds:eu-west-1:{}:snapshot:by-hand", a.id);
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let add = a.root().add_tags_to_resource().resource_name(&arn);
    add.tags(tag("a", "1")).tags(tag("b", "2")).send().await.unwrap();
    let replace = a.root().add_tags_to_resource().resource_name(&arn);
    replace.tags(tag("a", "3")).send().await.unwrap();
    let remove = a.root().remove_tags_from_resource().resource_name(&arn);
    remove.tag_keys("b").send().await.unwrap();
    let described = a.root().describe_db_snapshots().db_snapshot_identifier("by-hand");
    let described = described.send().await.unwrap();
    assert_eq!(described.db_snapshots()[0].tag_list(), [tag("a", "3")]);
    let listed = async |arn: &str| a.root().list_tags_for_resource().resource_name(arn).send().await;
    assert_eq!(listed(&arn).await.unwrap().tag_list(), [tag("a", "3")]);
    assert_eq!(code(listed(&a.arn("none")).await), "DBInstanceNotFound");
    assert_eq!(code(listed(&format!("{arn}-2")).await), "DBSnapshotNotFound");
}
