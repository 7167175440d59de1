//! Tags on instances.

use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_sdk_rds::types::Tag;

use super::Account;

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
