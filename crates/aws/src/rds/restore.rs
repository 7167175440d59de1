//! Starting a restore, once.
//!
//! RDS takes no token with a restore. The target's name is the request's own, so RDS refuses a second
//! restore, and a tag tells whether the instance of that name is the request's.

use std::collections::BTreeMap;

use aws_sdk_rds::types::DbInstance;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::error::Failure;
use crate::policy::SessionPolicy;
use crate::rds::apply::Doer;
use crate::rds::{arn, is_ours, listing, sdk_tags};
use crate::sessions::Session;

/// RDS's code for a name that is taken.
const ALREADY_EXISTS: &str = "DBInstanceAlreadyExists";

/// What is restored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// The snapshot of this identifier.
    Snapshot(&'a str),
    /// This moment of the instance's continuous backups.
    Moment(Timestamp),
}

impl Doer<'_> {
    /// Restores under the target's name; nothing to do where that was done before.
    pub(super) async fn restore(
        &self,
        origin: Origin<'_>,
        target: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let reading = self.sessions.reading(self.account).await?;
        // Looked at first: the recovery point of a restore that was made may be gone by now.
        if is_made(&reading, target, tags).await? {
            return Ok(());
        }
        let source = listing::instance(&reading, self.name).await?;
        let place = source.as_ref().map(Place::of).unwrap_or_default();
        let started = match origin {
            Origin::Snapshot(snapshot) => self.restore_snapshot(snapshot, target, tags, place).await,
            Origin::Moment(to) => self.restore_moment(to, target, tags, place).await,
        };
        match started {
            Err(failure) if failure.is(ALREADY_EXISTS) => {
                if is_made(&reading, target, tags).await? {
                    Ok(())
                } else {
                    Err(failure)
                }
            }
            other => other,
        }
    }

    async fn restore_snapshot(
        &self,
        snapshot: &str,
        target: &str,
        tags: &BTreeMap<String, String>,
        place: Place,
    ) -> Result<(), Failure> {
        let policy = SessionPolicy::restore(
            "rds:RestoreDBInstanceFromDBSnapshot",
            self.account,
            &arn(self.account, "snapshot", snapshot),
            &arn(self.account, "db", target),
        );
        let session = self.session(policy).await?;
        let call = session
            .rds
            .restore_db_instance_from_db_snapshot()
            .db_snapshot_identifier(snapshot)
            .db_instance_identifier(target)
            .set_tags(Some(sdk_tags(tags)))
            .copy_tags_to_snapshot(true)
            .publicly_accessible(false)
            .set_db_subnet_group_name(place.subnet_group)
            .set_vpc_security_group_ids(place.security_groups)
            .set_db_parameter_group_name(place.parameter_group);
        let what = format!("restoring the snapshot {snapshot} as {target}");
        session.answer(&what, call.send().await)?;
        Ok(())
    }

    async fn restore_moment(
        &self,
        to: Timestamp,
        target: &str,
        tags: &BTreeMap<String, String>,
        place: Place,
    ) -> Result<(), Failure> {
        let policy = SessionPolicy::restore(
            "rds:RestoreDBInstanceToPointInTime",
            self.account,
            &self.step.arn,
            &arn(self.account, "db", target),
        );
        let session = self.session(policy).await?;
        let call = session
            .rds
            .restore_db_instance_to_point_in_time()
            .source_db_instance_identifier(self.name)
            .target_db_instance_identifier(target)
            .restore_time(DateTime::from_secs(to.as_second()))
            .set_tags(Some(sdk_tags(tags)))
            .copy_tags_to_snapshot(true)
            .publicly_accessible(false)
            .set_db_subnet_group_name(place.subnet_group)
            .set_vpc_security_group_ids(place.security_groups)
            .set_db_parameter_group_name(place.parameter_group);
        let what = format!("restoring {} as of {to} as {target}", self.name);
        session.answer(&what, call.send().await)?;
        Ok(())
    }
}

/// Where the source is, so that its restored copy is beside it and behaves alike. RDS takes its
/// size and its storage from the recovery point, but these from the region's defaults.
#[derive(Debug, Default)]
struct Place {
    subnet_group: Option<String>,
    security_groups: Option<Vec<String>>,
    parameter_group: Option<String>,
}

impl Place {
    fn of(source: &DbInstance) -> Self {
        let security_groups: Vec<String> = source
            .vpc_security_groups()
            .iter()
            .filter_map(|group| group.vpc_security_group_id.clone())
            .collect();
        Self {
            subnet_group: source
                .db_subnet_group()
                .and_then(|group| group.db_subnet_group_name.clone()),
            security_groups: (!security_groups.is_empty()).then_some(security_groups),
            parameter_group: source
                .db_parameter_groups()
                .first()
                .and_then(|group| group.db_parameter_group_name.clone()),
        }
    }
}

/// Whether the instance of this name is there and the request's.
///
/// # Errors
/// [`Failure::Rejected`] when it is somebody else's.
async fn is_made(reading: &Session, target: &str, tags: &BTreeMap<String, String>) -> Result<bool, Failure> {
    match listing::instance(reading, target).await? {
        None => Ok(false),
        Some(instance) if is_ours(&instance, tags) => Ok(true),
        Some(_) => Err(Failure::Rejected {
            code: ALREADY_EXISTS.to_owned(),
            reason: format!("An instance named {target} exists that this restore did not make."),
        }),
    }
}
