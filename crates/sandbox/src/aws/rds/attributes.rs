//! Who else may restore a snapshot.

use std::collections::BTreeSet;

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::desk::Desk;
use super::family::Family;
use super::ledger::Ledger;
use super::snapshot::{EVERYONE, Snapshot};
use super::{kms, limits};

/// Accounts that one snapshot can be shared with.
const SHARES: usize = 20;

pub(crate) async fn describe(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    if family.is_cluster() {
        desk.authorise_where(call, family.snapshot_missing).await?;
    } else {
        desk.authorise(call).await?;
    }
    let name = limits::required(call, family.snapshot_id)?;
    let snapshot = ledger.snapshot(family, name, desk.here());
    let snapshot = snapshot.ok_or_else(|| limits::no_snapshot(family, name))?;
    Ok(Answer::result(&call.operation, vec![shown(snapshot)]))
}

pub(crate) async fn modify(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let name = limits::required(call, family.snapshot_id)?;
    let attribute = limits::required(call, "AttributeName")?;
    if attribute != "restore" {
        return Err(Refusal::invalid(format!("Invalid attribute name: {attribute}")));
    }
    let snapshot = ledger.snapshot(family, name, desk.here());
    let mut snapshot = snapshot.ok_or_else(|| limits::no_snapshot(family, name))?.clone();
    let added: BTreeSet<&str> = call.listed("ValuesToAdd.").into_iter().collect();
    check(desk, &snapshot, &added)?;
    snapshot.shared_with.extend(added.into_iter().map(str::to_owned));
    for removed in call.listed("ValuesToRemove.") {
        snapshot.shared_with.remove(removed);
    }
    if snapshot.shared_with.len() > SHARES {
        let message = format!("A snapshot can be shared with {SHARES} accounts at most.");
        return Err(Refusal::new(400, "SharedSnapshotQuotaExceeded", message));
    }
    let answer = Answer::result(&call.operation, vec![shown(&snapshot)]);
    ledger.keep(snapshot);
    Ok(answer)
}

/// Whether the snapshot can be shared with whom the call adds.
fn check(desk: &Desk<'_>, snapshot: &Snapshot, added: &BTreeSet<&str>) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::new(400, snapshot.family.snapshot_state, message));
    let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(odd) = added.iter().find(|added| **added != EVERYONE && !account(added)) {
        return Err(Refusal::invalid(format!("Invalid account: {odd}")));
    }
    if added.is_empty() {
        return Ok(());
    }
    if snapshot.fields.text_of("SnapshotType") != Some("manual") {
        return refuse("Only manual snapshots can be shared.");
    }
    if snapshot.status(desk.now) != "available" {
        return refuse("The snapshot is not in the available state.");
    }
    if snapshot.is_encrypted() && added.contains(EVERYONE) {
        return refuse("Encrypted snapshots cannot be shared as public.");
    }
    if snapshot.key().is_some_and(kms::is_default) {
        return refuse("Sharing snapshots encrypted with the default service key for RDS is currently not supported.");
    }
    Ok(())
}

fn shown(snapshot: &Snapshot) -> Element {
    let family = snapshot.family;
    let mut values = Element::new("AttributeValues");
    values.children = snapshot
        .shared_with
        .iter()
        .map(|account| Element::of("AttributeValue", account))
        .collect();
    let restore = Element::new(&format!("{}Attribute", family.snapshot))
        .with("AttributeName", "restore")
        .with_child(values);
    let list = Element::new(&format!("{}Attributes", family.snapshot)).with_child(restore);
    Element::new(&format!("{}AttributesResult", family.snapshot))
        .with(family.snapshot_id, snapshot.id())
        .with_child(list)
}
