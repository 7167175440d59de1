//! Schedules as people say them: read, and said again in the same words.

use jiff::civil::{Date, Time, Weekday};

use super::pattern::{Days, Fields, Pattern, Set, Weekdays};
use super::zone::Zone;

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Reads words such as `weekly on Sunday at 00:00 Europe/Brussels`.
///
/// # Errors
/// Where it stops to be understood, and what is allowed there.
pub(super) fn read(text: &str) -> Result<(Pattern, Zone), String> {
    let spaced = text.replace(',', " , ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words };
    let pattern = reader.pattern()?;
    let zone = reader.zone()?;
    Ok((pattern, zone))
}

/// What was not read yet.
struct Reader<'a> {
    words: &'a [&'a str],
}

impl Reader<'_> {
    /// Takes the phrase if it comes next.
    fn take(&mut self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        let next = self.words.get(..wanted.len());
        let same = next.is_some_and(|next| next.iter().zip(&wanted).all(|(a, b)| a.eq_ignore_ascii_case(b)));
        if same {
            self.words = &self.words[wanted.len()..];
        }
        same
    }

    fn any_of(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.take(phrase))
    }

    /// The next word as `read` understands it.
    fn one<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let word = self.words.first().copied();
        let value = word.and_then(read).ok_or_else(|| match word {
            Some(word) => format!("{what} is expected where `{word}` stands"),
            None => format!("{what} is expected at its end"),
        })?;
        self.words = &self.words[1..];
        Ok(value)
    }

    /// One or several, with commas and "and" between them.
    fn several(&mut self, what: &str, read: impl Fn(&str) -> Option<u8>) -> Result<Set, String> {
        let mut set = Set::of(self.one(what, &read)?);
        while self.any_of(&[", and", ",", "and"]) {
            set = set.union(Set::of(self.one(what, &read)?));
        }
        Ok(set)
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        if self.any_of(&["every two weeks", "every 2 weeks"]) {
            return self.fortnightly();
        }
        let fields = if self.any_of(&["every two months", "every 2 months"]) {
            Fields {
                months: Set::range(1, 12, 2),
                ..self.monthly()?
            }
        } else if self.any_of(&["monthly", "every month"]) {
            self.monthly()?
        } else if self.take("in") {
            let months = self.several("a month", |word| named(word, &MONTHS, 1))?;
            Fields {
                months,
                ..self.monthly()?
            }
        } else if self.any_of(&["weekly on", "every week on"]) {
            let weekdays = self.several("a weekday", weekday)?;
            Fields {
                weekdays: if weekdays == Set::range(0, 6, 1) {
                    Weekdays::Any
                } else {
                    Weekdays::On(weekdays)
                },
                ..Fields::daily(self.time()?)
            }
        } else if self.any_of(&["daily", "every day"]) {
            Fields::daily(self.time()?)
        } else if self.any_of(&["hourly", "every hour"]) {
            Fields {
                hours: Fields::ALL_HOURS,
                ..self.past(Fields::ALL_HOURS)?
            }
        } else if self.take("every") {
            self.often()?
        } else {
            let word = self.words.first();
            return Err(word.map_or_else(
                || "it is empty".to_owned(),
                |word| format!("it cannot begin with `{word}`"),
            ));
        };
        Pattern::cron(fields)
    }

    /// `15 minutes`, `6 hours`, `6 hours at :30`.
    fn often(&mut self) -> Result<Fields, String> {
        let number = self.one("a number", |word| word.parse::<u8>().ok())?;
        let must_divide = |whole: &str, of: &str, some: &str| {
            format!(
                "{number} {of} do not divide {whole}: {some} do; `@every {number}{}` counts on regardless",
                &of[..1]
            )
        };
        if self.any_of(&["minutes", "minute", "min"]) {
            if number == 0 || number > 30 || 60 % number != 0 {
                return Err(must_divide(
                    "an hour",
                    "minutes",
                    "1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30",
                ));
            }
            return Ok(Fields {
                minutes: Set::range(0, 59, number),
                hours: Fields::ALL_HOURS,
                ..Fields::daily(Time::midnight())
            });
        }
        if !self.any_of(&["hours", "hour", "h"]) {
            return self.one("`minutes`, `hours`, `two weeks` or `two months`", |_| None);
        }
        if number == 0 || number > 12 || 24 % number != 0 {
            return Err(must_divide("a day", "hours", "1, 2, 3, 4, 6, 8 or 12"));
        }
        let hours = Set::range(0, 23, number);
        if self.words.first().is_some_and(|word| word.eq_ignore_ascii_case("at")) {
            self.past(hours)
        } else {
            Ok(Fields {
                hours,
                ..Fields::daily(Time::midnight())
            })
        }
    }

    /// `at :15`, `at :15 and :45`, in these hours.
    fn past(&mut self, hours: Set) -> Result<Fields, String> {
        self.one("`at`", |word| word.eq_ignore_ascii_case("at").then_some(()))?;
        let minutes = self.several("a minute such as `:15`", |word| {
            let digits = word.strip_prefix(':').filter(|digits| digits.len() == 2)?;
            number(digits).filter(|minute| *minute < 60)
        })?;
        Ok(Fields {
            minutes,
            hours,
            ..Fields::daily(Time::midnight())
        })
    }

    /// `on the 1st at 00:00`, `on the 1st and 15th at 00:00`, `on the last day at 00:00`.
    fn monthly(&mut self) -> Result<Fields, String> {
        self.one("`on`", |word| word.eq_ignore_ascii_case("on").then_some(()))?;
        self.take("the");
        let days = if self.any_of(&["last day", "last"]) {
            Days::Last
        } else {
            let days = self.several("a day such as `1st`", ordinal)?;
            if days == Set::range(1, 31, 1) {
                Days::Any
            } else {
                Days::On(days)
            }
        };
        Ok(Fields {
            days,
            ..Fields::daily(self.time()?)
        })
    }

    /// `at 00:00`, `on Sunday at 00:00`, `on Sunday at 00:00 from 2026-01-11`.
    fn fortnightly(&mut self) -> Result<Pattern, String> {
        let weekday = if self.take("on") {
            self.one("a weekday", weekday)?
        } else {
            0
        };
        let weekday = i8::try_from(weekday)
            .ok()
            .and_then(|day| Weekday::from_sunday_zero_offset(day).ok());
        let weekday = weekday.unwrap_or(Weekday::Sunday);
        let time = self.time()?;
        if !self.take("from") {
            return Ok(Pattern::fortnightly(weekday, time));
        }
        let counted_from = self.one("a date such as `2026-01-04`", |word| word.parse::<Date>().ok())?;
        if counted_from.weekday() != weekday {
            let (given, wanted) = (name_of(counted_from.weekday()), name_of(weekday));
            return Err(format!("{counted_from} is a {given}, and the schedule says {wanted}"));
        }
        Ok(Pattern::Fortnightly { counted_from, time })
    }

    fn time(&mut self) -> Result<Time, String> {
        self.one("`at` and a time such as `03:00`", |word| {
            word.eq_ignore_ascii_case("at").then_some(())
        })?;
        self.one("a time from 00:00 to 23:59", |word| {
            let (hour, minute) = match word.to_ascii_lowercase().as_str() {
                "midnight" => (0, 0),
                "noon" => (12, 0),
                _ => {
                    let (hour, minute) = word.split_once(':')?;
                    (number(hour)?, number(minute).filter(|_| minute.len() == 2)?)
                }
            };
            Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()
        })
    }

    /// What is left names the zone; nothing: UTC.
    fn zone(&mut self) -> Result<Zone, String> {
        self.take("in");
        match self.words {
            [] => Ok(Zone::UTC),
            [name] => zone(name),
            [word, ..] => Err(format!("it cannot go on with `{word}`")),
        }
    }
}

