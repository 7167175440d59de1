//! Whether an account is linked safely.

use domain::account::{AwsAccount, RolePurpose};

use crate::error::Failure;
use crate::policy::SessionPolicy;
use crate::sessions::{Grant, Sessions};

const PURPOSES: [RolePurpose; 4] = [
    RolePurpose::Observe,
    RolePurpose::Configure,
    RolePurpose::Tune,
    RolePurpose::Restore,
];

/// Assumes each role with the ExternalId, and tries to without it and with another. The sessions may
/// do nothing.
pub(crate) async fn verify(sessions: &Sessions, account: &AwsAccount) -> Result<(), Failure> {
    for purpose in PURPOSES {
        let policy = SessionPolicy::nothing();
        sessions
            .open_anew(&Grant {
                account,
                purpose,
                source: "link-check",
                policy,
            })
            .await?;
        let role = account.roles.get(purpose);
        let other = format!("not-{}", account.external_id);
        for (given, words) in [
            (None, "without the ExternalId"),
            (Some(other.as_str()), "with any ExternalId"),
        ] {
            if sessions.can_be_assumed(account, role, given).await? {
                return Err(Failure::Refused {
                    reason: format!(
                        "The role {role} can be assumed {words}: another customer of ours could reach your \
                         account through us. Add the condition \"StringEquals\": {{\"sts:ExternalId\": \
                         \"{}\"}} to its trust policy.",
                        account.external_id
                    ),
                });
            }
        }
    }
    Ok(())
}
