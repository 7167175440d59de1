//! RDS: ministack's instances and clusters, with the snapshots, automated backups, states, checks and paging that it lacks.
//!
//! ministack authorises every call; snapshots, automated backups, exports and events are kept here, on the virtual clock.

mod abroad;
mod arn;
mod attributes;
mod automated_backups;
mod backups;
mod copy;
mod delete;
mod desk;
mod event_list;
mod events;
mod export;
mod family;
mod kms;
mod ledger;
mod limits;
mod page;
mod replication;
mod restore;
mod schedule;
mod snapshot;
mod snapshots;
mod sources;
mod tags;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as AsyncMutex;

use self::abroad::Abroad;
use self::desk::Desk;
use self::family::{CLUSTER, Family, INSTANCE};
use self::ledger::Ledger;
pub(crate) use self::ledger::Made;
use super::answer::{Answer, Refusal};
use super::events as bus;
use super::identity::Caller;
use super::ministack::Ministack;
use super::request::Call;
use crate::faults::{Fault, Faults};

/// Account and region, and what is remembered there beyond ministack.
type Ledgers = BTreeMap<(String, String), Arc<AsyncMutex<Ledger>>>;

pub(crate) struct Rds {
    /// How long copies, restores and each step of an export take.
    takes: SignedDuration,
    ledgers: Mutex<Ledgers>,
}

/// What every call needs.
pub(crate) struct Front<'a> {
    pub(crate) ministack: &'a Ministack,
    pub(crate) faults: &'a Faults,
    pub(crate) now: Timestamp,
}

impl Rds {
    pub(crate) fn new(restore_seconds: u32) -> Self {
        Self {
            takes: SignedDuration::from_secs(restore_seconds.into()),
            ledgers: Mutex::default(),
        }
    }

    /// Performs one call; the calls of one account and region follow one another.
    pub(crate) async fn perform(
        &self,
        front: Front<'_>,
        call: &Call,
        caller: &Caller,
        failing: Option<Fault>,
    ) -> Result<Answer, Refusal> {
        let account = caller.account.as_deref().ok_or_else(Refusal::unknown_key)?;
        let mut desk = self.desk(&front, account, &call.region);
        desk.secret = caller.secret();
        desk.failure = failing.map(|fault| Desk::reason(fault.message));
        desk.abroad = self.look_abroad(call, account).await;

        let ledger = self.ledger(account, &call.region);
        let mut ledger = ledger.lock().await;
        schedule::catch_up(&desk, &mut ledger).await?;
        if changes_sources(call) {
            ledger.asked = None;
        }
        let answer = dispatch(&desk, &mut ledger, call).await?;
        if call.mutates() {
            schedule::catch_up(&desk, &mut ledger).await?;
            drop(ledger);
            self.tell_abroad(call, account, front.now).await;
        }
        Ok(answer)
    }

    /// Remembers an instance that AWS Backup restored.
    pub(crate) async fn restored(&self, (account, region): (&str, &str), instance: String, made: Made) {
        let ledger = self.ledger(account, region);
        let mut ledger = ledger.lock().await;
        ledger.made.insert((&INSTANCE, instance), made);
        ledger.asked = None;
        ledger.due = Some(made.since);
    }

    /// Does what is due in every account and region that was ever used.
    pub(crate) async fn catch_up(&self, front: Front<'_>) {
        for ((account, region), ledger) in self.all() {
            let desk = self.desk(&front, &account, &region);
            let mut ledger = ledger.lock().await;
            if ledger.due.is_none_or(|due| due > front.now) {
                continue;
            }
            if let Err(refusal) = schedule::catch_up(&desk, &mut ledger).await {
                let code = refusal.into_answer().error_code();
                tracing::warn!(account, region, code, "Scheduled backups could not be taken");
            }
            let events = event_list::take(&mut ledger, front.now);
            ledger.due = schedule::next_due(&ledger);
            // Nobody waits for the bus.
            drop(ledger);
            bus::publish(front.ministack, &account, &region, &events).await;
        }
    }

