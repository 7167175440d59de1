//! What happens to a test's resource: it is kept for validation, and then deleted.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::super::super::ministack::Ministack;
use super::super::super::rest::Exception;
use super::super::desk::{Desk, Reply};
use super::super::restore::{RestoreJob, changed};
use super::super::state::{Place, State, Task};
use super::super::{Backup, resource};

const VALIDATING: &str = "VALIDATING";
const DELETING: &str = "DELETING";

/// A deletion takes so long.
const UNTIL_DELETED: SignedDuration = SignedDuration::from_secs(1);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    validation_status: Option<String>,
    validation_status_message: Option<String>,
}

/// A test's restore is done: the time for its validation begins.
pub(crate) fn completed(state: &mut State, place: &Place, id: &str, at: Timestamp) {
    let Some(job) = state.region(place).restore_jobs.get_mut(id) else {
        return;
    };
    let Some(hours) = job.order.test.as_ref().map(|test| test.validation_hours) else {
        return;
    };
    if hours > 0 {
        job.validation = Some((VALIDATING, None));
    }
    let over = at + SignedDuration::from_hours(hours);
    state.plan(over, place, Task::EndRestoreTest(id.to_owned()));
}

pub(crate) fn put_result(desk: &mut Desk<'_>) -> Reply {
    let asked: Asked = desk.ask.body()?;
    let status = asked
        .validation_status
        .ok_or_else(|| Exception::missing_parameter("ValidationStatus"))?;
    let known = ["SUCCESSFUL", "FAILED", "TIMED_OUT", VALIDATING].into_iter();
    let Some(status) = known.into_iter().find(|known| *known == status) else {
        return Err(Exception::invalid_parameter(format!(
            "Invalid ValidationStatus: {status}"
        )));
    };
    let id = desk.ask.path("restoreJobId");
    let (place, now) = (desk.place.clone(), desk.now);
    let job = desk.region().restore_jobs.get_mut(id);
    let job = job.ok_or_else(|| Exception::not_found(format!("Restore job {id} does not exist.")))?;
    if !matches!(job.validation, Some((VALIDATING, _))) {
        return Err(Exception::invalid_request(format!(
            "Restore job {id} is not being validated."
        )));
    }
    job.validation = Some((status, asked.validation_status_message));
    changed(desk.state, &place, id, now);
    if status != VALIDATING {
        desk.state.plan(now, &place, Task::EndRestoreTest(id.to_owned()));
    }
    Ok(Value::Null)
}

/// The time for validation is over, or a deletion that began is done.
pub(crate) async fn end(backup: &Backup, ministack: Option<&Ministack>, place: &Place, id: &str, at: Timestamp) {
    let made = {
        let mut state = backup.lock();
        let Some(job) = state.region(place).restore_jobs.get_mut(id) else {
            return;
        };
        match (&job.deletion, job.made.clone()) {
            (None, Some(_)) => {
                begin(job);
                changed(&mut state, place, id, at);
                return state.plan(at + UNTIL_DELETED, place, Task::EndRestoreTest(id.to_owned()));
            }
            (Some((DELETING, _)), Some(made)) => made,
            _ => return,
        }
    };
    let deleted = resource::delete(ministack, place, &made).await;
    let mut state = backup.lock();
    if let Some(job) = state.region(place).restore_jobs.get_mut(id) {
        job.deletion = Some(match deleted {
            Ok(()) => ("SUCCESSFUL", None),
            Err(message) => ("FAILED", Some(message)),
        });
        changed(&mut state, place, id, at);
    }
}

fn begin(job: &mut RestoreJob) {
    if let Some((status @ VALIDATING, _)) = &mut job.validation {
        *status = "TIMED_OUT";
    }
    job.deletion = Some((DELETING, None));
}
