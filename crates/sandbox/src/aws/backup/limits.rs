//! What AWS Backup refuses, shared by several calls.

use jiff::{SignedDuration, Timestamp};

use super::super::rest::{Ask, Exception};
use super::recovery_point::Lifecycle;
use super::resource;

/// Cold storage is paid for so many days at least.
const COLD_DAYS: i64 = 90;

/// A hundred years, in days and in minutes.
const MOST_DAYS: i64 = 36_500;
const MOST_MINUTES: i64 = MOST_DAYS * 24 * 60;

/// # Errors
/// `InvalidParameterValueException`, as AWS words it.
pub(crate) fn check_lifecycle(lifecycle: Lifecycle) -> Result<(), Exception> {
    let wrong = |message: &str| Err(Exception::invalid_parameter(message));
    match (lifecycle.move_to_cold_storage_after_days, lifecycle.delete_after_days) {
        (_, Some(delete)) if !(1..=MOST_DAYS).contains(&delete) => {
            wrong("Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days")
        }
        (Some(cold), _) if !(1..=MOST_DAYS).contains(&cold) => {
            wrong("Invalid lifecycle. MoveToColdStorageAfterDays cannot be less than 1 or more than 36500 days")
        }
        (Some(cold), Some(delete)) if delete < cold + COLD_DAYS => wrong(
            "Error in Lifecycle: DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays",
        ),
        _ => Ok(()),
    }
}

/// # Errors
/// `InvalidParameterValueException` where it is not the ARN of a role.
pub(crate) fn check_role(arn: &str) -> Result<(), Exception> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, role] if account.len() == 12 && role.starts_with("role/") => Ok(()),
        _ => Err(Exception::invalid_parameter(format!("Invalid IAM role ARN: {arn}"))),
    }
}

/// Until when a job has to start, and to complete; windows are in minutes, by default 8 hours and 7 days.
///
/// # Errors
/// `InvalidParameterValueException` for a window that is too short.
pub(crate) fn windows(
    now: Timestamp,
    start: Option<i64>,
    complete: Option<i64>,
) -> Result<(Timestamp, Timestamp), Exception> {
    let (start, complete) = (start.unwrap_or(480), complete.unwrap_or(10_080));
    if start < 60 {
        return Err(Exception::invalid_parameter(
            "StartWindowMinutes must be at least 60 minutes",
        ));
    }
    if start.max(complete) > MOST_MINUTES {
        return Err(Exception::invalid_parameter(
            "StartWindowMinutes and CompletionWindowMinutes cannot be more than 52560000 minutes",
        ));
    }
    if complete < start + 60 {
        return Err(Exception::invalid_parameter(
            "CompletionWindowMinutes must be at least 60 minutes greater than StartWindowMinutes",
        ));
    }
    let after = |minutes| now + SignedDuration::from_mins(minutes);
    Ok((after(start), after(complete)))
}

/// What the lists of jobs can be filtered by; an absent field matches all.
pub(crate) struct JobFilter<'a> {
    account: Option<&'a str>,
    resource: Option<&'a str>,
    resource_type: Option<&'a str>,
    state: Option<&'a str>,
    vault: Option<&'a str>,
    parent: Option<&'a str>,
    category: Option<&'a str>,
    created: (Option<Timestamp>, Option<Timestamp>),
    completed: (Option<Timestamp>, Option<Timestamp>),
}

/// The fields of a job that a filter looks at.
pub(crate) struct JobFacts<'a> {
    pub(crate) account: &'a str,
    /// ARN.
    pub(crate) resource: &'a str,
    pub(crate) state: &'a str,
    /// Name; `None` where the filter is no option.
    pub(crate) vault: Option<&'a str>,
    pub(crate) created: Timestamp,
    pub(crate) completed: Option<Timestamp>,
    pub(crate) parent: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
}

