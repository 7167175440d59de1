//! Backup jobs: asked for, shown, listed, stopped.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, time};
use super::super::recovery_point::Lifecycle;
use super::super::{limits, resource, vault};
use super::{BackupJob, Order, Stage, accept, steps};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    backup_vault_name: Option<String>,
    resource_arn: Option<String>,
    iam_role_arn: Option<String>,
    idempotency_token: Option<String>,
    start_window_minutes: Option<i64>,
    complete_window_minutes: Option<i64>,
    #[serde(default)]
    lifecycle: Lifecycle,
    #[serde(default)]
    recovery_point_tags: BTreeMap<String, String>,
    #[serde(default)]
    backup_options: BTreeMap<String, String>,
}

pub(crate) fn start(desk: &mut Desk<'_>) -> Reply {
    let asked: Start = desk.ask.body()?;
    let needed = |value: Option<String>, name| value.ok_or_else(|| Exception::missing_parameter(name));
    let vault = needed(asked.backup_vault_name, "BackupVaultName")?;
    let resource = needed(asked.resource_arn, "ResourceArn")?;
    let role = needed(asked.iam_role_arn, "IamRoleArn")?;
    limits::check_lifecycle(asked.lifecycle)?;
    limits::check_role(&role)?;
    let (start_by, complete_by) = limits::windows(desk.now, asked.start_window_minutes, asked.complete_window_minutes)?;
    vault::named(desk.read(), &vault)?.check_takes_backups()?;
    if resource::Kind::of(&resource).is_none() {
        return Err(Exception::invalid_parameter(format!(
            "Unsupported resource type or invalid ARN: {resource}"
        )));
    }
    let again = asked
        .idempotency_token
        .as_ref()
        .and_then(|token| desk.read().backup_jobs_by_token.get(token))
        .and_then(|id| desk.read().backup_jobs.get(id));
    if let Some(there) = again {
        return Ok(accepted(there));
    }
    let (place, now) = (desk.place.clone(), desk.now);
    let order = Order {
        vault,
        resource,
        role,
        lifecycle: asked.lifecycle,
        start_by,
        complete_by,
        tags: asked.recovery_point_tags,
        options: asked.backup_options,
        created_by: None,
        continuous: false,
        copies: Vec::new(),
        failing: desk.failing.take(),
    };
    let id = accept(desk.state, &place, order, now);
    let region = desk.region();
    if let Some(token) = asked.idempotency_token {
        region.backup_jobs_by_token.insert(token, id.clone());
    }
    let job = region.backup_jobs.get(&id);
    job.map(accepted).ok_or_else(|| no_job(&id))
}

fn accepted(job: &BackupJob) -> Value {
    json!({"BackupJobId": job.id, "CreationDate": time(job.created), "IsParent": false})
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    let id = desk.ask.path("backupJobId");
    let job = desk.read().backup_jobs.get(id).ok_or_else(|| no_job(id))?;
    Ok(job.shown(&desk.place))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let filter = limits::JobFilter::read(&desk.ask)?;
    let wanted = |job: &&BackupJob| {
        filter.matches(&limits::JobFacts {
            account: &desk.place.account,
            resource: &job.order.resource,
            state: job.stage.name(),
            vault: Some(&job.order.vault),
            created: job.created,
            completed: job.ended,
            parent: None,
            message: job.message.as_deref(),
        })
    };
    let jobs = desk.read().backup_jobs.values().filter(wanted);
    let items = jobs.map(|job| (rest::newest_first(job.created, &job.id), job));
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "BackupJobs", items, |job| {
        job.shown(&desk.place)
    })?;
    Ok(page.into())
}

pub(crate) fn stop(desk: &mut Desk<'_>) -> Reply {
    let (id, now) = (desk.ask.path("backupJobId"), desk.now);
    let job = desk.read().backup_jobs.get(id).ok_or_else(|| no_job(id))?;
    if job.stage.ended() {
        return Err(Exception::invalid_request(format!(
            "Backup job {id} cannot be stopped: it is {}.",
            job.stage.name()
        )));
    }
    let kind = resource::Kind::of(&job.order.resource);
    if matches!(kind, Some(resource::Kind::Rds | resource::Kind::Aurora)) {
        return Err(Exception::invalid_request(
            "Stopping a backup job is not supported for this resource type.",
        ));
    }
    let place = desk.place.clone();
    let message = Some("Backup job was stopped by user.".to_owned());
    steps::end(desk.state, &place, id, Stage::Aborted, message, now);
    Ok(Value::Null)
}

fn no_job(id: &str) -> Exception {
    Exception::not_found(format!("Backup job {id} does not exist."))
}
