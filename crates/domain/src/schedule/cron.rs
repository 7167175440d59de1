//! The two dialects of cron that providers read, and what each can say.
//!
//! | | AWS | Velero (robfig/cron) |
//! |---|---|---|
//! | written | `cron(0 3 ? * SUN *)`, `rate(6 hours)` | `0 3 * * 0`, `@daily`, `@every 6h` |
//! | weekdays | 1 to 7 from Sunday | 0 to 6 from Sunday |
//! | day and weekday | one of them is `?` | where both are restricted, either suffices |
//! | `L`, `W`, `#` | yes | no |
//! | zone | beside the expression | `CRON_TZ=` before it |
//! | a time that the clocks skip | does not run | does not run |
//! | a time that comes twice | runs once, the first time | runs twice |
//!
//! The last two rows are what the EventBridge Scheduler documents (AWS Backup documents nothing) and what robfig's search
//! for the next run does. The crate `croner` does otherwise (it runs a skipped time right after the gap), and takes what
//! either refuses (`7` for Sunday, names in every field, `3/2` of weekdays up to Saturday and Sunday). So the fields are
//! read here, and `croner` is asked about days and times on a clock that never changes.

use super::pattern::{Days, Fields, Set, Weekdays};

/// One field: what it is called, what it allows, and names for its values from the first on.
struct Kind {
    name: &'static str,
    first: u8,
    last: u8,
    names: &'static [&'static str],
}

const MINUTE: Kind = Kind {
    name: "minute",
    first: 0,
    last: 59,
    names: &[],
};
const HOUR: Kind = Kind {
    name: "hour",
    first: 0,
    last: 23,
    names: &[],
};
const DAY: Kind = Kind {
    name: "day of the month",
    first: 1,
    last: 31,
    names: &[],
};
const MONTH: Kind = Kind {
    name: "month",
    first: 1,
    last: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
const NAMES_OF_WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const VELERO_WEEKDAY: Kind = Kind {
    name: "weekday",
    first: 0,
    last: 6,
    names: NAMES_OF_WEEKDAYS,
};
const AWS_WEEKDAY: Kind = Kind {
    name: "weekday",
    first: 1,
    last: 7,
    names: NAMES_OF_WEEKDAYS,
};

impl Kind {
    fn value(&self, text: &str) -> Result<u8, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let given = match named {
            Some(position) => u8::try_from(position).ok().map(|position| position + self.first),
            None => text
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| text.parse().ok())
                .flatten(),
        };
        let allowed = |value: &u8| (self.first..=self.last).contains(value);
        given.filter(allowed).ok_or_else(|| {
            let names = match self.names {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            let Self { name, first, last, .. } = self;
            format!("the {name} `{text}` is not allowed: {first} to {last}{names} is")
        })
    }

    /// `a`, `a-b`, `*`, each with an optional `/step`; `a/step` goes on to the end. `None`: a star.
    fn item(&self, text: &str) -> Result<Option<Set>, String> {
        let (range, step) = match text.split_once('/') {
            None => (text, None),
            Some((range, step)) => {
                let digits = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
                let step = step.parse().ok().filter(|step: &u8| digits && *step > 0);
                let why = || format!("the step of the {} `{text}` is not allowed: 1 to 255 is", self.name);
                (range, Some(step.ok_or_else(why)?))
            }
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*" | "?", _) if step.is_none_or(|step| step == 1) => return Ok(None),
            ("*" | "?", _) => (self.first, self.last),
            (_, Some((first, last))) => (self.value(first)?, self.value(last)?),
            (only, None) => {
                let only = self.value(only)?;
                (only, if step.is_some() { self.last } else { only })
            }
        };
        if first > last {
            return Err(format!("the {} `{text}` ends before it begins", self.name));
        }
        Ok(Some(Set::range(first, last, step.unwrap_or(1))))
    }

    /// A list of items. `None`: one of them is a star.
    fn set(&self, text: &str) -> Result<Option<Set>, String> {
        let items = text.split(',').map(|item| self.item(item));
        let items: Vec<_> = items.collect::<Result<_, _>>()?;
        let union = |set: Set, item: Option<Set>| Some(set.union(item?));
        Ok(items.into_iter().try_fold(Set::default(), union))
    }

    fn all(&self) -> Set {
        Set::range(self.first, self.last, 1)
    }
}

