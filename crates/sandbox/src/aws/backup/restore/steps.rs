//! The steps that a restore job takes by itself.

use jiff::Timestamp;

use super::super::super::ministack::Ministack;
use super::super::job::{LISTED_FOR, Stage};
use super::super::resource::{self, Kind};
use super::super::state::{Place, State, Task};
use super::super::{Backup, restore_testing, role, vault_notifications};
use super::{Made, RestoreJob};

/// Takes the job's next step, and plans the one after it.
pub(crate) async fn proceed(backup: &Backup, ministack: Option<&Ministack>, place: &Place, id: &str, at: Timestamp) {
    let job = backup.lock().read(place).restore_jobs.get(id).cloned();
    let Some(job) = job else { return };
    match job.stage {
        Stage::Pending => begin(backup, ministack, place, &job, at).await,
        Stage::Running => finish(backup, place, &job, at),
        // Its time to be listed is over.
        _ => backup.lock().region(place).forget_restore_job(id),
    }
}

/// From PENDING to RUNNING, with the resource on its way, unless the job is to fail.
async fn begin(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &RestoreJob, at: Timestamp) {
    let order = &job.order;
    if let Err(message) = role::check(ministack, &place.region, &order.role).await {
        return end(&mut backup.lock(), place, &job.id, Stage::Failed, Some(message), at);
    }
    step(&mut backup.lock(), place, &job.id, Stage::Running, at);
    let made = match order.failing {
        Some(_) => Ok(None),
        None => {
            let made = resource::restore(ministack, place, &order.point, &order.metadata, &order.tags);
            made.await.map(Some)
        }
    };
    let mut state = backup.lock();
    let made = match made {
        Ok(made) => made,
        Err(message) => return end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
    };
    let ready_at = at + backup.jobs_take;
    if let Some(arn) = made.as_deref().filter(|_| order.point.resource.kind == Kind::Rds) {
        state.databases.push(Made {
            place: place.clone(),
            instance: resource::id(arn).to_owned(),
            since: at,
            ready_at,
        });
    }
    if let Some(running) = state.region(place).restore_jobs.get_mut(&job.id) {
        running.made = made;
        let minutes = backup.jobs_take.as_secs().div_euclid(60) + 1;
        running.expected_minutes = Some(minutes);
    }
    state.plan(ready_at, place, Task::RestoreJob(job.id.clone()));
}

/// From RUNNING to its end.
fn finish(backup: &Backup, place: &Place, job: &RestoreJob, at: Timestamp) {
    let mut state = backup.lock();
    if let Some(fault) = &job.order.failing {
        let stage = match Stage::of_fault(fault) {
            Stage::Aborted => Stage::Aborted,
            // A restore neither expires nor is it partial.
            _ => Stage::Failed,
        };
        let default = || "Restore job encountered a fatal error.".to_owned();
        let message = fault.message.clone().unwrap_or_else(default);
        return end(&mut state, place, &job.id, stage, Some(message), at);
    }
    let vault = state.region(place).vaults.get_mut(&job.order.vault);
    if let Some(point) = vault.and_then(|vault| vault.points.get_mut(&job.order.point.arn)) {
        point.last_restored = Some(at);
    }
    restore_testing::completed(&mut state, place, &job.id, at);
    end(&mut state, place, &job.id, Stage::Completed, None, at);
}

fn step(state: &mut State, place: &Place, id: &str, stage: Stage, at: Timestamp) {
    if let Some(job) = state.region(place).restore_jobs.get_mut(id) {
        job.stage = stage;
        let job = job.clone();
        state.tell(place, job.event(place, at));
        notify(state, place, &job);
    }
}

fn end(state: &mut State, place: &Place, id: &str, stage: Stage, message: Option<String>, at: Timestamp) {
    if let Some(job) = state.region(place).restore_jobs.get_mut(id) {
        job.ended = Some(at);
        job.message = message;
        step(state, place, id, stage, at);
        state.plan(at + LISTED_FOR, place, Task::RestoreJob(id.to_owned()));
    }
}

fn notify(state: &mut State, place: &Place, job: &RestoreJob) {
    let (events, what): (&[&str], _) = match job.stage {
        Stage::Running => (&["RESTORE_JOB_STARTED"], "was started"),
        Stage::Completed => (
            &["RESTORE_JOB_COMPLETED", "RESTORE_JOB_SUCCESSFUL"],
            "was completed successfully",
        ),
        Stage::Failed => (&["RESTORE_JOB_COMPLETED", "RESTORE_JOB_FAILED"], "failed"),
        _ => return,
    };
    let text = format!(
        "An AWS Backup restore job {what}. Recovery point ARN: {}. Restored Resource ARN: {}. RestoreJob ID : {}",
        job.order.point.arn,
        job.made.as_deref().unwrap_or("-"),
        job.id
    );
    vault_notifications::send_later(state, place, &job.order.vault, events, text);
}
