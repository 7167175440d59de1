//! The role that a service works with.

use super::ministack::Ministack;

const IAM: (&str, &str) = ("iam", "2010-05-08");

/// Whether the role is there, as far as ministack can tell.
pub(crate) async fn exists(ministack: Option<&Ministack>, region: &str, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let (Some(ministack), Some((_, name))) = (ministack, arn.rsplit_once('/')) else {
        return true;
    };
    let params = [("RoleName", name)];
    let asked = ministack.as_root(account, region, IAM, "GetRole", &params).await;
    !asked.is_err_and(|refusal| refusal.is("NoSuchEntity"))
}
