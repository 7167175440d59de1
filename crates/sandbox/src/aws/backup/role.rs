//! The role that a job works with.

use super::super::ministack::Ministack;
use super::super::role;

/// # Errors
/// What AWS Backup says of a job whose role is not there.
pub(crate) async fn check(ministack: Option<&Ministack>, region: &str, arn: &str) -> Result<(), String> {
    if role::exists(ministack, region, arn).await {
        Ok(())
    } else {
        Err(format!("IAM Role {arn} cannot be assumed by AWS Backup"))
    }
}