/// A zone by its name.
///
/// # Errors
/// There is no such zone.
pub(super) fn zone(name: &str) -> Result<Zone, String> {
    Zone::named(name).ok_or_else(|| {
        format!("`{name}` is no time zone: a name of the IANA database is allowed, such as Europe/Brussels")
    })
}

fn number(digits: &str) -> Option<u8> {
    let only_digits = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| digits.parse().ok()).flatten()
}

/// `1st`, `1`, `22nd`.
fn ordinal(word: &str) -> Option<u8> {
    let word = word.to_ascii_lowercase();
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    number(digits.unwrap_or(&word)).filter(|day| (1..=31).contains(day))
}

fn weekday(word: &str) -> Option<u8> {
    named(word, &WEEKDAYS, 0)
}

/// The number of a name, in full or by its first three letters.
fn named(word: &str, names: &[&str], first: u8) -> Option<u8> {
    let same = |name: &&str| name.eq_ignore_ascii_case(word) || name[..3].eq_ignore_ascii_case(word);
    let position = names.iter().position(same)?;
    u8::try_from(position).ok().map(|position| position + first)
}

fn name_of(weekday: Weekday) -> &'static str {
    let number = usize::try_from(weekday.to_sunday_zero_offset()).unwrap_or_default();
    WEEKDAYS[number]
}

