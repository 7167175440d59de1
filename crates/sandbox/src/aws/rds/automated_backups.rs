//! Automated backups as things of their own: active, retained after a deletion, or replicated from another region.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::backups::Backups;
use super::desk::Desk;
use super::family::Family;
use super::ledger::Ledger;
use super::{limits, page, schedule};

/// Fields that a backup takes over from its instance or cluster.
const HANDED_DOWN: [&str; 23] = [
    "DBInstanceIdentifier",
    "DBInstanceArn",
    "DbiResourceId",
    "DBClusterIdentifier",
    "DBClusterArn",
    "DbClusterResourceId",
    "AllocatedStorage",
    "AvailabilityZone",
    "AvailabilityZones",
    "BackupRetentionPeriod",
    "BackupTarget",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "IAMDatabaseAuthenticationEnabled",
    "InstanceCreateTime",
    "ClusterCreateTime",
    "Iops",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "StorageType",
    "TagList",
];

impl Backups {
    /// Of the backups themselves, in the region where they are.
    pub(crate) fn arn(&self, region: &str) -> String {
        let resource = self.source.text_of(self.family.resource_id).unwrap_or_default();
        let suffix = resource
            .rsplit_once('-')
            .map_or(resource, |(_, suffix)| suffix)
            .to_lowercase();
        let arn = self.source.text_of(self.family.source_arn).unwrap_or_default();
        let account = arn.split(':').nth(4).unwrap_or_default();
        format!("arn:aws:rds:{region}:{account}:{}-{suffix}", self.family.backup_kind)
    }

    /// `DBInstanceAutomatedBackupsReplications`.
    pub(crate) fn replicas_shown(&self) -> Element {
        let mut list = Element::new("DBInstanceAutomatedBackupsReplications");
        list.children = self
            .replicas
            .iter()
            .map(|arn| Element::new("DBInstanceAutomatedBackupsReplication").with("DBInstanceAutomatedBackupsArn", arn))
            .collect();
        list
    }
}

pub(crate) async fn describe(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let all = ledger.backups.values().filter(|backups| backups.family == family);
    let mut shown: Vec<Element> = all.filter_map(|backups| shown(backups, ledger, desk)).collect();
    for field in [family.source_id, family.resource_id, family.backup_arn] {
        let Some(want) = call.param(field) else { continue };
        shown.retain(|backup| backup.text_of(field) == Some(want));
        if shown.is_empty() {
            return Err(missing(family, want));
        }
    }
    let filters = if family.is_cluster() {
        [
            ("status", "Status"),
            ("db-cluster-id", family.source_id),
            ("db-cluster-resource-id", family.resource_id),
        ]
    } else {
        [
            ("status", "Status"),
            ("db-instance-id", family.source_id),
            ("dbi-resource-id", family.resource_id),
        ]
    };
    let shown = page::filtered(call, &filters, shown)?;
    page::answer(call, &format!("{}s", family.backup), shown)
}

fn missing(family: &Family, name: &str) -> Refusal {
    let message = format!("{} for {name} not found.", family.backup);
    Refusal::new(404, family.backup_missing, message)
}

/// `None` before the first snapshot.
pub(crate) fn shown(backups: &Backups, ledger: &Ledger, desk: &Desk<'_>) -> Option<Element> {
    let (family, source) = (backups.family, &backups.source);
    let (earliest, latest) = ledger.restorable(backups, desk.now)?;
    let mut shown = Element::new(family.backup);
    shown.children = HANDED_DOWN
        .iter()
        .filter(|field| !(family.is_cluster() && **field == "AvailabilityZone"))
        .filter_map(|field| source.child(field).cloned())
        .collect();
    shown
        .children
        .retain(|field| !field.is_empty() || field.name == "TagList");
    let port = source.text_of("Port");
    let port = port.or_else(|| source.child("Endpoint")?.text_of("Port"));
    if let Some(port) = port {
        shown.set("Port", port);
    }
    if let Some(key) = &backups.key {
        shown.set("KmsKeyId", key);
    }
    if !family.is_cluster() && !backups.replicas.is_empty() {
        shown.put(backups.replicas_shown());
    }
    let region = source.text_of(family.source_arn)?.split(':').nth(3)?;
    let window = Element::new("RestoreWindow")
        .with("EarliestTime", &earliest.to_string())
        .with("LatestTime", &latest.to_string());
    shown.set("BackupRetentionPeriod", &backups.settings.retention_days.to_string());
    Some(
        shown
            .with(family.backup_arn, &backups.arn(desk.region))
            .with("Region", region)
            .with("Status", backups.status())
            .with(family.encrypted, source.text_of("StorageEncrypted").unwrap_or("false"))
            .with_child(window),
    )
}

/// The backups of a resource id or of an ARN of their own, whatever their state.
pub(crate) fn find<'a>(ledger: &'a Ledger, family: &'static Family, name: &str) -> Result<&'a Backups, Refusal> {
    let by_arn = || {
        let region = name.split(':').nth(3)?;
        ledger.backups.values().find(|backups| backups.arn(region) == name)
    };
    ledger
        .backups
        .get(name)
        .or_else(by_arn)
        .filter(|backups| backups.family == family)
        .ok_or_else(|| missing(family, name))
}

pub(crate) async fn delete(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let by_arn = call.param(family.backup_arn).filter(|_| !family.is_cluster());
    let name = match by_arn {
        Some(arn) => arn,
        None => limits::required(call, family.resource_id)?,
    };
    let backups = find(ledger, family, name)?.clone();
    if backups.status() != "retained" {
        let message = format!(
            "The automated backup {name} is {}; only a retained one can be deleted.",
            backups.status()
        );
        return Err(Refusal::new(400, family.backup_state, message));
    }
    let mut gone = shown(&backups, ledger, desk).ok_or_else(|| missing(family, name))?;
    gone.set("Status", "deleting");
    schedule::forget(ledger, &backups);
    Ok(Answer::result(&call.operation, vec![gone]))
}
