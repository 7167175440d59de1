//! RDS: ministack's instances and snapshots, with the backups, states, checks and paging that it lacks.

mod automated_backups;
mod desk;
mod instances;
mod ledger;
mod limits;
mod page;
mod restore;
mod schedule;
mod snapshots;
mod tags;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as AsyncMutex;

use self::desk::Desk;
use self::ledger::Ledger;
pub(crate) use self::ledger::Restore;
use super::answer::{Answer, Refusal};
use super::identity::Caller;
use super::ministack::Ministack;
use super::request::Call;

/// Account and region, and what is remembered there beyond ministack.
type Ledgers = BTreeMap<(String, String), Arc<AsyncMutex<Ledger>>>;

pub(crate) struct Rds {
    restore_takes: SignedDuration,
    ledgers: Mutex<Ledgers>,
}

impl Rds {
    pub(crate) fn new(restore_seconds: u32) -> Self {
        Self {
            restore_takes: SignedDuration::from_secs(restore_seconds.into()),
            ledgers: Mutex::default(),
        }
    }

    /// Performs one call; the calls of one account and region follow one another.
    pub(crate) async fn perform(
        &self,
        ministack: &Ministack,
        call: &Call,
        caller: &Caller,
        now: Timestamp,
        job_fails: bool,
    ) -> Result<Answer, Refusal> {
        let account = caller.account.as_deref().ok_or_else(Refusal::unknown_key)?;
        let ledger = self.ledger(account, &call.region);
        let mut ledger = ledger.lock().await;
        let desk = Desk {
            ministack,
            account,
            region: &call.region,
            secret: caller.secret(),
            now,
        };
        schedule::catch_up(&desk, &mut ledger).await?;
        let restored = ledger::Restore {
            since: now,
            ready_at: now + self.restore_takes,
            fails: job_fails,
        };
        let answer = match call.operation.as_str() {
            "DescribeDBInstances" => instances::describe(&desk, &ledger, call).await?,
            "DescribeDBSnapshots" => snapshots::describe(&desk, &ledger, call).await?,
            "DescribeDBInstanceAutomatedBackups" => automated_backups::describe(&desk, &ledger, call).await?,
            "CreateDBInstance" => instances::create(&desk, &ledger, call).await?,
            "ModifyDBInstance" => instances::modify(&desk, &ledger, call).await?,
            "CreateDBSnapshot" => snapshots::create(&desk, &mut ledger, call).await?,
            "DeleteDBSnapshot" => snapshots::delete(&desk, call).await?,
            "RestoreDBInstanceFromDBSnapshot" => restore::from_snapshot(&desk, &mut ledger, call, restored).await?,
            "RestoreDBInstanceToPointInTime" => restore::to_point_in_time(&desk, &mut ledger, call, restored).await?,
            "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource" => {
                tags::perform(&desk, call).await?
            }
            _ => ministack.forward(call).await?,
        };
        if call.mutates() {
            schedule::catch_up(&desk, &mut ledger).await?;
        }
        Ok(answer)
    }

    /// Remembers a database that AWS Backup restored: it is `creating` until `ready_at`.
    pub(crate) async fn restored(&self, (account, region): (&str, &str), instance: String, restore: Restore) {
        let ledger = self.ledger(account, region);
        ledger.lock().await.restores.insert(instance, restore);
    }

    pub(crate) async fn catch_up_all(&self, ministack: &Ministack, now: Timestamp) {
        let ledgers = self.lock().clone();
        for ((account, region), ledger) in ledgers {
            let desk = Desk {
                ministack,
                account: &account,
                region: &region,
                secret: None,
                now,
            };
            if let Err(refusal) = schedule::catch_up(&desk, &mut *ledger.lock().await).await {
                let code = refusal.into_answer().error_code();
                tracing::warn!(account, region, code, "Scheduled backups could not be taken");
            }
        }
    }

    fn ledger(&self, account: &str, region: &str) -> Arc<AsyncMutex<Ledger>> {
        self.lock()
            .entry((account.to_owned(), region.to_owned()))
            .or_default()
            .clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ledgers> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
