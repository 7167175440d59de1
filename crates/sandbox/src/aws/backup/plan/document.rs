//! A plan as it is written: name, rules, settings; and what AWS refuses in it.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::super::rest::Exception;
use super::super::super::schedule::{InvalidSchedule, Schedule};
use super::super::limits;
use super::super::recovery_point::Lifecycle;
use super::super::state::Place;
use super::check_name;

/// Continuous backups reach back so many days at most.
const CONTINUOUS_DAYS: i64 = 35;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    #[serde(default)]
    pub(super) backup_plan_name: String,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    advanced_backup_settings: Vec<AdvancedSetting>,
}

/// Options of the backups of one type of resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AdvancedSetting {
    #[serde(default)]
    resource_type: String,
    #[serde(default)]
    backup_options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rule {
    #[serde(default)]
    pub(super) rule_name: String,
    #[serde(default)]
    pub(super) target_backup_vault_name: String,
    #[serde(default = "every_morning")]
    pub(super) schedule_expression: String,
    #[serde(default = "utc")]
    pub(super) schedule_expression_timezone: String,
    #[serde(default = "start_window")]
    pub(super) start_window_minutes: i64,
    #[serde(default = "completion_window")]
    pub(super) completion_window_minutes: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<Lifecycle>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) recovery_point_tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) copy_actions: Vec<CopyAction>,
    #[serde(default)]
    pub(super) enable_continuous_backup: bool,
}

/// A copy that is made of each recovery point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CopyAction {
    #[serde(default)]
    pub(crate) destination_backup_vault_arn: String,
    /// `None`: the copy is kept for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lifecycle: Option<Lifecycle>,
}

fn every_morning() -> String {
    "cron(0 5 ? * * *)".to_owned()
}

fn utc() -> String {
    "Etc/UTC".to_owned()
}

/// Eight hours.
const fn start_window() -> i64 {
    480
}

/// Seven days.
const fn completion_window() -> i64 {
    10_080
}

impl Document {
    /// # Errors
    /// `MissingParameterValueException` and `InvalidParameterValueException`; whether the vaults exist is not asked here.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Exception> {
        if self.backup_plan_name.is_empty() {
            return Err(Exception::missing_parameter("BackupPlanName"));
        }
        check_name("BackupPlanName", &self.backup_plan_name)?;
        if self.rules.is_empty() {
            return Err(Exception::missing_parameter("Rules"));
        }
        let mut names = HashSet::new();
        for rule in &self.rules {
            rule.check(now)?;
            if !names.insert(&rule.rule_name) {
                return Err(Exception::invalid_parameter(format!(
                    "Duplicate rule name: {}",
                    rule.rule_name
                )));
            }
        }
        self.advanced_backup_settings
            .iter()
            .try_for_each(AdvancedSetting::check)
    }

    /// With the ids of its rules.
    pub(super) fn shown(&self, rule_ids: &[String]) -> Value {
        let mut shown = json!(self);
        let rules = shown["Rules"].as_array_mut().into_iter().flatten();
        for (rule, id) in rules.zip(rule_ids) {
            rule["RuleId"] = json!(id);
        }
        shown
    }

    /// `None` where there are none.
    pub(super) fn settings_shown(&self) -> Option<Value> {
        let settings = &self.advanced_backup_settings;
        (!settings.is_empty()).then(|| json!(settings))
    }

    /// The options of backups of a type of resource.
    pub(super) fn options(&self, resource_type: &str) -> BTreeMap<String, String> {
        let mut settings = self.advanced_backup_settings.iter();
        let setting = settings.find(|setting| setting.resource_type == resource_type);
        setting.map_or_else(BTreeMap::new, |setting| setting.backup_options.clone())
    }
}

impl AdvancedSetting {
    fn check(&self) -> Result<(), Exception> {
        let known: &[&str] = match self.resource_type.as_str() {
            "EC2" => &["WindowsVSS"],
            "S3" => &["BackupACLs", "BackupObjectTags"],
            other => {
                return Err(Exception::invalid_parameter(format!(
                    "Invalid resource type in AdvancedBackupSettings: {other}"
                )));
            }
        };
        for (option, value) in &self.backup_options {
            if !known.contains(&option.as_str()) || !["enabled", "disabled"].contains(&value.as_str()) {
                return Err(Exception::invalid_parameter(format!(
                    "Invalid backup option for {}: {option}={value}",
                    self.resource_type
                )));
            }
        }
        Ok(())
    }
}

