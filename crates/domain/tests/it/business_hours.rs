//! Business hours against a slow, obvious version: look at the wall clock of every minute.

use std::collections::BTreeMap;

use domain::business_hours::{BusinessHours, Span, WEEK};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Half an hour is skipped at Lord Howe, a whole one elsewhere; Kathmandu never sets its clocks.
const ZONES: [&str; 5] = [
    "Europe/Brussels",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
];

/// The first minute of days on which some of these zones set their clocks, and of one without.
const DAYS: [&str; 6] = [
    "2026-03-28T00:00:00Z",
    "2026-10-24T00:00:00Z",
    "2026-03-07T00:00:00Z",
    "2026-10-31T00:00:00Z",
    "2027-04-03T00:00:00Z",
    "2028-02-28T00:00:00Z",
];

/// A calendar as plain data.
#[derive(Debug, Clone)]
struct Plain {
    zone: &'static str,
    /// Per day from Monday on, (first minute, minute after the last).
    week: [Vec<(u16, u16)>; 7],
    holidays: Vec<Date>,
}

impl Plain {
    fn calendar(&self) -> BusinessHours {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let span = |(start, end): &(u16, u16)| format!("{}-{}", text(*start), text(*end)).parse::<Span>().unwrap();
        let week = self.week.each_ref().map(|spans| spans.iter().map(span).collect());
        let holidays = self.holidays.iter().map(|day| (*day, "a holiday".to_owned()));
        BusinessHours::new(TimeZone::get(self.zone).unwrap(), week, holidays.collect()).unwrap()
    }

    fn is_open(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let wall = zone.to_datetime(at);
        let minute = u16::try_from(wall.hour()).unwrap() * 60 + u16::try_from(wall.minute()).unwrap();
        let day = WEEK.iter().position(|day| *day == wall.weekday()).unwrap();
        !self.holidays.contains(&wall.date())
            && self.week[day]
                .iter()
                .any(|(start, end)| (*start..*end).contains(&minute))
    }
}

