//! Instances and clusters: what ministack says, corrected.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::backups::Settings;
use super::desk::Desk;
use super::events::Subject;
use super::family::Family;
use super::ledger::{Ledger, Made};
use super::{limits, page};

/// Fields that AWS leaves out where ministack sends an empty text.
const OFTEN_EMPTY: [&str; 10] = [
    "DBClusterIdentifier",
    "DBClusterParameterGroup",
    "DBSubnetGroupArn",
    "DBSubnetGroupDescription",
    "EnhancedMonitoringResourceArn",
    "MonitoringRoleArn",
    "ReadReplicaSourceDBInstanceIdentifier",
    "ReplicaMode",
    "DBName",
    "AvailabilityZone",
];

pub(crate) async fn describe(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let list = family.sources();
    let mut document = document(desk.forward(call).await?)?;
    let listed = document.find_mut(&list).map(|list| std::mem::take(&mut list.children));
    // ministack's filters know neither ARNs nor every name.
    let mut sources = if call.listed("Filters.").is_empty() {
        listed.unwrap_or_default()
    } else {
        desk.sources(family).await?
    };
    if let Some(id) = call.param(family.source_id).map(Arn::id_in) {
        sources.retain(|source| {
            [family.source_id, family.resource_id]
                .map(|field| source.text_of(field))
                .contains(&Some(id))
        });
    }
    for source in &mut sources {
        correct(source, ledger, desk, family);
    }
    sources = page::filtered(call, filters(family), sources)?;
    sources.sort_by_cached_key(|source| source.text_of(family.source_id).map(str::to_owned));
    page::answer(call, &list, sources)
}

fn filters(family: &Family) -> &'static [(&'static str, &'static str)] {
    if family.is_cluster() {
        &[
            ("db-cluster-id", "DBClusterIdentifier"),
            ("db-cluster-resource-id", "DbClusterResourceId"),
            ("engine", "Engine"),
        ]
    } else {
        &[
            ("db-cluster-id", "DBClusterIdentifier"),
            ("db-instance-id", "DBInstanceIdentifier"),
            ("dbi-resource-id", "DbiResourceId"),
            ("engine", "Engine"),
        ]
    }
}

pub(crate) async fn create(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let id = limits::required(call, family.source_id)?;
    limits::check_identifier(family.source_id, id, 63)?;
    check_membership(call, call.param("DBClusterIdentifier").is_some(), family)?;
    limits::check_backup_settings(call, family, None)?;
    let mut document = document(desk.forward(call).await?)?;
    settle_window(desk, &mut document, family, id, call.param("PreferredBackupWindow")).await?;
    let made = Made {
        since: desk.now,
        ready_at: desk.now,
        fails: false,
    };
    ledger.made.insert((family, id.to_owned()), made);
    if let Some(source) = document.find(family.source) {
        tell_created(ledger, source, family, made);
    }
    Ok(finish(document, ledger, desk, family))
}

pub(crate) fn tell_created(ledger: &mut Ledger, source: &Element, family: &'static Family, made: Made) {
    let (number, message) = if family.is_cluster() {
        ("RDS-EVENT-0170", "DB cluster created")
    } else {
        ("RDS-EVENT-0005", "DB instance created")
    };
    let sort = (Some(number), "creation");
    ledger
        .events
        .add(made.ready_at, Subject::source(family, source), sort, message);
}

/// ministack forgets the backup window of an instance that it creates.
pub(crate) async fn settle_window(
    desk: &Desk<'_>,
    document: &mut Element,
    family: &Family,
    id: &str,
    wanted: Option<&str>,
) -> Result<(), Refusal> {
    const FIELD: &str = "PreferredBackupWindow";
    let (Some(source), Some(wanted)) = (document.find_mut(family.source), wanted) else {
        return Ok(());
    };
    if source.text_of(FIELD) != Some(wanted) {
        let params = [(family.source_id, id), (FIELD, wanted), ("ApplyImmediately", "true")];
        desk.root(&format!("Modify{}", family.source), &params).await?;
        source.set(FIELD, wanted);
    }
    Ok(())
}

