//! Whether a call that the sandbox serves itself is allowed: by who signed it, by IAM, and by the policy on a vault.

use super::Aws;
use super::authority::{Denied, Verdict};
use super::identity::Caller;
use super::permission::Permission;
use super::queue::Place;
use super::request::Call;
use super::rest::Exception;
use crate::clock;

impl Aws {
    /// # Errors
    /// The service's refusal.
    pub(crate) async fn permit(&self, call: &Call, caller: &Caller, place: &Place) -> Result<(), Exception> {
        caller.authenticate(call, clock::wall())?;
        let permission = Permission::of(call, place);
        self.check(caller, &permission.action, &permission.resource, &permission.context)
            .await?;
        if let Some(role) = &permission.passes {
            let passed_to = (
                "iam:PassedToService".to_owned(),
                format!("{}.amazonaws.com", call.service),
            );
            self.check(caller, "iam:PassRole", role, &[passed_to]).await?;
            self.check_trust(call, place, role).await?;
        }
        let Some(policy) = self.backup.policy_on(call, place) else {
            return Ok(());
        };
        let context = borrowed(&permission.context);
        // A copy is also taken out of its vault.
        let copied = call.operation == "StartCopyJob";
        let actions = [
            Some(permission.action.as_str()),
            copied.then_some("backup:CopyFromBackupVault"),
        ];
        for action in actions.into_iter().flatten() {
            let verdict = self
                .authority
                .verdict_of_resource(
                    self.ministack.as_ref(),
                    caller,
                    &policy,
                    action,
                    &permission.resource,
                    &context,
                )
                .await?;
            if verdict == Verdict::Deny {
                let because = "with an explicit deny in a resource-based policy";
                return Err(Denied::forbidden(&caller.principal, action, &permission.resource, because).into());
            }
        }
        Ok(())
    }

    /// AWS Backup tries a role when it gets it; Data Lifecycle Manager does not.
    async fn check_trust(&self, call: &Call, place: &Place, role: &str) -> Result<(), Exception> {
        let from = [("aws:SourceAccount", place.account.clone())];
        let may = call.service != "backup"
            || self
                .authority
                .may_assume(self.ministack.as_ref(), role, "backup.amazonaws.com", &from)
                .await?;
        if may {
            Ok(())
        } else {
            Err(Exception::invalid_parameter(format!(
                "IAM Role {role} cannot be assumed by AWS Backup"
            )))
        }
    }

    async fn check(
        &self,
        caller: &Caller,
        action: &str,
        resource: &str,
        context: &[(String, String)],
    ) -> Result<(), Denied> {
        self.authority
            .check(self.ministack.as_ref(), caller, action, resource, &borrowed(context))
            .await
    }
}

fn borrowed(context: &[(String, String)]) -> Vec<(&str, String)> {
    context
        .iter()
        .map(|(key, value)| (key.as_str(), value.clone()))
        .collect()
}

impl From<Denied> for Exception {
    fn from(denied: Denied) -> Self {
        Self::new(denied.status, denied.code, denied.message)
    }
}
