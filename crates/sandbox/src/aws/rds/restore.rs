//! Restores: accepted at once, `creating` for a while, with the source's settings and the call's tags.

use jiff::Timestamp;

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::desk::Desk;
use super::events::Subject;
use super::family::{Family, INSTANCE};
use super::ledger::{Ledger, Made};
use super::snapshot::Snapshot;
use super::sources::{finish, settle_window, tell_created};
use super::{automated_backups, kms, limits};

/// Parameters that say what is restored, which a creation does not have.
const OF_A_RESTORE: [&str; 15] = [
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "DBSnapshotIdentifier",
    "SnapshotIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDbiResourceId",
    "SourceDbClusterResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
    "TargetDBInstanceIdentifier",
    "RestoreTime",
    "RestoreToTime",
    "RestoreType",
    "UseLatestRestorableTime",
    "Engine",
];

/// Parameters of a creation that are taken from the field of the same name where the call does not give them.
const INHERITED: [&str; 14] = [
    "DBInstanceClass",
    "Engine",
    "EngineVersion",
    "EngineMode",
    "AllocatedStorage",
    "MasterUsername",
    "DBName",
    "DatabaseName",
    "Port",
    "StorageType",
    "Iops",
    "StorageEncrypted",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
];

pub(crate) async fn from_snapshot(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let param = if family.is_cluster() {
        desk.authorise(call).await?;
        "SnapshotIdentifier"
    } else {
        authorise_instance(desk, call).await?;
        "DBSnapshotIdentifier"
    };
    let target = limits::required(call, family.source_id)?;
    let name = limits::required(call, param)?;
    let snapshot = found(desk, ledger, family, name)?;
    if snapshot.status(desk.now) != "available" {
        let message = format!("The snapshot {name} is not in the available state.");
        return Err(Refusal::new(400, family.snapshot_state, message));
    }
    if let Some(engine) = call.param("Engine")
        && Some(engine) != snapshot.fields.text_of("Engine")
    {
        return Err(Refusal::invalid(format!(
            "The engine {engine} is not compatible with the engine of the snapshot {name}."
        )));
    }
    let mut source = snapshot.source.clone();
    // A copy may have another key.
    if snapshot.is_encrypted() {
        source.set("StorageEncrypted", "true");
        source.set("KmsKeyId", snapshot.key().unwrap_or_default());
    }
    let (document, made) = make(desk, ledger, call, family, &source, target).await?;
    if !family.is_cluster() && !made.fails {
        let sort = (Some("RDS-EVENT-0043"), "restoration");
        let message = format!("Restored from snapshot {}", snapshot.id());
        ledger
            .events
            .add(made.ready_at, Subject::snapshot(&snapshot), sort, message);
    }
    Ok(finish(document, ledger, desk, family))
}

/// ministack knows the action: where it knows the snapshot too, it restores a stub, which makes place for the real one.
async fn authorise_instance(desk: &Desk<'_>, call: &Call) -> Result<(), Refusal> {
    let answer = desk.ministack.forward(call).await?;
    if !answer.status.is_success() {
        return match answer.error_code().as_deref() {
            Some("DBSnapshotNotFound") => Ok(()),
            _ => Err(answer.into()),
        };
    }
    let stub = call.param(INSTANCE.source_id).unwrap_or_default();
    let params = [(INSTANCE.source_id, stub), ("SkipFinalSnapshot", "true")];
    desk.root("DeleteDBInstance", &params).await?;
    Ok(())
}

/// A snapshot of this region, own or shared.
fn found(desk: &Desk<'_>, ledger: &Ledger, family: &'static Family, name: &str) -> Result<Snapshot, Refusal> {
    let own = ledger.snapshot(family, name, desk.here());
    let shared = || {
        Arn::parse(name).filter(|arn| arn.region == desk.region)?;
        desk.abroad.snapshot(family, name)
    };
    own.or_else(shared)
        .cloned()
        .ok_or_else(|| limits::no_snapshot(family, name))
}

/// ministack has no such action: it authorises the call on both instances, or on the new cluster.
pub(crate) async fn to_point_in_time(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let (named, target, time) = if family.is_cluster() {
        ("SourceDBClusterIdentifier", "DBClusterIdentifier", "RestoreToTime")
    } else {
        (
            "SourceDBInstanceIdentifier",
            "TargetDBInstanceIdentifier",
            "RestoreTime",
        )
    };
    let target = limits::required(call, target)?;
    if family.is_cluster() {
        desk.authorise(call).await?;
    } else {
        for instance in call.param(named).into_iter().chain([target]) {
            desk.authorise(&desk.on_instance(call, instance)).await?;
        }
    }
    let (source, window) = origin(desk, ledger, call, family, named)?;
    let id = source.text_of(family.source_id).unwrap_or_default();
    let Some(window) = window else {
        let message = format!("Automated backups are not enabled for {} {id}.", family.source);
        return Err(Refusal::new(400, "PointInTimeRestoreNotEnabled", message));
    };
    check_type(call, time)?;
    check_time(call, time, window)?;
    let (document, made) = make(desk, ledger, call, family, &source, target).await?;
    if let Some(restored) = document.find(family.source)
        && !family.is_cluster()
        && !made.fails
    {
        let sort = (Some("RDS-EVENT-0019"), "restoration");
        let message = format!("Restored from DB instance {id} to {target}");
        let subject = Subject::source(family, restored);
        ledger.events.add(made.ready_at, subject, sort, message);
    }
    Ok(finish(document, ledger, desk, family))
}

