//! At which times of which days a schedule runs, by the clock on the wall.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::zone::HORIZON_YEARS;

/// Small numbers: minutes, hours, days, months or weekdays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Set(u64);

impl Set {
    pub(super) fn range(first: u8, last: u8, step: u8) -> Self {
        (first..=last).step_by(usize::from(step.max(1))).collect()
    }

    pub(super) const fn of(value: u8) -> Self {
        Self(1 << value)
    }

    pub(super) fn values(self) -> Vec<u8> {
        (0..64).filter(|value| self.0 & (1 << value) != 0).collect()
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The value, when it is the only one.
    pub(super) fn only(self) -> Option<u8> {
        match self.values()[..] {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl FromIterator<u8> for Set {
    fn from_iter<I: IntoIterator<Item = u8>>(values: I) -> Self {
        values
            .into_iter()
            .fold(Self(0), |set, value| set.union(Self::of(value)))
    }
}

/// Days of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Days {
    Any,
    On(Set),
    Last,
    /// The last one from Monday to Friday.
    LastWorking,
    /// The one from Monday to Friday that is nearest to this day, within the month.
    NearestWorking(u8),
}

/// Days of the week; Sunday is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weekdays {
    Any,
    On(Set),
    /// The last of its kind in a month.
    Last(u8),
    /// The first to fifth of its kind in a month.
    Nth(u8, u8),
}

/// What five cron fields say. Where days and weekdays are both restricted, either suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minutes: Set,
    pub(super) hours: Set,
    pub(super) days: Days,
    pub(super) months: Set,
    pub(super) weekdays: Weekdays,
}

impl Fields {
    pub(super) const ALL_HOURS: Set = Set((1 << 24) - 1);
    pub(super) const ALL_MONTHS: Set = Set(0b1_1111_1111_1110);

    /// Every day at one time.
    pub(super) fn daily(time: Time) -> Self {
        Self {
            minutes: Set::of(time.minute().unsigned_abs()),
            hours: Set::of(time.hour().unsigned_abs()),
            days: Days::Any,
            months: Self::ALL_MONTHS,
            weekdays: Weekdays::Any,
        }
    }

    /// The time of day, when there is only one.
    pub(super) fn time(&self) -> Option<Time> {
        let (hour, minute) = (self.hours.only()?, self.minutes.only()?);
        Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()
    }

    fn first_time(&self) -> Option<Time> {
        let (hour, minute) = (*self.hours.values().first()?, *self.minutes.values().first()?);
        Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()
    }
}

/// Times by the clock on the wall, without its changes.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Cron(Fields, Box<Cron>),
    /// Every two weeks, counted from a day that is one of them.
    Fortnightly {
        counted_from: Date,
        time: Time,
    },
}

/// The first Sunday of 2026: "every two weeks" is counted from it, or from the first of its weekday after it.
const FORTNIGHTS_FROM: Date = date(2026, 1, 4);

impl Pattern {
    /// # Errors
    /// Why no day ever suits.
    pub(super) fn cron(fields: Fields) -> Result<Self, String> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser
            .parse(&super::cron::five_fields(&fields))
            .map_err(|error| error.to_string())?;
        Ok(Self::Cron(fields, Box::new(cron)))
    }

    /// Counted from the customary day.
    pub(super) fn fortnightly(weekday: Weekday, time: Time) -> Self {
        Self::Fortnightly {
            counted_from: Self::customary(weekday),
            time,
        }
    }

    /// From when "every two weeks" is counted where nobody says it.
    pub(super) fn customary(weekday: Weekday) -> Date {
        let days = FORTNIGHTS_FROM.weekday().until(weekday);
        FORTNIGHTS_FROM.saturating_add(i64::from(days).days())
    }

    /// The first time that suits, at `from` or after it.
    pub(super) fn first(&self, from: DateTime) -> Option<DateTime> {
        match self {
            Self::Cron(_, cron) => {
                let from = from.to_zoned(TimeZone::UTC).ok()?;
                let found = cron.find_next_occurrence(&from, true).ok()?;
                Some(found.datetime())
            }
            Self::Fortnightly { counted_from, time } => {
                let passed = from.duration_since(counted_from.to_datetime(*time)).as_secs();
                let fortnights = passed.div_euclid(FORTNIGHT) + i64::from(passed.rem_euclid(FORTNIGHT) > 0);
                fortnight(*counted_from, *time, fortnights)
            }
        }
    }

    /// The last time that suits before `before`.
    pub(super) fn last_before(&self, before: DateTime) -> Option<DateTime> {
        match self {
            Self::Cron(_, cron) => {
                let before = before.to_zoned(TimeZone::UTC).ok()?;
                let found = cron.find_previous_occurrence(&before, false).ok()?;
                Some(found.datetime())
            }
            Self::Fortnightly { counted_from, time } => {
                let passed = before.duration_since(counted_from.to_datetime(*time)).as_secs() - 1;
                fortnight(*counted_from, *time, passed.div_euclid(FORTNIGHT))
            }
        }
    }

    /// The longest time between two runs by the clock on the wall. `None`: it never runs.
    pub(super) fn longest_gap(&self) -> Option<SignedDuration> {
        let Self::Cron(fields, cron) = self else {
            return Some(SignedDuration::from_secs(FORTNIGHT));
        };
        let minutes: Vec<i64> = fields
            .hours
            .values()
            .into_iter()
            .flat_map(|hour| {
                let minutes = fields.minutes.values().into_iter();
                minutes.map(move |minute| i64::from(hour) * 60 + i64::from(minute))
            })
            .collect();
        let (first, last) = (*minutes.first()?, *minutes.last()?);
        let within_a_day = minutes.windows(2).map(|pair| pair[1] - pair[0]).max();
        let overnight = longest_days(fields, cron)? * 24 * 60 - last + first;
        within_a_day.max(Some(overnight)).map(SignedDuration::from_mins)
    }
}

const FORTNIGHT: i64 = 14 * 24 * 3600;

fn fortnight(counted_from: Date, time: Time, number: i64) -> Option<DateTime> {
    let day = counted_from.checked_add((number * 14).days()).ok()?;
    Some(day.to_datetime(time))
}

/// The most days from one day that suits to the next. `None`: none ever does.
fn longest_days(fields: &Fields, cron: &Cron) -> Option<i64> {
    let same_each_week = fields.days == Days::Any
        && fields.months == Fields::ALL_MONTHS
        && matches!(fields.weekdays, Weekdays::Any | Weekdays::On(_));
    let start = date(HORIZON_YEARS.start, 1, 1);
    // 29 February on a given weekday may be 28 years away, plus a round to close the circle.
    let end = if same_each_week {
        date(HORIZON_YEARS.start, 1, 22)
    } else {
        date(HORIZON_YEARS.end + 8, 1, 1)
    };
    let time = fields.first_time()?;
    let (mut longest, mut last) = (None, None);
    for (number, day) in (0_i64..).zip(start.series(1.day()).take_while(|day| *day < end)) {
        let at = day.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
        if cron.is_time_matching(&at).unwrap_or(false) {
            longest = longest.max(last.map(|last| number - last));
            last = Some(number);
        }
    }
    longest
}
