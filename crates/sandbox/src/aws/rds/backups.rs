//! The automated backups of one instance or cluster. Pure: no calls, no clock.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::super::xml::Element;
use super::family::Family;
use super::limits;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// They outlive what they back up where that was asked for, and can be replicated to another region.
#[derive(Debug, Clone)]
pub(crate) struct Backups {
    pub(crate) family: &'static Family,
    /// The instance or cluster as last seen.
    pub(crate) source: Element,
    pub(crate) settings: Settings,
    /// Up to here every due snapshot was taken. `None`: backups were just switched on.
    pub(crate) checked: Option<Timestamp>,
    /// When nothing was added any more. `None`: still going on.
    pub(crate) ended: Option<Timestamp>,
    /// Of a replica: ARN of the instance in its own region, and the start of replication.
    pub(crate) replicates: Option<(String, Timestamp)>,
    /// ARNs of the replicas in other regions.
    pub(crate) replicas: BTreeSet<String>,
    /// Key of a replica.
    pub(crate) key: Option<String>,
}

/// The settings of automated backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// 0: switched off.
    pub(crate) retention_days: i64,
    /// Minutes after midnight UTC.
    pub(crate) window_start: i64,
}

impl Settings {
    pub(crate) fn of(source: &Element) -> Self {
        let retention_days = source
            .text_of("BackupRetentionPeriod")
            .and_then(|days| days.parse().ok())
            .unwrap_or(0);
        let window_start = source
            .text_of("PreferredBackupWindow")
            .and_then(limits::window)
            .map_or(0, |(start, _)| start);
        Self {
            retention_days,
            window_start,
        }
    }

    /// What was made before is no longer kept.
    pub(crate) fn kept_since(self, now: Timestamp) -> Timestamp {
        now - self.retention()
    }

    pub(crate) fn retention(self) -> SignedDuration {
        SignedDuration::from_hours(24 * self.retention_days)
    }
}

impl Backups {
    pub(crate) fn new(family: &'static Family, source: &Element) -> Self {
        Self {
            family,
            source: source.clone(),
            settings: Settings::of(source),
            checked: None,
            ended: None,
            replicates: None,
            replicas: BTreeSet::new(),
            key: None,
        }
    }

    /// Whether snapshots are still taken here.
    pub(crate) fn goes_on(&self) -> bool {
        self.ended.is_none() && self.replicates.is_none()
    }

    pub(crate) fn status(&self) -> &'static str {
        match (self.ended, &self.replicates) {
            (Some(_), _) => "retained",
            (None, Some(_)) => "replicating",
            (None, None) => "active",
        }
    }

    /// Moments at which a snapshot is due, oldest first: at once when backups start, then at each start of the window.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<Timestamp> {
        let Some(checked) = self.checked else {
            return vec![now];
        };
        let first = self.window_after(checked.max(self.settings.kept_since(now)));
        (0..).map(|day| first + DAY * day).take_while(|at| *at <= now).collect()
    }

    /// When the next snapshot is due. `None` before the first.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.checked.map(|checked| self.window_after(checked))
    }

    /// The first start of the window after `since`.
    fn window_after(&self, since: Timestamp) -> Timestamp {
        let midnight = since.to_zoned(TimeZone::UTC).date().to_zoned(TimeZone::UTC);
        let today = midnight.map_or(since, |midnight| midnight.timestamp())
            + SignedDuration::from_mins(self.settings.window_start);
        if today > since { today } else { today + DAY }
    }

    /// First and last moment that can be restored, in whole seconds as a `RestoreTime` is written; the last moves every five minutes.
    ///
    /// `oldest` is when the oldest snapshot was taken. `None` before the first one.
    pub(crate) fn restorable(&self, oldest: Option<Timestamp>, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let earliest = match &self.replicates {
            Some((_, since)) => (*since).max(self.settings.kept_since(now)),
            None => oldest?,
        };
        let earliest = earliest.as_second();
        let until = self.ended.unwrap_or(now).as_second();
        let latest = until - until.rem_euclid(300);
        let moment = |second| Timestamp::from_second(second).ok();
        Some((moment(earliest)?, moment(latest.max(earliest))?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::family::INSTANCE;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn checked(at: Option<Timestamp>) -> Backups {
        let source = Element::new("DBInstance")
            .with("BackupRetentionPeriod", "7")
            .with("PreferredBackupWindow", "03:00-03:30");
        Backups {
            checked: at,
            ..Backups::new(&INSTANCE, &source)
        }
    }

    #[test]
    fn the_first_snapshot_is_due_at_once() {
        let now = at("2026-11-21T11:00:00Z");
        assert_eq!(checked(None).due(now), [now]);
    }

    #[test]
    fn then_one_a_day_at_the_start_of_the_window() {
        let backups = checked(Some(at("2026-11-21T03:00:00Z")));
        let due = backups.due(at("2026-11-23T03:00:00Z"));
        assert_eq!(due, [at("2026-11-22T03:00:00Z"), at("2026-11-23T03:00:00Z")]);
        assert_eq!(backups.next_due(), Some(due[0]));
    }

    #[test]
    fn a_long_leap_takes_only_what_is_still_kept() {
        let backups = checked(Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(backups.due(at("2026-11-21T11:00:00Z")).len(), 7);
    }

    #[test]
    fn the_latest_restorable_time_trails_by_less_than_five_minutes_and_stops_with_the_backups() {
        let oldest = Some(at("2026-11-21T03:00:00Z"));
        let mut backups = checked(None);
        let window = backups.restorable(oldest, at("2026-11-21T11:04:59Z"));
        assert_eq!(window, Some((at("2026-11-21T03:00:00Z"), at("2026-11-21T11:00:00Z"))));
        backups.ended = Some(at("2026-11-21T09:01:00Z"));
        let window = backups.restorable(oldest, at("2026-11-22T11:04:59Z"));
        assert_eq!(window.unwrap().1, at("2026-11-21T09:00:00Z"));
        assert_eq!(backups.restorable(None, at("2026-11-22T11:04:59Z")), None);
    }
}
