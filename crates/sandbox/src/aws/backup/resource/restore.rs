//! The resource that a restore makes, in its own service.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use super::super::super::answer::Refusal;
use super::super::super::ministack::Ministack;
use super::super::recovery_point::RecoveryPoint;
use super::super::state::Place;
use super::root::{Root, passed_on, text};
use super::wanted::Wanted;
use super::{GIB, Kind, id};

/// Makes the resource; its ARN.
///
/// # Errors
/// What is missing, or what the service said, as a job's message.
pub(crate) async fn restore(
    ministack: Option<&Ministack>,
    place: &Place,
    point: &RecoveryPoint,
    metadata: &BTreeMap<String, String>,
    tags: &BTreeMap<String, String>,
) -> Result<String, String> {
    let ministack = ministack.ok_or("The resource's service cannot be reached.")?;
    let restoring = Restoring {
        root: Root { ministack, place },
        point,
        wanted: Wanted(metadata),
        tags,
    };
    let kind = point.resource.kind;
    let token = match kind {
        Kind::Efs if restoring.wanted.flag("newFileSystem")? == Some(true) => {
            Some(restoring.wanted.needed("CreationToken")?)
        }
        _ => None,
    };
    let made = match kind {
        Kind::Rds => restoring.database().await,
        Kind::Aurora => restoring.cluster().await,
        Kind::Ebs => restoring.volume().await,
        Kind::Ec2 => restoring.machine().await,
        Kind::DynamoDb => restoring.table().await,
        Kind::Efs => restoring.file_system(token).await,
        Kind::S3 => restoring.bucket().await,
    };
    made.map_err(|refusal| passed_on(kind.service(), refusal))
}

struct Restoring<'a> {
    root: Root<'a>,
    point: &'a RecoveryPoint,
    wanted: Wanted<'a>,
    tags: &'a BTreeMap<String, String>,
}

