//! The metadata with which a recovery point is restored as a test.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::super::super::rest::Exception;
use super::super::desk::{Desk, Reply};
use super::super::recovery_point::RecoveryPoint;
use super::super::resource::{Kind, Wanted};
use super::super::state::Place;
use super::super::{points, vault};

/// What is restored as a test is called so, or has this tag.
pub(super) const PREFIX: &str = "awsbackup-restore-test";

pub(crate) fn inferred(desk: &mut Desk<'_>) -> Reply {
    let needed = |name| desk.ask.query(name).ok_or_else(|| Exception::missing_parameter(name));
    let (name, arn) = (needed("BackupVaultName")?, needed("RecoveryPointArn")?);
    let vault = vault::named(desk.read(), name)?;
    let point = vault.points.get(arn).ok_or_else(|| points::no_point(arn))?;
    Ok(json!({"InferredMetadata": infer(point, &desk.place)}))
}

/// Source: AWS Backup Developer Guide, "Restore testing inferred metadata".
pub(super) fn infer(point: &RecoveryPoint, place: &Place) -> BTreeMap<String, String> {
    let name = format!("{PREFIX}-{}", Uuid::new_v4());
    let zone = |letter: char| format!("{}{letter}", place.region);
    let kept = |key: &str| Wanted(&point.resource.metadata).get(key).unwrap_or_default().to_owned();
    let text = str::to_owned;
    let inferred = match point.resource.kind {
        Kind::DynamoDb => vec![
            ("deletionProtection", text("false")),
            ("encryptionType", text("Default")),
            ("targetTableName", name),
        ],
        Kind::Ebs => vec![("availabilityZone", zone('a')), ("encrypted", text("true"))],
        Kind::Ec2 => vec![
            ("disableApiTermination", text("false")),
            ("instanceType", kept("InstanceType")),
            ("requiredImdsV2", text("true")),
        ],
        Kind::Efs => vec![
            ("encrypted", text("true")),
            ("file-system-id", kept("file-system-id")),
            ("kmsKeyId", text("alias/aws/elasticfilesystem")),
            ("newFileSystem", text("true")),
            ("performanceMode", text("generalPurpose")),
        ],
        Kind::Aurora => vec![
            ("availabilityZones", json!(['a', 'b', 'c'].map(zone)).to_string()),
            ("dbClusterIdentifier", name),
            ("engine", kept("Engine")),
        ],
        Kind::Rds => vec![
            ("dbInstanceIdentifier", name),
            ("deletionProtection", text("false")),
            ("multiAz", text("false")),
            ("publiclyAccessible", text("false")),
        ],
        Kind::S3 => vec![
            ("destinationBucketName", name),
            ("encrypted", text("true")),
            ("encryptionType", text("SSE-S3")),
            ("newBucket", text("true")),
        ],
    };
    inferred
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
