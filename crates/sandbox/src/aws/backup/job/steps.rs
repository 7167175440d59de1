//! The steps that a backup job takes by itself.

use jiff::{SignedDuration, Timestamp};

use super::super::super::ministack::Ministack;
use super::super::recovery_point::{RecoveryPoint, Status};
use super::super::resource;
use super::super::state::{Place, State, Task};
use super::super::{Backup, continuous, plan, points, role, vault_lock, vault_notifications};
use super::{BackupJob, LISTED_FOR, Stage, UNTIL_PENDING};
use crate::faults::Faults;

/// A job that waits for another one of its resource looks again after so long.
const LOOKS_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// Takes the job's next step, and plans the one after it.
pub(crate) async fn proceed(
    backup: &Backup,
    (ministack, faults): (Option<&Ministack>, &Faults),
    place: &Place,
    id: &str,
    at: Timestamp,
) {
    let job = backup.lock().read(place).backup_jobs.get(id).cloned();
    let Some(job) = job else { return };
    match job.stage {
        Stage::Created => {
            let mut state = backup.lock();
            step(&mut state, place, id, Stage::Pending, at);
            state.plan(at + UNTIL_PENDING, place, Task::BackupJob(job.id));
        }
        Stage::Pending => begin(backup, ministack, place, &job, at).await,
        Stage::Running => finish(backup, (ministack, faults), place, &job, at).await,
        // Its time to be listed is over.
        _ => backup.lock().region(place).forget_backup_job(id),
    }
}

/// From PENDING to RUNNING, when the resource is there and no other job is at it.
async fn begin(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &BackupJob, at: Timestamp) {
    if at >= job.order.start_by {
        // Nothing else keeps a job from starting.
        let message = "Backup job failed because there was a running job for the same resource.".to_owned();
        return end(&mut backup.lock(), place, &job.id, Stage::Expired, Some(message), at);
    }
    let busy = |other: &BackupJob| other.stage == Stage::Running && other.order.resource == job.order.resource;
    if backup.lock().read(place).backup_jobs.values().any(busy) {
        let again = (at + LOOKS_AGAIN).min(job.order.start_by);
        return backup.lock().plan(again, place, Task::BackupJob(job.id.clone()));
    }
    // A call passes a role that is there; a plan's may be gone since.
    let role = match job.order.created_by {
        Some(_) => role::check(ministack, &place.region, &job.order.role).await,
        None => Ok(()),
    };
    let found = match role {
        Ok(()) => resource::one(ministack, place, &job.order.resource).await,
        Err(message) => Err(message),
    };
    let mut state = backup.lock();
    if moved_on(&state, place, job) {
        return;
    }
    let found = match state.read(place).vaults.get(&job.order.vault) {
        Some(_) => found,
        None => Err(no_vault(place, &job.order.vault)),
    };
    let resource = match found {
        Ok(resource) => resource,
        Err(message) => return end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
    };
    if let Some(running) = state.region(place).backup_jobs.get_mut(&job.id) {
        running.found = Some(resource);
    }
    step(&mut state, place, &job.id, Stage::Running, at);
    let done = (at + backup.jobs_take).min(job.order.complete_by);
    state.plan(done, place, Task::BackupJob(job.id.clone()));
}

/// Whether the job was stopped while ministack was asked.
fn moved_on(state: &State, place: &Place, job: &BackupJob) -> bool {
    let now = state.read(place).backup_jobs.get(&job.id);
    now.is_none_or(|now| now.stage != job.stage)
}

