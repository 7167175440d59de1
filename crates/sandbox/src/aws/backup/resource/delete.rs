//! The end of what a test restored.

use axum::http::Method;
use serde_json::json;

use super::super::super::ministack::Ministack;
use super::super::state::Place;
use super::root::{Root, passed_on};
use super::{Kind, id};

/// Deletes a resource, by ARN.
///
/// # Errors
/// What the service said.
pub(crate) async fn delete(ministack: Option<&Ministack>, place: &Place, arn: &str) -> Result<(), String> {
    let (Some(ministack), Some(kind)) = (ministack, Kind::of(arn)) else {
        return Err("The resource's service cannot be reached.".to_owned());
    };
    let (root, name) = (Root { ministack, place }, id(arn));
    let kept = ("SkipFinalSnapshot", "true");
    let done = match kind {
        Kind::Rds => root
            .rds("DeleteDBInstance", &[("DBInstanceIdentifier", name), kept])
            .await
            .map(|_| ()),
        Kind::Aurora => root
            .rds("DeleteDBCluster", &[("DBClusterIdentifier", name), kept])
            .await
            .map(|_| ()),
        Kind::Ebs => root.ec2("DeleteVolume", &[("VolumeId", name)]).await.map(|_| ()),
        Kind::Ec2 => root
            .ec2("TerminateInstances", &[("InstanceId.1", name)])
            .await
            .map(|_| ()),
        Kind::DynamoDb => root
            .dynamodb("DeleteTable", json!({"TableName": name}))
            .await
            .map(|_| ()),
        Kind::Efs => {
            let path = format!("/2015-02-01/file-systems/{name}");
            root.rest("elasticfilesystem", Method::DELETE, &path, String::new())
                .await
                .map(|_| ())
        }
        Kind::S3 => root
            .rest("s3", Method::DELETE, &format!("/{name}"), String::new())
            .await
            .map(|_| ()),
    };
    done.map_err(|refusal| passed_on(kind.service(), refusal))
}