    /// When something is due, as far as it can be told without waiting for a call that is under way. `None`: never.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let ledgers = self.lock();
        let due = ledgers.values().filter_map(|ledger| ledger.try_lock().ok()?.due);
        due.min()
    }

    fn desk<'a>(&self, front: &Front<'a>, account: &'a str, region: &'a str) -> Desk<'a> {
        Desk {
            ministack: front.ministack,
            faults: front.faults,
            account,
            region,
            secret: None,
            now: front.now,
            takes: self.takes,
            failure: None,
            abroad: Abroad::default(),
        }
    }

    fn ledger(&self, account: &str, region: &str) -> Arc<AsyncMutex<Ledger>> {
        self.lock()
            .entry((account.to_owned(), region.to_owned()))
            .or_default()
            .clone()
    }

    /// The ledger of an account and region, if it was ever used.
    fn known(&self, account: &str, region: &str) -> Option<Arc<AsyncMutex<Ledger>>> {
        self.lock().get(&(account.to_owned(), region.to_owned())).cloned()
    }

    fn all(&self) -> Ledgers {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ledgers> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn dispatch(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    let family = family(&call.operation);
    if uses_snapshots(&call.operation) {
        snapshots::adopt(desk, ledger, family).await?;
    }
    match call.operation.as_str() {
        "DescribeDBInstances" | "DescribeDBClusters" => sources::describe(desk, ledger, call, family).await,
        "CreateDBInstance" | "CreateDBCluster" => sources::create(desk, ledger, call, family).await,
        "ModifyDBInstance" | "ModifyDBCluster" => sources::modify(desk, ledger, call, family).await,
        "DeleteDBInstance" | "DeleteDBCluster" => delete::perform(desk, ledger, call, family).await,
        "DescribeDBSnapshots" | "DescribeDBClusterSnapshots" => snapshots::describe(desk, ledger, call, family).await,
        "CreateDBSnapshot" | "CreateDBClusterSnapshot" => snapshots::create(desk, ledger, call, family).await,
        "DeleteDBSnapshot" | "DeleteDBClusterSnapshot" => snapshots::delete(desk, ledger, call, family).await,
        "CopyDBSnapshot" | "CopyDBClusterSnapshot" => copy::perform(desk, ledger, call, family).await,
        "DescribeDBSnapshotAttributes" | "DescribeDBClusterSnapshotAttributes" => {
            attributes::describe(desk, ledger, call, family).await
        }
        "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute" => {
            attributes::modify(desk, ledger, call, family).await
        }
        "RestoreDBInstanceFromDBSnapshot" | "RestoreDBClusterFromSnapshot" => {
            restore::from_snapshot(desk, ledger, call, family).await
        }
        "RestoreDBInstanceToPointInTime" | "RestoreDBClusterToPointInTime" => {
            restore::to_point_in_time(desk, ledger, call, family).await
        }
        "DescribeDBInstanceAutomatedBackups" | "DescribeDBClusterAutomatedBackups" => {
            automated_backups::describe(desk, ledger, call, family).await
        }
        "DeleteDBInstanceAutomatedBackup" | "DeleteDBClusterAutomatedBackup" => {
            automated_backups::delete(desk, ledger, call, family).await
        }
        "StartDBInstanceAutomatedBackupsReplication" => replication::start(desk, ledger, call).await,
        "StopDBInstanceAutomatedBackupsReplication" => replication::stop(desk, ledger, call).await,
        "StartExportTask" => export::start(desk, ledger, call).await,
        "DescribeExportTasks" => export::describe(desk, ledger, call).await,
        "CancelExportTask" => export::cancel(desk, ledger, call).await,
        "DescribeEvents" => event_list::describe(desk, ledger, call).await,
        "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource" => {
            tags::perform(desk, ledger, call).await
        }
        _ => forward(desk, call).await,
    }
}

fn family(operation: &str) -> &'static Family {
    if operation.contains("Cluster") {
        &CLUSTER
    } else {
        &INSTANCE
    }
}

/// Whether the call may change instances or clusters; what it does here alone is known without asking ministack.
fn changes_sources(call: &Call) -> bool {
    let here = ["Snapshot", "AutomatedBackup", "ExportTask"];
    let restores = call.operation.starts_with("Restore");
    call.mutates() && (restores || !here.iter().any(|part| call.operation.contains(part)))
}

/// Whether the call works with snapshots that exist already.
fn uses_snapshots(operation: &str) -> bool {
    (operation.contains("Snapshot") && !operation.starts_with("Create")) || operation == "StartExportTask"
}

/// What ministack does well enough; it knows not every operation of RDS.
async fn forward(desk: &Desk<'_>, call: &Call) -> Result<Answer, Refusal> {
    let answer = desk.ministack.forward(call).await?;
    if answer.error_code().as_deref() == Some("InvalidAction") {
        let message = format!("Could not find operation {} for version 2014-10-31", call.operation);
        return Err(Refusal::new(400, "InvalidAction", message));
    }
    Ok(answer)
}
