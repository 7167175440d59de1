//! Where a component lives at AWS, as a document says it.

use crate::account::{AwsAccountId, Region};
use crate::component::{AwsPlace, ComponentKind};

/// The service and the beginning of the resource in the ARN of each kind that lives at AWS.
const fn named(kind: ComponentKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ComponentKind::RdsInstance => ("rds", "db:"),
        ComponentKind::AuroraCluster => ("rds", "cluster:"),
        ComponentKind::DynamodbTable => ("dynamodb", "table/"),
        ComponentKind::Redshift => ("redshift", ""),
        ComponentKind::Opensearch => ("es", "domain/"),
        ComponentKind::Elasticache => ("elasticache", ""),
        ComponentKind::Msk => ("kafka", "cluster/"),
        ComponentKind::EbsVolume => ("ec2", "volume/"),
        ComponentKind::EfsFileSystem => ("elasticfilesystem", "file-system/"),
        ComponentKind::S3Bucket => ("s3", ""),
        ComponentKind::Kubernetes | ComponentKind::KubernetesPlatform => ("eks", "cluster/"),
        ComponentKind::GcsBucket
        | ComponentKind::AzureContainer
        | ComponentKind::SelfManagedDatabase
        | ComponentKind::FileSystem => return None,
    })
}

/// The place that an ARN, an account and a region together name. What the ARN says itself need not be said again.
///
/// # Errors
/// The column, what was given there, and what is wrong with it.
pub(super) fn place(
    kind: ComponentKind,
    arn: &str,
    account: Option<AwsAccountId>,
    region: Option<Region>,
) -> Result<AwsPlace, (&'static str, String, String)> {
    let wrong = |why: String| ("arn", arn.to_owned(), why);
    let Some((service, resource)) = named(kind) else {
        return Err(wrong(format!("a {} does not live at AWS and has no ARN", kind.words())));
    };
    let expected = || {
        wrong(format!(
            "the ARN of a {} is expected, arn:aws:{service}:<region>:<account>:{resource}…",
            kind.words()
        ))
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, in_service, in_region, in_account, name] = parts[..] else {
        return Err(expected());
    };
    let plain = arn.len() <= 2048 && arn.bytes().all(|byte| byte.is_ascii_graphic());
    if !partition.starts_with("aws") || in_service != service || !plain {
        return Err(expected());
    }
    if name.strip_prefix(resource).is_none_or(str::is_empty) {
        return Err(expected());
    }
    let said_account: Option<AwsAccountId> = (!in_account.is_empty())
        .then(|| in_account.parse())
        .transpose()
        .map_err(|_| expected())?;
    let said_region: Option<Region> = (!in_region.is_empty())
        .then(|| in_region.parse())
        .transpose()
        .map_err(|_| expected())?;
    let account = match (account, said_account) {
        (Some(given), Some(said)) if given != said => {
            return Err((
                "aws_account",
                given.to_string(),
                format!("the ARN names account {said}"),
            ));
        }
        (given, said) => given.or(said).ok_or_else(|| {
            (
                "aws_account",
                String::new(),
                "this ARN names no account, so the column has to: twelve digits".to_owned(),
            )
        })?,
    };
    let region = match (region, said_region) {
        (Some(given), Some(said)) if given != said => {
            return Err(("region", given.to_string(), format!("the ARN names region {said}")));
        }
        (given, said) => given.or(said).ok_or_else(|| {
            (
                "region",
                String::new(),
                "this ARN names no region, so the column has to, such as eu-west-1".to_owned(),
            )
        })?,
    };
    Ok(AwsPlace {
        account,
        region,
        arn: arn.to_owned(),
    })
}

/// The place that an ARN names by itself; what it leaves open, such as that of a bucket, is as `home` says.
///
/// # Errors
/// What is wrong with it.
pub fn place_of_arn(
    kind: ComponentKind,
    arn: &str,
    home: Option<(&AwsAccountId, &Region)>,
) -> Result<AwsPlace, String> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next(), parts.next());
    let (account_home, region_home) = home.unzip();
    let of_home = |said: Option<&str>| said == Some("");
    let account = account_home.filter(|_| of_home(account)).cloned();
    let region = region_home.filter(|_| of_home(region)).cloned();
    place(kind, arn, account, region).map_err(|(_, _, why)| why)
}
