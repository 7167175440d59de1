//! Schedules: what is read, what it says in either dialect, and when it runs.

mod slow;

use domain::schedule::{ClockEffect, Dialect, Preset, Schedule};
use jiff::{SignedDuration, Timestamp};

fn parsed(text: &str) -> Schedule {
    Schedule::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first runs after a moment.
fn runs(text: &str, after: &str, number: usize) -> Vec<String> {
    let runs = parsed(text).next_runs(at(after), number);
    runs.iter().map(|run| run.timestamp().to_string()).collect()
}

/// How a provider is told, or why not.
fn told(schedule: &Schedule, dialect: Dialect) -> String {
    match schedule.cron_for(dialect) {
        Ok(expression) => {
            let zone = expression.zone.map(|zone| format!(" in {zone}")).unwrap_or_default();
            format!("{}{zone}", expression.text)
        }
        Err(why) => format!("({why})"),
    }
}

#[test]
fn what_is_said_is_understood_and_said_in_each_dialect() {
    let texts = [
        "continuous",
        " Daily ",
        "hourly at :15",
        "every 15 minutes",
        "every 6 hours",
        "every 1 hours at :05 and :35",
        "daily at 3:00",
        "every day at midnight europe/brussels",
        "weekly on Sunday at 00:00",
        "weekly on mon, Thursday and sat at 02:30 in Asia/Kathmandu",
        "every two weeks at 00:00",
        "every 2 weeks on Friday at 22:15 from 2026-11-20 America/New_York",
        "monthly on the 1st at 00:00",
        "every month on the 1st, 15 and 22nd at 04:00",
        "monthly on the last day at 23:00",
        "every two months on the 1st at 00:00",
        "in January, april and July on the 15th at 03:30",
        "@daily",
        "@every 1h30m",
        "@every 24h",
        "rate(6 hours)",
        "0 3 * * *",
        "15 3 * * 1-5",
        "15,45 9-17/4 * * 1-5",
        "0 0 1 * 0",
        "*/20 8 1-7 */3 *",
        "CRON_TZ=Europe/Brussels 30 2 * * *",
        "30 2 * * * Europe/Brussels",
        "cron(30 2 ? * * *) Europe/Brussels",
        "cron(0/30 8 ? * MON-FRI *)",
        "cron(0 5 ? * 1 *)",
        "cron(0 5 ? * 6L *)",
        "cron(0 5 ? * 3#2 *)",
        "cron(0 5 LW * ? *)",
        "cron(0 5 15W * ? *)",
    ];
    let lines = texts.map(|text| {
        let schedule = parsed(text);
        assert_eq!(parsed(schedule.as_str()), schedule, "{text}");
        let minutes = schedule.interval().as_mins();
        let (aws, velero) = (told(&schedule, Dialect::Aws), told(&schedule, Dialect::Velero));
        format!("{text}: {schedule}, {minutes} min\n  {aws}\n  {velero}")
    });
    insta::assert_snapshot!(lines.join("\n"), @r#"
    continuous: continuous, 5 min
      (continuous backup has no schedule)
      (continuous backup has no schedule)
     Daily : daily, 1440 min
      (no time is named, such as `daily at 03:00`: the provider chooses it)
      (no time is named, such as `daily at 03:00`: the provider chooses it)
    hourly at :15: hourly at :15, 60 min
      cron(15 * * * ? *)
      15 * * * *
    every 15 minutes: every 15 minutes, 15 min
      (AWS Backup's shortest interval is one hour, so it refuses what runs more often)
      */15 * * * *
    every 6 hours: every 6 hours, 360 min
      cron(0 0/6 * * ? *)
      0 */6 * * *
    every 1 hours at :05 and :35: hourly at :05 and :35, 30 min
      (AWS Backup's shortest interval is one hour, so it refuses what runs more often)
      5,35 * * * *
    daily at 3:00: daily at 03:00, 1440 min
      cron(0 3 * * ? *)
      0 3 * * *
    every day at midnight europe/brussels: daily at 00:00 Europe/Brussels, 1500 min
      cron(0 0 * * ? *) in Europe/Brussels
      CRON_TZ=Europe/Brussels 0 0 * * *
    weekly on Sunday at 00:00: weekly on Sunday at 00:00, 10080 min
      cron(0 0 ? * SUN *)
      0 0 * * 0
    weekly on mon, Thursday and sat at 02:30 in Asia/Kathmandu: weekly on Monday, Thursday and Saturday at 02:30 Asia/Kathmandu, 4320 min
      cron(30 2 ? * MON,THU,SAT *) in Asia/Kathmandu
      CRON_TZ=Asia/Kathmandu 30 2 * * 1,4,6
    every two weeks at 00:00: every two weeks on Sunday at 00:00, 20160 min
      (no cron says "every two weeks": Holdfast starts these runs itself)
      (no cron says "every two weeks": Holdfast starts these runs itself)
    every 2 weeks on Friday at 22:15 from 2026-11-20 America/New_York: every two weeks on Friday at 22:15 from 2026-11-20 America/New_York, 20220 min
      (no cron says "every two weeks": Holdfast starts these runs itself)
      (no cron says "every two weeks": Holdfast starts these runs itself)
    monthly on the 1st at 00:00: monthly on the 1st at 00:00, 44640 min
      cron(0 0 1 * ? *)
      0 0 1 * *
    every month on the 1st, 15 and 22nd at 04:00: monthly on the 1st, 15th and 22nd at 04:00, 20160 min
      cron(0 4 1,15,22 * ? *)
      0 4 1,15,22 * *
    monthly on the last day at 23:00: monthly on the last day at 23:00, 44640 min
      cron(0 23 L * ? *)
      (Velero's cron knows neither the last day of a month nor the nearest or nth weekday)
    every two months on the 1st at 00:00: every two months on the 1st at 00:00, 89280 min
      cron(0 0 1 1/2 ? *)
      0 0 1 */2 *
    in January, april and July on the 15th at 03:30: in January, April and July on the 15th at 03:30, 264960 min
      cron(30 3 15 1,4,7 ? *)
      30 3 15 1,4,7 *
    @daily: daily at 00:00, 1440 min
      cron(0 0 * * ? *)
      0 0 * * *
    @every 1h30m: @every 1h30m, 90 min
      (AWS Backup's shortest interval is one hour, and counts in whole hours)
      @every 1h30m
    @every 24h: rate(1 day), 1440 min
      rate(1 day)
      @every 24h
    rate(6 hours): rate(6 hours), 360 min
      rate(6 hours)
      @every 6h
    0 3 * * *: daily at 03:00, 1440 min
      cron(0 3 * * ? *)
      0 3 * * *
    15 3 * * 1-5: weekly on Monday, Tuesday, Wednesday, Thursday and Friday at 03:15, 4320 min
      cron(15 3 ? * MON,TUE,WED,THU,FRI *)
      15 3 * * 1-5
    15,45 9-17/4 * * 1-5: 15,45 9,13,17 * * 1-5, 3810 min
      (AWS Backup's shortest interval is one hour, so it refuses what runs more often)
      15,45 9,13,17 * * 1-5
    0 0 1 * 0: 0 0 1 * 0, 10080 min
      (AWS's cron cannot say a day of the month or a weekday, whichever comes)
      0 0 1 * 0
    */20 8 1-7 */3 *: */20 8 1-7 */3 *, 123800 min
      (AWS Backup's shortest interval is one hour, so it refuses what runs more often)
      */20 8 1-7 */3 *
    CRON_TZ=Europe/Brussels 30 2 * * *: CRON_TZ=Europe/Brussels 30 2 * * *, 2820 min
      cron(30 2 * * ? *) in Europe/Brussels
      CRON_TZ=Europe/Brussels 30 2 * * *
    30 2 * * * Europe/Brussels: CRON_TZ=Europe/Brussels 30 2 * * *, 2820 min
      cron(30 2 * * ? *) in Europe/Brussels
      CRON_TZ=Europe/Brussels 30 2 * * *
    cron(30 2 ? * * *) Europe/Brussels: daily at 02:30 Europe/Brussels, 2820 min
      cron(30 2 * * ? *) in Europe/Brussels
      CRON_TZ=Europe/Brussels 30 2 * * *
    cron(0/30 8 ? * MON-FRI *): cron(0,30 8 ? * MON,TUE,WED,THU,FRI *), 4290 min
      (AWS Backup's shortest interval is one hour, so it refuses what runs more often)
      0,30 8 * * 1-5
    cron(0 5 ? * 1 *): weekly on Sunday at 05:00, 10080 min
      cron(0 5 ? * SUN *)
      0 5 * * 0
    cron(0 5 ? * 6L *): cron(0 5 ? * 6L *), 50400 min
      cron(0 5 ? * 6L *)
      (Velero's cron knows neither the last day of a month nor the nearest or nth weekday)
    cron(0 5 ? * 3#2 *): cron(0 5 ? * 3#2 *), 50400 min
      cron(0 5 ? * 3#2 *)
      (Velero's cron knows neither the last day of a month nor the nearest or nth weekday)
    cron(0 5 LW * ? *): cron(0 5 LW * ? *), 47520 min
      cron(0 5 LW * ? *)
      (Velero's cron knows neither the last day of a month nor the nearest or nth weekday)
    cron(0 5 15W * ? *): cron(0 5 15W * ? *), 46080 min
      cron(0 5 15W * ? *)
      (Velero's cron knows neither the last day of a month nor the nearest or nth weekday)
    "#);
}

#[test]
fn what_is_no_schedule_is_refused_with_the_reason() {
    let texts = [
        "",
        "sometimes",
        "daily at 25:00",
        "daily at 03:00 Mars/Olympus",
        "daily at 03:00 or later",
        "weekly on Someday at 03:00",
        "weekly on Sunday",
        "every 7 hours",
        "every 45 minutes",
        "every fortnight",
        "every two weeks on Sunday at 00:00 from 2026-11-20",
        "monthly on the 32nd at 00:00",
        "in February on the 30th at 00:00",
        "0 0 30 2 *",
        "0 3 * *",
        "0 3 ? * * *",
        "60 3 * * *",
        "0 3 * * 7",
        "0 3 * * 5-1",
        "0 3 L * *",
        "*/0 3 * * *",
        "TZ=Local 0 3 * * *",
        "CRON_TZ=UTC 0 3 * * * Europe/Brussels",
        "@fortnightly",
        "@every soon",
        "@every 90s",
        "rate(1 hours)",
        "rate(400 days)",
        "cron(0 5 * * * *)",
        "cron(0 5 ? * 0 *)",
        "cron(0 5 ? * 2#6 *)",
        "cron(0 5 ? * * 2027)",
        "cron(0 5 31 2 ? *)",
        "cron(? 5 ? * * *)",
        "cron(0 3 1,? * ? *)",
        "cron(0 3 ?/2 * ? *)",
        "cron(0 3 ? * ?,SUN *)",
        "cron(0 5 ? * *",
    ];
    let lines = texts.map(|text| {
        let invalid = Schedule::parse(text).expect_err(text);
        let (why, allowed) = invalid
            .why
            .split_once("; allowed are words such as `daily at 03:00`")
            .expect("examples");
        assert!(allowed.contains("cron(0 3 * * ? *)"));
        format!("{}: {why}", invalid.given)
    });
    insta::assert_snapshot!(lines.join("\n"), @r"
    : it is empty
    sometimes: it cannot begin with `sometimes`
    daily at 25:00: a time from 00:00 to 23:59 is expected where `25:00` stands
    daily at 03:00 Mars/Olympus: `Mars/Olympus` is no time zone: a name of the IANA database is allowed, such as Europe/Brussels
    daily at 03:00 or later: it cannot go on with `or`
    weekly on Someday at 03:00: a weekday is expected where `Someday` stands
    weekly on Sunday: `at` and a time such as `03:00` is expected at its end
    every 7 hours: 7 hours do not divide a day: 1, 2, 3, 4, 6, 8 or 12 do; `@every 7h` counts on regardless
    every 45 minutes: 45 minutes do not divide an hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 do; `@every 45m` counts on regardless
    every fortnight: a number is expected where `fortnight` stands
    every two weeks on Sunday at 00:00 from 2026-11-20: 2026-11-20 is a Friday, and the schedule says Sunday
    monthly on the 32nd at 00:00: a day such as `1st` is expected where `32nd` stands
    in February on the 30th at 00:00: it never runs: no year has such a day
    0 0 30 2 *: it never runs: no year has such a day
    0 3 * *: Velero's cron has 5 fields (minute, hour, day of the month, month, weekday), these are 4
    0 3 ? * * *: Velero's cron has 5 fields (minute, hour, day of the month, month, weekday), these are 6; AWS's six stand in `cron(…)`
    60 3 * * *: the minute `60` is not allowed: 0 to 59 is
    0 3 * * 7: the weekday `7` is not allowed: 0 to 6 or SUN to SAT is
    0 3 * * 5-1: the weekday `5-1` ends before it begins
    0 3 L * *: the day of the month `L` is not allowed: 1 to 31 is
    */0 3 * * *: the step of the minute `*/0` is not allowed: 1 to 255 is
    TZ=Local 0 3 * * *: `Local` is no time zone: a name of the IANA database is allowed, such as Europe/Brussels
    CRON_TZ=UTC 0 3 * * * Europe/Brussels: it names two zones, the second is `Europe/Brussels`
    @fortnightly: it cannot begin with `@fortnightly`
    @every soon: `@every soon` has no duration: Velero takes such as `@every 6h` or `@every 1h30m`
    @every 90s: `@every 90s` is not allowed: whole minutes from 1 minute to 366 days are
    rate(1 hours): `rate(1 hours)` is no rate: AWS takes such as `rate(1 hour)`, `rate(6 hours)` or `rate(1 day)`
    rate(400 days): `rate(400 days)` is not allowed: whole minutes from 1 minute to 366 days are
    cron(0 5 * * * *): in AWS's cron exactly one of day of the month (`*`) and weekday (`*`) is `?`
    cron(0 5 ? * 0 *): the weekday `0` is not allowed: 1 to 7 or SUN to SAT is
    cron(0 5 ? * 2#6 *): the weekday `2#6` is not allowed: after `#` 1 to 5 is
    cron(0 5 ? * * 2027): the year `2027` is not allowed: only `*` is, since after the last run nothing would be backed up any more
    cron(0 5 31 2 ? *): it never runs: no year has such a day
    cron(? 5 ? * * *): `?` is not allowed: AWS takes `?` for the day of the month or the weekday only
    cron(0 3 1,? * ? *): `1,?` is not allowed: in AWS's cron `?` is the whole of its field
    cron(0 3 ?/2 * ? *): `?/2` is not allowed: in AWS's cron `?` is the whole of its field
    cron(0 3 ? * ?,SUN *): `?,SUN` is not allowed: in AWS's cron `?` is the whole of its field
    cron(0 5 ? * *: `cron(` has no `)`
    ");
}

#[test]
fn a_long_text_is_refused_and_repeated_in_part() {
    let invalid = Schedule::parse(&"daily ".repeat(100)).unwrap_err();
    assert_eq!(invalid.given.chars().count(), 80);
    assert!(invalid.why.starts_with("at most 255 characters"));
}

#[test]
fn what_was_stored_stays_as_it_is() {
    for text in ["continuous", "hourly", "daily", "weekly", "monthly on the 1st at 00:00"] {
        let json = format!("\"{text}\"");
        let schedule: Schedule = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&schedule).unwrap(), json);
    }
    assert!(serde_json::from_str::<Schedule>("\"fortnightly\"").is_err());
}

#[test]
fn both_dialects_and_words_are_one_value_where_they_mean_the_same() {
    let same = [
        "daily at 03:00",
        "0 3 * * *",
        "cron(0 3 * * ? *)",
        "cron(0 3 ? * * *)",
        "0 3 1-31 * 0",
        "00 03 */1 1-12 ?",
    ];
    for text in same {
        assert_eq!(parsed(text), parsed("daily at 03:00"), "{text}");
    }
    assert_ne!(parsed("daily at 03:00"), Schedule::Daily);
    assert_ne!(
        parsed("daily at 03:00 Europe/Brussels"),
        parsed("CRON_TZ=Europe/Brussels 0 3 * * *")
    );
}

#[test]
fn a_time_that_the_clocks_skip_does_not_run() {
    for text in [
        "daily at 02:30 Europe/Brussels",
        "cron(30 2 ? * * *) Europe/Brussels",
        "CRON_TZ=Europe/Brussels 30 2 * * *",
    ] {
        let next = runs(text, "2027-03-26T12:00:00Z", 3);
        assert_eq!(
            next,
            ["2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z", "2027-03-30T00:30:00Z"],
            "{text}"
        );
        assert_eq!(parsed(text).interval(), SignedDuration::from_hours(47), "{text}");
    }
}

#[test]
fn a_time_that_comes_twice_runs_once_but_twice_at_velero() {
    let after = "2026-10-24T12:00:00Z";
    assert_eq!(
        runs("cron(30 2 ? * * *) Europe/Brussels", after, 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    assert_eq!(
        runs("CRON_TZ=Europe/Brussels 30 2 * * *", after, 3),
        ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]
    );
    // Lord Howe puts its clocks back by half an hour, from 02:00 to 01:30.
    assert_eq!(
        runs("TZ=Australia/Lord_Howe */20 1 * * *", "2027-04-03T14:30:00Z", 3),
        ["2027-04-03T14:40:00Z", "2027-04-03T15:10:00Z", "2027-04-04T14:30:00Z"]
    );
}

#[test]
fn a_change_of_the_clocks_is_told_with_what_it_does() {
    let effect = |text: &str, from: &str, to: &str| {
        let changes = parsed(text).clock_changes(at(from), at(to));
        changes.iter().map(|change| change.effect).collect::<Vec<_>>()
    };
    let (spring, autumn) = (
        ("2027-03-27T00:00:00Z", "2027-03-30T00:00:00Z"),
        ("2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z"),
    );
    let first = |day: &str| day.parse().unwrap();
    for (text, (from, to), want) in [
        ("daily at 03:00 Europe/Brussels", spring, ClockEffect::Kept),
        (
            "daily at 02:30 Europe/Brussels",
            spring,
            ClockEffect::LeftOut(first("2027-03-28T02:30")),
        ),
        (
            "daily at 02:30 Europe/Brussels",
            autumn,
            ClockEffect::Once(first("2026-10-25T02:30")),
        ),
        (
            "CRON_TZ=Europe/Brussels 30 2 * * *",
            autumn,
            ClockEffect::Twice(first("2026-10-25T02:30")),
        ),
    ] {
        assert_eq!(effect(text, from, to), [want], "{text}");
    }
    assert_eq!(effect("daily at 02:30", spring.0, spring.1), []);
    assert_eq!(effect("daily at 02:30 Asia/Kathmandu", spring.0, autumn.1), []);
}

#[test]
fn every_two_weeks_is_counted_from_a_day() {
    assert_eq!(
        runs("every two weeks at 00:00", "2026-11-21T23:00:00Z", 3),
        ["2026-11-22T00:00:00Z", "2026-12-06T00:00:00Z", "2026-12-20T00:00:00Z"]
    );
    assert_eq!(
        runs(
            "every two weeks on Sunday at 00:00 from 2026-11-29",
            "2026-11-21T23:00:00Z",
            2
        ),
        ["2026-11-29T00:00:00Z", "2026-12-13T00:00:00Z"]
    );
    let local = parsed("every two weeks on Sunday at 02:30 Europe/Brussels");
    assert!(local.interval() > SignedDuration::from_hours(14 * 24));
}

#[test]
fn the_interval_is_the_longest_gap_over_the_years() {
    let days = |text: &str| parsed(text).interval().as_hours() / 24;
    assert_eq!(days("monthly on the 1st at 00:00"), 31);
    assert_eq!(days("monthly on the 31st at 00:00"), 61);
    assert_eq!(days("every two months on the 1st at 00:00"), 62);
    assert_eq!(days("in February on the 29th at 00:00"), 4 * 365 + 1);
    assert_eq!(days("cron(0 0 ? * 2#5 *)"), 119);
    assert_eq!(
        parsed("daily at 12:00 Europe/Brussels").interval(),
        SignedDuration::from_hours(25)
    );
    assert_eq!(
        parsed("hourly at :15 Europe/Brussels").interval(),
        SignedDuration::from_hours(2)
    );
    assert_eq!(
        parsed("CRON_TZ=Europe/Brussels 15 * * * *").interval(),
        SignedDuration::from_hours(1)
    );
    let january_and_july = SignedDuration::from_hours(184 * 24 + 1);
    assert_eq!(
        parsed("in January and July on the 1st at 12:00 Europe/Brussels").interval(),
        january_and_july
    );
}

#[test]
fn a_zone_alone_makes_nothing_rarer() {
    assert!(!parsed("daily at 02:30 Europe/Brussels").is_rarer_than(&Schedule::Daily));
    assert!(parsed("weekly on Monday at 00:00").is_rarer_than(&Schedule::Daily));
    assert!(Schedule::Daily.is_rarer_than(&parsed("every 12 hours")));
}

#[test]
fn a_time_of_day_in_utc_is_known_where_the_clocks_stay() {
    let time = |text: &str| parsed(text).daily_in_utc().map(|time| time.to_string());
    assert_eq!(time("daily at 03:00").as_deref(), Some("03:00:00"));
    assert_eq!(time("daily at 03:00 Asia/Kathmandu").as_deref(), Some("21:15:00"));
    for text in [
        "daily",
        "daily at 03:00 Europe/Brussels",
        "weekly on Sunday at 03:00",
        "every 12 hours",
        "rate(1 day)",
    ] {
        assert_eq!(time(text), None, "{text}");
    }
}

#[test]
fn each_choice_of_the_form_stands_for_a_schedule_of_its_kind() {
    for preset in [
        Preset::Continuous,
        Preset::Hourly,
        Preset::Daily,
        Preset::Weekly,
        Preset::WeeklyOnSunday,
        Preset::EveryTwoWeeks,
        Preset::Monthly,
        Preset::EveryTwoMonths,
    ] {
        let schedule = preset.schedule().unwrap();
        assert_eq!(schedule.preset(), preset);
        assert_eq!(
            schedule.left_to_provider().is_none(),
            !schedule.next_runs(at("2026-11-21T00:00:00Z"), 5).is_empty()
        );
    }
    for custom in [
        "rate(1 day)",
        "every 6 hours",
        "monthly on the 15th at 00:00",
        "15 3 * * 1-5",
        "0 0 1 1 *",
    ] {
        let expected = if custom == "15 3 * * 1-5" {
            Preset::Weekly
        } else {
            Preset::Custom
        };
        assert_eq!(parsed(custom).preset(), expected, "{custom}");
    }
}
