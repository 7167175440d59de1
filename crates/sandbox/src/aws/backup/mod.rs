//! AWS Backup, on the virtual clock. Its vaults, plans and jobs are kept here; what it backs up and restores is in ministack.
//!
//! A call changes the state at once and never waits. Whatever takes time, or needs ministack, is a [`state::Task`] that is due at a moment;
//! [`Backup::catch_up`] does what is due, in order.

mod air_gapped;
mod continuous;
mod copy;
mod desk;
mod job;
mod legal_hold;
mod limits;
mod plan;
mod points;
mod protected;
mod recovery_point;
mod report;
mod resource;
mod restore;
mod restore_testing;
mod role;
mod routes;
mod settings;
mod state;
mod summary;
mod tags;
mod vault;
mod vault_lock;
mod vault_notifications;
mod vault_policy;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as AsyncMutex;

use self::desk::{Desk, Reply};
pub(crate) use self::restore::Made;
pub(crate) use self::routes::ROUTES;
use self::state::{Place, State, Task};
use super::answer::Answer;
use super::authority::Policy;
use super::events;
use super::ministack::Ministack;
use super::request::Call;
use super::rest::{Ask, Exception};
use crate::faults::{Fault, Faults};

/// So many events and notices are sent before the next task is done.
const TOLD_AT_ONCE: usize = 1_000;

pub(crate) struct Backup {
    /// A job runs for so long.
    jobs_take: SignedDuration,
    state: Mutex<State>,
    /// Held while due tasks are done, so that they are done in order.
    turn: AsyncMutex<()>,
}

impl Backup {
    pub(crate) fn new(job_seconds: u32) -> Self {
        Self {
            jobs_take: SignedDuration::from_secs(job_seconds.into()),
            state: Mutex::default(),
            turn: AsyncMutex::default(),
        }
    }

    /// `failing`: a fault that the job started by this call is to end with.
    pub(crate) fn perform(&self, call: &Call, place: Place, now: Timestamp, failing: Option<Fault>) -> Answer {
        let mut state = self.lock();
        let known = state.knows(&place);
        let desk = Desk {
            ask: Ask::new(call),
            state: &mut state,
            place: place.clone(),
            now,
            failing,
        };
        let done = dispatch(desk);
        // A refused call changes nothing, and leaves nothing behind.
        if done.1.is_err() && !known {
            state.forget(&place);
        }
        match done {
            (status, Ok(serde_json::Value::Null)) => Answer::nothing(status),
            (status, Ok(body)) => Answer::json(status, &body),
            (_, Err(exception)) => exception.into_answer(),
        }
    }

    /// The access policy on the vault that a call is about.
    pub(crate) fn policy_on(&self, call: &Call, place: &Place) -> Option<Arc<Policy>> {
        (call.service == "backup").then(|| vault_policy::on(self.lock().read(place), call))?
    }

