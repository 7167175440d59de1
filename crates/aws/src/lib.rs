//! Backups in customers' AWS accounts: sessions across accounts, and one module per mechanism.
//!
//! Holdfast keeps no credentials of a customer. For each operation it assumes one of the four roles
//! that the customer installed (`deploy/customer/aws`), with the ExternalId of the link, for 15
//! minutes, narrowed by a session policy to the operation and the resource.
//!
//! No type of the SDK leaves this crate, and no answer that makes no sense is taken for a success.

mod error;
mod link;
mod policy;
mod rds;
mod sessions;
mod whole_answer;

use std::sync::Arc;

use domain::account::AwsAccount;
use domain::clock::Clock;
use domain::observation::{BackupScope, Observed};
use domain::plan::{IdempotencyKey, Receipt, Step};
use mechanism::{ApplyError, Authority, Mechanism, ObserveError, Progress};

pub use sessions::{AccessKey, AwsSettings};

use sessions::Sessions;

/// Native backups of AWS: for now RDS instances' automated backups, and restores from them.
pub struct AwsMechanism {
    sessions: Sessions,
    clock: Arc<dyn Clock>,
}

impl AwsMechanism {
    /// Reads the SDK's configuration. Calls nobody: a wrong principal shows with the first operation.
    pub async fn connect(settings: AwsSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            sessions: Sessions::new(settings).await,
            clock,
        }
    }

    fn receipt(&self, account: &AwsAccount, step: &Step, key: &IdempotencyKey) -> Receipt {
        let provider_ref = rds::effect_arn(account, step);
        Receipt {
            key: key.clone(),
            provider_ref,
            at: self.clock.now(),
        }
    }
}

#[async_trait::async_trait]
impl Mechanism for AwsMechanism {
    async fn verify_link(&self, account: &AwsAccount) -> Result<(), ObserveError> {
        Ok(link::verify(&self.sessions, account).await?)
    }

    async fn observe(&self, scope: &BackupScope) -> Result<Observed, ObserveError> {
        let at = self.clock.now();
        let session = self.sessions.reading(&scope.account).await?;
        Ok(rds::observe(&session, scope, at).await?)
    }

    async fn apply(
        &self,
        account: &AwsAccount,
        authority: &Authority,
        step: &Step,
        key: &IdempotencyKey,
    ) -> Result<Receipt, ApplyError> {
        if authority.tenant != account.tenant {
            let reason = format!("The account {} belongs to another customer.", account.account);
            return Err(ApplyError::Rejected { reason });
        }
        rds::apply(&self.sessions, account, authority, step).await?;
        Ok(self.receipt(account, step, key))
    }

    async fn progress(
        &self,
        account: &AwsAccount,
        step: &Step,
        key: &IdempotencyKey,
    ) -> Result<Progress, ObserveError> {
        let session = self.sessions.reading(account).await?;
        Ok(rds::progress(&session, account, step, self.receipt(account, step, key)).await?)
    }
}
