//! Copies of snapshots: within a region, from another one, and of what another account shares.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::desk::Desk;
use super::family::Family;
use super::ledger::Ledger;
use super::snapshot::Snapshot;
use super::snapshots::new_id;
use super::{kms, limits, tags};

pub(crate) async fn perform(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let (from, to) = (
        format!("Source{}", family.snapshot_id),
        format!("Target{}", family.snapshot_id),
    );
    let name = limits::required(call, &from)?;
    let source = ledger
        .snapshot(family, name, desk.here())
        .or_else(|| desk.abroad.snapshot(family, name))
        .ok_or_else(|| limits::no_snapshot(family, name))?;
    let id = new_id(ledger, family, &to, limits::required(call, &to)?)?;
    if source.status(desk.now) != "available" {
        let message = format!("The source snapshot {name} is not in the available state.");
        return Err(Refusal::new(400, family.snapshot_state, message));
    }
    let origin = source.arn().to_owned();
    let from = Arn::parse(&origin).map_or(desk.region, |arn| arn.region);
    let mut copy = copied(desk, call, source, id)?;
    if from != desk.region {
        move_zones(&mut copy.fields, desk.region);
    }
    ledger
        .events
        .add_copy(&copy, Arn::id_in(&origin), from, desk.region, desk.failure.as_deref());
    let shown = copy.shown(desk.now);
    ledger.keep(copy);
    Ok(Answer::result(&call.operation, vec![shown]))
}

fn copied(desk: &Desk<'_>, call: &Call, source: &Snapshot, id: String) -> Result<Snapshot, Refusal> {
    let family = source.family;
    let key = key(desk, call, source)?;
    let mut copy = source.clone();
    let fields = &mut copy.fields;
    let arn = format!(
        "arn:aws:rds:{}:{}:{}:{id}",
        desk.region, desk.account, family.snapshot_kind
    );
    fields.set(family.snapshot_id, &id);
    fields.set(family.snapshot_arn, &arn);
    fields.set("SnapshotType", "manual");
    fields.set("SnapshotCreateTime", &desk.now.to_string());
    fields.set(family.snapshot_origin, source.arn());
    let home = Arn::parse(source.arn());
    if let Some(home) = home.filter(|home| !family.is_cluster() && home.region != desk.region) {
        fields.set("SourceRegion", home.region);
    }
    match key {
        Some(key) => {
            fields.set(family.encrypted, "true");
            fields.set("KmsKeyId", &key);
        }
        None => fields.remove("KmsKeyId"),
    }
    let mut list = Element::new("TagList");
    if call.flag("CopyTags") && home.is_some_and(|home| home.account == desk.account) {
        list = source.fields.child("TagList").cloned().unwrap_or(list);
    }
    tags::merge(&mut list, tags::given(call));
    fields.put(list);
    copy.began = desk.now;
    copy.ends = desk.now + desk.takes;
    copy.fails = desk.failure.is_some();
    copy.at_ministack = false;
    copy.shared_with.clear();
    Ok(copy)
}

/// The key of the copy. `None`: it is not encrypted.
fn key(desk: &Desk<'_>, call: &Call, source: &Snapshot) -> Result<Option<String>, Refusal> {
    let given = call
        .param("KmsKeyId")
        .map(|key| kms::in_full(key, desk.region, desk.account));
    if let Some(key) = given.as_deref().filter(|key| !kms::usable_in(key, desk.region)) {
        return Err(limits::key_not_accessible(key));
    }
    let home = Arn::parse(source.arn()).map(|home| (home.region, home.account));
    match (source.is_encrypted(), given) {
        (false, Some(_)) if source.family.is_cluster() => Err(Refusal::invalid(
            "KmsKeyId cannot be specified when copying an unencrypted DB cluster snapshot.",
        )),
        (false, given) => Ok(given),
        (true, Some(key)) => Ok(Some(key)),
        (true, None) if home == Some(desk.here()) => Ok(source.key().map(str::to_owned)),
        (true, None) => Err(Refusal::invalid(
            "KmsKeyId must be specified when copying an encrypted snapshot from another Region or account.",
        )),
    }
}

/// The zones of another region become the region's own.
fn move_zones(fields: &mut Element, region: &str) {
    if fields.child("AvailabilityZone").is_some() {
        fields.set("AvailabilityZone", &format!("{region}a"));
    }
    if let Some(zones) = fields.child_mut("AvailabilityZones") {
        for zone in &mut zones.children {
            let letter = zone.text.pop().unwrap_or('a');
            zone.text = format!("{region}{letter}");
        }
    }
}