    /// When the next task is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.lock().next_due()
    }

    /// Does what is due at `now`, and sends the events of it.
    pub(crate) async fn catch_up(&self, ministack: Option<&Ministack>, faults: &Faults, now: Timestamp) {
        let _turn = self.turn.lock().await;
        loop {
            // Taken and let go again: nothing waits while the state is locked.
            let due = self.lock().take_due(now);
            let Some(due) = due else { break };
            match due.task {
                Task::BackupJob(id) => job::proceed(self, (ministack, faults), &due.place, &id, due.at).await,
                Task::Report(plan) => report::every_day(&mut self.lock(), &due.place, &plan, due.at),
                Task::ReportJob(id) => report::deliver(self, ministack, &due.place, &id, due.at).await,
                Task::PlanRule(firing) => plan::fire(self, (ministack, faults), &due.place, firing, due.at).await,
                Task::CopyJob(id) => copy::proceed(self, ministack, &due.place, &id, due.at).await,
                Task::RestoreJob(id) => restore::proceed(self, ministack, &due.place, &id, due.at).await,
                Task::RestoreTest(name) => {
                    restore_testing::fire(&mut self.lock(), faults, &due.place, &name, due.at);
                }
                Task::EndRestoreTest(id) => restore_testing::end(self, ministack, &due.place, &id, due.at).await,
                Task::Expire { vault, point } => {
                    points::expire(self, ministack, &due.place, (&vault, &point), due.at).await;
                }
                Task::ForgetHold(id) => legal_hold::forget(&mut self.lock(), &due.place, &id),
                Task::Delete { vault, point } => points::remove(self, ministack, &due.place, (&vault, &point)).await,
            }
            // A long leap tells much.
            if self.lock().untold() >= TOLD_AT_ONCE {
                self.tell(ministack).await;
            }
        }
        self.tell(ministack).await;
    }

    /// Sends what waits to be told; without a ministack there is nobody to tell.
    async fn tell(&self, ministack: Option<&Ministack>) {
        let untold = self.lock().take_untold();
        if let Some(ministack) = ministack {
            for (place, notice) in untold.notices {
                vault_notifications::send(ministack, &place, &notice).await;
            }
            for (place, events) in untold.events {
                events::publish(ministack, &place.account, &place.region, &events).await;
            }
        }
    }

    /// The databases that restores have made since the last look.
    pub(crate) fn take_databases(&self) -> Vec<Made> {
        std::mem::take(&mut self.lock().databases)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The HTTP status of a success, and the reply.
fn dispatch(mut desk: Desk<'_>) -> (u16, Reply) {
    let operation = desk.ask.operation();
    let status = match operation {
        "CreateRestoreTestingPlan" | "CreateRestoreTestingSelection" | "CancelLegalHold" => 201,
        "DeleteRestoreTestingPlan"
        | "DeleteRestoreTestingSelection"
        | "DisassociateRecoveryPointFromParent"
        | "PutRestoreValidationResult" => 204,
        _ => 200,
    };
    let desk = &mut desk;
    let reply = match operation {
        "CreateBackupVault" => vault::create(desk),
        "DescribeBackupVault" => vault::describe(desk),
        "ListBackupVaults" => vault::list(desk),
        "DeleteBackupVault" => vault::delete(desk),
        "CreateLogicallyAirGappedBackupVault" => air_gapped::create(desk),
        "PutBackupVaultLockConfiguration" => vault_lock::put(desk),
        "DeleteBackupVaultLockConfiguration" => vault_lock::delete(desk),
        "PutBackupVaultAccessPolicy" => vault_policy::put(desk),
        "GetBackupVaultAccessPolicy" => vault_policy::get(desk),
        "DeleteBackupVaultAccessPolicy" => vault_policy::delete(desk),
        "PutBackupVaultNotifications" => vault_notifications::put(desk),
        "GetBackupVaultNotifications" => vault_notifications::get(desk),
        "DeleteBackupVaultNotifications" => vault_notifications::delete(desk),
        "DescribeRecoveryPoint" => points::describe(desk),
        "ListRecoveryPointsByBackupVault" => points::list_by_vault(desk),
        "ListRecoveryPointsByResource" => points::list_by_resource(desk),
        "UpdateRecoveryPointLifecycle" => points::update_lifecycle(desk),
        "DeleteRecoveryPoint" => points::delete(desk),
        "DisassociateRecoveryPoint" => points::disassociate(desk),
        "DisassociateRecoveryPointFromParent" => points::disassociate_from_parent(desk),
        "CreateLegalHold" => legal_hold::create(desk),
        "GetLegalHold" => legal_hold::get(desk),
        "ListLegalHolds" => legal_hold::list(desk),
        "CancelLegalHold" => legal_hold::cancel(desk),
        "ListRecoveryPointsByLegalHold" => legal_hold::list_points(desk),
        "DescribeProtectedResource" => protected::describe(desk),
        "ListProtectedResources" => protected::list(desk),
        "ListProtectedResourcesByBackupVault" => protected::list_by_vault(desk),
        "ListTags" => tags::list(desk),
        "TagResource" => tags::tag(desk),
        "UntagResource" => tags::untag(desk),
        "DescribeRegionSettings" => settings::of_region(desk),
        "UpdateRegionSettings" => settings::update_region(desk),
        "DescribeGlobalSettings" => settings::of_account(desk),
        "UpdateGlobalSettings" => settings::update_account(desk),
        "GetSupportedResourceTypes" => settings::resource_types(desk),
        "StartBackupJob" => job::start(desk),
        "DescribeBackupJob" => job::describe(desk),
        "ListBackupJobs" => job::list(desk),
        "StopBackupJob" => job::stop(desk),
        "CreateReportPlan" => report::create(desk),
        "UpdateReportPlan" => report::update(desk),
        "DeleteReportPlan" => report::delete(desk),
        "DescribeReportPlan" => report::describe(desk),
        "ListReportPlans" => report::list(desk),
        "StartReportJob" => report::start_job(desk),
        "DescribeReportJob" => report::describe_job(desk),
        "ListReportJobs" => report::list_jobs(desk),
        "ListBackupJobSummaries" => summary::of_backups(desk),
        "ListCopyJobSummaries" => summary::of_copies(desk),
        "ListRestoreJobSummaries" => summary::of_restores(desk),
        "CreateBackupPlan" => plan::create(desk),
        "UpdateBackupPlan" => plan::update(desk),
        "DeleteBackupPlan" => plan::delete(desk),
        "GetBackupPlan" => plan::get(desk),
        "ListBackupPlans" => plan::list(desk),
        "ListBackupPlanVersions" => plan::list_versions(desk),
        "ExportBackupPlanTemplate" => plan::export(desk),
        "GetBackupPlanFromJSON" => plan::from_json(desk),
        "GetBackupPlanFromTemplate" => plan::from_template(desk),
        "ListBackupPlanTemplates" => plan::list_templates(desk),
        "CreateBackupSelection" => plan::create_selection(desk),
        "GetBackupSelection" => plan::get_selection(desk),
        "ListBackupSelections" => plan::list_selections(desk),
        "DeleteBackupSelection" => plan::delete_selection(desk),
        "StartCopyJob" => copy::start(desk),
        "DescribeCopyJob" => copy::describe(desk),
        "ListCopyJobs" => copy::list(desk),
        "StartRestoreJob" => restore::start(desk),
        "DescribeRestoreJob" => restore::describe(desk),
        "ListRestoreJobs" => restore::list(desk),
        "ListRestoreJobsByProtectedResource" => restore::list_by_resource(desk),
        "GetRestoreJobMetadata" => restore::metadata(desk),
        "GetRecoveryPointRestoreMetadata" => restore::point_metadata(desk),
        "CreateRestoreTestingPlan" => restore_testing::create(desk),
        "GetRestoreTestingPlan" => restore_testing::get(desk),
        "ListRestoreTestingPlans" => restore_testing::list(desk),
        "UpdateRestoreTestingPlan" => restore_testing::update(desk),
        "DeleteRestoreTestingPlan" => restore_testing::delete(desk),
        "CreateRestoreTestingSelection" => restore_testing::create_selection(desk),
        "GetRestoreTestingSelection" => restore_testing::get_selection(desk),
        "ListRestoreTestingSelections" => restore_testing::list_selections(desk),
        "UpdateRestoreTestingSelection" => restore_testing::update_selection(desk),
        "DeleteRestoreTestingSelection" => restore_testing::delete_selection(desk),
        "GetRestoreTestingInferredMetadata" => restore_testing::inferred(desk),
        "PutRestoreValidationResult" => restore_testing::put_result(desk),
        other => Err(Exception::not_implemented("backup", other)),
    };
    (status, reply)
}