/// The five fields of robfig's `ParseStandard`.
///
/// # Errors
/// Which field is wrong, what was given, what is allowed.
pub(super) fn velero(fields: &str) -> Result<Fields, String> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        let found = fields.len();
        return Err(format!(
            "Velero's cron has 5 fields (minute, hour, day of the month, month, weekday), these are {found}"
        ));
    };
    let days = DAY.set(day)?.map_or(Days::Any, Days::On);
    let weekdays = VELERO_WEEKDAY.set(weekday)?.map_or(Weekdays::Any, Weekdays::On);
    // Either suffices, so that every one of a kind is as good as no restriction of both.
    let every_day = (days == Days::On(DAY.all()) && weekdays != Weekdays::Any)
        || (weekdays == Weekdays::On(VELERO_WEEKDAY.all()) && days != Days::Any);
    let (days, weekdays) = if every_day {
        (Days::Any, Weekdays::Any)
    } else {
        (plain_days(days), plain_weekdays(weekdays))
    };
    Ok(Fields {
        minutes: MINUTE.set(minute)?.unwrap_or(MINUTE.all()),
        hours: HOUR.set(hour)?.unwrap_or(HOUR.all()),
        days,
        months: MONTH.set(month)?.unwrap_or(MONTH.all()),
        weekdays,
    })
}

/// What is between the brackets of AWS's `cron(…)`.
///
/// # Errors
/// Which field is wrong, what was given, what is allowed.
pub(super) fn aws(fields: &str) -> Result<Fields, String> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields[..] else {
        let found = fields.len();
        return Err(format!(
            "AWS's cron has 6 fields (minute, hour, day of the month, month, weekday, year), these are {found}"
        ));
    };
    if (day == "?") == (weekday == "?") {
        return Err(format!(
            "in AWS's cron exactly one of day of the month (`{day}`) and weekday (`{weekday}`) is `?`"
        ));
    }
    if let Some(other) = [minute, hour, month, year]
        .into_iter()
        .find(|field| field.contains('?'))
    {
        return Err(format!(
            "`{other}` is not allowed: AWS takes `?` for the day of the month or the weekday only"
        ));
    }
    if let Some(other) = [day, weekday]
        .into_iter()
        .find(|field| *field != "?" && field.contains('?'))
    {
        return Err(format!(
            "`{other}` is not allowed: in AWS's cron `?` is the whole of its field"
        ));
    }
    if year != "*" {
        return Err(format!(
            "the year `{year}` is not allowed: only `*` is, since after the last run nothing would be backed up any more"
        ));
    }
    Ok(Fields {
        minutes: MINUTE.set(minute)?.unwrap_or(MINUTE.all()),
        hours: HOUR.set(hour)?.unwrap_or(HOUR.all()),
        days: aws_days(day)?,
        months: MONTH.set(month)?.unwrap_or(MONTH.all()),
        weekdays: aws_weekdays(weekday)?,
    })
}

fn aws_days(text: &str) -> Result<Days, String> {
    let upper = text.to_ascii_uppercase();
    match (upper.as_str(), upper.strip_suffix('W')) {
        ("L", _) => Ok(Days::Last),
        ("LW", _) => Ok(Days::LastWorking),
        (_, Some(day)) => DAY.value(day).map(Days::NearestWorking),
        _ => Ok(plain_days(DAY.set(text)?.map_or(Days::Any, Days::On))),
    }
}

/// AWS counts from 1; here Sunday is 0.
fn aws_weekdays(text: &str) -> Result<Weekdays, String> {
    let value = |text: &str| AWS_WEEKDAY.value(text).map(|weekday| weekday - 1);
    let upper = text.to_ascii_uppercase();
    if upper == "L" {
        return Ok(Weekdays::On(Set::of(6)));
    }
    if let Some(weekday) = upper.strip_suffix('L') {
        return value(weekday).map(Weekdays::Last);
    }
    if let Some((weekday, number)) = upper.split_once('#') {
        let number = number.parse().ok().filter(|number| (1..=5).contains(number));
        let why = || format!("the weekday `{text}` is not allowed: after `#` 1 to 5 is");
        return Ok(Weekdays::Nth(value(weekday)?, number.ok_or_else(why)?));
    }
    let weekdays = AWS_WEEKDAY.set(text)?;
    let from_zero = |set: Set| set.values().into_iter().map(|weekday| weekday - 1).collect();
    Ok(plain_weekdays(
        weekdays.map_or(Weekdays::Any, |set| Weekdays::On(from_zero(set))),
    ))
}

fn plain_days(days: Days) -> Days {
    if days == Days::On(DAY.all()) { Days::Any } else { days }
}

