//! What is there: instances, their settings and their recovery points.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{DbInstance, DbInstanceAutomatedBackup, DbSnapshot};
use aws_smithy_types::DateTime;
use domain::observation::{BackupScope, Completeness, Granularity, Observed, ObservedRecoveryPoint, ObservedResource};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::error::Failure;
use crate::rds::status::phase;
use crate::rds::{instance_name, listing, tags_of};
use crate::sessions::Session;

const GIB: i64 = 1 << 30;

/// Reads the scope's instances. `at`: when the reading began.
pub(crate) async fn observe(session: &Session, scope: &BackupScope, at: Timestamp) -> Result<Observed, Failure> {
    let seen = Seen {
        instances: listing::instances(session).await?,
        snapshots: listing::snapshots(session).await?,
        automated: match listing::automated_backups(session).await {
            Ok(automated) => automated,
            // Only tells how far back continuous backups reach; the oldest snapshot tells nearly as well.
            Err(failure @ (Failure::Denied { .. } | Failure::Rejected { .. })) => {
                tracing::info!(aws.account = %scope.account.account, %failure, "No restore windows: {failure}");
                Vec::new()
            }
            Err(failure) => return Err(failure),
        },
    };
    Ok(seen.read(scope, at))
}

/// The listings of one account and region.
struct Seen {
    instances: Vec<DbInstance>,
    snapshots: Vec<DbSnapshot>,
    automated: Vec<DbInstanceAutomatedBackup>,
}

impl Seen {
    fn read(&self, scope: &BackupScope, at: Timestamp) -> Observed {
        let (mut resources, mut left_behind) = (BTreeMap::new(), BTreeMap::new());
        let mut unread = Vec::new();
        for arn in &scope.resources {
            let Some(name) = instance_name(&scope.account, arn) else {
                unread.push(format!("{arn} is no RDS instance of this account and region"));
                continue;
            };
            let instance = self.instances.iter().find(|i| i.db_instance_arn() == Some(arn));
            let read = match instance {
                Some(instance) => self
                    .resource(arn, instance)
                    .map(|resource| drop(resources.insert(arn.clone(), resource))),
                None => self
                    .snapshots_of(name)
                    .map(|points| drop(left_behind.insert(arn.clone(), points))),
            };
            if let Err(Odd(what)) = read {
                unread.push(format!("AWS's answer for {arn} makes no sense: {what}"));
            }
        }
        let completeness = if unread.is_empty() {
            Completeness::Complete
        } else {
            Completeness::Partial {
                reason: unread.join("; "),
            }
        };
        Observed {
            at,
            completeness,
            resources,
            left_behind,
        }
    }

    fn resource(&self, arn: &str, instance: &DbInstance) -> Result<ObservedResource, Odd> {
        let name = instance.db_instance_identifier().ok_or_else(|| odd("no identifier"))?;
        let status = instance.db_instance_status().unwrap_or_default();
        phase(status).ok_or_else(|| Odd(format!("the state `{status}`")))?;
        let retention = count(instance.backup_retention_period(), "days of retention")?;
        let gibibytes: i64 = count(instance.allocated_storage(), "storage")?;
        let encrypted = instance
            .storage_encrypted()
            .ok_or_else(|| odd("no word on encryption"))?;
        let engine = instance.engine().ok_or_else(|| odd("no engine"))?;
        let window = match instance.preferred_backup_window() {
            None | Some("") => None,
            Some(text) => Some(text.parse().map_err(|_| Odd(format!("the backup window `{text}`")))?),
        };
        let mut recovery_points = self.snapshots_of(name)?;
        if retention > 0
            && let Some(latest) = instance.latest_restorable_time()
        {
            // A restore names a whole second: the window is narrowed to those, so that what is shown is what is sent.
            let at = whole_second(moment(latest)?, RoundMode::Floor)?;
            let earliest = self
                .earliest(arn, name)?
                .map(|time| whole_second(time, RoundMode::Ceil))
                .transpose()?;
            if earliest.is_none_or(|earliest| earliest <= at) {
                recovery_points.push(ObservedRecoveryPoint {
                    provider_id: format!("pitr:{arn}"),
                    granularity: Granularity::Continuous,
                    at,
                    earliest,
                    available: true,
                    encrypted,
                });
            }
        }
        let version = instance.engine_version().unwrap_or_default();
        Ok(ObservedResource {
            status: status.to_owned(),
            engine: format!("{engine} {version}").trim_end().to_owned(),
            size_bytes: gibibytes * GIB,
            encrypted,
            automated_retention_days: retention,
            window,
            tags: tags_of(instance)
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            recovery_points,
        })
    }

    fn snapshots_of(&self, name: &str) -> Result<Vec<ObservedRecoveryPoint>, Odd> {
        let mut points = Vec::new();
        for snapshot in self
            .snapshots
            .iter()
            .filter(|s| s.db_instance_identifier() == Some(name))
        {
            let id = snapshot
                .db_snapshot_identifier()
                .ok_or_else(|| odd("an unnamed snapshot"))?;
            let available = snapshot.status() == Some("available");
            let Some(at) = data_time(snapshot) else {
                // One that is being made has no time yet, and restores nothing.
                if available {
                    return Err(Odd(format!("the snapshot {id} has no time")));
                }
                continue;
            };
            points.push(ObservedRecoveryPoint {
                provider_id: id.to_owned(),
                granularity: Granularity::Snapshot,
                at: moment(at)?,
                earliest: None,
                available,
                encrypted: snapshot.encrypted().unwrap_or_default(),
            });
        }
        Ok(points)
    }

    /// How far back continuous backups reach: as AWS tells, else to the oldest automated snapshot,
    /// which is what they start from.
    fn earliest(&self, arn: &str, name: &str) -> Result<Option<Timestamp>, Odd> {
        let told = self
            .automated
            .iter()
            .find(|backup| backup.db_instance_arn() == Some(arn))
            .and_then(|backup| backup.restore_window())
            .and_then(|window| window.earliest_time());
        let oldest = self
            .snapshots
            .iter()
            .filter(|s| s.db_instance_identifier() == Some(name))
            .filter(|s| s.snapshot_type() == Some("automated") && s.status() == Some("available"))
            .filter_map(data_time)
            .min();
        told.or(oldest).map(moment).transpose()
    }
}

/// The moment of a snapshot's data: of a copy, the original's.
fn data_time(snapshot: &DbSnapshot) -> Option<&DateTime> {
    snapshot
        .original_snapshot_create_time()
        .or(snapshot.snapshot_create_time())
}

/// What of an answer makes no sense.
#[derive(Debug)]
struct Odd(String);

fn odd(what: &str) -> Odd {
    Odd(what.to_owned())
}

fn count<T: TryFrom<i32>>(value: Option<i32>, what: &str) -> Result<T, Odd> {
    let value = value.ok_or_else(|| Odd(format!("no {what}")))?;
    let value = if value < 0 { None } else { T::try_from(value).ok() };
    value.ok_or_else(|| Odd(format!("{what} out of range")))
}

fn moment(time: &DateTime) -> Result<Timestamp, Odd> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).unwrap_or_default();
    Timestamp::new(time.secs(), nanoseconds).map_err(|_| Odd(format!("the time {time:?}")))
}

fn whole_second(time: Timestamp, mode: RoundMode) -> Result<Timestamp, Odd> {
    let whole = TimestampRound::new().smallest(Unit::Second).mode(mode);
    time.round(whole).map_err(|_| Odd(format!("the time {time}")))
}
