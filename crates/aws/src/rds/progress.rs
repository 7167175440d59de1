//! Whether a step's effect is there.

use std::collections::BTreeMap;

use aws_sdk_rds::types::DbInstance;
use domain::account::AwsAccount;
use domain::plan::{Receipt, Step, StepAction};
use domain::window::BackupWindow;
use mechanism::Progress;

use crate::error::Failure;
use crate::rds::status::{Phase, phase};
use crate::rds::{is_ours, listing, source_name, tags_of};
use crate::sessions::Session;

/// Looks at the instance that the step changes or makes. `receipt` is given back when the effect is
/// there and complete.
pub(crate) async fn progress(
    reading: &Session,
    account: &AwsAccount,
    step: &Step,
    receipt: Receipt,
) -> Result<Progress, Failure> {
    let source = source_name(account, step)?;
    let name = match &step.action {
        StepAction::Tag { .. } | StepAction::SetAutomatedBackups { .. } => source,
        StepAction::RestoreSnapshot { target, .. } | StepAction::RestorePointInTime { target, .. } => target,
    };
    let instance = listing::instance(reading, name).await?;
    judge(&step.action, name, instance.as_ref(), receipt)
}

fn judge(
    action: &StepAction,
    name: &str,
    instance: Option<&DbInstance>,
    receipt: Receipt,
) -> Result<Progress, Failure> {
    match (action, instance) {
        (StepAction::Tag { tags }, Some(instance)) => Ok(tagged(instance, tags, receipt)),
        (
            StepAction::SetAutomatedBackups {
                retention_after,
                window_after,
                ..
            },
            Some(instance),
        ) => Ok(set(instance, *retention_after, *window_after, receipt)),
        (StepAction::RestoreSnapshot { tags, .. } | StepAction::RestorePointInTime { tags, .. }, Some(instance)) => {
            restored(instance, name, tags, receipt)
        }
        (StepAction::Tag { .. } | StepAction::SetAutomatedBackups { .. }, None) => Ok(Progress::Failed {
            reason: format!("The instance {name} does not exist any more."),
        }),
        (StepAction::RestoreSnapshot { .. } | StepAction::RestorePointInTime { .. }, None) => Ok(Progress::NotStarted),
    }
}

fn tagged(instance: &DbInstance, tags: &BTreeMap<String, String>, receipt: Receipt) -> Progress {
    let seen = tags_of(instance);
    if tags
        .iter()
        .all(|(key, value)| seen.get(key.as_str()) == Some(&value.as_str()))
    {
        Progress::Done(receipt)
    } else {
        Progress::NotStarted
    }
}

fn set(instance: &DbInstance, days: u16, window: Option<BackupWindow>, receipt: Receipt) -> Progress {
    let wanted = Some(i32::from(days));
    let pending = instance
        .pending_modified_values()
        .and_then(|pending| pending.backup_retention_period());
    let seen = instance
        .preferred_backup_window()
        .and_then(|window| window.parse().ok());
    let window_is_set = window.is_none() || window == seen;
    if pending.is_none() && instance.backup_retention_period() == wanted && window_is_set {
        return Progress::Done(receipt);
    }
    let modifying = instance.db_instance_status() == Some("modifying");
    if modifying || (pending == wanted && window_is_set) {
        return Progress::Running {
            detail: "modifying".to_owned(),
        };
    }
    Progress::NotStarted
}

