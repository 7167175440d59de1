//! Continuous backups: a resource has one continuous recovery point, which every run of the rule prolongs.

use jiff::{SignedDuration, Timestamp};

use super::super::ministack::Ministack;
use super::job::Order;
use super::recovery_point::{Lifecycle, RecoveryPoint};
use super::resource::{self, Kind, Resource};
use super::state::{Place, Region};

const RDS: (&str, &str) = ("rds", "2014-10-31");

/// ARN of the continuous recovery point that a job makes or prolongs.
///
/// `None`: the job makes a snapshot, because that is what it was ordered, or because the resource's one is in another vault.
pub(crate) fn arn(region: &Region, place: &Place, order: &Order, resource: &Resource) -> Option<String> {
    if !order.continuous {
        return None;
    }
    let mut vaults = region.vaults.values();
    let there = vaults.find_map(|vault| {
        let mut points = vault.points.values();
        let point = points.find(|point| point.continuous_since.is_some() && point.resource.arn == resource.arn)?;
        Some((&vault.name, &point.arn))
    });
    let new = || {
        let id = uuid::Uuid::new_v4().simple().to_string();
        place.arn(&match resource.kind {
            Kind::S3 => format!("recovery-point:{}-{}", resource.name, &id[..8]),
            Kind::Aurora => format!("recovery-point:continuous:cluster-{id}"),
            _ => format!("recovery-point:continuous:db-{id}"),
        })
    };
    match there {
        None => Some(new()),
        Some((vault, arn)) => (*vault == order.vault).then(|| arn.clone()),
    }
}

/// Makes RDS keep what the resource is restored from, for as long as the recovery point reaches back.
///
/// # Errors
/// What a job says that fails for it.
pub(crate) async fn keep_logs(
    ministack: Option<&Ministack>,
    place: &Place,
    resource: &Resource,
    lifecycle: Lifecycle,
) -> Result<(), String> {
    let (action, name) = match resource.kind {
        Kind::Rds => ("ModifyDBInstance", "DBInstanceIdentifier"),
        Kind::Aurora => ("ModifyDBCluster", "DBClusterIdentifier"),
        _ => return Ok(()),
    };
    let (Some(ministack), Some(days)) = (ministack, lifecycle.delete_after_days) else {
        return Ok(());
    };
    let days = days.to_string();
    let params = [
        (name, resource::id(&resource.arn)),
        ("BackupRetentionPeriod", days.as_str()),
        ("ApplyImmediately", "true"),
    ];
    let made = ministack.as_root(&place.account, &place.region, RDS, action, &params);
    made.await.map(|_| ()).map_err(|refusal| {
        let code = refusal.into_answer().error_code().unwrap_or_default();
        format!(
            "The continuous backup of {} could not be switched on: {code}",
            resource.arn
        )
    })
}

/// The recovery point after one more run: it reaches back as far as it did, within its retention.
pub(crate) fn prolonged(before: RecoveryPoint, run: RecoveryPoint) -> RecoveryPoint {
    let kept = run.lifecycle.delete_after_days.map(|days| reach(run.completed, days));
    RecoveryPoint {
        created: before.created,
        continuous_since: before.continuous_since.max(kept),
        last_restored: before.last_restored,
        ..run
    }
}

fn reach(at: Timestamp, days: i64) -> Timestamp {
    at - SignedDuration::from_hours(24 * days)
}
