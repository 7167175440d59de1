//! What is remembered of RDS beyond ministack. Pure: no calls, no clock.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::super::xml::Element;
use super::limits;

/// One account in one region.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Instances with automated backups.
    pub(crate) backups: BTreeMap<String, Backups>,
    /// Instances that a restore made.
    pub(crate) restores: BTreeMap<String, Restore>,
    /// Manual snapshots, with the virtual time of their creation.
    pub(crate) manual: BTreeMap<String, Timestamp>,
}

/// A restore that was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restore {
    pub(crate) since: Timestamp,
    pub(crate) ready_at: Timestamp,
    /// A fault decided that it will not work out.
    pub(crate) fails: bool,
}

/// The automated backups of one instance.
#[derive(Debug, Default)]
pub(crate) struct Backups {
    /// Up to here every due snapshot was taken. `None`: backups were just switched on.
    pub(crate) checked: Option<Timestamp>,
    /// Snapshot to time of creation.
    pub(crate) taken: BTreeMap<String, Timestamp>,
}

/// The settings of automated backups.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// 0: switched off.
    pub(crate) retention_days: i64,
    /// Minutes after midnight UTC.
    pub(crate) window_start: i64,
}

impl Settings {
    pub(crate) fn of(instance: &Element) -> Self {
        let retention_days = instance
            .text_of("BackupRetentionPeriod")
            .and_then(|days| days.parse().ok())
            .unwrap_or(0);
        let window_start = instance
            .text_of("PreferredBackupWindow")
            .and_then(limits::window)
            .map_or(0, |(start, _)| start);
        Self {
            retention_days,
            window_start,
        }
    }

    fn kept_since(self, now: Timestamp) -> Timestamp {
        now - SignedDuration::from_hours(24 * self.retention_days)
    }
}

impl Ledger {
    /// The state of a restored instance while it is not simply what ministack says.
    pub(crate) fn status(&self, instance: &str, now: Timestamp) -> Option<&'static str> {
        let restore = self.restores.get(instance)?;
        match (now < restore.ready_at, restore.fails) {
            (true, _) => Some("creating"),
            (false, true) => Some("incompatible-restore"),
            (false, false) => None,
        }
    }

    /// When an automated snapshot was taken; `None` for one that is not automated.
    pub(crate) fn automated(&self, snapshot: &str) -> Option<Timestamp> {
        self.backups
            .values()
            .find_map(|backups| backups.taken.get(snapshot))
            .copied()
    }
}

impl Backups {
    /// Moments at which a snapshot is due, oldest first: at once when backups start, then at each start of the window.
    pub(crate) fn due(&self, settings: Settings, now: Timestamp) -> Vec<Timestamp> {
        let Some(checked) = self.checked else {
            return vec![now];
        };
        let since = checked.max(settings.kept_since(now));
        let midnight = since.to_zoned(TimeZone::UTC).date().to_zoned(TimeZone::UTC);
        let first =
            midnight.map_or(since, |midnight| midnight.timestamp()) + SignedDuration::from_mins(settings.window_start);
        (0..)
            .map(|day| first + SignedDuration::from_hours(24 * day))
            .skip_while(|at| *at <= since)
            .take_while(|at| *at <= now)
            .collect()
    }

    /// Snapshots that are older than the retention.
    pub(crate) fn expired(&self, settings: Settings, now: Timestamp) -> Vec<String> {
        let kept = settings.kept_since(now);
        self.taken
            .iter()
            .filter(|(_, at)| **at <= kept)
            .map(|(snapshot, _)| snapshot.clone())
            .collect()
    }

    /// First and last moment that can be restored, in whole seconds as a `RestoreTime` is written; the last moves every five minutes.
    ///
    /// `None` before the first snapshot.
    pub(crate) fn restorable(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let earliest = self.taken.values().min()?.as_second();
        let latest = now.as_second() - now.as_second().rem_euclid(300);
        let moment = |second| Timestamp::from_second(second).ok();
        Some((moment(earliest)?, moment(latest.max(earliest))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_THREE: Settings = Settings {
        retention_days: 7,
        window_start: 180,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_snapshot_is_due_at_once() {
        assert_eq!(
            Backups::default().due(AT_THREE, at("2026-11-21T11:00:00Z")),
            [at("2026-11-21T11:00:00Z")]
        );
    }

    #[test]
    fn then_one_a_day_at_the_start_of_the_window() {
        let backups = Backups {
            checked: Some(at("2026-11-21T03:00:00Z")),
            ..Backups::default()
        };
        let due = backups.due(AT_THREE, at("2026-11-23T03:00:00Z"));
        assert_eq!(due, [at("2026-11-22T03:00:00Z"), at("2026-11-23T03:00:00Z")]);
    }

    #[test]
    fn a_long_leap_takes_only_what_is_still_kept() {
        let backups = Backups {
            checked: Some(at("2026-01-01T00:00:00Z")),
            ..Backups::default()
        };
        assert_eq!(backups.due(AT_THREE, at("2026-11-21T11:00:00Z")).len(), 7);
    }

    #[test]
    fn a_snapshot_expires_after_the_retention() {
        let taken = BTreeMap::from([
            ("a".to_owned(), at("2026-11-14T03:00:00Z")),
            ("b".to_owned(), at("2026-11-15T03:00:00Z")),
        ]);
        let backups = Backups { checked: None, taken };
        assert_eq!(backups.expired(AT_THREE, at("2026-11-21T03:00:00Z")), ["a"]);
    }

    #[test]
    fn the_latest_restorable_time_trails_by_less_than_five_minutes() {
        let backups = Backups {
            checked: None,
            taken: BTreeMap::from([("a".to_owned(), at("2026-11-21T03:00:00Z"))]),
        };
        let window = backups.restorable(at("2026-11-21T11:04:59Z"));
        assert_eq!(window, Some((at("2026-11-21T03:00:00Z"), at("2026-11-21T11:00:00Z"))));
    }
}
