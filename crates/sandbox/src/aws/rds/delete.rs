//! Deleting an instance or a cluster: with or without a last snapshot, and with or without its automated backups.

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::desk::Desk;
use super::events::Subject;
use super::family::Family;
use super::ledger::Ledger;
use super::snapshot::Snapshot;
use super::sources::{document, finish};
use super::{limits, snapshots};

const FINAL: &str = "FinalDBSnapshotIdentifier";

pub(crate) async fn perform(
    desk: &Desk<'_>,
    ledger: &mut Ledger,
    call: &Call,
    family: &'static Family,
) -> Result<Answer, Refusal> {
    let id = limits::required(call, family.source_id)?;
    let last = last_snapshot(desk, ledger, call, family, id)?;
    let protected = ledger
        .source(family, id)
        .is_some_and(|source| source.is_true("DeletionProtection"));
    let answer = desk.ministack.forward(call).await?;
    if protected && answer.error_code().as_deref() == Some("InvalidParameterCombination") {
        let what = if family.is_cluster() { "Cluster" } else { "DB Instance" };
        return Err(limits::combination(format!(
            "Cannot delete protected {what}, please disable deletion protection and try again."
        )));
    }
    if !answer.status.is_success() {
        return Err(answer.into());
    }
    let mut document = document(answer)?;
    if let Some(snapshot) = last {
        if !family.is_cluster() {
            // ministack's own is of no use beside ours.
            let name = call.param(FINAL).unwrap_or_default();
            desk.root("DeleteDBSnapshot", &[(family.snapshot_id, name)]).await?;
        }
        ledger.events.add_snapshot(&snapshot, None);
        ledger.keep(snapshot);
    }
    let kept = call.param("DeleteAutomatedBackups") == Some("false");
    if let Some(source) = ledger.source(family, id).cloned() {
        let (number, message) = if family.is_cluster() {
            ("RDS-EVENT-0171", "DB cluster deleted")
        } else {
            ("RDS-EVENT-0003", "DB instance deleted")
        };
        let sort = (Some(number), "deletion");
        let subject = Subject::source(family, &source);
        ledger.events.add(desk.now, subject, sort, message);
        let resource = source.text_of(family.resource_id).unwrap_or_default();
        if let Some(backups) = ledger.backups.get_mut(resource).filter(|_| kept) {
            backups.ended = Some(desk.now);
        }
    }
    if let Some(source) = document.find_mut(family.source) {
        source.set(family.source_status, "deleting");
    }
    Ok(finish(document, ledger, desk, family))
}

/// The snapshot that is left behind. `None`: none is wanted, or what is to be deleted is not known.
fn last_snapshot(
    desk: &Desk<'_>,
    ledger: &Ledger,
    call: &Call,
    family: &'static Family,
    id: &str,
) -> Result<Option<Snapshot>, Refusal> {
    let (skip, name) = (call.flag("SkipFinalSnapshot"), call.param(FINAL));
    let Some(source) = ledger.source(family, id) else {
        return Ok(None);
    };
    let member = !family.is_cluster() && source.text_of("DBClusterIdentifier").is_some();
    match (skip, name) {
        (_, Some(_)) if member => Err(limits::combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance",
        )),
        (true, Some(_)) => Err(limits::combination(
            "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true.",
        )),
        (false, None) if !member => Err(limits::combination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )),
        (false, Some(name)) => snapshots::manual(desk, ledger, call, family, (FINAL, name), id).map(Some),
        _ => Ok(None),
    }
}
