//! Schedules against a slow, obvious version: every minute is looked at, and each field is asked whether it suits.

use std::collections::HashSet;
use std::fmt::Write as _;

use domain::schedule::Schedule;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::collection::btree_set;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Brussels",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
];

/// A field as it is written, and the values that it means. `None`: a star.
#[derive(Debug, Clone)]
struct Field {
    text: String,
    values: Option<Vec<u8>>,
}

impl Field {
    fn suits(&self, value: i8) -> bool {
        self.values
            .as_ref()
            .is_none_or(|values| values.contains(&value.unsigned_abs()))
    }
}

/// Any way to write a field with values from `first` to `last`.
fn field(first: u8, last: u8) -> impl Strategy<Value = Field> {
    let star = Just(Field {
        text: "*".to_owned(),
        values: None,
    });
    let list = btree_set(first..=last, 1..4).prop_map(|values| Field {
        text: values.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
        values: Some(values.into_iter().collect()),
    });
    let range = (first..=last, first..=last, 1..9_u8).prop_map(|(a, b, step)| {
        let (a, b) = (a.min(b), a.max(b));
        let step_text = if step == 1 { String::new() } else { format!("/{step}") };
        Field {
            text: format!("{a}-{b}{step_text}"),
            values: Some((a..=b).step_by(usize::from(step)).collect()),
        }
    });
    let onwards = (first..=last, 2..40_u8).prop_map(move |(a, step)| Field {
        text: format!("{a}/{step}"),
        values: Some((a..=last).step_by(usize::from(step)).collect()),
    });
    let stars = (2..20_u8).prop_map(move |step| Field {
        text: format!("*/{step}"),
        values: Some((first..=last).step_by(usize::from(step)).collect()),
    });
    prop_oneof![3 => star, 3 => list, 2 => range, 1 => onwards, 1 => stars]
}

/// Which days suit.
#[derive(Debug, Clone)]
enum Days {
    /// Day of the month, weekday from Sunday as 0.
    Velero(Field, Field),
    /// The same, one of which is not asked.
    AwsDay(Field),
    AwsWeekday(Field),
    Last,
    LastWorking,
    NearestWorking(u8),
    LastWeekday(u8),
    NthWeekday(u8, u8),
}

fn is_working(date: Date) -> bool {
    (1..=5).contains(&date.weekday().to_sunday_zero_offset())
}

impl Days {
    fn suit(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_zero_offset();
        match self {
            Self::Velero(day, weekdays) => {
                let (a, b) = (day.suits(date.day()), weekdays.suits(weekday));
                if day.values.is_none() || weekdays.values.is_none() {
                    a && b
                } else {
                    a || b
                }
            }
            Self::AwsDay(day) => day.suits(date.day()),
            Self::AwsWeekday(weekdays) => weekdays.suits(weekday + 1),
            Self::Last => date == date.last_of_month(),
            Self::LastWorking => {
                let mut last = date.last_of_month();
                while !is_working(last) {
                    last = last.yesterday().unwrap();
                }
                date == last
            }
            Self::NearestWorking(day) => {
                let Ok(wanted) = date.with().day(*day as i8).build() else {
                    return false;
                };
                let of_month = |days: i64| {
                    let near = wanted.checked_add(days.days()).unwrap();
                    (near.month() == wanted.month() && is_working(near)).then_some(near)
                };
                [0, -1, 1, -2, 2].into_iter().find_map(of_month) == Some(date)
            }
            Self::LastWeekday(wanted) => {
                weekday == *wanted as i8 && date.checked_add(7.days()).unwrap().month() != date.month()
            }
            Self::NthWeekday(wanted, number) => weekday == *wanted as i8 && (date.day() - 1) / 7 + 1 == *number as i8,
        }
    }

    /// The fields for day and weekday.
    fn texts(&self) -> (String, String) {
        let open = || "?".to_owned();
        match self {
            Self::Velero(day, weekday) => (day.text.clone(), weekday.text.clone()),
            Self::AwsDay(day) => (day.text.clone(), open()),
            Self::AwsWeekday(weekday) => (open(), weekday.text.clone()),
            Self::Last => ("L".to_owned(), open()),
            Self::LastWorking => ("LW".to_owned(), open()),
            Self::NearestWorking(day) => (format!("{day}W"), open()),
            Self::LastWeekday(weekday) => (open(), format!("{}L", weekday + 1)),
            Self::NthWeekday(weekday, number) => (open(), format!("{}#{number}", weekday + 1)),
        }
    }
}

