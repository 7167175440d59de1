//! What holds data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::account::{AwsAccountId, Region};
use crate::id::{ComponentId, TenantId};

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

/// What kind of system the component is (feature B16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// An RDS instance.
    RdsInstance,
    /// An Aurora cluster.
    AuroraCluster,
    /// An S3 bucket.
    S3Bucket,
    /// An ElastiCache replication group.
    Elasticache,
    /// An MSK cluster.
    Msk,
    /// Namespaces of a Kubernetes cluster.
    Kubernetes,
    /// A database that the customer runs itself.
    SelfManagedDatabase,
}

impl ComponentKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::RdsInstance,
        Self::AuroraCluster,
        Self::S3Bucket,
        Self::Elasticache,
        Self::Msk,
        Self::Kubernetes,
        Self::SelfManagedDatabase,
    ];

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RdsInstance => "rds-instance",
            Self::AuroraCluster => "aurora-cluster",
            Self::S3Bucket => "s3-bucket",
            Self::Elasticache => "elasticache",
            Self::Msk => "msk",
            Self::Kubernetes => "kubernetes",
            Self::SelfManagedDatabase => "self-managed-database",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::RdsInstance => "RDS instance",
            Self::AuroraCluster => "Aurora cluster",
            Self::S3Bucket => "S3 bucket",
            Self::Elasticache => "ElastiCache",
            Self::Msk => "MSK cluster",
            Self::Kubernetes => "Kubernetes namespaces",
            Self::SelfManagedDatabase => "self-managed database",
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
    /// Engine and version as the customer stated it; `None` when not stated.
    pub engine: Option<String>,
    /// Size in bytes as stated or observed; `None` when unknown.
    pub size_bytes: Option<i64>,
    /// Where it lives at AWS; `None` outside AWS.
    pub aws: Option<AwsPlace>,
}
