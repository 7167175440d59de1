//! The daily time in which a provider makes its backups.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// A daily window in UTC, `HH:MM-HH:MM`, at least 30 minutes long; it may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupWindow {
    start_minute: u16,
    end_minute: u16,
}

/// The text is no window.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is no backup window: HH:MM-HH:MM in UTC is allowed, at least 30 minutes long")]
pub struct InvalidWindow {
    given: String,
}

const DAY_MINUTES: u16 = 24 * 60;
const SHORTEST_MINUTES: u16 = 30;

fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |s: &str| {
        (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))
            .then(|| s.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

impl BackupWindow {
    /// The shortest window that begins at a time of day in UTC.
    #[must_use]
    pub fn from_time(time: Time) -> Self {
        let start_minute = minute_of(time);
        Self {
            start_minute,
            end_minute: (start_minute + SHORTEST_MINUTES) % DAY_MINUTES,
        }
    }

    /// Whether a backup that is due at a time of day in UTC is due in the window.
    #[must_use]
    pub fn contains(&self, time: Time) -> bool {
        let since = |start: u16, minute: u16| (minute + DAY_MINUTES - start) % DAY_MINUTES;
        since(self.start_minute, minute_of(time)) < since(self.start_minute, self.end_minute)
    }

    /// Whether it begins at a time of day in UTC.
    #[must_use]
    pub fn begins_at(&self, time: Time) -> bool {
        self.start_minute == minute_of(time)
    }
}

fn minute_of(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

impl FromStr for BackupWindow {
    type Err = InvalidWindow;
    fn from_str(text: &str) -> Result<Self, InvalidWindow> {
        let parsed = || {
            let (start, end) = text.trim().split_once('-')?;
            let (start_minute, end_minute) = (minute_of_day(start.trim())?, minute_of_day(end.trim())?);
            let length = (end_minute + DAY_MINUTES - start_minute) % DAY_MINUTES;
            (length >= SHORTEST_MINUTES).then_some(Self {
                start_minute,
                end_minute,
            })
        };
        parsed().ok_or_else(|| InvalidWindow { given: text.to_owned() })
    }
}

impl fmt::Display for BackupWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            start_minute: s,
            end_minute: e,
        } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", s / 60, s % 60, e / 60, e % 60)
    }
}

impl TryFrom<String> for BackupWindow {
    type Error = InvalidWindow;
    fn try_from(text: String) -> Result<Self, InvalidWindow> {
        text.parse()
    }
}

impl From<BackupWindow> for String {
    fn from(window: BackupWindow) -> Self {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_and_written_alike_and_may_pass_midnight() {
        for text in ["03:00-04:00", "23:45-00:15"] {
            assert_eq!(text.parse::<BackupWindow>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_window_holds_the_times_from_its_start_to_before_its_end() {
        let time = |text: &str| text.parse().unwrap();
        assert_eq!(BackupWindow::from_time(time("23:45")).to_string(), "23:45-00:15");
        for (window, inside, outside) in [("03:00-04:00", "03:59", "04:00"), ("23:45-00:15", "00:14", "23:44")] {
            let window: BackupWindow = window.parse().unwrap();
            assert!(
                window.contains(time(inside)) && !window.contains(time(outside)),
                "{window}"
            );
        }
    }

    #[test]
    fn short_reversed_or_odd_windows_are_refused() {
        for text in [
            "03:00-03:29",
            "03:00-03:00",
            "3:00-4:00",
            "24:00-01:00",
            "03:60-04:30",
            "",
            "03:00",
        ] {
            assert!(text.parse::<BackupWindow>().is_err(), "{text}");
        }
    }
}
