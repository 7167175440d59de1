//! The role that a job works with.

use super::super::ministack::Ministack;

const IAM: (&str, &str) = ("iam", "2010-05-08");

/// # Errors
/// What AWS Backup says of a job whose role is not there.
pub(crate) async fn check(ministack: Option<&Ministack>, region: &str, arn: &str) -> Result<(), String> {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let (Some(ministack), Some((_, name))) = (ministack, arn.rsplit_once('/')) else {
        return Ok(());
    };
    let params = [("RoleName", name)];
    match ministack.as_root(account, region, IAM, "GetRole", &params).await {
        Err(refusal) if refusal.is("NoSuchEntity") => Err(format!("IAM Role {arn} cannot be assumed by AWS Backup")),
        _ => Ok(()),
    }
}