fn spans() -> impl Strategy<Value = Vec<(u16, u16)>> {
    proptest::collection::btree_set(0u16..=96, 0..=4).prop_map(|edges| {
        let edges: Vec<u16> = edges.into_iter().map(|quarter| quarter * 15).collect();
        edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

fn calendars() -> impl Strategy<Value = Plain> {
    let week: [_; 7] = std::array::from_fn(|_| spans());
    let holidays = proptest::collection::vec(0i64..8, 0..=3);
    (proptest::sample::select(&ZONES[..]), week, holidays, moments())
        .prop_map(|(zone, week, holidays, near)| {
            let first = near.to_zoned(TimeZone::UTC).date();
            let day = |days: i64| first.checked_add(jiff::Span::new().days(days)).unwrap();
            let holidays = holidays.into_iter().map(day).collect();
            Plain { zone, week, holidays }
        })
        .prop_filter("it is open at all, and often enough to walk there", |plain| {
            plain.week.iter().filter(|day| !day.is_empty()).count() >= 3
        })
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (proptest::sample::select(&DAYS[..]), 0i64..3 * 24 * 60)
        .prop_map(|(day, minutes)| day.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn it_is_open_when_the_wall_clock_says_so(plain in calendars(), at in moments(), seconds in 0i64..60) {
        let (calendar, zone) = (plain.calendar(), TimeZone::get(plain.zone).unwrap());
        for minute in 0..26 * 60 {
            let at = at + SignedDuration::from_mins(minute);
            let open = plain.is_open(&zone, at);
            prop_assert_eq!(calendar.is_open(at), open, "{}", at);
            prop_assert_eq!(calendar.is_open(at + SignedDuration::from_secs(seconds)), open, "{} and some seconds", at);
        }
    }

    #[test]
    fn the_next_opening_is_the_first_open_minute(plain in calendars(), at in moments()) {
        let (calendar, zone) = (plain.calendar(), TimeZone::get(plain.zone).unwrap());
        let mut now = at;
        while !plain.is_open(&zone, now) {
            now += MINUTE;
        }
        prop_assert_eq!(calendar.next_opening(at), now);
    }

    #[test]
    fn adding_and_measuring_count_the_open_minutes(plain in calendars(), at in moments(), minutes in 0i64..2000) {
        let (calendar, zone) = (plain.calendar(), TimeZone::get(plain.zone).unwrap());
        let (mut now, mut left) = (at, minutes);
        while left > 0 {
            left -= i64::from(plain.is_open(&zone, now));
            now += MINUTE;
        }
        let business = SignedDuration::from_mins(minutes);
        prop_assert_eq!(calendar.add(at, business), now);
        prop_assert_eq!(calendar.between(at, now), business);
        prop_assert_eq!(calendar.between(now, at), if now == at { business } else { SignedDuration::ZERO });
    }

    #[test]
    fn the_next_business_day_is_the_first_later_day_with_an_open_minute(plain in calendars(), at in moments()) {
        let (calendar, zone) = (plain.calendar(), TimeZone::get(plain.zone).unwrap());
        let date_of = |at| zone.to_datetime(at).date();
        let mut now = at;
        while date_of(now) == date_of(at) || !plain.is_open(&zone, now) {
            now += MINUTE;
        }
        let day = date_of(now);
        let mut end = now;
        while date_of(now) == day {
            if plain.is_open(&zone, now) {
                end = now + MINUTE;
            }
            now += MINUTE;
        }
        prop_assert_eq!(calendar.end_of_next_business_day(at), end);
    }
}

fn weekdays(zone: &str, hours: &[&str], holidays: &[Date]) -> BusinessHours {
    let spans: Vec<Span> = hours.iter().map(|span| span.parse().unwrap()).collect();
    let mut week: [Vec<Span>; 7] = Default::default();
    week[..5].fill(spans);
    let holidays: BTreeMap<_, _> = holidays.iter().map(|day| (*day, "a holiday".to_owned())).collect();
    BusinessHours::new(TimeZone::get(zone).unwrap(), week, holidays).unwrap()
}

#[test]
fn an_evening_a_weekend_and_a_holiday_do_not_count() {
    let calendar = weekdays("Europe/Brussels", &["09:00-12:00", "13:00-17:00"], &[date(2026, 5, 25)]);
    let cases = [
        (
            "Friday afternoon, over Whit Monday",
            "2026-05-22T16:00+02:00",
            "2026-05-26T10:00+02:00",
        ),
        ("over lunch", "2026-05-27T11:00+02:00", "2026-05-27T14:00+02:00"),
        ("at night", "2026-05-27T03:00+02:00", "2026-05-27T11:00+02:00"),
        (
            "to the closing minute",
            "2026-05-27T15:00+02:00",
            "2026-05-27T17:00+02:00",
        ),
    ];
    for (when, asked, due) in cases {
        let (asked, due): (Timestamp, Timestamp) = (asked.parse().unwrap(), due.parse().unwrap());
        assert_eq!(calendar.add(asked, SignedDuration::from_hours(2)), due, "{when}");
    }
}

#[test]
fn an_hour_that_is_skipped_is_no_business_time_and_one_that_is_repeated_counts_twice() {
    let mut week: [Vec<Span>; 7] = Default::default();
    week[6] = vec!["01:00-04:00".parse().unwrap()];
    let hours_of = |zone: &str, day: Date| {
        let zone = TimeZone::get(zone).unwrap();
        let calendar = BusinessHours::new(zone.clone(), week.clone(), BTreeMap::new()).unwrap();
        let from = day.to_zoned(zone.clone()).unwrap().timestamp();
        let to = day.tomorrow().unwrap().to_zoned(zone).unwrap().timestamp();
        calendar.between(from, to).as_mins()
    };
    assert_eq!(hours_of("Europe/Brussels", date(2026, 3, 29)), 120);
    assert_eq!(hours_of("Europe/Brussels", date(2026, 10, 25)), 240);
    assert_eq!(hours_of("Australia/Lord_Howe", date(2026, 10, 4)), 150);
    assert_eq!(hours_of("Australia/Lord_Howe", date(2026, 4, 5)), 210);
    assert_eq!(hours_of("Asia/Kathmandu", date(2026, 3, 29)), 180);
}
