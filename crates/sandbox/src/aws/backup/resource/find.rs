//! Resources as ministack tells them.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use super::super::super::answer::Refusal;
use super::super::super::ministack::{Ministack, Target};
use super::super::super::xml::Element;
use super::super::state::Place;
use super::root::{EC2, RDS};
use super::{GIB, Kind, Resource};

pub(crate) const DYNAMODB: Target = Target {
    service: "dynamodb",
    prefix: "DynamoDB_20120810",
    version: "1.0",
};

/// The resource that an ARN names.
///
/// # Errors
/// What AWS Backup says of a job whose resource is not there or cannot be read.
pub(crate) async fn one(ministack: Option<&Ministack>, place: &Place, arn: &str) -> Result<Resource, String> {
    let missing = || format!("The requested resource {arn} does not exist or is not accessible.");
    let (Some(ministack), Some(kind)) = (ministack, Kind::of(arn)) else {
        return Err(missing());
    };
    let listed = Finder { ministack, place }.list(kind).await;
    let found = listed
        .map_err(|_| missing())?
        .into_iter()
        .find(|resource| resource.arn == arn);
    found.ok_or_else(missing)
}

/// Every resource of an account in a region that AWS Backup can back up; a type that cannot be read is left out, and logged.
pub(crate) async fn all(ministack: Option<&Ministack>, place: &Place) -> Vec<Resource> {
    let Some(ministack) = ministack else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for kind in Kind::ALL {
        match (Finder { ministack, place }).list(kind).await {
            Ok(listed) => found.extend(listed),
            Err(refusal) => {
                let code = refusal.into_answer().error_code();
                tracing::warn!(
                    account = place.account,
                    kind = kind.name(),
                    code,
                    "Resources could not be listed"
                );
            }
        }
    }
    found
}

struct Finder<'a> {
    ministack: &'a Ministack,
    place: &'a Place,
}

