//! RDS instances: automated backups, snapshots, point-in-time restores.

mod apply;
mod listing;
mod observe;
mod progress;
mod restore;
mod status;

use std::collections::BTreeMap;

use aws_sdk_rds::types::{DbInstance, Tag};
use domain::account::AwsAccount;
use domain::plan::{Step, StepAction};

use crate::error::Failure;

pub(crate) use apply::apply;
pub(crate) use observe::observe;
pub(crate) use progress::progress;

/// The tag by which a restored instance is known as one request's (see [`domain::restore::tags`]).
const RESTORE_TAG: &str = "holdfast:restore-request";

/// ARN of what the step makes or changes.
pub(crate) fn effect_arn(account: &AwsAccount, step: &Step) -> String {
    match &step.action {
        StepAction::Tag { .. } | StepAction::SetAutomatedBackups { .. } => step.arn.clone(),
        StepAction::RestoreSnapshot { target, .. } | StepAction::RestorePointInTime { target, .. } => {
            arn(account, "db", target)
        }
    }
}

/// Name of the instance that the step changes or restores from.
///
/// # Errors
/// [`Failure::Refused`] for a step of another account, region or service.
fn source_name<'a>(account: &AwsAccount, step: &'a Step) -> Result<&'a str, Failure> {
    let here = step.account == account.account && step.region == account.region;
    instance_name(account, &step.arn)
        .filter(|_| here)
        .ok_or_else(|| Failure::Refused {
            reason: format!(
                "{} is no RDS instance of the account {} in {}.",
                step.arn, account.account, account.region
            ),
        })
}

/// Name of the instance with this ARN; `None` when it is none of the account and its region.
fn instance_name<'a>(account: &AwsAccount, instance_arn: &'a str) -> Option<&'a str> {
    let name = instance_arn.strip_prefix(&arn(account, "db", ""))?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (!name.is_empty() && name.len() <= 63 && name.bytes().all(plain)).then_some(name)
}

fn arn(account: &AwsAccount, kind: &str, name: &str) -> String {
    format!("arn:aws:rds:{}:{}:{kind}:{name}", account.region, account.account)
}

fn tags_of(instance: &DbInstance) -> BTreeMap<&str, &str> {
    instance
        .tag_list()
        .iter()
        .filter_map(|tag| tag.key().zip(tag.value()))
        .collect()
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// Whether a restored instance carries the tag of the same restore request.
fn is_ours(instance: &DbInstance, tags: &BTreeMap<String, String>) -> bool {
    tags.get(RESTORE_TAG)
        .is_some_and(|wanted| tags_of(instance).get(RESTORE_TAG) == Some(&wanted.as_str()))
}
