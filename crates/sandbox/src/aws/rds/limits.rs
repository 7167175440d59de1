//! What AWS refuses and ministack accepts: identifiers, ranges, windows.

use jiff::Timestamp;

use super::super::answer::Refusal;
use super::super::request::Call;
use super::super::xml::Element;
use super::family::Family;

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Manual snapshots of one family that an account may have in one region.
const SNAPSHOTS: usize = 100;

/// Minutes after midnight UTC of `hh24:mi-hh24:mi`; the end may be on the next day.
pub(crate) fn window(text: &str) -> Option<(i64, i64)> {
    let (start, end) = text.split_once('-')?;
    Some((minute(start)?, minute(end)?))
}

fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| i64::from(hours) * 60 + i64::from(minutes))
}

/// Minutes after the start of Monday UTC of `ddd:hh24:mi-ddd:hh24:mi`; the end may be in the next week.
fn weekly_window(text: &str) -> Option<(i64, i64)> {
    let moment = |text: &str| {
        let (day, time) = text.split_once(':')?;
        let day = DAYS.iter().position(|name| name.eq_ignore_ascii_case(day))?;
        Some(i64::try_from(day).ok()? * DAY + minute(time)?)
    };
    let (start, end) = text.split_once('-')?;
    Some((moment(start)?, moment(end)?))
}

/// Whether a daily and a weekly window share a minute.
fn overlap(daily: (i64, i64), weekly: (i64, i64)) -> bool {
    let daily_minutes = (daily.1 - daily.0).rem_euclid(DAY);
    let weekly_minutes = (weekly.1 - weekly.0).rem_euclid(WEEK);
    (0..7).map(|day| day * DAY + daily.0).any(|start| {
        (weekly.0 - start).rem_euclid(WEEK) < daily_minutes || (start - weekly.0).rem_euclid(WEEK) < weekly_minutes
    })
}

/// Checks the retention and the windows of a call that sets them; `current` is what it changes.
///
/// # Errors
/// `InvalidParameterValue`, in words close to AWS's.
pub(crate) fn check_backup_settings(call: &Call, family: &Family, current: Option<&Element>) -> Result<(), Refusal> {
    let least = if family.is_cluster() { 1 } else { 0 };
    check_retention(call, least)?;
    let backup = call.param("PreferredBackupWindow");
    let maintenance = call.param("PreferredMaintenanceWindow");
    if let Some(text) = backup {
        let (start, end) = window(text).ok_or_else(|| {
            Refusal::invalid(format!(
                "Invalid backup window format: {text}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). Example: 04:00-04:30."
            ))
        })?;
        if (end - start).rem_euclid(DAY) < 30 {
            return Err(Refusal::invalid("The backup window must be at least 30 minutes."));
        }
    }
    if let Some(text) = maintenance {
        let (start, end) = weekly_window(text).ok_or_else(|| {
            Refusal::invalid(format!(
                "Invalid maintenance window format: {text}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15."
            ))
        })?;
        if (end - start).rem_euclid(WEEK) < 30 {
            return Err(Refusal::invalid("The maintenance window must be at least 30 minutes."));
        }
    }
    if backup.is_none() && maintenance.is_none() {
        return Ok(());
    }
    let kept = |field| current.and_then(|current| current.text_of(field));
    let daily = backup.or_else(|| kept("PreferredBackupWindow")).and_then(window);
    let weekly = maintenance
        .or_else(|| kept("PreferredMaintenanceWindow"))
        .and_then(weekly_window);
    match (daily, weekly) {
        (Some(daily), Some(weekly)) if overlap(daily, weekly) => Err(Refusal::invalid(
            "The backup window and maintenance window must not overlap.",
        )),
        _ => Ok(()),
    }
}

/// Checks `BackupRetentionPeriod`, in days, where it is given.
pub(crate) fn check_retention(call: &Call, least: u8) -> Result<(), Refusal> {
    match call.param("BackupRetentionPeriod") {
        Some(days) if !days.parse().is_ok_and(|days: u8| (least..=35).contains(&days)) => Err(Refusal::invalid(
            format!("Invalid backup retention period: {days}. Retention period must be between {least} and 35."),
        )),
        _ => Ok(()),
    }
}

/// Checks an identifier that a call makes up.
pub(crate) fn check_identifier(name: &str, id: &str, longest: usize) -> Result<(), Refusal> {
    let refuse = |rule: String| {
        Err(Refusal::invalid(format!(
            "The parameter {name} is not a valid identifier{rule}"
        )))
    };
    if id.len() > longest {
        return refuse(format!(" because it is longer than {longest} characters."));
    }
    let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let first = id.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if !letters || !first || id.ends_with('-') || id.contains("--") {
        return refuse(
            ". Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; \
             and must not end with a hyphen or contain two consecutive hyphens."
                .to_owned(),
        );
    }
    Ok(())
}

/// Checks that one more manual snapshot may be kept beside `kept`.
pub(crate) fn check_quota(kept: usize) -> Result<(), Refusal> {
    if kept < SNAPSHOTS {
        return Ok(());
    }
    let message = format!("Cannot create more than {SNAPSHOTS} manual snapshots");
    Err(Refusal::new(400, "SnapshotQuotaExceeded", message))
}

/// A parameter that the call must have.
pub(crate) fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    let missing = || {
        Refusal::new(
            400,
            "MissingParameter",
            format!("The request must contain the parameter {name}."),
        )
    };
    call.param(name).ok_or_else(missing)
}

/// A moment that a call gives.
pub(crate) fn moment(call: &Call, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let parsed = call.param(name).map(|text| {
        text.parse()
            .map_err(|_| Refusal::invalid(format!("Invalid {name}: {text}")))
    });
    parsed.transpose()
}

pub(crate) fn no_source(family: &Family, id: &str) -> Refusal {
    Refusal::new(404, family.source_missing, format!("{} {id} not found.", family.source))
}

pub(crate) fn no_snapshot(family: &Family, name: &str) -> Refusal {
    let message = format!("{} {name} not found.", family.snapshot);
    Refusal::new(404, family.snapshot_missing, message)
}

pub(crate) fn key_not_accessible(key: &str) -> Refusal {
    let message = format!(
        "The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
    );
    Refusal::new(400, "KMSKeyNotAccessibleFault", message)
}

pub(crate) fn combination(message: impl AsRef<str>) -> Refusal {
    Refusal::new(400, "InvalidParameterCombination", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_two_times_of_day() {
        assert_eq!(window("23:30-00:30"), Some((1410, 30)));
        assert_eq!(window("3:00-04:00"), None);
        assert_eq!(window("03:00-24:00"), None);
        assert_eq!(window("daily"), None);
    }

    #[test]
    fn windows_overlap_across_midnight_and_the_weeks_end() {
        let overlaps = |daily, weekly| overlap(window(daily).unwrap(), weekly_window(weekly).unwrap());
        assert!(overlaps("05:30-06:30", "sun:05:00-sun:06:00"));
        assert!(overlaps("23:45-00:15", "Mon:00:00-Mon:00:30"));
        assert!(overlaps("00:00-00:30", "sun:23:45-mon:00:15"));
        assert!(overlaps("12:00-12:30", "tue:01:00-thu:01:00"));
        assert!(!overlaps("06:00-06:30", "sun:05:00-sun:06:00"));
    }

    #[test]
    fn identifiers_follow_the_rules() {
        let valid = |id| check_identifier("DBSnapshotIdentifier", id, 10).is_ok();
        assert!(valid("a-1") && valid("A123456789"));
        for bad in ["", "1a", "a-", "a--b", "rds:a", "a_b", "a123456789b"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
