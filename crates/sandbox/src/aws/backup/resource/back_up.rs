//! The copy that a job makes in the resource's own service, where that has one.

use jiff::Timestamp;
use serde_json::json;

use super::super::super::answer::Refusal;
use super::super::super::ministack::Ministack;
use super::super::state::Place;
use super::find::DYNAMODB;
use super::root::{EC2, RDS};
use super::{Kind, Resource, id};

/// Makes the copy; the ARN of the recovery point.
///
/// # Errors
/// What the service said, as a job's message.
pub(crate) async fn back_up(
    ministack: Option<&Ministack>,
    place: &Place,
    resource: &Resource,
    job: &str,
    at: Timestamp,
) -> Result<String, String> {
    let ministack = ministack.ok_or("The resource's service cannot be reached.")?;
    let made = make(ministack, place, resource, job, at).await;
    made.map_err(|refusal| {
        let code = refusal
            .into_answer()
            .error_code()
            .unwrap_or_else(|| "InternalError".to_owned());
        format!(
            "The {} service refused the backup of {}: {code}",
            resource.kind.name(),
            resource.arn
        )
    })
}

async fn make(
    ministack: &Ministack,
    place: &Place,
    resource: &Resource,
    job: &str,
    at: Timestamp,
) -> Result<String, Refusal> {
    let (account, region) = (place.account.as_str(), place.region.as_str());
    let name = format!("awsbackup:job-{}", job.to_lowercase());
    let arn = match resource.kind {
        Kind::Rds => {
            let params = [
                ("DBSnapshotIdentifier", name.as_str()),
                ("DBInstanceIdentifier", id(&resource.arn)),
            ];
            ministack
                .as_root(account, region, RDS, "CreateDBSnapshot", &params)
                .await?;
            format!("arn:aws:rds:{region}:{account}:snapshot:{name}")
        }
        Kind::Aurora => {
            let params = [
                ("DBClusterSnapshotIdentifier", name.as_str()),
                ("DBClusterIdentifier", id(&resource.arn)),
            ];
            ministack
                .as_root(account, region, RDS, "CreateDBClusterSnapshot", &params)
                .await?;
            format!("arn:aws:rds:{region}:{account}:cluster-snapshot:{name}")
        }
        Kind::Ebs => {
            let params = [
                ("VolumeId", id(&resource.arn)),
                ("Description", "This snapshot is created by the AWS Backup service."),
            ];
            let answer = ministack
                .as_root(account, region, EC2, "CreateSnapshot", &params)
                .await?;
            let snapshot = answer.find("snapshotId").map(|id| id.text.clone()).unwrap_or_default();
            format!("arn:aws:ec2:{region}::snapshot/{snapshot}")
        }
        // ministack makes no images, but starts machines from any.
        Kind::Ec2 => image_arn(place, job),
        Kind::DynamoDb => {
            let body = json!({"TableName": resource.name, "BackupName": name.replace(':', "_")});
            let answer = ministack
                .json_as_root(account, region, &DYNAMODB, "CreateBackup", &body)
                .await?;
            let arn = answer["BackupDetails"]["BackupArn"].as_str().unwrap_or_default();
            arn.to_owned()
        }
        Kind::Efs => place.arn(&format!("recovery-point:{}", job.to_lowercase())),
        Kind::S3 => {
            let moment = at.strftime("%Y%m%d%H%M%S");
            place.arn(&format!(
                "recovery-point:{}-{moment}-{}",
                resource.name,
                job[..8].to_lowercase()
            ))
        }
    };
    Ok(arn)
}

/// Of the image that a job makes.
pub(super) fn image_arn(place: &Place, job: &str) -> String {
    let digits: String = job.chars().filter(char::is_ascii_hexdigit).take(17).collect();
    format!("arn:aws:ec2:{}::image/ami-{}", place.region, digits.to_lowercase())
}

/// Deletes the copy that a recovery point is; what is gone already is no error.
pub(crate) async fn forget(ministack: Option<&Ministack>, place: &Place, arn: &str) {
    let Some(ministack) = ministack else { return };
    let (account, region) = (place.account.as_str(), place.region.as_str());
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let query = async |service, action, name, value| {
        ministack
            .as_root(account, region, service, action, &[(name, value)])
            .await
            .map(|_| ())
    };
    let done = if let Some(name) = resource.strip_prefix("snapshot:") {
        query(RDS, "DeleteDBSnapshot", "DBSnapshotIdentifier", name).await
    } else if let Some(name) = resource.strip_prefix("cluster-snapshot:") {
        query(RDS, "DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier", name).await
    } else if let Some(snapshot) = resource.strip_prefix("snapshot/") {
        query(EC2, "DeleteSnapshot", "SnapshotId", snapshot).await
    } else if resource.starts_with("table/") {
        let body = json!({"BackupArn": arn});
        ministack
            .json_as_root(account, region, &DYNAMODB, "DeleteBackup", &body)
            .await
            .map(|_| ())
    } else {
        Ok(())
    };
    if let Err(refusal) = done {
        let code = refusal.into_answer().error_code();
        tracing::info!(arn, code, "What a recovery point was made of could not be deleted");
    }
}
