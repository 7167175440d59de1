//! Which recovery points a plan tests.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use wildmatch::WildMatchPattern;

use super::super::super::rest::Exception;
use super::super::recovery_point::{RecoveryPoint, Status};
use super::between;

/// AWS's only wildcard.
type Pattern = WildMatchPattern<'*', '\0'>;

/// As it is asked for, and as it is kept, checked and complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Pick {
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    exclude_vaults: Vec<String>,
    #[serde(default)]
    include_vaults: Vec<String>,
    #[serde(default)]
    recovery_point_types: Vec<String>,
    #[serde(default = "month")]
    selection_window_days: i64,
}

const fn month() -> i64 {
    30
}

const LATEST: &str = "LATEST_WITHIN_WINDOW";
const RANDOM: &str = "RANDOM_WITHIN_WINDOW";
const SNAPSHOT: &str = "SNAPSHOT";
const CONTINUOUS: &str = "CONTINUOUS";

/// Vaults and resources that can be named in one list.
pub(super) const MOST_NAMED: usize = 30;

impl Pick {
    pub(super) fn check(&self) -> Result<(), Exception> {
        let invalid = |field: &str, value: &str| Err(Exception::invalid_parameter(format!("Invalid {field}: {value}")));
        match self.algorithm.as_str() {
            "" => return Err(Exception::missing_parameter("Algorithm")),
            LATEST | RANDOM => {}
            other => return invalid("Algorithm", other),
        }
        if self.recovery_point_types.is_empty() {
            return Err(Exception::missing_parameter("RecoveryPointTypes"));
        }
        let known = |kind: &&String| kind.as_str() != SNAPSHOT && kind.as_str() != CONTINUOUS;
        if let Some(other) = self.recovery_point_types.iter().find(known) {
            return invalid("RecoveryPointTypes", other);
        }
        if self.include_vaults.is_empty() {
            return Err(Exception::missing_parameter("IncludeVaults"));
        }
        if self.include_vaults.len() > MOST_NAMED || self.exclude_vaults.len() > MOST_NAMED {
            return Err(Exception::invalid_parameter(format!(
                "At most {MOST_NAMED} vaults can be named"
            )));
        }
        between("SelectionWindowDays", self.selection_window_days, 1..=365)?;
        Ok(())
    }

    /// Whether the recovery points of a vault, by ARN, are tested.
    pub(super) fn takes_vault(&self, arn: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| Pattern::new(pattern).matches(arn));
        any(&self.include_vaults) && !any(&self.exclude_vaults)
    }

    pub(super) fn takes(&self, point: &RecoveryPoint, at: Timestamp) -> bool {
        let kind = if point.continuous_since.is_some() {
            CONTINUOUS
        } else {
            SNAPSHOT
        };
        let oldest = at - SignedDuration::from_hours(24 * self.selection_window_days);
        // A continuous backup is as new as its last moment.
        let made = if kind == CONTINUOUS {
            point.completed
        } else {
            point.created
        };
        point.status == Status::Completed
            && made >= oldest
            && self.recovery_point_types.iter().any(|wanted| wanted == kind)
    }

    /// The one of a resource's recovery points that is tested at a moment.
    pub(super) fn of<'a>(&self, mut points: Vec<&'a RecoveryPoint>, at: Timestamp) -> Option<&'a RecoveryPoint> {
        points.sort_by_key(|point| (point.created, &point.arn));
        if self.algorithm == LATEST {
            return points.pop();
        }
        let count = i64::try_from(points.len()).ok().filter(|count| *count > 0)?;
        let index = usize::try_from(at.as_second().div_euclid(3600).rem_euclid(count)).ok()?;
        points.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(json: serde_json::Value) -> Pick {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn vaults_are_named_by_wildcards() {
        let pick = pick(
            serde_json::json!({"IncludeVaults": ["arn:aws:backup:*:*:backup-vault:prod-*"],
            "ExcludeVaults": ["arn:aws:backup:*:*:backup-vault:prod-old"]}),
        );
        let takes =
            |name: &str| pick.takes_vault(&format!("arn:aws:backup:eu-west-1:123456789012:backup-vault:{name}"));
        assert_eq!(
            [takes("prod-new"), takes("prod-old"), takes("daily")],
            [true, false, false]
        );
    }

    #[test]
    fn what_aws_needs_is_needed() {
        let complete =
            serde_json::json!({"Algorithm": LATEST, "IncludeVaults": ["*"], "RecoveryPointTypes": [SNAPSHOT]});
        assert_eq!(pick(complete.clone()).check(), Ok(()));
        assert_eq!(pick(complete.clone()).selection_window_days, 30);
        for (field, wrong) in [
            ("Algorithm", serde_json::json!("OLDEST")),
            ("IncludeVaults", serde_json::json!([])),
            ("RecoveryPointTypes", serde_json::json!(["WEEKLY"])),
            ("SelectionWindowDays", serde_json::json!(366)),
        ] {
            let mut asked = complete.clone();
            asked[field] = wrong;
            assert!(pick(asked).check().is_err(), "{field}");
        }
    }
}
