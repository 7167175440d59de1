//! Snapshots of instances and clusters: kept here, because ministack calls all manual and can neither copy nor share them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::desk::Desk;
use super::events::Subject;
use super::family::Family;
use super::ledger::Ledger;
use super::snapshot::Snapshot;
use super::{limits, page, tags};
use crate::clock;

/// Longest identifier of a snapshot.
pub(crate) const LONGEST: usize = 255;

const KINDS: [&str; 5] = ["automated", "manual", "shared", "public", "awsbackup"];

pub(crate) async fn describe(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise_where(call, family.snapshot_missing).await?;
    let kind = call.param("SnapshotType");
    if let Some(kind) = kind.filter(|kind| !KINDS.contains(kind)) {
        return Err(Refusal::invalid(format!("Invalid value {kind} for SnapshotType.")));
    }
    let named = call.param(family.snapshot_id);
    let own = ledger.snapshots.values().filter(|snapshot| snapshot.family == family);
    let mut shown: Vec<Element> = own
        .map(|snapshot| snapshot.shown(desk.now))
        .filter(|shown| kind.is_none_or(|kind| shown.text_of("SnapshotType") == Some(kind)))
        .collect();
    let abroad = desk
        .abroad
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.family == family);
    shown.extend(abroad.filter_map(|snapshot| {
        let how = snapshot.seen_by(desk.account)?;
        let include = match how {
            "shared" => "IncludeShared",
            _ => "IncludePublic",
        };
        let asked = kind == Some(how) || kind.is_none() && (call.flag(include) || named == Some(snapshot.arn()));
        asked.then(|| snapshot.shown_abroad(how, desk.now))
    }));
    if let Some(name) = named {
        let id = own_id(name, desk, family).to_ascii_lowercase();
        shown.retain(|shown| [Some(name), Some(id.as_str())].contains(&shown.text_of(family.snapshot_id)));
        if shown.is_empty() && ledger.snapshot(family, name, desk.here()).is_none() {
            return Err(limits::no_snapshot(family, name));
        }
    }
    for field in [family.source_id, family.resource_id] {
        if let Some(want) = call.param(field) {
            let want = Arn::id_in(want);
            shown.retain(|shown| shown.text_of(field) == Some(want));
        }
    }
    let (source, snapshot) = if family.is_cluster() {
        ("db-cluster-id", "db-cluster-snapshot-id")
    } else {
        ("db-instance-id", "db-snapshot-id")
    };
    let filters = [
        (source, family.source_id),
        (snapshot, family.snapshot_id),
        ("dbi-resource-id", family.resource_id),
        ("db-cluster-resource-id", family.resource_id),
        ("snapshot-type", "SnapshotType"),
        ("engine", "Engine"),
    ];
    let mut shown = page::filtered(call, &filters, shown)?;
    shown.sort_by_cached_key(|shown| shown.text_of(family.snapshot_id).map(str::to_owned));
    page::answer(call, &family.snapshots(), shown)
}

/// The identifier in a name that may be this account's and region's ARN.
fn own_id<'a>(name: &'a str, desk: &Desk<'_>, family: &Family) -> &'a str {
    match Arn::parse(name) {
        Some(arn) if (arn.region, arn.account) == desk.here() && arn.kind == family.snapshot_kind => arn.id,
        _ => name,
    }
}

pub(crate) async fn create(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.forward(call).await?;
    let name = limits::required(call, family.snapshot_id)?;
    // ministack's own is of no use beside ours.
    desk.root(&format!("Delete{}", family.snapshot), &[(family.snapshot_id, name)])
        .await?;
    let source = Arn::id_in(limits::required(call, family.source_id)?);
    let mut snapshot = manual(desk, ledger, call, family, (family.snapshot_id, name), source)?;
    if desk.failure.is_some() {
        snapshot.fails = true;
        snapshot.ends = desk.now + desk.takes;
    }
    ledger.events.add_snapshot(&snapshot, desk.failure.as_deref());
    let mut shown = snapshot.shown(desk.now);
    shown.set("Status", "creating");
    shown.set("PercentProgress", "0");
    ledger.keep(snapshot);
    Ok(Answer::result(&call.operation, vec![shown]))
}

/// A manual snapshot of a source that is available, with the call's tags; not kept yet.
pub(crate) fn manual(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
    (param, name): (&str, &str),
    source: &str,
) -> Result<Snapshot, Refusal> {
    let id = new_id(ledger, family, param, name)?;
    let source = ledger.available(family, source, desk.now)?;
    if source.text_of("DBClusterIdentifier").is_some() && !family.is_cluster() {
        return Err(Refusal::invalid(
            "The specified instance is a member of a cluster and a snapshot cannot be created directly. \
             Please use the CreateDBClusterSnapshot API instead.",
        ));
    }
    let mut snapshot = Snapshot::of(family, source, &id, "manual", desk.here(), desk.now);
    if let Some(list) = snapshot.fields.child_mut("TagList") {
        tags::merge(list, tags::given(call));
    }
    Ok(snapshot)
}

