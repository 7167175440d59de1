//! What holds data.

mod facts;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{AwsAccountId, Region};
use crate::id::{ComponentId, TenantId};

pub use facts::{Facts, RESOURCE};

/// Which part of the customer's landscape a component belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Serves the customer's own users.
    Production,
    /// The rehearsal of production.
    Staging,
    /// Where things are built.
    Development,
    /// Reporting and research.
    Analytics,
}

impl Environment {
    /// Every environment, in the order of the forms.
    pub const ALL: [Self; 4] = [Self::Production, Self::Staging, Self::Development, Self::Analytics];

    /// The name used in forms, the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
            Self::Analytics => "analytics",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of system the component is (features B16, D36-D45).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// An RDS instance.
    RdsInstance,
    /// An Aurora cluster.
    AuroraCluster,
    /// A DynamoDB table.
    DynamodbTable,
    /// A Redshift cluster.
    Redshift,
    /// An OpenSearch domain.
    Opensearch,
    /// An ElastiCache replication group.
    Elasticache,
    /// An MSK cluster.
    Msk,
    /// An EBS volume.
    EbsVolume,
    /// An EFS file system.
    EfsFileSystem,
    /// An S3 bucket.
    S3Bucket,
    /// A bucket of Google Cloud Storage.
    GcsBucket,
    /// A container of Azure Blob Storage.
    AzureContainer,
    /// Namespaces of a Kubernetes cluster.
    Kubernetes,
    /// The platform's own backups of a cluster: its state and its EBS volume snapshots. Always on (feature B14).
    KubernetesPlatform,
    /// A database that the customer runs itself.
    SelfManagedDatabase,
    /// A file system outside a cluster.
    FileSystem,
}

/// What is said where Kubernetes namespaces are known and the platform under them is not (features B14, E47).
pub const PLATFORM_UNSEEN: &str = "By the agreement the Kubernetes platform itself (cluster state and EBS volume snapshots) is always backed up, whatever is decided about namespaces. It is not in the inventory, so nothing is known of it here: add a component of kind `kubernetes-platform` to see it.";

impl ComponentKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::RdsInstance,
        Self::AuroraCluster,
        Self::DynamodbTable,
        Self::Redshift,
        Self::Opensearch,
        Self::Elasticache,
        Self::Msk,
        Self::EbsVolume,
        Self::EfsFileSystem,
        Self::S3Bucket,
        Self::GcsBucket,
        Self::AzureContainer,
        Self::Kubernetes,
        Self::KubernetesPlatform,
        Self::SelfManagedDatabase,
        Self::FileSystem,
    ];

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RdsInstance => "rds-instance",
            Self::AuroraCluster => "aurora-cluster",
            Self::DynamodbTable => "dynamodb-table",
            Self::Redshift => "redshift",
            Self::Opensearch => "opensearch",
            Self::Elasticache => "elasticache",
            Self::Msk => "msk",
            Self::EbsVolume => "ebs-volume",
            Self::EfsFileSystem => "efs-file-system",
            Self::S3Bucket => "s3-bucket",
            Self::GcsBucket => "gcs-bucket",
            Self::AzureContainer => "azure-container",
            Self::Kubernetes => "kubernetes",
            Self::KubernetesPlatform => "kubernetes-platform",
            Self::SelfManagedDatabase => "self-managed-database",
            Self::FileSystem => "file-system",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::RdsInstance => "RDS instance",
            Self::AuroraCluster => "Aurora cluster",
            Self::DynamodbTable => "DynamoDB table",
            Self::Redshift => "Redshift cluster",
            Self::Opensearch => "OpenSearch domain",
            Self::Elasticache => "ElastiCache",
            Self::Msk => "MSK cluster",
            Self::EbsVolume => "EBS volume",
            Self::EfsFileSystem => "EFS file system",
            Self::S3Bucket => "S3 bucket",
            Self::GcsBucket => "GCS bucket",
            Self::AzureContainer => "Azure blob container",
            Self::Kubernetes => "Kubernetes namespaces",
            Self::KubernetesPlatform => "Kubernetes platform",
            Self::SelfManagedDatabase => "self-managed database",
            Self::FileSystem => "file system",
        }
    }
}

/// A stored name that is none of the known ones.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a known name")]
pub struct UnknownName(pub String);

impl FromStr for ComponentKind {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

impl FromStr for Environment {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|e| e.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// Where a component lives at AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsPlace {
    /// The linked account.
    pub account: AwsAccountId,
    /// The region.
    pub region: Region,
    /// The resource's ARN.
    pub arn: String,
}

/// One thing that holds data, as the inventory has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its id.
    pub id: ComponentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Unique within tenant and environment.
    pub name: String,
    /// Its kind.
    pub kind: ComponentKind,
    /// Its environment.
    pub environment: Environment,
    /// The business unit that it belongs to; `None` when not stated.
    pub workload: Option<String>,
    /// Who answers for it at the customer; `None` when not stated.
    pub owner: Option<String>,
    /// Its engine as the customer stated it; `None` when not stated.
    pub engine: Option<String>,
    /// The engine's version as the customer stated it; `None` when not stated.
    pub version: Option<String>,
    /// Size in bytes as stated or observed; `None` when unknown.
    pub size_bytes: Option<i64>,
    /// Where it lives at AWS; `None` outside AWS.
    pub aws: Option<AwsPlace>,
    /// The region that it is in as the customer stated it; `None` when not stated, and where an ARN says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_region: Option<Region>,
    /// When it was confirmed that it is no more; `None` while it lives.
    pub decommissioned_at: Option<Timestamp>,
}

impl Component {
    /// The region that it is in; `None`: nobody knows.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        let place = self.aws.as_ref().map(|place| &place.region);
        place.or(self.stated_region.as_ref())
    }
}