impl Finder<'_> {
    async fn list(&self, kind: Kind) -> Result<Vec<Resource>, Refusal> {
        match kind {
            Kind::Rds => self.databases().await,
            Kind::Aurora => self.clusters().await,
            Kind::Ebs => self.volumes().await,
            Kind::Ec2 => self.machines().await,
            Kind::DynamoDb => self.tables().await,
            Kind::Efs => self.file_systems().await,
            Kind::S3 => self.buckets().await,
        }
    }

    async fn query(&self, service: (&str, &str), action: &str) -> Result<Element, Refusal> {
        self.ministack
            .as_root(&self.place.account, &self.place.region, service, action, &[])
            .await
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.place.region, self.place.account
        )
    }

    /// Instances outside a cluster; a cluster is backed up as a whole.
    async fn databases(&self) -> Result<Vec<Resource>, Refusal> {
        let answer = self.query(RDS, "DescribeDBInstances").await?;
        let databases = children(&answer, "DBInstances").filter(|found| found.text_of("DBClusterIdentifier").is_none());
        Ok(databases
            .filter_map(|found| self.database(found, Kind::Rds, "DBInstanceArn", "DBInstanceIdentifier"))
            .collect())
    }

    async fn clusters(&self) -> Result<Vec<Resource>, Refusal> {
        let answer = self.query(RDS, "DescribeDBClusters").await?;
        Ok(children(&answer, "DBClusters")
            .filter_map(|found| self.database(found, Kind::Aurora, "DBClusterArn", "DBClusterIdentifier"))
            .collect())
    }

    fn database(&self, found: &Element, kind: Kind, arn: &str, name: &str) -> Option<Resource> {
        const KEPT: [&str; 9] = [
            "DBInstanceClass",
            "DBName",
            "Engine",
            "EngineVersion",
            "Port",
            "StorageType",
            "MultiAZ",
            "PubliclyAccessible",
            "AutoMinorVersionUpgrade",
        ];
        let kept = KEPT
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), found.text_of(field)?.to_owned())));
        Some(Resource {
            arn: found.text_of(arn)?.to_owned(),
            kind,
            name: found.text_of(name)?.to_owned(),
            tags: tags(found.child("TagList"), ("Key", "Value")),
            bytes: gibibytes(found.text_of("AllocatedStorage")),
            encrypted: found.text_of("StorageEncrypted") == Some("true"),
            key: found
                .text_of("KmsKeyId")
                .filter(|key| !key.contains("alias/aws/"))
                .map(str::to_owned),
            metadata: kept
                .chain([(name.to_owned(), found.text_of(name)?.to_owned())])
                .collect(),
        })
    }

    async fn volumes(&self) -> Result<Vec<Resource>, Refusal> {
        let answer = self.query(EC2, "DescribeVolumes").await?;
        let volume = |found: &Element| {
            let volume = found.text_of("volumeId")?;
            let encrypted = found.text_of("encrypted") == Some("true");
            let metadata = [
                ("volumeId", volume),
                ("volumeType", found.text_of("volumeType").unwrap_or("gp3")),
                ("volumeSize", found.text_of("size").unwrap_or("1")),
                (
                    "availabilityZone",
                    found.text_of("availabilityZone").unwrap_or_default(),
                ),
                ("encrypted", if encrypted { "true" } else { "false" }),
            ];
            let tags = tags(found.child("tagSet"), ("key", "value"));
            Some(Resource {
                arn: self.arn("ec2", &format!("volume/{volume}")),
                kind: Kind::Ebs,
                name: tags.get("Name").cloned().unwrap_or_else(|| volume.to_owned()),
                tags,
                bytes: gibibytes(found.text_of("size")),
                encrypted,
                key: None,
                metadata: owned(metadata),
            })
        };
        Ok(children(&answer, "volumeSet").filter_map(volume).collect())
    }

    async fn machines(&self) -> Result<Vec<Resource>, Refusal> {
        let answer = self.query(EC2, "DescribeInstances").await?;
        let machine = |found: &Element| {
            let machine = found.text_of("instanceId")?;
            let metadata = [
                ("InstanceType", found.text_of("instanceType").unwrap_or_default()),
                ("SubnetId", found.text_of("subnetId").unwrap_or_default()),
                ("VpcId", found.text_of("vpcId").unwrap_or_default()),
            ];
            let tags = tags(found.child("tagSet"), ("key", "value"));
            Some(Resource {
                arn: self.arn("ec2", &format!("instance/{machine}")),
                kind: Kind::Ec2,
                name: tags.get("Name").cloned().unwrap_or_else(|| machine.to_owned()),
                tags,
                bytes: GIB,
                encrypted: false,
                key: None,
                metadata: owned(metadata),
            })
        };
        let reservations = children(&answer, "reservationSet");
        Ok(reservations
            .flat_map(|reservation| children(reservation, "instancesSet"))
            .filter_map(machine)
            .collect())
    }

    async fn tables(&self) -> Result<Vec<Resource>, Refusal> {
        let call = async |operation: &str, body: Value| {
            self.ministack
                .json_as_root(&self.place.account, &self.place.region, &DYNAMODB, operation, &body)
                .await
        };
        let mut names: Vec<String> = Vec::new();
        let mut page = json!({});
        loop {
            let listed = call("ListTables", page).await?;
            let named = listed["TableNames"].as_array().into_iter().flatten();
            names.extend(named.filter_map(Value::as_str).map(str::to_owned));
            match &listed["LastEvaluatedTableName"] {
                Value::String(last) => page = json!({"ExclusiveStartTableName": last}),
                _ => break,
            }
        }
        let mut tables = Vec::new();
        for name in &names {
            let described = call("DescribeTable", json!({"TableName": name})).await?;
            let table = &described["Table"];
            let arn = table["TableArn"].as_str().unwrap_or_default().to_owned();
            let tagged = call("ListTagsOfResource", json!({"ResourceArn": arn})).await?;
            tables.push(Resource {
                kind: Kind::DynamoDb,
                name: name.to_owned(),
                tags: json_tags(&tagged["Tags"]),
                bytes: table["TableSizeBytes"].as_i64().unwrap_or(0),
                encrypted: true,
                key: None,
                metadata: owned([("originalTableName", name)]),
                arn,
            });
        }
        Ok(tables)
    }

    async fn file_systems(&self) -> Result<Vec<Resource>, Refusal> {
        let from = (
            self.place.account.as_str(),
            self.place.region.as_str(),
            "elasticfilesystem",
        );
        let answer = self
            .ministack
            .rest_as_root(from, Method::GET, "/2015-02-01/file-systems", String::new())
            .await?;
        let listed: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let file_system = |found: &Value| {
            let system = found["FileSystemId"].as_str()?;
            let encrypted = found["Encrypted"].as_bool().unwrap_or(false);
            let metadata = [
                ("file-system-id", system),
                ("Encrypted", if encrypted { "true" } else { "false" }),
                (
                    "PerformanceMode",
                    found["PerformanceMode"].as_str().unwrap_or("generalPurpose"),
                ),
            ];
            Some(Resource {
                arn: self.arn("elasticfilesystem", &format!("file-system/{system}")),
                kind: Kind::Efs,
                name: found["Name"]
                    .as_str()
                    .filter(|name| !name.is_empty())
                    .unwrap_or(system)
                    .to_owned(),
                tags: json_tags(&found["Tags"]),
                bytes: found["SizeInBytes"]["Value"].as_i64().unwrap_or(0),
                encrypted,
                key: None,
                metadata: owned(metadata),
            })
        };
        let systems = listed["FileSystems"].as_array();
        Ok(systems.into_iter().flatten().filter_map(file_system).collect())
    }

    async fn buckets(&self) -> Result<Vec<Resource>, Refusal> {
        let from = (self.place.account.as_str(), self.place.region.as_str(), "s3");
        let get = async |path: &str| {
            self.ministack
                .rest_as_root(from, Method::GET, path, String::new())
                .await
        };
        let listed = get("/").await?.document();
        let mut buckets = Vec::new();
        for name in listed
            .iter()
            .flat_map(|listed| children(listed, "Buckets"))
            .filter_map(|found| found.text_of("Name"))
        {
            // A bucket without tags is refused.
            let tagged = get(&format!("/{name}?tagging="))
                .await
                .ok()
                .and_then(|answer| answer.document());
            buckets.push(Resource {
                arn: format!("arn:aws:s3:::{name}"),
                kind: Kind::S3,
                name: name.to_owned(),
                tags: tags(
                    tagged.as_ref().and_then(|tagged| tagged.find("TagSet")),
                    ("Key", "Value"),
                ),
                bytes: 0,
                encrypted: true,
                key: None,
                metadata: owned([("bucketName", name)]),
            });
        }
        Ok(buckets)
    }
}

fn children<'a>(answer: &'a Element, list: &str) -> impl Iterator<Item = &'a Element> {
    answer.find(list).into_iter().flat_map(|list| &list.children)
}

fn gibibytes(text: Option<&str>) -> i64 {
    text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0) * GIB
}

fn tags(list: Option<&Element>, (key, value): (&str, &str)) -> BTreeMap<String, String> {
    let tags = list.into_iter().flat_map(|list| &list.children);
    tags.filter_map(|tag| {
        Some((
            tag.text_of(key)?.to_owned(),
            tag.text_of(value).unwrap_or_default().to_owned(),
        ))
    })
    .collect()
}

fn json_tags(list: &Value) -> BTreeMap<String, String> {
    let tags = list.as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned())))
        .collect()
}

fn owned<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
