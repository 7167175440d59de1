//! What a restore is asked for: metadata, whose keys AWS documents for each type. Their case does not matter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::recovery_point::RecoveryPoint;
use super::Kind;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a>(pub(crate) &'a BTreeMap<String, String>);

impl<'a> Wanted<'a> {
    /// An empty value counts as absent.
    pub(crate) fn get(self, key: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn needed(self, key: &str) -> Result<&'a str, String> {
        self.get(key)
            .ok_or_else(|| format!("Invalid restore metadata. Missing required key: {key}"))
    }

    pub(super) fn flag(self, key: &str) -> Result<Option<bool>, String> {
        let read = |value: &str| value.to_lowercase().parse::<bool>();
        let wrong = |_| format!("Invalid restore metadata. The value of {key} must be true or false");
        self.get(key).map(read).transpose().map_err(wrong)
    }

    fn needed_flag(self, key: &str) -> Result<bool, String> {
        self.needed(key)?;
        Ok(self.flag(key)? == Some(true))
    }

    /// Whether the recovery point can be restored like that, as far as AWS looks before it accepts the job.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub(crate) fn check(self, point: &RecoveryPoint, now: Timestamp) -> Result<(), String> {
        match point.resource.kind {
            Kind::Rds => check_identifier("DBInstanceIdentifier", self.needed("DBInstanceIdentifier")?)?,
            Kind::Aurora => check_identifier("DBClusterIdentifier", self.needed("DBClusterIdentifier")?)?,
            Kind::Ebs => {
                self.needed("availabilityZone")?;
                let encrypted = self.needed_flag("encrypted")?;
                self.check_key("kmsKeyId", encrypted)?;
            }
            Kind::Ec2 => {}
            Kind::DynamoDb => check_table(self.needed("targetTableName")?)?,
            Kind::Efs => {
                self.needed("file-system-id")?;
                if self.needed_flag("newFileSystem")? {
                    let encrypted = self.needed_flag("Encrypted")?;
                    self.check_key("KmsKeyId", encrypted)?;
                    check_mode(self.needed("PerformanceMode")?)?;
                }
            }
            Kind::S3 => {
                self.needed("DestinationBucketName")?;
                self.flag("NewBucket")?;
            }
        }
        self.check_time(point, now)
    }

    fn check_key(self, key: &str, encrypted: bool) -> Result<(), String> {
        if self.get(key).is_some() && !encrypted {
            return Err(format!("Invalid restore metadata. {key} needs encryption to be true"));
        }
        Ok(())
    }

    /// A continuous backup is restored to a moment since it began; a snapshot has none to choose.
    fn check_time(self, point: &RecoveryPoint, now: Timestamp) -> Result<(), String> {
        let asked = self.get("RestoreTime");
        let latest = self.flag("UseLatestRestorableTime")?.unwrap_or(false);
        match (point.continuous_since, asked) {
            (None, None) if !latest => Ok(()),
            (None, _) => Err("A point in time can be given for continuous backups only".to_owned()),
            (Some(_), None) if latest || point.resource.kind == Kind::S3 => Ok(()),
            (Some(_), None) => Err("Invalid restore metadata. Missing required key: RestoreTime".to_owned()),
            (Some(since), Some(text)) => {
                let at: Timestamp = text.parse().map_err(|_| format!("Invalid RestoreTime: {text}"))?;
                if (since..=now).contains(&at) {
                    Ok(())
                } else {
                    Err(format!("RestoreTime {text} is not between {since} and {now}"))
                }
            }
        }
    }
}

/// Up to 63 letters, digits and hyphens, as RDS has it.
fn check_identifier(key: &str, name: &str) -> Result<(), String> {
    let allowed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if allowed && starts && name.len() <= 63 && !name.ends_with('-') && !name.contains("--") {
        return Ok(());
    }
    Err(format!("The parameter {key} is not a valid identifier: {name}"))
}

fn check_table(name: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (3..=255).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(format!("Invalid targetTableName: {name}"))
}

fn check_mode(mode: &str) -> Result<(), String> {
    if matches!(mode, "generalPurpose" | "maxIO") {
        return Ok(());
    }
    Err(format!("Invalid PerformanceMode: {mode}"))
}

#[cfg(test)]
mod tests {
    use super::super::super::recovery_point::{Lifecycle, Status};
    use super::super::Resource;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn point(arn: &str, continuous_since: Option<&str>) -> RecoveryPoint {
        RecoveryPoint {
            arn: "point".to_owned(),
            resource: Resource {
                arn: arn.to_owned(),
                kind: Kind::of(arn).unwrap(),
                name: String::new(),
                tags: BTreeMap::new(),
                bytes: 0,
                encrypted: false,
                key: None,
                metadata: BTreeMap::new(),
            },
            role: String::new(),
            created: at("2026-11-20T00:00:00Z"),
            completed: at("2026-11-20T01:00:00Z"),
            lifecycle: Lifecycle::default(),
            created_by: None,
            source_vault: None,
            continuous_since: continuous_since.map(at),
            status: Status::Completed,
            key: String::new(),
            last_restored: None,
        }
    }

    fn check(point: &RecoveryPoint, metadata: &[(&str, &str)]) -> Result<(), String> {
        let metadata = metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Wanted(&metadata.collect()).check(point, at("2026-11-21T00:00:00Z"))
    }

    #[test]
    fn a_continuous_backup_is_restored_to_a_moment_of_its_window() {
        let point = point("arn:aws:rds:eu-west-1:1:db:x", Some("2026-11-20T00:00:00Z"));
        let to = |moment| check(&point, &[("DBInstanceIdentifier", "y"), ("RestoreTime", moment)]);
        assert_eq!(to("2026-11-20T12:00:00Z"), Ok(()));
        assert!(to("2026-11-19T23:59:59Z").is_err());
        assert!(to("2026-11-21T00:00:01Z").is_err());
        assert!(to("yesterday").is_err());
        assert!(
            check(&point, &[("DBInstanceIdentifier", "y")]).is_err(),
            "to which moment?"
        );
        assert_eq!(
            check(
                &point,
                &[("DBInstanceIdentifier", "y"), ("UseLatestRestorableTime", "true")]
            ),
            Ok(())
        );
    }

    #[test]
    fn keys_are_the_same_in_any_case() {
        let point = point("arn:aws:ec2:eu-west-1:1:volume/vol-1", None);
        let asked = [("AVAILABILITYZONE", "eu-west-1a"), ("Encrypted", "True")];
        assert_eq!(check(&point, &asked), Ok(()));
        let wrong = [("availabilityZone", "eu-west-1a"), ("encrypted", "yes")];
        assert!(check(&point, &wrong).is_err());
    }

    #[test]
    fn a_new_file_system_needs_more_than_an_old_one() {
        let point = point("arn:aws:elasticfilesystem:eu-west-1:1:file-system/fs-1", None);
        let old = [("file-system-id", "fs-1"), ("newFileSystem", "false")];
        assert_eq!(check(&point, &old), Ok(()));
        let new = [("file-system-id", "fs-1"), ("newFileSystem", "true")];
        assert!(check(&point, &new).is_err());
    }
}