/// The identifier that a new manual snapshot gets, in lower case as AWS stores it.
pub(crate) fn new_id(ledger: &Ledger, family: &'static Family, param: &str, name: &str) -> Result<String, Refusal> {
    limits::check_identifier(param, name, LONGEST)?;
    let id = name.to_ascii_lowercase();
    if ledger.snapshots.contains_key(&(family, id.clone())) {
        let message = format!("Cannot create the snapshot because a snapshot with the identifier {id} already exists.");
        return Err(Refusal::new(400, family.snapshot_exists, message));
    }
    let manual = ledger
        .snapshots
        .values()
        .filter(|snapshot| snapshot.family == family && snapshot.fields.text_of("SnapshotType") == Some("manual"));
    limits::check_quota(manual.count())?;
    Ok(id)
}

pub(crate) async fn delete(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise_where(call, family.snapshot_missing).await?;
    let name = limits::required(call, family.snapshot_id)?;
    // Names with a colon are AWS's own: automated snapshots cannot be deleted by hand.
    limits::check_identifier(family.snapshot_id, name, LONGEST)?;
    let key = (family, name.to_ascii_lowercase());
    let snapshot = ledger
        .snapshots
        .get(&key)
        .ok_or_else(|| limits::no_snapshot(family, name))?;
    if snapshot.status(desk.now) == "creating" {
        let message = format!("Cannot delete the snapshot {name} because it is in the creating state.");
        return Err(Refusal::new(400, family.snapshot_state, message));
    }
    let mut shown = snapshot.shown(desk.now);
    shown.set("Status", "deleted");
    if !family.is_cluster() {
        let sort = (Some("RDS-EVENT-0041"), "deletion");
        ledger
            .events
            .add(desk.now, Subject::snapshot(snapshot), sort, "Deleted user snapshot");
    }
    ledger.snapshots.remove(&key);
    Ok(Answer::result(&call.operation, vec![shown]))
}

/// Takes in what others made at ministack itself, as AWS Backup does, and drops what they deleted there.
pub(crate) async fn adopt(desk: &Desk<'_>, ledger: &mut Ledger, family: &'static Family) -> Result<(), Refusal> {
    let listed = desk.listed(&family.snapshots()).await?;
    let id = |snapshot: &Element| snapshot.text_of(family.snapshot_id).unwrap_or_default().to_owned();
    let there: Vec<String> = listed.iter().map(id).collect();
    ledger
        .snapshots
        .retain(|(of, id), snapshot| *of != family || !snapshot.at_ministack || there.contains(id));
    for mut fields in listed {
        let key = (family, id(&fields));
        if ledger.snapshots.contains_key(&key) {
            continue;
        }
        if key.1.starts_with("awsbackup:") {
            fields.set("SnapshotType", "awsbackup");
        }
        let made = fields.text_of("SnapshotCreateTime").and_then(|at| at.parse().ok());
        let at = virtual_time(made, desk.now);
        for field in [
            "SnapshotCreateTime",
            "OriginalSnapshotCreateTime",
            "SnapshotDatabaseTime",
        ] {
            if fields.child(field).is_some() {
                fields.set(field, &at.to_string());
            }
        }
        for field in ["Status", "PercentProgress"] {
            fields.remove(field);
        }
        if fields.is_true("StorageEncrypted") || fields.is_true("Encrypted") {
            desk.name_key(&mut fields);
        }
        if !family.is_cluster() {
            fields.remove("StorageEncrypted");
            fields.remove("DBInstanceClass");
            fields.remove("DBName");
        }
        fields
            .children
            .retain(|field| !field.is_empty() || field.name == "TagList");
        let source = fields
            .text_of(family.source_id)
            .and_then(|id| ledger.source(family, id))
            .cloned();
        let snapshot = Snapshot {
            family,
            source: source.unwrap_or_else(|| fields.clone()),
            fields,
            began: at,
            ends: at,
            fails: false,
            at_ministack: true,
            shared_with: BTreeSet::new(),
        };
        ledger.snapshots.insert(key, snapshot);
    }
    Ok(())
}

/// When something that ministack made by wall time was made on the virtual clock, unless that was moved since.
fn virtual_time(made: Option<Timestamp>, now: Timestamp) -> Timestamp {
    made.map_or(now, |made| {
        now - SignedDuration::from_millis(clock::wall().as_millisecond() - made.as_millisecond())
    })
}
