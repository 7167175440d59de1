//! The copy of a recovery point in another account or region, where the resource's own service keeps it.
//!
//! ministack copies nothing but EBS snapshots within an account. Of everything else that it keeps, a passing resource is made at the
//! destination, backed up there, and deleted.

use serde_json::{Value, json};

use super::super::super::answer::Refusal;
use super::super::super::ministack::Ministack;
use super::super::state::Place;
use super::back_up::image_arn;
use super::root::{Root, passed_on, text};
use super::{GIB, Kind, Resource, id};

/// Makes the copy at its destination; its ARN.
///
/// # Errors
/// What the service said, as a job's message.
pub(crate) async fn copy(
    ministack: Option<&Ministack>,
    (source, point): (&Place, &str),
    destination: &Place,
    resource: &Resource,
    job: &str,
) -> Result<String, String> {
    let ministack = ministack.ok_or("The resource's service cannot be reached.")?;
    let copying = Copying {
        from: Root {
            ministack,
            place: source,
        },
        to: Root {
            ministack,
            place: destination,
        },
        point,
        resource,
        job: job.to_lowercase(),
    };
    let made = copying.make().await;
    made.map_err(|refusal| passed_on(resource.kind.service(), refusal))
}

struct Copying<'a> {
    from: Root<'a>,
    to: Root<'a>,
    /// ARN of the original.
    point: &'a str,
    resource: &'a Resource,
    job: String,
}

impl Copying<'_> {
    async fn make(&self) -> Result<String, Refusal> {
        match self.resource.kind {
            Kind::Rds => self.database(("DBInstance", "DBSnapshot"), "snapshot").await,
            Kind::Aurora => {
                self.database(("DBCluster", "DBClusterSnapshot"), "cluster-snapshot")
                    .await
            }
            Kind::Ebs if self.from.place.account == self.to.place.account => self.snapshot().await,
            Kind::Ebs => self.volume().await,
            Kind::Ec2 => Ok(image_arn(self.to.place, &self.job)),
            Kind::DynamoDb => self.table().await,
            Kind::Efs | Kind::S3 => Ok(self.to.place.arn(&format!("recovery-point:{}", self.job))),
        }
    }

    /// Of what is made for a moment.
    fn passing(&self) -> String {
        format!("awsbackup-copyjob-{}", self.job)
    }

    async fn database(&self, (what, backup): (&str, &str), kind: &str) -> Result<String, Refusal> {
        let (passing, snapshot) = (self.passing(), format!("awsbackup:copyjob-{}", self.job));
        let (name, size) = (
            format!("{what}Identifier"),
            (self.resource.bytes / GIB).max(1).to_string(),
        );
        let encrypted = self.resource.encrypted.to_string();
        let mut params = vec![
            (name.as_str(), passing.as_str()),
            ("AllocatedStorage", &size),
            ("StorageEncrypted", &encrypted),
            ("MasterUsername", "awsbackup"),
            ("MasterUserPassword", "not-a-secret"),
        ];
        let kept = ["DBInstanceClass", "DBName", "Engine", "EngineVersion", "StorageType"];
        let metadata = &self.resource.metadata;
        params.extend(
            kept.iter()
                .filter_map(|field| Some((*field, metadata.get(*field)?.as_str()))),
        );
        self.to.rds(&format!("Create{what}"), &params).await?;
        let taken = [
            (name.as_str(), passing.as_str()),
            (&format!("{backup}Identifier"), &snapshot),
        ];
        let made = self.to.rds(&format!("Create{backup}"), &taken).await;
        let deleted = [(name.as_str(), passing.as_str()), ("SkipFinalSnapshot", "true")];
        self.to.rds(&format!("Delete{what}"), &deleted).await?;
        made?;
        Ok(self.to.arn("rds", &format!("{kind}:{snapshot}")))
    }

    async fn snapshot(&self) -> Result<String, Refusal> {
        let params = [
            ("SourceRegion", self.from.place.region.as_str()),
            ("SourceSnapshotId", id(self.point)),
            ("Description", "This snapshot is created by the AWS Backup service."),
        ];
        let answer = self.to.ec2("CopySnapshot", &params).await?;
        Ok(self.snapshot_arn(&text(&answer, "snapshotId")))
    }

    async fn volume(&self) -> Result<String, Refusal> {
        let (zone, size) = (
            format!("{}a", self.to.place.region),
            (self.resource.bytes / GIB).max(1).to_string(),
        );
        let encrypted = self.resource.encrypted.to_string();
        let params = [
            ("AvailabilityZone", zone.as_str()),
            ("Size", &size),
            ("Encrypted", &encrypted),
        ];
        let volume = text(&self.to.ec2("CreateVolume", &params).await?, "volumeId");
        let made = self.to.ec2("CreateSnapshot", &[("VolumeId", &volume)]).await;
        self.to.ec2("DeleteVolume", &[("VolumeId", &volume)]).await?;
        Ok(self.snapshot_arn(&text(&made?, "snapshotId")))
    }

    fn snapshot_arn(&self, snapshot: &str) -> String {
        format!("arn:aws:ec2:{}::snapshot/{snapshot}", self.to.place.region)
    }

    /// With what it held: the backup is restored where it is, and carried over.
    async fn table(&self) -> Result<String, Refusal> {
        let passing = self.passing();
        let restored = json!({"BackupArn": self.point, "TargetTableName": passing});
        self.from.dynamodb("RestoreTableFromBackup", restored).await?;
        let elsewhere = self.from.place != self.to.place;
        let carried = if elsewhere { self.carry(&passing).await } else { Ok(()) };
        let named = json!({"TableName": passing, "BackupName": format!("awsbackup_copyjob-{}", self.job)});
        let made = match carried {
            Ok(()) => self.to.dynamodb("CreateBackup", named).await,
            Err(refusal) => Err(refusal),
        };
        let passing = json!({"TableName": passing});
        let mut deleted = self.from.dynamodb("DeleteTable", passing.clone()).await;
        if elsewhere {
            deleted = deleted.and(self.to.dynamodb("DeleteTable", passing).await);
        }
        let made = made?;
        deleted?;
        Ok(made["BackupDetails"]["BackupArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Makes the table at the destination, with its items.
    async fn carry(&self, table: &str) -> Result<(), Refusal> {
        // As many items as one write takes.
        const PAGE: u8 = 25;
        let described = self.from.dynamodb("DescribeTable", json!({"TableName": table})).await?;
        let described = &described["Table"];
        let create = json!({
            "TableName": table,
            "KeySchema": described["KeySchema"],
            "AttributeDefinitions": described["AttributeDefinitions"],
            "BillingMode": "PAY_PER_REQUEST",
        });
        self.to.dynamodb("CreateTable", create).await?;
        let mut scan = json!({"TableName": table, "Limit": PAGE});
        loop {
            let mut page = self.from.dynamodb("Scan", scan.clone()).await?;
            let items: Vec<Value> = match page["Items"].take() {
                Value::Array(items) => items,
                _ => Vec::new(),
            };
            if !items.is_empty() {
                let puts: Vec<Value> = items
                    .into_iter()
                    .map(|item| json!({"PutRequest": {"Item": item}}))
                    .collect();
                self.to
                    .dynamodb("BatchWriteItem", json!({"RequestItems": {table: puts}}))
                    .await?;
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return Ok(()),
                last => scan["ExclusiveStartKey"] = last,
            }
        }
    }
}