/// First and last moment that can be restored.
type Window = Option<(Timestamp, Timestamp)>;

/// What is restored, by its name, by its resource id or by its automated backups, and to when it can be.
fn origin(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
    named: &str,
) -> Result<(Element, Window), Refusal> {
    let resource = if family.is_cluster() {
        "SourceDbClusterResourceId"
    } else {
        "SourceDbiResourceId"
    };
    let params = [named, resource, "SourceDBInstanceAutomatedBackupsArn"];
    let given: Vec<(&str, &str)> = params
        .iter()
        .filter_map(|param| Some((*param, call.param(param)?)))
        .collect();
    let [(param, name)] = given[..] else {
        return Err(limits::combination(format!(
            "Exactly one of {} must be specified.",
            params.join(", ")
        )));
    };
    if param != named {
        let backups = automated_backups::find(ledger, family, name)?;
        return Ok((backups.source.clone(), ledger.restorable(backups, desk.now)));
    }
    let id = Arn::id_in(name);
    let source = match ledger.source(family, id) {
        Some(source) if ledger.status(family, id, desk.now).is_none() => source,
        _ => ledger.available(family, id, desk.now)?,
    };
    let backups = ledger.backups_of(family, id);
    let window = backups.and_then(|backups| ledger.restorable(backups, desk.now));
    Ok((source.clone(), window))
}

/// A clone of a cluster is always of now.
fn check_type(call: &Call, time: &str) -> Result<(), Refusal> {
    match call.param("RestoreType") {
        None | Some("full-copy") => Ok(()),
        Some("copy-on-write") if call.param(time).is_none() => Ok(()),
        Some("copy-on-write") => Err(limits::combination(format!(
            "{time} can't be specified if the RestoreType parameter is copy-on-write."
        ))),
        Some(other) => Err(Refusal::invalid(format!("Invalid restore type: {other}"))),
    }
}

/// The asked-for time must lie in the window.
fn check_time(call: &Call, param: &str, (earliest, latest): (Timestamp, Timestamp)) -> Result<(), Refusal> {
    let given = limits::moment(call, param)?;
    let time = match (given, call.flag("UseLatestRestorableTime")) {
        (Some(_), true) => {
            return Err(limits::combination(format!(
                "{param} and UseLatestRestorableTime cannot both be specified."
            )));
        }
        (None, false) => {
            return Err(limits::combination(format!(
                "Either {param} or UseLatestRestorableTime must be specified."
            )));
        }
        (None, true) => latest,
        (Some(time), false) => time,
    };
    let side = match time {
        time if time < earliest => format!("earlier than {earliest}"),
        time if time > latest => format!("later than {latest}"),
        _ => return Ok(()),
    };
    Err(Refusal::invalid(format!(
        "The specified instance cannot be restored to a time {side}."
    )))
}

/// Creates what is restored as the root, out of what the source was and what the call asks for.
async fn make(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
    source: &Element,
    target: &str,
) -> Result<(Element, Made), Refusal> {
    limits::check_identifier(family.source_id, target, 63)?;
    limits::check_backup_settings(call, family, None)?;
    let mut source = source.clone();
    if let Some(key) = call.param("KmsKeyId") {
        if !kms::usable_in(key, desk.region) {
            return Err(limits::key_not_accessible(key));
        }
        source.set("StorageEncrypted", "true");
    }
    let mut params = vec![(family.source_id, target)];
    let asked = call
        .form
        .iter()
        .filter(|(name, _)| !OF_A_RESTORE.contains(&name.as_str()));
    params.extend(asked.map(|(name, value)| (name.as_str(), value.as_str())));
    let port = source.child("Endpoint").and_then(|endpoint| endpoint.text_of("Port"));
    let network = source
        .child("DBSubnetGroup")
        .and_then(|group| group.text_of("DBSubnetGroupName"));
    let key = source
        .text_of("KmsKeyId")
        .filter(|_| source.is_true("StorageEncrypted"));
    let nested = [("Port", port), ("DBSubnetGroupName", network), ("KmsKeyId", key)];
    let inherited = INHERITED.iter().map(|field| (*field, source.text_of(field)));
    for (param, value) in inherited.chain(nested) {
        if let Some(value) = value.filter(|_| call.param(param).is_none()) {
            params.push((param, value));
        }
    }
    let mut document = desk.root(&format!("Create{}", family.source), &params).await?;
    document.name = format!("{}Response", call.operation);
    if let Some(result) = document.children.first_mut() {
        result.name = format!("{}Result", call.operation);
    }
    let window = params.iter().find(|(param, _)| *param == "PreferredBackupWindow");
    let window = window.map(|(_, window)| *window);
    settle_window(desk, &mut document, family, target, window).await?;
    let made = Made {
        since: desk.now,
        ready_at: desk.now + desk.takes,
        fails: desk.failure.is_some(),
    };
    ledger.made.insert((family, target.to_owned()), made);
    if let Some(restored) = document.find(family.source) {
        if made.fails {
            let sort = (Some("RDS-EVENT-0031"), "failure");
            let reason = desk.failure.as_deref().unwrap_or_default();
            let message = format!("DB instance put into incompatible-restore state. {reason}");
            ledger
                .events
                .add(made.ready_at, Subject::source(family, restored), sort, message);
        } else {
            tell_created(ledger, restored, family, made);
        }
    }
    Ok((document, made))
}
