//! Automated snapshots: taken, kept and deleted on the virtual clock, backed by real snapshots in ministack.

use jiff::Timestamp;

use super::super::answer::Refusal;
use super::desk::Desk;
use super::ledger::{Ledger, Settings};

/// Does everything that is due at the desk's time.
pub(crate) async fn catch_up(desk: &Desk<'_>, ledger: &mut Ledger) -> Result<(), Refusal> {
    let instances = desk.instances().await?;
    let settings: Vec<(String, Settings)> = instances
        .iter()
        // A cluster's backups belong to the cluster.
        .filter(|instance| instance.text_of("DBClusterIdentifier").is_none())
        .filter_map(|instance| {
            Some((
                instance.text_of("DBInstanceIdentifier")?.to_owned(),
                Settings::of(instance),
            ))
        })
        .collect();
    ledger
        .restores
        .retain(|restored, _| settings.iter().any(|(instance, _)| instance == restored));
    forget(desk, ledger, &settings).await?;
    for (instance, settings) in &settings {
        if settings.retention_days > 0 && ledger.status(instance, desk.now).is_none() {
            back_up(desk, ledger, instance, *settings).await?;
        }
    }
    Ok(())
}

/// Deletes the automated snapshots of instances that are gone or no longer backed up.
async fn forget(desk: &Desk<'_>, ledger: &mut Ledger, settings: &[(String, Settings)]) -> Result<(), Refusal> {
    let backed_up = |name: &String| {
        settings
            .iter()
            .any(|(instance, settings)| instance == name && settings.retention_days > 0)
    };
    let ended: Vec<String> = ledger
        .backups
        .keys()
        .filter(|instance| !backed_up(instance))
        .cloned()
        .collect();
    for instance in ended {
        for snapshot in ledger.backups[&instance].taken.keys() {
            delete(desk, snapshot).await?;
        }
        ledger.backups.remove(&instance);
    }
    Ok(())
}

async fn back_up(desk: &Desk<'_>, ledger: &mut Ledger, instance: &str, settings: Settings) -> Result<(), Refusal> {
    let backups = ledger.backups.entry(instance.to_owned()).or_default();
    for snapshot in backups.expired(settings, desk.now) {
        delete(desk, &snapshot).await?;
        backups.taken.remove(&snapshot);
    }
    for at in backups.due(settings, desk.now) {
        let snapshot = name(instance, at);
        let params = [
            ("DBSnapshotIdentifier", snapshot.as_str()),
            ("DBInstanceIdentifier", instance),
        ];
        desk.root_unless("DBSnapshotAlreadyExists", "CreateDBSnapshot", &params)
            .await?;
        backups.taken.insert(snapshot, at);
        backups.checked = Some(at);
    }
    Ok(())
}

async fn delete(desk: &Desk<'_>, snapshot: &str) -> Result<(), Refusal> {
    desk.root_unless(
        "DBSnapshotNotFound",
        "DeleteDBSnapshot",
        &[("DBSnapshotIdentifier", snapshot)],
    )
    .await
}

/// As AWS names them.
fn name(instance: &str, at: Timestamp) -> String {
    format!("rds:{instance}-{}", at.strftime("%Y-%m-%d-%H-%M"))
}
