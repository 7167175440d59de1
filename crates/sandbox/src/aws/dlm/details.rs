//! A policy, and what AWS refuses in one. Pure.

use std::collections::{BTreeMap, VecDeque};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::queue::Place;
use super::super::rest::Exception;
use super::super::schedule;

#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) role: String,
    pub(crate) enabled: bool,
    /// Why the last run did not work out.
    pub(crate) error: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// As it was put, with what AWS fills in.
    pub(crate) details: Value,
    pub(crate) plan: Details,
    pub(crate) tags: BTreeMap<String, String>,
    /// Moves with each change: runs that were planned before it are void.
    pub(crate) version: u64,
    /// Snapshots that a schedule keeps by number, oldest first; by schedule and volume.
    pub(crate) counted: BTreeMap<(usize, String), VecDeque<String>>,
}

impl Policy {
    pub(crate) fn arn(&self, place: &Place) -> String {
        format!("arn:aws:dlm:{}:{}:policy/{}", place.region, place.account, self.id)
    }

    pub(crate) fn state(&self) -> &'static str {
        match (self.enabled, &self.error) {
            (false, _) => "DISABLED",
            (true, Some(_)) => "ERROR",
            (true, None) => "ENABLED",
        }
    }
}

/// What a policy does: the part of its details that the sandbox carries out.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Details {
    pub(crate) policy_type: Option<String>,
    #[serde(default)]
    pub(crate) resource_types: Vec<String>,
    #[serde(default)]
    pub(crate) target_tags: Vec<Tag>,
    #[serde(default)]
    pub(crate) schedules: Vec<Schedule>,
    #[serde(default)]
    pub(crate) parameters: Parameters,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parameters {
    #[serde(default)]
    pub(crate) exclude_boot_volume: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Schedule {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) copy_tags: bool,
    #[serde(default)]
    pub(crate) tags_to_add: Vec<Tag>,
    #[serde(default)]
    pub(crate) variable_tags: Vec<Tag>,
    pub(crate) create_rule: Option<CreateRule>,
    pub(crate) retain_rule: Option<RetainRule>,
    #[serde(default)]
    pub(crate) cross_region_copy_rules: Vec<CopyRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRule {
    interval: Option<i64>,
    interval_unit: Option<String>,
    #[serde(default)]
    times: Vec<String>,
    cron_expression: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetainRule {
    pub(crate) count: Option<usize>,
    interval: Option<i64>,
    interval_unit: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CopyRule {
    target: Option<String>,
    target_region: Option<String>,
    pub(crate) encrypted: Option<bool>,
    pub(crate) cmk_arn: Option<String>,
    #[serde(default)]
    pub(crate) copy_tags: bool,
    pub(crate) retain_rule: Option<RetainRule>,
}

impl CopyRule {
    pub(crate) fn region(&self) -> Option<&str> {
        self.target_region.as_deref().or(self.target.as_deref())
    }
}

impl RetainRule {
    /// When what was made at `at` ends; `None` where it is kept by number.
    pub(crate) fn until(&self, at: Timestamp) -> Option<Timestamp> {
        let (number, span) = (self.interval?, Span::new());
        let span = match self.interval_unit.as_deref()? {
            "DAYS" => span.try_days(number),
            "WEEKS" => span.try_weeks(number),
            "MONTHS" => span.try_months(number),
            "YEARS" => span.try_years(number),
            _ => return None,
        };
        let span = span.ok()?;
        let ends = at.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
        Some(ends.timestamp())
    }
}

impl CreateRule {
    /// The first moment after `after` at which it makes snapshots; `None` where there is none.
    pub(crate) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if let Some(cron) = &self.cron_expression {
            return schedule::Schedule::parse(cron, "UTC").ok()?.after(after);
        }
        let interval = SignedDuration::from_hours(self.interval?);
        let start: Time = self.times.first().map_or("09:00", String::as_str).parse().ok()?;
        // From a start so early that it lies before, in steps of the interval, which divides a day.
        let day = after.to_zoned(TimeZone::UTC).date().yesterday().ok()?;
        let first = day.to_datetime(start).to_zoned(TimeZone::UTC).ok()?.timestamp();
        let steps = (after - first).get_seconds() / interval.as_secs() + 1;
        let seconds = interval.as_secs().checked_mul(steps)?;
        first.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    fn check(&self) -> Result<(), Exception> {
        match (&self.cron_expression, self.interval) {
            (Some(_), Some(_)) => Err(invalid("CronExpression and Interval cannot both be specified.")
                .with("MutuallyExclusiveParameters", json!(["CronExpression", "Interval"]))),
            (Some(cron), None) if !cron.starts_with("cron(") => Err(invalid("CronExpression must match cron(...).")),
            (Some(cron), None) => match schedule::Schedule::parse(cron, "UTC") {
                Ok(_) => Ok(()),
                Err(error) => Err(invalid(format!("Invalid CronExpression: {error}"))),
            },
            (None, Some(1 | 2 | 3 | 4 | 6 | 8 | 12 | 24)) if self.interval_unit.as_deref() == Some("HOURS") => {
                match self.times.as_slice() {
                    [] => Ok(()),
                    [time] if time.len() == 5 && time.parse::<Time>().is_ok() => Ok(()),
                    _ => Err(invalid("Times must hold one time, as hh:mm.")),
                }
            }
            (None, Some(_)) => Err(invalid("Interval must be 1, 2, 3, 4, 6, 8, 12 or 24 HOURS.")),
            (None, None) => Err(required("CreateRule.Interval")),
        }
    }
}

impl Details {
    /// The details, with what AWS fills in, and what of them is carried out.
    ///
    /// # Errors
    /// `InvalidRequestException`, as AWS words it.
    pub(crate) fn read(mut given: Value) -> Result<(Value, Self), Exception> {
        let read = |given: &Value| {
            serde_json::from_value::<Self>(given.clone())
                .map_err(|error| Exception::new(400, "SerializationException", error.to_string()))
        };
        if !given.is_object() {
            return Err(Exception::new(
                400,
                "SerializationException",
                "PolicyDetails is no object",
            ));
        }
        let details = read(&given)?;
        match details.policy_type.as_deref() {
            None | Some("EBS_SNAPSHOT_MANAGEMENT") => {}
            Some(other) => return Err(invalid(format!("The sandbox does not offer policies of type {other}."))),
        }
        if details.resource_types.len() != 1 || !["VOLUME", "INSTANCE"].contains(&details.resource_types[0].as_str()) {
            return Err(required("ResourceTypes"));
        }
        if details.target_tags.is_empty() {
            return Err(required("TargetTags"));
        }
        if !(1..=4).contains(&details.schedules.len()) {
            return Err(required("Schedules"));
        }
        details.schedules.iter().try_for_each(Schedule::check)?;
        given["PolicyType"] = json!("EBS_SNAPSHOT_MANAGEMENT");
        if given.get("ResourceLocations").is_none() {
            given["ResourceLocations"] = json!(["CLOUD"]);
        }
        for schedule in given["Schedules"].as_array_mut().into_iter().flatten() {
            let create = schedule.get_mut("CreateRule").and_then(Value::as_object_mut);
            if let Some(create) = create {
                create.entry("Location").or_insert_with(|| json!("CLOUD"));
            }
        }
        Ok((given, details))
    }
}

impl Schedule {
    fn check(&self) -> Result<(), Exception> {
        if self.name.as_deref().is_none_or(str::is_empty) {
            return Err(required("Schedules.Name"));
        }
        let create = self.create_rule.as_ref().ok_or_else(|| required("CreateRule"))?;
        create.check()?;
        let retain = self.retain_rule.as_ref().ok_or_else(|| required("RetainRule"))?;
        match (retain.count, retain.interval) {
            (Some(_), Some(_)) => {
                return Err(invalid("Count and Interval cannot both be specified.")
                    .with("MutuallyExclusiveParameters", json!(["Count", "Interval"])));
            }
            (Some(1..=1000), None) => {}
            (Some(_), None) => return Err(invalid("Count must be between 1 and 1000.")),
            (None, _) => retain.check_age()?,
        }
        if self.cross_region_copy_rules.len() > 3 {
            return Err(invalid("A schedule copies to three regions at most."));
        }
        for copy in &self.cross_region_copy_rules {
            copy.region().ok_or_else(|| required("CrossRegionCopyRules.Target"))?;
            copy.encrypted
                .ok_or_else(|| required("CrossRegionCopyRules.Encrypted"))?;
            copy.retain_rule.iter().try_for_each(RetainRule::check_age)?;
        }
        Ok(())
    }
}

impl RetainRule {
    fn check_age(&self) -> Result<(), Exception> {
        if self.interval.is_some_and(|number| number < 1) || self.until(Timestamp::UNIX_EPOCH).is_none() {
            return Err(invalid(
                "RetainRule needs a Count, or an Interval in DAYS, WEEKS, MONTHS or YEARS.",
            ));
        }
        Ok(())
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Exception {
    Exception::invalid_request(message).with("Code", "INVALID_PARAMETER")
}

pub(crate) fn required(name: &str) -> Exception {
    Exception::invalid_request(format!("The request is missing a required parameter: {name}"))
        .with("Code", "MISSING_PARAMETER")
        .with("RequiredParameters", json!([name]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: Value) -> CreateRule {
        serde_json::from_value(json).unwrap()
    }

    fn next(rule: &CreateRule, after: &str) -> String {
        rule.next(after.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn an_interval_counts_from_its_time() {
        let every_six = rule(json!({"Interval": 6, "IntervalUnit": "HOURS", "Times": ["03:30"]}));
        assert_eq!(next(&every_six, "2026-11-21T00:00:00Z"), "2026-11-21T03:30:00Z");
        assert_eq!(next(&every_six, "2026-11-21T03:30:00Z"), "2026-11-21T09:30:00Z");
        assert_eq!(next(&every_six, "2026-11-21T21:31:00Z"), "2026-11-22T03:30:00Z");
    }

    #[test]
    fn without_a_time_it_is_nine() {
        let daily = rule(json!({"Interval": 24, "IntervalUnit": "HOURS"}));
        assert_eq!(next(&daily, "2026-11-21T09:00:00Z"), "2026-11-22T09:00:00Z");
    }

    #[test]
    fn an_age_is_counted_by_the_calendar() {
        let month: RetainRule = serde_json::from_value(json!({"Interval": 1, "IntervalUnit": "MONTHS"})).unwrap();
        let until = month.until("2026-01-31T05:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(until.to_string(), "2026-02-28T05:00:00Z");
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let with = |change: &dyn Fn(&mut Value)| {
            let mut given = json!({
                "ResourceTypes": ["VOLUME"], "TargetTags": [{"Key": "backup", "Value": "yes"}],
                "Schedules": [{"Name": "daily", "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS"}, "RetainRule": {"Count": 7}}],
            });
            change(&mut given);
            Details::read(given).map(|_| ())
        };
        assert!(with(&|_| ()).is_ok());
        assert!(with(&|given| given["TargetTags"] = json!([])).is_err());
        assert!(with(&|given| given["Schedules"][0]["CreateRule"]["Interval"] = json!(5)).is_err());
        assert!(with(&|given| given["Schedules"][0]["RetainRule"]["Interval"] = json!(5)).is_err());
        assert!(
            with(&|given| given["Schedules"][0]["RetainRule"] = json!({"Interval": 5, "IntervalUnit": "HOURS"}))
                .is_err()
        );
        assert!(with(&|given| given["PolicyType"] = json!("IMAGE_MANAGEMENT")).is_err());
    }
}