/// The retention between two non-zero values changes at once, as at AWS; ministack would leave it pending.
pub(crate) async fn modify(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let id = limits::required(call, family.source_id)?;
    let current = ledger.source(family, id);
    let member = current.is_some_and(|current| current.text_of("DBClusterIdentifier").is_some());
    check_membership(call, member, family)?;
    limits::check_backup_settings(call, family, current)?;
    if current.is_some() {
        ledger.available(family, id, desk.now)?;
    }
    let mut document = document(desk.forward(call).await?)?;
    let before = document
        .find(family.source)
        .map_or(0, |source| Settings::of(source).retention_days);
    let wanted = call.param("BackupRetentionPeriod").unwrap_or("0");
    if before > 0 && wanted != "0" && before.to_string() != wanted {
        let params = [
            (family.source_id, id),
            ("BackupRetentionPeriod", wanted),
            ("ApplyImmediately", "true"),
        ];
        document = desk.root(&call.operation, &params).await?;
    }
    Ok(finish(document, ledger, desk, family))
}

/// The backups of an instance in a cluster are the cluster's.
fn check_membership(call: &Call, member: bool, family: &Family) -> Result<(), Refusal> {
    if family.is_cluster() || !member {
        return Ok(());
    }
    for (param, setting) in [
        ("BackupRetentionPeriod", "backup retention period"),
        ("PreferredBackupWindow", "backup window"),
    ] {
        if call.param(param).is_some() {
            return Err(limits::combination(format!(
                "The requested DB Instance will be a member of a DB Cluster. Set {setting} for the DB Cluster."
            )));
        }
    }
    Ok(())
}

/// The tree of a successful answer.
pub(crate) fn document(answer: Answer) -> Result<Element, Refusal> {
    answer
        .document()
        .ok_or_else(|| Refusal::unavailable("ministack answered with something else than XML"))
}

/// The tree as an answer, its instance or cluster corrected.
pub(crate) fn finish(mut document: Element, ledger: &Ledger, desk: &Desk<'_>, family: &'static Family) -> Answer {
    if let Some(source) = document.find_mut(family.source) {
        correct(source, ledger, desk, family);
    }
    Answer::xml(200, document.to_string())
}

fn correct(source: &mut Element, ledger: &Ledger, desk: &Desk<'_>, family: &'static Family) {
    let id = source.text_of(family.source_id).unwrap_or_default().to_owned();
    desk.set_key(source);
    source.remove("EarliestRestorableTime");
    source.remove("LatestRestorableTime");
    if let Some(made) = ledger.made(family, &id) {
        source.set(family.source_created, &made.since.to_string());
    }
    let backups = ledger.backups_of(family, &id);
    match ledger.status(family, &id, desk.now) {
        Some(status) => {
            source.set(family.source_status, status);
            source.remove("Endpoint");
            source.remove("ReaderEndpoint");
        }
        None => {
            let window = backups.and_then(|backups| ledger.restorable(backups, desk.now));
            if let Some((earliest, latest)) = window {
                source.set("LatestRestorableTime", &latest.to_string());
                if family.is_cluster() {
                    source.set("EarliestRestorableTime", &earliest.to_string());
                }
            }
        }
    }
    if let Some(backups) = backups.filter(|backups| !backups.replicas.is_empty()) {
        source.put(backups.replicas_shown());
    }
    // ministack keeps a change as pending after it was made.
    let current = source.clone();
    if let Some(pending) = source.child_mut("PendingModifiedValues") {
        pending
            .children
            .retain(|change| current.text_of(&change.name) != Some(&change.text));
    }
    drop_empty(source);
}

/// Leaves out what ministack sends as an empty text, at any depth.
fn drop_empty(element: &mut Element) {
    element
        .children
        .retain(|field| !(OFTEN_EMPTY.contains(&field.name.as_str()) && field.is_empty()));
    element.children.iter_mut().for_each(drop_empty);
}