#[derive(Debug, Clone)]
struct Cron {
    minute: Field,
    hour: Field,
    month: Field,
    days: Days,
    zone: &'static str,
}

impl Cron {
    fn text(&self) -> String {
        let (day, weekday) = self.days.texts();
        let Self {
            minute,
            hour,
            month,
            zone,
            ..
        } = self;
        let (minute, hour, month) = (&minute.text, &hour.text, &month.text);
        if matches!(self.days, Days::Velero(..)) {
            format!("CRON_TZ={zone} {minute} {hour} {day} {month} {weekday}")
        } else {
            format!("cron({minute} {hour} {day} {month} {weekday} *) {zone}")
        }
    }

    fn suits(&self, civil: DateTime) -> bool {
        self.minute.suits(civil.minute())
            && self.hour.suits(civil.hour())
            && self.month.suits(civil.month())
            && self.days.suit(civil.date())
    }

    /// Every run in `[from, to)`, found minute by minute of real time.
    fn runs(&self, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let zone = TimeZone::get(self.zone).unwrap();
        let twice = matches!(self.days, Days::Velero(..));
        let mut shown = HashSet::new();
        let mut runs = Vec::new();
        let mut at = from - SignedDuration::from_hours(4);
        while at < to {
            let civil = zone.to_datetime(at);
            let again = !shown.insert(civil);
            if at >= from && self.suits(civil) && (twice || !again) {
                runs.push(at);
            }
            at += SignedDuration::from_mins(1);
        }
        runs
    }
}

fn days() -> impl Strategy<Value = Days> {
    prop_oneof![
        4 => (field(1, 31), field(0, 6)).prop_map(|(day, weekday)| Days::Velero(day, weekday)),
        2 => field(1, 31).prop_map(Days::AwsDay),
        2 => field(1, 7).prop_map(Days::AwsWeekday),
        1 => Just(Days::Last),
        1 => Just(Days::LastWorking),
        1 => (1..=31_u8).prop_map(Days::NearestWorking),
        1 => (0..=6_u8).prop_map(Days::LastWeekday),
        1 => (0..=6_u8, 1..=5_u8).prop_map(|(weekday, number)| Days::NthWeekday(weekday, number)),
    ]
}

fn crons() -> impl Strategy<Value = Cron> {
    (field(0, 59), field(0, 23), field(1, 12), days(), 0..ZONES.len()).prop_map(|(minute, hour, month, days, zone)| {
        Cron {
            minute,
            hour,
            month,
            days,
            zone: ZONES[zone],
        }
    })
}

/// A whole minute of the years 2024 to 2050, often shortly before the clocks are changed.
fn moments() -> impl Strategy<Value = Timestamp> {
    let minutes = 1_704_067_200 / 60..2_524_608_000 / 60_i64;
    (minutes, any::<bool>(), 0..ZONES.len()).prop_map(|(minute, near_a_change, zone)| {
        let anywhere = Timestamp::from_second(minute * 60).unwrap();
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let change = zone.following(anywhere).next().map(|change| change.timestamp());
        match change.filter(|_| near_a_change) {
            Some(change) => Timestamp::from_second(change.as_second() / 60 * 60 - 8 * 3600).unwrap(),
            None => anywhere,
        }
    })
}

