//! Carrying out a step: the one call that it stands for.

use std::collections::BTreeMap;

use domain::account::AwsAccount;
use domain::plan::{Step, StepAction};
use domain::window::BackupWindow;
use mechanism::Authority;

use crate::error::Failure;
use crate::policy::SessionPolicy;
use crate::rds::restore::Origin;
use crate::rds::{listing, sdk_tags, source_name};
use crate::sessions::{Grant, Session, Sessions};

/// Carries out the step. Once more is harmless: tags and settings are set to the same values, and a
/// restore finds the instance that it made.
pub(crate) async fn apply(
    sessions: &Sessions,
    account: &AwsAccount,
    authority: &Authority,
    step: &Step,
) -> Result<(), Failure> {
    let doer = Doer {
        sessions,
        account,
        authority,
        step,
        name: source_name(account, step)?,
    };
    match &step.action {
        StepAction::Tag { tags } => doer.tag(tags).await,
        StepAction::SetAutomatedBackups {
            retention_before,
            retention_after,
            window_after,
            ..
        } => {
            doer.expect_retention(*retention_before, *retention_after).await?;
            doer.set_automated_backups(*retention_after, *window_after).await
        }
        StepAction::RestoreSnapshot { snapshot, target, tags } => {
            doer.restore(Origin::Snapshot(snapshot), target, tags).await
        }
        StepAction::RestorePointInTime { to, target, tags } => doer.restore(Origin::Moment(*to), target, tags).await,
    }
}

/// A step, and in whose name it is carried out.
pub(super) struct Doer<'a> {
    pub(super) sessions: &'a Sessions,
    pub(super) account: &'a AwsAccount,
    authority: &'a Authority,
    pub(super) step: &'a Step,
    /// Of the instance that is changed, or restored from.
    pub(super) name: &'a str,
}

impl Doer<'_> {
    /// A session under the step's role that may do just this.
    pub(super) async fn session(&self, policy: SessionPolicy) -> Result<Session, Failure> {
        let Self {
            account,
            authority,
            step,
            ..
        } = self;
        let purpose = step.action.role();
        self.sessions
            .open(&Grant {
                account,
                purpose,
                source: &authority.source,
                policy,
            })
            .await
    }

    async fn tag(&self, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        let policy = SessionPolicy::on_instance("rds:AddTagsToResource", &self.step.arn);
        let session = self.session(policy).await?;
        let call = session
            .rds
            .add_tags_to_resource()
            .resource_name(&self.step.arn)
            .set_tags(Some(sdk_tags(tags)));
        let what = format!("tagging the instance {}", self.name);
        session.answer(&what, call.send().await)?;
        Ok(())
    }

    /// The retention is the one that the plan shows, or was set before: whatever else it is by now, it is not
    /// overwritten, for nobody agreed to give that up.
    async fn expect_retention(&self, before: u16, after: u16) -> Result<(), Failure> {
        let reading = self.sessions.reading(self.account).await?;
        let Some(instance) = listing::instance(&reading, self.name).await? else {
            return Ok(());
        };
        let pending = instance
            .pending_modified_values()
            .and_then(|pending| pending.backup_retention_period());
        let live = pending.or(instance.backup_retention_period());
        if live.is_some_and(|live| [before, after].map(i32::from).contains(&live)) {
            return Ok(());
        }
        let live = live.map_or_else(|| "unknown".to_owned(), |days| days.to_string());
        Err(Failure::Refused {
            reason: format!(
                "The retention of {} in days is {live} by now, not as the plan shows ({before}). It was left as it is; ask again to have it planned anew.",
                self.name
            ),
        })
    }

    async fn set_automated_backups(&self, days: u16, window: Option<BackupWindow>) -> Result<(), Failure> {
        let policy = SessionPolicy::on_instance("rds:ModifyDBInstance", &self.step.arn);
        let session = self.session(policy).await?;
        let call = session
            .rds
            .modify_db_instance()
            .db_instance_identifier(self.name)
            .backup_retention_period(days.into())
            .set_preferred_backup_window(window.map(|window| window.to_string()))
            .apply_immediately(true);
        let what = format!("setting the automated backups of {}", self.name);
        session.answer(&what, call.send().await)?;
        Ok(())
    }
}