impl Rule {
    /// The first run after a moment; `None` once there are none.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        self.schedule().ok()?.after(after)
    }

    fn schedule(&self) -> Result<Schedule, InvalidSchedule> {
        Schedule::parse(&self.schedule_expression, &self.schedule_expression_timezone)
    }

    fn check(&self, now: Timestamp) -> Result<(), Exception> {
        if self.rule_name.is_empty() {
            return Err(Exception::missing_parameter("RuleName"));
        }
        check_name("RuleName", &self.rule_name)?;
        if self.target_backup_vault_name.is_empty() {
            return Err(Exception::missing_parameter("TargetBackupVaultName"));
        }
        let inside = |exception: Exception| self.error(exception.message());
        self.schedule().map_err(|error| self.error(&error.to_string()))?;
        let (start, complete) = (self.start_window_minutes, self.completion_window_minutes);
        limits::windows(now, Some(start), Some(complete)).map_err(inside)?;
        limits::check_lifecycle(self.lifecycle.unwrap_or_default()).map_err(inside)?;
        if self.enable_continuous_backup {
            self.check_continuous()?;
        }
        for copy in &self.copy_actions {
            let (arn, lifecycle) = (&copy.destination_backup_vault_arn, copy.lifecycle);
            if Place::of_vault(arn).is_none() {
                return Err(self.error(&format!("Invalid destination backup vault ARN: {arn}")));
            }
            limits::check_lifecycle(lifecycle.unwrap_or_default()).map_err(inside)?;
        }
        Ok(())
    }

    fn check_continuous(&self) -> Result<(), Exception> {
        let Some(lifecycle) = self.lifecycle else {
            return Err(self.error("Lifecycle must be specified for enabling continuous backup"));
        };
        if lifecycle.move_to_cold_storage_after_days.is_some() {
            return Err(self.error("Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"));
        }
        match lifecycle.delete_after_days {
            Some(days) if days <= CONTINUOUS_DAYS => Ok(()),
            _ => Err(self.error(&format!(
                "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than {CONTINUOUS_DAYS} days"
            ))),
        }
    }

    /// What is wrong with this rule, as AWS says it.
    pub(super) fn error(&self, message: &str) -> Exception {
        let context = json!([self.rule_name, message]).to_string();
        Exception::invalid_parameter(format!("Error in rule {} : {message}", self.rule_name))
            .with("Code", "ERROR_3015")
            .with("Context", context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a plan whose only rule has these fields beside name and vault.
    fn said(fields: &Value) -> Result<(), String> {
        let mut rule = json!({"RuleName": "daily", "TargetBackupVaultName": "main"});
        for (name, value) in fields.as_object().unwrap() {
            rule[name] = value.clone();
        }
        let plan = json!({"BackupPlanName": "plan", "Rules": [rule]});
        let document: Document = serde_json::from_value(plan).unwrap();
        let checked = document.check("2026-11-21T00:00:00Z".parse().unwrap());
        checked.map_err(|exception| exception.message().to_owned())
    }

    #[test]
    fn a_rule_without_more_runs_every_morning() {
        assert_eq!(said(&json!({})), Ok(()));
        let rule: Rule = serde_json::from_value(json!({})).unwrap();
        let next = rule.next("2026-11-21T06:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(next.to_string(), "2026-11-22T05:00:00Z");
        assert_eq!(
            (rule.start_window_minutes, rule.completion_window_minutes),
            (480, 10_080)
        );
    }

    #[test]
    fn a_continuous_backup_reaches_back_thirty_five_days_and_is_never_cold() {
        let continuous = |lifecycle| said(&json!({"EnableContinuousBackup": true, "Lifecycle": lifecycle}));
        assert_eq!(continuous(json!({"DeleteAfterDays": 35})), Ok(()));
        assert_eq!(
            continuous(json!({"DeleteAfterDays": 36})).unwrap_err(),
            "Error in rule daily : Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 35 days"
        );
        assert_eq!(
            continuous(json!({"DeleteAfterDays": 200, "MoveToColdStorageAfterDays": 30})).unwrap_err(),
            "Error in rule daily : Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"
        );
        assert!(said(&json!({"EnableContinuousBackup": true})).is_err());
    }

    #[test]
    fn numbers_out_of_all_bounds_are_refused() {
        assert!(said(&json!({"StartWindowMinutes": i64::MAX})).is_err());
        assert!(said(&json!({"CompletionWindowMinutes": i64::MAX})).is_err());
        assert!(said(&json!({"Lifecycle": {"DeleteAfterDays": i64::MAX}})).is_err());
        let both = json!({"MoveToColdStorageAfterDays": i64::MAX, "DeleteAfterDays": 1});
        assert!(said(&json!({"Lifecycle": both})).is_err());
    }

    #[test]
    fn a_copy_names_a_vault() {
        let copy = |arn: &str| said(&json!({"CopyActions": [{"DestinationBackupVaultArn": arn}]}));
        assert_eq!(
            copy("arn:aws:backup:eu-central-1:111122223333:backup-vault:far"),
            Ok(())
        );
        assert!(copy("arn:aws:backup:eu-central-1:1111:backup-vault:far").is_err());
        assert!(copy("far").is_err());
    }
}
