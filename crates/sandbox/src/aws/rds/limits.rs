//! Ranges that AWS refuses and ministack accepts.

use super::super::answer::Refusal;
use super::super::request::Call;

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

/// Checks retention and backup window of a call that sets them.
///
/// # Errors
/// `InvalidParameterValue`, in words close to AWS's.
pub(crate) fn check_backup_settings(call: &Call) -> Result<(), Refusal> {
    if let Some(days) = call.param("BackupRetentionPeriod")
        && !days.parse::<u8>().is_ok_and(|days| days <= 35)
    {
        return Err(Refusal::invalid(format!(
            "Invalid backup retention period: {days}. Retention period must be between 0 and 35."
        )));
    }
    if let Some(text) = call.param("PreferredBackupWindow") {
        let (start, end) = window(text).ok_or_else(|| {
            Refusal::invalid(format!(
                "Invalid backup window format: {text}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). Example: 04:00-04:30."
            ))
        })?;
        if (end - start).rem_euclid(24 * 60) < 30 {
            return Err(Refusal::invalid("The backup window must be at least 30 minutes."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn a_window_is_two_times_of_day() {
        assert_eq!(window("23:30-00:30"), Some((1410, 30)));
        assert_eq!(window("3:00-04:00"), None);
        assert_eq!(window("03:00-24:00"), None);
        assert_eq!(window("daily"), None);
    }
}
