//! Vault lock: governance mode, which can be taken off, and compliance mode, which cannot once its grace period is over.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::super::rest::Exception;
use super::desk::{Desk, Reply};
use super::recovery_point::Lifecycle;
use super::vault::{self, Kind, Vault};

/// Longest retention and grace period that can be asked for, in days.
const MOST_DAYS: i64 = 36_500;

/// Shortest grace period of compliance mode, in days.
const LEAST_GRACE: i64 = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) min_days: Option<i64>,
    pub(crate) max_days: Option<i64>,
    /// From then on the lock can be neither changed nor removed. `None`: governance mode.
    pub(crate) fixed_from: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    min_retention_days: Option<i64>,
    max_retention_days: Option<i64>,
    changeable_for_days: Option<i64>,
}

pub(crate) fn put(desk: &mut Desk<'_>) -> Reply {
    let asked: Put = desk.ask.body()?;
    let now = desk.now;
    let vault = changeable(desk)?;
    let (min, max) = (asked.min_retention_days, asked.max_retention_days);
    check_days("MinRetentionDays", min, 1)?;
    check_days("MaxRetentionDays", max, 1)?;
    check_days("ChangeableForDays", asked.changeable_for_days, LEAST_GRACE)?;
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return Err(Exception::invalid_parameter(
            "MinRetentionDays must not be greater than MaxRetentionDays",
        ));
    }
    vault.lock = Some(Lock {
        min_days: min,
        max_days: max,
        fixed_from: asked
            .changeable_for_days
            .map(|days| now + SignedDuration::from_hours(24 * days)),
    });
    Ok(Value::Null)
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    changeable(desk)?.lock = None;
    Ok(Value::Null)
}

/// The vault, if its lock may still be changed.
fn changeable<'a>(desk: &'a mut Desk<'_>) -> Result<&'a mut Vault, Exception> {
    let (name, now) = (desk.ask.path("backupVaultName"), desk.now);
    let vault = vault::named_mut(desk.region(), name)?;
    let fixed = |lock: &Lock| lock.fixed_from.is_some_and(|from| from <= now);
    if vault.kind == Kind::AirGapped || vault.lock.as_ref().is_some_and(fixed) {
        return Err(Exception::invalid_request(format!(
            "The vault lock configuration of backup vault {name} cannot be changed: it is locked."
        )));
    }
    Ok(vault)
}

fn check_days(name: &str, days: Option<i64>, least: i64) -> Result<(), Exception> {
    match days {
        Some(days) if !(least..=MOST_DAYS).contains(&days) => Err(Exception::invalid_parameter(format!(
            "{name} must be between {least} and {MOST_DAYS}"
        ))),
        _ => Ok(()),
    }
}

/// Whether a lock lets a recovery point of this lifecycle in.
///
/// # Errors
/// The message of the job that brings it.
pub(crate) fn check_retention(lock: Option<&Lock>, lifecycle: Lifecycle) -> Result<(), String> {
    let Some(lock) = lock else { return Ok(()) };
    let wrong = |side: &str, days: i64| {
        Err(format!(
            "Retention settings of the backup are {side} the {days} days that the vault lock of the target backup vault allows."
        ))
    };
    match (lifecycle.delete_after_days, lock.min_days, lock.max_days) {
        (Some(days), Some(min), _) if days < min => wrong("shorter than", min),
        (Some(days), _, Some(max)) if days > max => wrong("longer than", max),
        (None, _, Some(max)) => wrong("longer than", max),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(days: Option<i64>) -> Lifecycle {
        Lifecycle {
            delete_after_days: days,
            ..Lifecycle::default()
        }
    }

    #[test]
    fn a_lock_refuses_what_is_kept_too_short_or_too_long() {
        let lock = Lock {
            min_days: Some(7),
            max_days: Some(35),
            fixed_from: None,
        };
        let fits = |days| check_retention(Some(&lock), kept(days)).is_ok();
        assert_eq!(
            [fits(Some(6)), fits(Some(7)), fits(Some(35)), fits(Some(36))],
            [false, true, true, false]
        );
        assert!(!fits(None), "for ever is longer than 35 days");
        assert!(check_retention(None, kept(None)).is_ok());
    }
}
