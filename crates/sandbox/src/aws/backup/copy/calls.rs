//! Copy jobs: asked for, shown, listed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, time};
use super::super::recovery_point::Lifecycle;
use super::super::state::Place;
use super::super::{limits, points, vault};
use super::{CopyJob, Order, accept};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    recovery_point_arn: Option<String>,
    source_backup_vault_name: Option<String>,
    destination_backup_vault_arn: Option<String>,
    iam_role_arn: Option<String>,
    idempotency_token: Option<String>,
    #[serde(default)]
    lifecycle: Lifecycle,
}

pub(crate) fn start(desk: &mut Desk<'_>) -> Reply {
    let asked: Start = desk.ask.body()?;
    let needed = |value: Option<String>, name| value.ok_or_else(|| Exception::missing_parameter(name));
    let point = needed(asked.recovery_point_arn, "RecoveryPointArn")?;
    let source_vault = needed(asked.source_backup_vault_name, "SourceBackupVaultName")?;
    let destination_vault = needed(asked.destination_backup_vault_arn, "DestinationBackupVaultArn")?;
    let role = needed(asked.iam_role_arn, "IamRoleArn")?;
    limits::check_lifecycle(asked.lifecycle)?;
    limits::check_role(&role)?;
    let Some((destination, name)) = Place::of_vault(&destination_vault) else {
        return Err(Exception::invalid_parameter(format!(
            "Invalid DestinationBackupVaultArn: {destination_vault}"
        )));
    };
    let vault = vault::named(desk.read(), &source_vault)?;
    let held = vault.points.get(&point).ok_or_else(|| points::no_point(&point))?;
    if destination == desk.place && name == source_vault {
        return Err(Exception::invalid_request(
            "The source and the destination of a copy cannot be the same backup vault",
        ));
    }
    let again = asked
        .idempotency_token
        .as_ref()
        .and_then(|token| desk.read().copy_jobs_by_token.get(token))
        .and_then(|id| desk.read().copy_jobs.get(id));
    if let Some(there) = again {
        return Ok(accepted(there));
    }
    let order = Order {
        resource: held.resource.clone(),
        point,
        source_vault,
        destination_vault,
        role,
        lifecycle: asked.lifecycle,
        created_by: None,
        backup_job: None,
        failing: desk.failing.take(),
    };
    let (place, now) = (desk.place.clone(), desk.now);
    let id = accept(desk.state, &place, order, now);
    let region = desk.region();
    if let Some(token) = asked.idempotency_token {
        region.copy_jobs_by_token.insert(token, id.clone());
    }
    let job = region.copy_jobs.get(&id);
    job.map(accepted).ok_or_else(|| no_job(&id))
}

fn accepted(job: &CopyJob) -> Value {
    json!({"CopyJobId": job.id, "CreationDate": time(job.created), "IsParent": false})
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("copyJobId");
    let job = desk.read().copy_jobs.get(id).ok_or_else(|| no_job(id))?;
    Ok(json!({"CopyJob": job.shown(&desk.place)}))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let filter = limits::JobFilter::read(&desk.ask)?;
    let destination = desk.ask.query("destinationVaultArn");
    let source = desk.ask.query("sourceRecoveryPointArn");
    let wanted = |job: &&CopyJob| {
        destination.is_none_or(|arn| job.order.destination_vault == arn)
            && source.is_none_or(|arn| job.order.point == arn)
            && filter.matches(&limits::JobFacts {
                account: &desk.place.account,
                resource: &job.order.resource.arn,
                state: job.stage.name(),
                vault: None,
                created: job.created,
                completed: job.ended,
                parent: None,
                message: job.message.as_deref(),
            })
    };
    let jobs = desk.read().copy_jobs.values().filter(wanted);
    let items = jobs.map(|job| (rest::newest_first(job.created, &job.id), job));
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "CopyJobs", items, |job| {
        job.shown(&desk.place)
    })?;
    Ok(page.into())
}

fn no_job(id: &str) -> Exception {
    Exception::not_found(format!("Copy job {id} does not exist."))
}
