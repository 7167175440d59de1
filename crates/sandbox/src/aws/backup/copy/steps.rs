//! The steps that a copy job takes by itself.

use jiff::{SignedDuration, Timestamp};

use super::super::super::ministack::Ministack;
use super::super::job::{LISTED_FOR, Stage};
use super::super::recovery_point::{RecoveryPoint, Status};
use super::super::state::{Place, State, Task};
use super::super::{Backup, points, resource, role, vault_notifications};
use super::admission::admitted;
use super::{CopyJob, Made, tell};

/// A job that waits for another one of its resource looks again after so long.
const LOOKS_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// Takes the job's next step, and plans the one after it.
pub(crate) async fn proceed(backup: &Backup, ministack: Option<&Ministack>, place: &Place, id: &str, at: Timestamp) {
    let job = backup.lock().read(place).copy_jobs.get(id).cloned();
    let Some(job) = job else { return };
    match job.stage {
        Stage::Created => begin(backup, ministack, place, &job, at).await,
        Stage::Running => finish(backup, ministack, place, &job, at).await,
        // Its time to be listed is over.
        _ => backup.lock().region(place).forget_copy_job(id),
    }
}

/// From CREATED to RUNNING, when no other copy of the resource is under way.
async fn begin(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &CopyJob, at: Timestamp) {
    let busy = |other: &CopyJob| other.stage == Stage::Running && other.order.resource.arn == job.order.resource.arn;
    if backup.lock().read(place).copy_jobs.values().any(busy) {
        return backup
            .lock()
            .plan(at + LOOKS_AGAIN, place, Task::CopyJob(job.id.clone()));
    }
    let role = role::check(ministack, &place.region, &job.order.role).await;
    let mut state = backup.lock();
    if let Err(message) = role {
        return end(&mut state, place, &job.id, Stage::Failed, Some(message), at);
    }
    step(&mut state, place, &job.id, Stage::Running, at);
    state.plan(at + backup.jobs_take, place, Task::CopyJob(job.id.clone()));
}

/// From RUNNING to its end, with a recovery point at the destination where it worked out.
async fn finish(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &CopyJob, at: Timestamp) {
    let partial = match &job.order.failing {
        None => None,
        Some(fault) => {
            let default = "Copy job encountered a fatal error.".to_owned();
            let message = fault.message.clone().unwrap_or(default);
            // A copy neither expires nor can be stopped.
            if Stage::of_fault(fault) != Stage::Partial {
                return end(&mut backup.lock(), place, &job.id, Stage::Failed, Some(message), at);
            }
            Some(message)
        }
    };
    let source = backup
        .lock()
        .read(place)
        .vaults
        .get(&job.order.source_vault)
        .and_then(|vault| vault.points.get(&job.order.point))
        .cloned();
    let allowed = admitted(&backup.lock(), place, job).map(|(destination, vault)| (destination, vault.name.clone()));
    let made = match (source, allowed) {
        (None, _) => Err(format!("Cannot find recovery point {}.", job.order.point)),
        (_, Err(message)) => Err(message),
        (Some(source), Ok((destination, vault))) => {
            let made = resource::copy(
                ministack,
                (place, &job.order.point),
                &destination,
                &job.order.resource,
                &job.id,
            )
            .await;
            made.map(|arn| (source, destination, vault, arn))
        }
    };
    let mut state = backup.lock();
    let kept = made.and_then(|(source, destination, vault, arn)| {
        keep(&mut state, place, job, source, (&destination, &vault), arn, at)
    });
    match kept {
        Err(message) => end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
        Ok(made) => {
            if let Some(done) = state.region(place).copy_jobs.get_mut(&job.id) {
                done.made = Some(made);
            }
            let stage = partial.as_ref().map_or(Stage::Completed, |_| Stage::Partial);
            end(&mut state, place, &job.id, stage, partial, at);
        }
    }
}

/// Puts the copy into its vault: as old as the original, restorable as a whole only, with a lifecycle of its own.
fn keep(
    state: &mut State,
    place: &Place,
    job: &CopyJob,
    source: RecoveryPoint,
    (destination, vault): (&Place, &str),
    arn: String,
    at: Timestamp,
) -> Result<Made, String> {
    let there = state.read(destination).vaults.get(vault);
    let there = there.ok_or_else(|| format!("Backup vault {} does not exist.", job.order.destination_vault))?;
    let (key, vault_kind) = (there.key.clone(), there.kind);
    let tags = state.read(place).tags.get(&source.arn).cloned().unwrap_or_default();
    let copy = RecoveryPoint {
        arn: arn.clone(),
        role: job.order.role.clone(),
        // What a continuous backup holds is as old as the copy that was asked for.
        created: source.continuous_since.map_or(source.created, |_| job.created),
        completed: at,
        lifecycle: job.order.lifecycle,
        created_by: job.order.created_by.clone(),
        source_vault: Some(job.source_vault(place)),
        continuous_since: None,
        status: match job.order.failing {
            Some(_) => Status::Partial,
            None => Status::Completed,
        },
        key: key.clone(),
        last_restored: None,
        ..source
    };
    points::keep(state, destination, vault, copy, tags);
    Ok(Made { arn, key, vault_kind })
}

fn step(state: &mut State, place: &Place, id: &str, stage: Stage, at: Timestamp) {
    if let Some(job) = state.region(place).copy_jobs.get_mut(id) {
        job.stage = stage;
        let job = job.clone();
        tell(state, place, &job, at);
        notify(state, place, &job);
    }
}

fn notify(state: &mut State, place: &Place, job: &CopyJob) {
    let (event, what) = match job.stage {
        Stage::Running => ("COPY_JOB_STARTED", "was started"),
        Stage::Completed => ("COPY_JOB_SUCCESSFUL", "was completed successfully"),
        Stage::Failed => ("COPY_JOB_FAILED", "failed"),
        _ => return,
    };
    let text = format!(
        "An AWS Backup copy job {what}. Recovery point ARN: {}. Destination vault ARN: {}. CopyJob ID : {}",
        job.order.point, job.order.destination_vault, job.id
    );
    vault_notifications::send_later(state, place, &job.order.source_vault, &[event], text);
}

fn end(state: &mut State, place: &Place, id: &str, stage: Stage, message: Option<String>, at: Timestamp) {
    if let Some(job) = state.region(place).copy_jobs.get_mut(id) {
        job.ended = Some(at);
        job.message = message;
        step(state, place, id, stage, at);
        state.plan(at + LISTED_FOR, place, Task::CopyJob(id.to_owned()));
    }
}