/// A pattern in the words that [`read`] reads back to it. `None`: there are none.
pub(super) fn say(pattern: &Pattern) -> Option<String> {
    match pattern {
        Pattern::Cron(fields, _) => say_fields(fields),
        Pattern::Fortnightly { counted_from, time } => {
            let weekday = counted_from.weekday();
            let from = if *counted_from == Pattern::customary(weekday) {
                String::new()
            } else {
                format!(" from {counted_from}")
            };
            Some(format!(
                "every two weeks on {} at {}{from}",
                name_of(weekday),
                clock(*time)
            ))
        }
    }
}

fn say_fields(fields: &Fields) -> Option<String> {
    let every_day = fields.days == Days::Any && fields.weekdays == Weekdays::Any && fields.months == Fields::ALL_MONTHS;
    let Some(time) = fields.time() else {
        return every_day.then(|| say_often(fields)).flatten();
    };
    let time = clock(time);
    if every_day {
        return Some(format!("daily at {time}"));
    }
    let days = match (fields.days, fields.weekdays) {
        (Days::Any, Weekdays::On(weekdays)) if fields.months == Fields::ALL_MONTHS => {
            let names = weekdays
                .values()
                .into_iter()
                .map(|weekday| WEEKDAYS[usize::from(weekday)].to_owned());
            return Some(format!("weekly on {} at {time}", listed(names.collect())));
        }
        (Days::On(days), Weekdays::Any) => listed(days.values().into_iter().map(with_ending).collect()),
        (Days::Last, Weekdays::Any) => "last day".to_owned(),
        _ => return None,
    };
    let months = if fields.months == Fields::ALL_MONTHS {
        "monthly".to_owned()
    } else if fields.months == Set::range(1, 12, 2) {
        "every two months".to_owned()
    } else {
        let names = fields
            .months
            .values()
            .into_iter()
            .map(|month| MONTHS[usize::from(month - 1)].to_owned());
        format!("in {}", listed(names.collect()))
    };
    Some(format!("{months} on the {days} at {time}"))
}

/// What runs more than once a day.
fn say_often(fields: &Fields) -> Option<String> {
    let (minutes, hours) = (fields.minutes.values(), fields.hours.values());
    if fields.hours == Fields::ALL_HOURS {
        let step = 60 / u8::try_from(minutes.len()).ok()?;
        if minutes.len() > 1 && fields.minutes == Set::range(0, 59, step) {
            return Some(match step {
                1 => "every 1 minute".to_owned(),
                step => format!("every {step} minutes"),
            });
        }
        return Some(format!("hourly at {}", past(fields.minutes)));
    }
    let step = 24 / u8::try_from(hours.len()).ok()?;
    if hours.len() < 2 || fields.hours != Set::range(0, 23, step) {
        return None;
    }
    Some(if fields.minutes == Set::of(0) {
        format!("every {step} hours")
    } else {
        format!("every {step} hours at {}", past(fields.minutes))
    })
}

fn past(minutes: Set) -> String {
    listed(
        minutes
            .values()
            .into_iter()
            .map(|minute| format!(":{minute:02}"))
            .collect(),
    )
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn with_ending(day: u8) -> String {
    let ending = match (day % 10, day) {
        (1, 1 | 21 | 31) => "st",
        (2, 2 | 22) => "nd",
        (3, 3 | 23) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// With commas and a final "and".
fn listed(items: Vec<String>) -> String {
    match &items[..] {
        [init @ .., last] if !init.is_empty() => format!("{} and {last}", init.join(", ")),
        _ => items.concat(),
    }
}
