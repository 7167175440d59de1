//! `DescribeDBInstanceAutomatedBackups`, which ministack lacks.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::ledger::Ledger;
use super::page;

/// Fields that a backup takes over from its instance.
const OF_THE_INSTANCE: [&str; 16] = [
    "DBInstanceIdentifier",
    "DBInstanceArn",
    "DbiResourceId",
    "AllocatedStorage",
    "AvailabilityZone",
    "BackupRetentionPeriod",
    "BackupTarget",
    "Engine",
    "EngineVersion",
    "IAMDatabaseAuthenticationEnabled",
    "InstanceCreateTime",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "StorageType",
    "TagList",
];

pub(crate) async fn describe(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let instances = desk.instances().await?;
    let asked = |instance: &&Element| {
        ["DBInstanceIdentifier", "DbiResourceId"].iter().all(|field| {
            call.param(field)
                .is_none_or(|want| instance.text_of(field) == Some(want))
        })
    };
    let backups: Vec<Element> = instances
        .iter()
        .filter(asked)
        .filter_map(|instance| backup(instance, ledger, desk))
        .collect();
    if let (Some(id), true) = (call.param("DBInstanceIdentifier"), backups.is_empty()) {
        return Err(Refusal::new(
            404,
            "DBInstanceAutomatedBackupNotFound",
            format!("DBInstanceAutomatedBackup for {id} not found."),
        ));
    }
    page::answer(call, "DBInstanceAutomatedBackups", backups)
}

/// `None` for an instance that is not backed up.
fn backup(instance: &Element, ledger: &Ledger, desk: &Desk<'_>) -> Option<Element> {
    let (earliest, latest) = ledger
        .backups
        .get(instance.text_of("DBInstanceIdentifier")?)?
        .restorable(desk.now)?;
    let resource = instance
        .text_of("DbiResourceId")?
        .trim_start_matches("db-")
        .to_lowercase();
    let window = Element::new("RestoreWindow")
        .with("EarliestTime", &earliest.to_string())
        .with("LatestTime", &latest.to_string());
    let mut backup = Element::new("DBInstanceAutomatedBackup");
    backup.children = OF_THE_INSTANCE
        .iter()
        .filter_map(|field| instance.child(field).cloned())
        .collect();
    let encrypted = instance.text_of("StorageEncrypted").unwrap_or("false");
    let arn = format!("arn:aws:rds:{}:{}:auto-backup:ab-{resource}", desk.region, desk.account);
    Some(
        backup
            .with("DBInstanceAutomatedBackupsArn", &arn)
            .with("Region", desk.region)
            .with("Status", "active")
            .with("Encrypted", encrypted)
            .with_child(window),
    )
}
