//! What is backed up: resources of other services, in ministack.

mod back_up;
mod copy;
mod delete;
mod find;
mod restore;
mod root;
mod wanted;

use std::collections::BTreeMap;

pub(crate) use self::back_up::{back_up, forget};
pub(crate) use self::copy::copy;
pub(crate) use self::delete::delete;
pub(crate) use self::find::{all, one};
pub(crate) use self::restore::restore;
pub(crate) use self::wanted::Wanted;

/// In bytes.
const GIB: i64 = 1 << 30;

/// A type of resource, as AWS Backup names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Rds,
    Aurora,
    Ebs,
    Ec2,
    DynamoDb,
    Efs,
    S3,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Rds,
        Self::Aurora,
        Self::Ebs,
        Self::Ec2,
        Self::DynamoDb,
        Self::Efs,
        Self::S3,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rds => "RDS",
            Self::Aurora => "Aurora",
            Self::Ebs => "EBS",
            Self::Ec2 => "EC2",
            Self::DynamoDb => "DynamoDB",
            Self::Efs => "EFS",
            Self::S3 => "S3",
        }
    }

    /// Whether it can be backed up continuously.
    pub(crate) fn is_continuous(self) -> bool {
        matches!(self, Self::Rds | Self::Aurora | Self::S3)
    }

    /// The service that has it, as AWS Backup names it in the message of a job.
    fn service(self) -> &'static str {
        match self {
            Self::Rds | Self::Aurora => "AmazonRDS",
            Self::Ebs | Self::Ec2 => "AmazonEC2",
            Self::DynamoDb => "AmazonDynamoDBv2",
            Self::Efs => "AmazonElasticFileSystem",
            Self::S3 => "Amazon S3",
        }
    }

    /// The type of the resource that an ARN names; `None` for one that is not backed up here.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (service, resource) = (parts.nth(2)?, parts.nth(2)?);
        match service {
            "rds" if resource.starts_with("db:") => Some(Self::Rds),
            "rds" if resource.starts_with("cluster:") => Some(Self::Aurora),
            "ec2" if resource.starts_with("volume/") => Some(Self::Ebs),
            "ec2" if resource.starts_with("instance/") => Some(Self::Ec2),
            "dynamodb" if resource.starts_with("table/") && !resource[6..].contains('/') => Some(Self::DynamoDb),
            "elasticfilesystem" if resource.starts_with("file-system/") => Some(Self::Efs),
            "s3" if !resource.contains('/') => Some(Self::S3),
            _ => None,
        }
    }
}

/// A resource as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) arn: String,
    pub(crate) kind: Kind,
    /// Of the resource, or its id where it has none.
    pub(crate) name: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// Unit: bytes.
    pub(crate) bytes: i64,
    pub(crate) encrypted: bool,
    /// The customer's key that it is encrypted with; `None` where it is none or AWS's own.
    pub(crate) key: Option<String>,
    /// What AWS Backup keeps for a restore, with the keys that each type has.
    pub(crate) metadata: BTreeMap<String, String>,
}

/// The last part of an ARN: the resource's own id.
pub(crate) fn id(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}