/// From RUNNING to its end, with a recovery point where it worked out.
async fn finish(
    backup: &Backup,
    (ministack, faults): (Option<&Ministack>, &Faults),
    place: &Place,
    job: &BackupJob,
    at: Timestamp,
) {
    let Some(resource) = &job.found else { return };
    if at >= job.order.complete_by {
        let message = "Backup job expired before completion.".to_owned();
        return end(&mut backup.lock(), place, &job.id, Stage::Expired, Some(message), at);
    }
    let stage = job.order.failing.as_ref().map_or(Stage::Completed, Stage::of_fault);
    let message = job.order.failing.as_ref().map(|fault| {
        let default = "The backup job failed to create a recovery point for your resource due to an internal error.";
        fault.message.clone().unwrap_or_else(|| default.to_owned())
    });
    if !matches!(stage, Stage::Completed | Stage::Partial) {
        return end(&mut backup.lock(), place, &job.id, stage, message, at);
    }
    let refused = match backup.lock().read(place).vaults.get(&job.order.vault) {
        Some(vault) => vault_lock::check_retention(vault.lock.as_ref(), job.order.lifecycle).err(),
        None => Some(no_vault(place, &job.order.vault)),
    };
    if refused.is_some() {
        return end(&mut backup.lock(), place, &job.id, Stage::Failed, refused, at);
    }
    let continuous = continuous::arn(backup.lock().read(place), place, &job.order, resource);
    let is_continuous = continuous.is_some();
    let made = match continuous {
        Some(arn) => continuous::keep_logs(ministack, place, resource, job.order.lifecycle)
            .await
            .map(|()| arn),
        None => resource::back_up(ministack, place, resource, &job.id, at).await,
    };
    if moved_on(&backup.lock(), place, job) {
        if let (Ok(arn), false) = (&made, is_continuous) {
            resource::forget(ministack, place, arn).await;
        }
        return;
    }
    let mut state = backup.lock();
    let arn = match made {
        Ok(arn) => arn,
        Err(message) => return end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
    };
    let Some(vault) = state.region(place).vaults.get_mut(&job.order.vault) else {
        let message = no_vault(place, &job.order.vault);
        return end(&mut state, place, &job.id, Stage::Failed, Some(message), at);
    };
    let point = RecoveryPoint {
        arn: arn.clone(),
        resource: resource.clone(),
        role: job.order.role.clone(),
        created: job.created,
        completed: at,
        lifecycle: job.order.lifecycle,
        created_by: job.order.created_by.clone(),
        source_vault: None,
        continuous_since: is_continuous.then_some(job.created),
        status: if stage == Stage::Partial {
            Status::Partial
        } else {
            Status::Completed
        },
        key: vault.key.clone(),
        last_restored: None,
    };
    let point = match vault.points.remove(&arn) {
        Some(before) => continuous::prolonged(before, point),
        None => point,
    };
    // What the resource is tagged with, and what was ordered over it.
    let mut tags = resource.tags.clone();
    tags.extend(job.order.tags.clone());
    points::keep(&mut state, place, &job.order.vault, point, tags);
    if let Some(done) = state.region(place).backup_jobs.get_mut(&job.id) {
        done.recovery_point = Some(arn.clone());
    }
    end(&mut state, place, &job.id, stage, message, at);
    plan::copy(&mut state, place, job, (resource, &arn), faults, at);
}

/// What is said of a job whose vault is gone.
fn no_vault(place: &Place, vault: &str) -> String {
    let arn = place.arn(&format!("backup-vault:{vault}"));
    format!("Backup job failed because backup vault {arn} does not exist.")
}

fn step(state: &mut State, place: &Place, id: &str, stage: Stage, at: Timestamp) {
    if let Some(job) = state.region(place).backup_jobs.get_mut(id) {
        job.stage = stage;
        let job = job.clone();
        state.tell(place, job.event(place, at));
        vault_notifications::tell(state, place, &job);
    }
}

pub(super) fn end(state: &mut State, place: &Place, id: &str, stage: Stage, message: Option<String>, at: Timestamp) {
    if let Some(job) = state.region(place).backup_jobs.get_mut(id) {
        job.ended = Some(at);
        job.message = message;
        step(state, place, id, stage, at);
        state.plan(at + LISTED_FOR, place, Task::BackupJob(id.to_owned()));
    }
}