fn restored(
    instance: &DbInstance,
    name: &str,
    tags: &BTreeMap<String, String>,
    receipt: Receipt,
) -> Result<Progress, Failure> {
    if !is_ours(instance, tags) {
        let reason = format!("An instance named {name} exists that this restore did not make.");
        return Ok(Progress::Failed { reason });
    }
    let status = instance.db_instance_status().unwrap_or_default();
    match phase(status) {
        Some(Phase::Available) => Ok(Progress::Done(receipt)),
        Some(Phase::Busy) => Ok(Progress::Running {
            detail: status.to_owned(),
        }),
        Some(Phase::Broken) => Ok(Progress::Failed {
            reason: format!("RDS reports the restored instance {name} as {status}."),
        }),
        None => Err(Failure::nonsense(format!(
            "reading {name}: its state `{status}` is not known"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::builders::DbInstanceBuilder;
    use aws_sdk_rds::types::{PendingModifiedValues, Tag};
    use domain::plan::IdempotencyKey;
    use jiff::Timestamp;

    use super::*;

    fn judged(action: &StepAction, instance: Option<DbInstanceBuilder>) -> &'static str {
        let receipt = Receipt {
            key: IdempotencyKey("plan/0".to_owned()),
            provider_ref: "arn".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        };
        match judge(action, "db", instance.map(DbInstanceBuilder::build).as_ref(), receipt) {
            Ok(Progress::Done(_)) => "done",
            Ok(Progress::Running { .. }) => "running",
            Ok(Progress::NotStarted) => "not started",
            Ok(Progress::Failed { .. }) => "failed",
            Err(_) => "unknown",
        }
    }

    fn instance(status: &str) -> DbInstanceBuilder {
        DbInstance::builder().db_instance_status(status)
    }

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn backups_are_set_when_retention_and_window_are_live_and_nothing_is_pending() {
        let action = StepAction::SetAutomatedBackups {
            retention_before: 7,
            retention_after: 35,
            window_before: None,
            window_after: Some("03:00-04:00".parse().unwrap()),
        };
        let live = |days, window| {
            instance("available")
                .backup_retention_period(days)
                .preferred_backup_window(window)
        };
        let pending = |days| PendingModifiedValues::builder().backup_retention_period(days).build();
        assert_eq!(judged(&action, Some(live(35, "03:00-04:00"))), "done");
        assert_eq!(judged(&action, Some(live(35, "05:00-06:00"))), "not started");
        assert_eq!(judged(&action, Some(live(7, "03:00-04:00"))), "not started");
        assert_eq!(
            judged(
                &action,
                Some(live(7, "03:00-04:00").pending_modified_values(pending(35)))
            ),
            "running"
        );
        assert_eq!(
            judged(
                &action,
                Some(live(35, "03:00-04:00").pending_modified_values(pending(7)))
            ),
            "not started"
        );
        assert_eq!(
            judged(&action, Some(live(7, "03:00-04:00").db_instance_status("modifying"))),
            "running"
        );
        assert_eq!(judged(&action, None), "failed");
    }

    #[test]
    fn a_restore_is_done_only_when_the_instance_is_ours_and_available() {
        let action = StepAction::RestoreSnapshot {
            snapshot: "s".to_owned(),
            target: "db".to_owned(),
            tags: tags(&[(crate::rds::RESTORE_TAG, "r1"), ("holdfast:restore", "true")]),
        };
        let ours = |status| instance(status).tag_list(tag(crate::rds::RESTORE_TAG, "r1"));
        let other = instance("available").tag_list(tag(crate::rds::RESTORE_TAG, "r2"));
        assert_eq!(judged(&action, None), "not started");
        assert_eq!(judged(&action, Some(ours("creating"))), "running");
        assert_eq!(judged(&action, Some(ours("available"))), "done");
        assert_eq!(judged(&action, Some(ours("incompatible-restore"))), "failed");
        assert_eq!(judged(&action, Some(ours("levitating"))), "unknown");
        assert_eq!(judged(&action, Some(other)), "failed");
        assert_eq!(judged(&action, Some(instance("available"))), "failed");
    }

    #[test]
    fn tags_are_set_when_each_has_its_value() {
        let action = StepAction::Tag {
            tags: tags(&[("a", "1"), ("b", "2")]),
        };
        let tagged = |a| {
            instance("available")
                .tag_list(tag("a", a))
                .tag_list(tag("b", "2"))
                .tag_list(tag("c", "3"))
        };
        assert_eq!(judged(&action, Some(tagged("1"))), "done");
        assert_eq!(judged(&action, Some(tagged("9"))), "not started");
        assert_eq!(judged(&action, Some(instance("available"))), "not started");
        assert_eq!(judged(&action, None), "failed");
    }
}
