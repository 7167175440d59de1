//! Instances: what ministack says, corrected.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::ledger::{Ledger, Settings};
use super::{limits, page};

/// Fields that AWS leaves out where ministack sends an empty text.
const OFTEN_EMPTY: [&str; 8] = [
    "DBClusterIdentifier",
    "EnhancedMonitoringResourceArn",
    "KmsKeyId",
    "MonitoringRoleArn",
    "ReadReplicaSourceDBInstanceIdentifier",
    "ReplicaMode",
    "DBName",
    "AvailabilityZone",
];

pub(crate) async fn describe(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    let mut document = document(desk.forward(call).await?)?;
    let mut instances = document
        .find_mut("DBInstances")
        .map(|list| std::mem::take(&mut list.children))
        .unwrap_or_default();
    instances
        .iter_mut()
        .for_each(|instance| correct(instance, ledger, desk));
    instances.sort_by_cached_key(|instance| instance.text_of("DBInstanceIdentifier").map(str::to_owned));
    page::answer(call, "DBInstances", instances)
}

pub(crate) async fn create(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    limits::check_backup_settings(call)?;
    corrected(desk.forward(call).await?, ledger, desk)
}

/// The retention between two non-zero values changes at once, as at AWS; ministack would leave it pending.
pub(crate) async fn modify(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    limits::check_backup_settings(call)?;
    let id = call.param("DBInstanceIdentifier").unwrap_or_default();
    if ledger.status(id, desk.now).is_some() {
        return Err(Refusal::new(
            400,
            "InvalidDBInstanceState",
            format!("Database instance {id} is not in available state."),
        ));
    }
    let mut document = document(desk.forward(call).await?)?;
    let before = document
        .find("DBInstance")
        .map_or(0, |instance| Settings::of(instance).retention_days);
    let wanted = call.param("BackupRetentionPeriod").unwrap_or("0");
    if before > 0 && wanted != "0" && before.to_string() != wanted {
        let params = [
            ("DBInstanceIdentifier", id),
            ("BackupRetentionPeriod", wanted),
            ("ApplyImmediately", "true"),
        ];
        document = desk.root("ModifyDBInstance", &params).await?;
    }
    finish(document, ledger, desk)
}

/// The answer with its instance corrected.
pub(crate) fn corrected(answer: Answer, ledger: &Ledger, desk: &Desk<'_>) -> Result<Answer, Refusal> {
    finish(document(answer)?, ledger, desk)
}

/// The tree of a successful answer.
pub(crate) fn document(answer: Answer) -> Result<Element, Refusal> {
    answer
        .document()
        .ok_or_else(|| Refusal::unavailable("ministack answered with something else than XML"))
}

/// The tree as an answer, its instance corrected.
pub(crate) fn finish(mut document: Element, ledger: &Ledger, desk: &Desk<'_>) -> Result<Answer, Refusal> {
    if let Some(instance) = document.find_mut("DBInstance") {
        correct(instance, ledger, desk);
    }
    Ok(Answer::xml(200, document.to_string()))
}

fn correct(instance: &mut Element, ledger: &Ledger, desk: &Desk<'_>) {
    let id = instance.text_of("DBInstanceIdentifier").unwrap_or_default().to_owned();
    instance.remove("LatestRestorableTime");
    if let Some(restore) = ledger.restores.get(&id) {
        instance.set("InstanceCreateTime", &restore.since.to_string());
    }
    match ledger.status(&id, desk.now) {
        Some(status) => {
            instance.set("DBInstanceStatus", status);
            instance.remove("Endpoint");
        }
        None => {
            if let Some((_, latest)) = ledger.backups.get(&id).and_then(|backups| backups.restorable(desk.now)) {
                instance.set("LatestRestorableTime", &latest.to_string());
            }
        }
    }
    // ministack keeps a change as pending after it was made.
    let current = instance.clone();
    if let Some(pending) = instance.child_mut("PendingModifiedValues") {
        pending
            .children
            .retain(|change| current.text_of(&change.name) != Some(&change.text));
    }
    instance
        .children
        .retain(|field| !(OFTEN_EMPTY.contains(&field.name.as_str()) && field.text.is_empty()));
}