impl<'a> Restoring<'a> {
    /// What is asked for, or else as it was.
    fn value(&self, key: &str) -> Option<&'a str> {
        self.wanted
            .get(key)
            .or_else(|| Wanted(&self.point.resource.metadata).get(key))
    }

    /// Those that have a value, whose keys are also the service's parameters.
    fn values(&self, keys: &[&'static str]) -> impl Iterator<Item = (&'static str, &'a str)> {
        keys.iter().filter_map(|key| Some((*key, self.value(key)?)))
    }

    async fn database(&self) -> Result<String, Refusal> {
        const KEPT: [&str; 8] = [
            "DBInstanceIdentifier",
            "DBInstanceClass",
            "AvailabilityZone",
            "DBSubnetGroupName",
            "MultiAZ",
            "PubliclyAccessible",
            "StorageType",
            "Port",
        ];
        let Some((_, snapshot)) = self.point.arn.split_once(":snapshot:") else {
            return self.again("DBInstance", &KEPT).await;
        };
        let mut params = vec![("DBSnapshotIdentifier", snapshot)];
        params.extend(self.values(&KEPT));
        let answer = self.root.rds("RestoreDBInstanceFromDBSnapshot", &params).await?;
        let arn = text(&answer, "DBInstanceArn");
        self.tag_database(&arn).await?;
        Ok(arn)
    }

    async fn cluster(&self) -> Result<String, Refusal> {
        self.again("DBCluster", &["DBClusterIdentifier", "DBSubnetGroupName", "Port"])
            .await
    }

    /// What ministack cannot restore, a cluster or a continuous backup, is made like what was backed up.
    async fn again(&self, what: &str, kept: &[&'static str]) -> Result<String, Refusal> {
        let resource = &self.point.resource;
        let (encrypted, size) = (
            resource.encrypted.to_string(),
            (resource.bytes / GIB).max(1).to_string(),
        );
        let mut params = vec![
            ("MasterUsername", "awsbackup"),
            ("MasterUserPassword", "as-it-was-before"),
            ("StorageEncrypted", &encrypted),
            ("AllocatedStorage", &size),
        ];
        params.extend(self.values(kept));
        params.extend(self.values(&["DBName", "Engine", "EngineVersion"]));
        let answer = self.root.rds(&format!("Create{what}"), &params).await?;
        let arn = text(&answer, &format!("{what}Arn"));
        self.tag_database(&arn).await?;
        Ok(arn)
    }

    async fn tag_database(&self, arn: &str) -> Result<(), Refusal> {
        let names = self.numbered("Tags.Tag");
        let mut params = vec![("ResourceName", arn)];
        params.extend(names.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if !names.is_empty() {
            self.root.rds("AddTagsToResource", &params).await?;
        }
        Ok(())
    }

    async fn volume(&self) -> Result<String, Refusal> {
        let size = (self.point.resource.bytes / GIB).to_string();
        let params = [
            ("SnapshotId", id(&self.point.arn)),
            ("AvailabilityZone", self.value("availabilityZone").unwrap_or_default()),
            ("Size", self.value("volumeSize").unwrap_or(&size)),
            ("VolumeType", self.value("volumeType").unwrap_or("gp3")),
            ("Encrypted", self.value("encrypted").unwrap_or("false")),
        ];
        let volume = text(&self.root.ec2("CreateVolume", &params).await?, "volumeId");
        self.tag_ec2(&volume).await?;
        Ok(self.root.arn("ec2", &format!("volume/{volume}")))
    }

    async fn machine(&self) -> Result<String, Refusal> {
        let mut params = vec![("ImageId", id(&self.point.arn)), ("MinCount", "1"), ("MaxCount", "1")];
        params.extend(self.values(&["InstanceType", "SubnetId"]));
        let machine = text(&self.root.ec2("RunInstances", &params).await?, "instanceId");
        self.tag_ec2(&machine).await?;
        Ok(self.root.arn("ec2", &format!("instance/{machine}")))
    }

    async fn tag_ec2(&self, resource: &str) -> Result<(), Refusal> {
        let names = self.numbered("Tag");
        let mut params = vec![("ResourceId.1", resource)];
        params.extend(names.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if !names.is_empty() {
            self.root.ec2("CreateTags", &params).await?;
        }
        Ok(())
    }

    /// The tags as parameters of the query protocol.
    fn numbered(&self, prefix: &str) -> Vec<(String, String)> {
        let tags = self.tags.iter().zip(1..);
        tags.flat_map(|((key, value), number)| {
            [
                (format!("{prefix}.{number}.Key"), key.clone()),
                (format!("{prefix}.{number}.Value"), value.clone()),
            ]
        })
        .collect()
    }

    async fn table(&self) -> Result<String, Refusal> {
        let body = json!({"TargetTableName": self.value("targetTableName"), "BackupArn": self.point.arn});
        let answer = self.root.dynamodb("RestoreTableFromBackup", body).await?;
        let arn = answer["TableDescription"]["TableArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if !self.tags.is_empty() {
            let body = json!({"ResourceArn": arn, "Tags": self.listed()});
            self.root.dynamodb("TagResource", body).await?;
        }
        Ok(arn)
    }

    fn listed(&self) -> Vec<Value> {
        self.tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect()
    }

    async fn file_system(&self, token: Option<&str>) -> Result<String, Refusal> {
        const PATH: &str = "/2015-02-01/file-systems";
        let Some(token) = token else {
            let there = self.value("file-system-id").unwrap_or_default();
            let named = format!("{PATH}?FileSystemId={there}");
            self.root
                .rest("elasticfilesystem", Method::GET, &named, String::new())
                .await?;
            return Ok(self.root.arn("elasticfilesystem", &format!("file-system/{there}")));
        };
        let is_true = |key| self.value(key).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let body = json!({
            "CreationToken": token,
            "PerformanceMode": self.value("PerformanceMode"),
            "Encrypted": is_true("Encrypted"),
            "Tags": self.listed(),
        });
        let answer = self
            .root
            .rest("elasticfilesystem", Method::POST, PATH, body.to_string())
            .await?;
        let made: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(made["FileSystemArn"].as_str().unwrap_or_default().to_owned())
    }

    async fn bucket(&self) -> Result<String, Refusal> {
        let bucket = self.value("DestinationBucketName").unwrap_or_default();
        let region = &self.root.place.region;
        let new = self
            .wanted
            .get("NewBucket")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if new {
            let elsewhere = format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            );
            let body = if region == "us-east-1" {
                String::new()
            } else {
                elsewhere
            };
            self.root.rest("s3", Method::PUT, &format!("/{bucket}"), body).await?;
        } else {
            self.root
                .rest("s3", Method::GET, &format!("/{bucket}?max-keys=1"), String::new())
                .await?;
        }
        Ok(format!("arn:aws:s3:::{bucket}"))
    }
}