const NEVER: &str = "it never runs";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// In the hours after any moment it runs exactly when the slow version does, and says again what it was read from.
    #[test]
    fn it_runs_when_every_field_suits(cron in crons(), from in moments()) {
        let text = cron.text();
        let schedule = match Schedule::parse(&text) {
            Ok(schedule) => schedule,
            Err(invalid) => {
                prop_assert!(invalid.why.contains(NEVER), "{}", invalid);
                return Ok(());
            }
        };
        let until = from + SignedDuration::from_hours(20);
        let slow = cron.runs(from, until);
        let before = from - SignedDuration::from_secs(1);
        let quick: Vec<_> = schedule.next_runs(before, slow.len() + 1).iter().map(jiff::Zoned::timestamp).collect();
        let last = quick.last().copied().unwrap();
        let differs = quick.iter().zip(&slow).find(|(quick, slow)| quick != slow);
        prop_assert_eq!(differs, None, "{}", &text);
        prop_assert!(last >= until, "{} also runs at {}", &text, last);
        for pair in quick.windows(2) {
            prop_assert!(pair[1].duration_since(pair[0]) <= schedule.interval(), "{} {:?}", &text, pair);
        }
        prop_assert_eq!(Schedule::parse(schedule.as_str()), Ok(schedule.clone()), "{}", &text);
        if !matches!(cron.days, Days::Velero(..)) || cron.zone == "UTC" {
            let again = Schedule::parse(schedule.as_str()).unwrap();
            prop_assert_eq!(again.next_runs(before, 3), schedule.next_runs(before, 3));
        }
    }

    /// Over the years, day by day, by a clock that nobody changes.
    #[test]
    fn it_runs_on_every_day_that_suits(cron in crons(), from in moments()) {
        let cron = Cron { zone: "UTC", ..cron };
        let text = cron.text();
        let start = from.to_zoned(TimeZone::UTC).date();
        let days = start.series(1.day()).take(9 * 366);
        let suiting: Vec<Date> = days.filter(|day| cron.month.suits(day.month()) && cron.days.suit(*day)).take(6).collect();
        let Ok(schedule) = Schedule::parse(&text) else {
            prop_assert!(suiting.is_empty(), "{} runs on {:?}", text, suiting);
            return Ok(());
        };
        let mut expected = Vec::new();
        for day in suiting {
            for minute in 0..24 * 60_i16 {
                let civil = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
                if cron.suits(civil) {
                    expected.push(civil);
                }
            }
        }
        let midnight = start.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let quick = schedule.next_runs(midnight - SignedDuration::from_secs(1), expected.len().min(40));
        let quick: Vec<_> = quick.iter().map(jiff::Zoned::datetime).collect();
        prop_assert_eq!(&quick[..], &expected[..quick.len()], "{}", &text);
        prop_assert!(quick.len() == expected.len().min(40));
        for pair in expected.windows(2) {
            prop_assert!(pair[1].duration_since(pair[0]) <= schedule.interval(), "{} {:?}", &text, pair);
        }
    }

    /// What one dialect says is understood alike when the other is asked to say it.
    #[test]
    fn an_expression_for_a_provider_means_the_same(cron in crons(), from in moments()) {
        use domain::schedule::Dialect::{Aws, Velero};
        let cron = Cron { zone: "UTC", ..cron };
        let Ok(schedule) = Schedule::parse(&cron.text()) else { return Ok(()) };
        for dialect in [Aws, Velero] {
            let Ok(expression) = schedule.cron_for(dialect) else { continue };
            let read_back = Schedule::parse(&expression.text).unwrap();
            prop_assert_eq!(read_back.next_runs(from, 20), schedule.next_runs(from, 20), "{}", expression.text);
        }
    }

    /// Whatever is typed is refused in words or understood, and then understood again.
    #[test]
    fn nothing_that_is_typed_is_too_much(text in "(every|daily|weekly|monthly|in|on|at|the|and|,|0|1st|:15|03:00|Sunday|July|UTC|hours|cron\\(|\\)|\\*|/|-|L|W|#|\\?| ){0,12}") {
        if let Ok(schedule) = Schedule::parse(&text) {
            prop_assert_eq!(Schedule::parse(schedule.as_str()), Ok(schedule));
        }
    }
}

#[test]
fn every_form_of_the_words_is_said_again_alike() {
    let mut text = String::new();
    for minute in [0, 7, 59] {
        for hour in [0, 13] {
            for days in [
                "daily",
                "weekly on Sunday and Friday",
                "monthly on the 2nd, 3rd and 31st",
                "in May on the last day",
                "every two weeks on Tuesday",
            ] {
                for zone in ["", " Europe/Brussels"] {
                    text.clear();
                    write!(text, "{days} at {hour:02}:{minute:02}{zone}").unwrap();
                    assert_eq!(Schedule::parse(&text).unwrap().as_str(), text);
                }
            }
        }
    }
}