fn plain_weekdays(weekdays: Weekdays) -> Weekdays {
    if weekdays == Weekdays::On(VELERO_WEEKDAY.all()) {
        Weekdays::Any
    } else {
        weekdays
    }
}

/// The fields as Velero reads them, and croner, which also knows `L`, `W` and `#`.
pub(super) fn five_fields(fields: &Fields) -> String {
    let day = match fields.days {
        Days::Any => "*".to_owned(),
        Days::On(set) => list(set, &DAY, "*"),
        Days::Last => "L".to_owned(),
        Days::LastWorking => "LW".to_owned(),
        Days::NearestWorking(day) => format!("{day}W"),
    };
    let weekday = match fields.weekdays {
        Weekdays::Any => "*".to_owned(),
        Weekdays::On(set) => list(set, &VELERO_WEEKDAY, ""),
        Weekdays::Last(weekday) => format!("{weekday}L"),
        Weekdays::Nth(weekday, number) => format!("{weekday}#{number}"),
    };
    let (minute, hour) = (list(fields.minutes, &MINUTE, "*"), list(fields.hours, &HOUR, "*"));
    let month = list(fields.months, &MONTH, "*");
    format!("{minute} {hour} {day} {month} {weekday}")
}

/// The fields as Velero reads them.
///
/// # Errors
/// What Velero cannot say.
pub(super) fn to_velero(fields: &Fields) -> Result<String, String> {
    let plain_day = matches!(fields.days, Days::Any | Days::On(_));
    let plain_weekday = matches!(fields.weekdays, Weekdays::Any | Weekdays::On(_));
    if plain_day && plain_weekday {
        return Ok(five_fields(fields));
    }
    Err("Velero's cron knows neither the last day of a month nor the nearest or nth weekday".to_owned())
}

/// The fields as AWS reads them.
///
/// # Errors
/// What AWS cannot say, or AWS Backup does not do.
pub(super) fn to_aws(fields: &Fields) -> Result<String, String> {
    if fields.minutes.only().is_none() {
        return Err(format!("{AWS_FLOOR}, so it refuses what runs more often"));
    }
    aws_fields(fields)
}

/// The fields in AWS's dialect, however often they run.
///
/// # Errors
/// What AWS's dialect cannot say.
pub(super) fn aws_fields(fields: &Fields) -> Result<String, String> {
    let day = match fields.days {
        Days::Any => "*".to_owned(),
        Days::On(set) => list(set, &DAY, "1"),
        Days::Last => "L".to_owned(),
        Days::LastWorking => "LW".to_owned(),
        Days::NearestWorking(day) => format!("{day}W"),
    };
    let name = |weekday: u8| NAMES_OF_WEEKDAYS[usize::from(weekday % 7)];
    let weekday = match fields.weekdays {
        Weekdays::Any => "?".to_owned(),
        Weekdays::On(set) => set.values().into_iter().map(name).collect::<Vec<_>>().join(","),
        Weekdays::Last(weekday) => format!("{}L", weekday + 1),
        Weekdays::Nth(weekday, number) => format!("{}#{number}", weekday + 1),
    };
    let (day, weekday) = match (day.as_str(), weekday.as_str()) {
        (_, "?") => (day, weekday),
        ("*", _) => ("?".to_owned(), weekday),
        _ => return Err("AWS's cron cannot say a day of the month or a weekday, whichever comes".to_owned()),
    };
    let (minute, hour) = (list(fields.minutes, &MINUTE, "0"), list(fields.hours, &HOUR, "0"));
    Ok(format!(
        "cron({minute} {hour} {day} {} {weekday} *)",
        list(fields.months, &MONTH, "1")
    ))
}

/// Why AWS Backup cannot run more often (decisions.md).
pub(super) const AWS_FLOOR: &str = "AWS Backup's shortest interval is one hour";

/// `*`, `*/6` (with `star` for the star; none where it is empty), or values and ranges with commas.
fn list(set: Set, kind: &Kind, star: &str) -> String {
    let values = set.values();
    if set == kind.all() {
        return "*".to_owned();
    }
    if let [first, second, _, ..] = values[..] {
        let step = second - first;
        if !star.is_empty() && step > 1 && set == Set::range(kind.first, kind.last, step) {
            return format!("{star}/{step}");
        }
    }
    let runs = values.chunk_by(|one, next| one + 1 == *next);
    let said = runs.map(|run| match run {
        [first, _, .., last] => format!("{first}-{last}"),
        _ => run.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
    });
    said.collect::<Vec<_>>().join(",")
}