/// Every state that a list can be asked for.
const STATES: [&str; 10] = [
    "CREATED",
    "PENDING",
    "RUNNING",
    "ABORTING",
    "ABORTED",
    "COMPLETED",
    "FAILED",
    "EXPIRED",
    "PARTIAL",
    "AGGREGATE_ALL",
];

impl<'a> JobFilter<'a> {
    /// # Errors
    /// `InvalidParameterValueException` for a state or a moment that is none.
    pub(crate) fn read(ask: &'a Ask<'_>) -> Result<Self, Exception> {
        let moment = |name: &str| moment(ask, name);
        let state = ask.query("state").or_else(|| ask.query("status"));
        if let Some(unknown) = state.filter(|state| !STATES.contains(state)) {
            return Err(Exception::invalid_parameter(format!(
                "Invalid value for state: {unknown}"
            )));
        }
        Ok(Self {
            account: ask.query("accountId").filter(|account| *account != "*"),
            resource: ask.query("resourceArn"),
            resource_type: ask.query("resourceType"),
            state: state.filter(|state| *state != "AGGREGATE_ALL"),
            vault: ask.query("backupVaultName"),
            parent: ask.query("parentJobId").or_else(|| ask.query("parentRecoveryPointArn")),
            category: ask.query("messageCategory"),
            created: (moment("createdAfter")?, moment("createdBefore")?),
            completed: (moment("completeAfter")?, moment("completeBefore")?),
        })
    }

    pub(crate) fn matches(&self, job: &JobFacts<'_>) -> bool {
        let same = |want: Option<&str>, is: Option<&str>| want.is_none_or(|want| is == Some(want));
        let kind = resource::Kind::of(job.resource).map(resource::Kind::name);
        let category = job.message.map_or("SUCCESS", |_| "FAILURE");
        same(self.account, Some(job.account))
            && same(self.resource, Some(job.resource))
            && same(self.resource_type, kind)
            && same(self.state, Some(job.state))
            && same(self.vault, job.vault)
            && same(self.parent, job.parent)
            && same(self.category.filter(|category| *category != "ANY"), Some(category))
            && within(self.created, Some(job.created))
            && within(self.completed, job.completed)
    }
}

/// A moment in the query.
///
/// # Errors
/// `InvalidParameterValueException` for one that is none.
pub(crate) fn moment(ask: &Ask<'_>, name: &str) -> Result<Option<Timestamp>, Exception> {
    let parsed = ask.query(name).map(str::parse::<Timestamp>).transpose();
    parsed.map_err(|_| Exception::invalid_parameter(format!("Invalid value for {name}")))
}

/// Whether a moment lies between two others, each of which may be open.
pub(crate) fn within((after, before): (Option<Timestamp>, Option<Timestamp>), at: Option<Timestamp>) -> bool {
    after.is_none_or(|after| at.is_some_and(|at| at > after))
        && before.is_none_or(|before| at.is_some_and(|at| at < before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle(cold: Option<i64>, delete: Option<i64>) -> Lifecycle {
        Lifecycle {
            move_to_cold_storage_after_days: cold,
            delete_after_days: delete,
            opt_in_to_archive_for_supported_resources: None,
        }
    }

    #[test]
    fn cold_storage_takes_ninety_days() {
        assert!(check_lifecycle(lifecycle(Some(30), Some(119))).is_err());
        assert!(check_lifecycle(lifecycle(Some(30), Some(120))).is_ok());
        assert!(check_lifecycle(lifecycle(Some(30), None)).is_ok());
    }

    #[test]
    fn a_job_has_an_hour_to_start_at_least() {
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        assert!(windows(now, Some(59), None).is_err());
        assert!(windows(now, Some(60), Some(119)).is_err());
        let (start, complete) = windows(now, None, None).unwrap();
        assert_eq!(start.to_string(), "2026-11-21T08:00:00Z");
        assert_eq!(complete.to_string(), "2026-11-28T00:00:00Z");
    }
}
