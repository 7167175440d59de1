//! Backup jobs: started, followed, stopped; and the steps that they take by themselves.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::events::Event;
use super::super::ministack::Ministack;
use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, present, time};
use super::limits;
use super::plan::CopyAction;
use super::recovery_point::{CreatedBy, Lifecycle, RecoveryPoint, Status};
use super::resource::{self, Resource};
use super::state::{Place, State, Task};
use super::{Backup, continuous, points, role, vault, vault_lock, vault_notifications};
use crate::faults::Fault;

/// Jobs are listed for so long after they ended.
pub(crate) const LISTED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A job that was accepted is looked at after so long.
const UNTIL_PENDING: SignedDuration = SignedDuration::from_secs(1);

/// A job that waits for another one of its resource looks again after so long.
const LOOKS_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Created,
    Pending,
    Running,
    Completed,
    Partial,
    Failed,
    Expired,
    Aborted,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Aborted => "ABORTED",
        }
    }

    pub(crate) fn ended(self) -> bool {
        !matches!(self, Self::Created | Self::Pending | Self::Running)
    }

    /// What a fault asks for; a job that fails is `FAILED` unless it says otherwise.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        match fault.state.as_deref() {
            Some("EXPIRED") => Self::Expired,
            Some("ABORTED") => Self::Aborted,
            Some("PARTIAL") => Self::Partial,
            _ => Self::Failed,
        }
    }
}

/// What a job is to do, however it was started.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) vault: String,
    pub(crate) resource: String,
    pub(crate) role: String,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) start_by: Timestamp,
    pub(crate) complete_by: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) created_by: Option<CreatedBy>,
    /// Whether it makes or prolongs a continuous recovery point, where it can.
    pub(crate) continuous: bool,
    /// Copies that follow when it has completed.
    pub(crate) copies: Vec<CopyAction>,
    /// What it ends with instead of a recovery point.
    pub(crate) failing: Option<Fault>,
}

#[derive(Debug, Clone)]
pub(crate) struct BackupJob {
    pub(crate) id: String,
    pub(crate) order: Order,
    pub(crate) stage: Stage,
    pub(crate) message: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    /// Known from when the job runs.
    pub(crate) found: Option<Resource>,
    /// ARN.
    pub(crate) recovery_point: Option<String>,
}

impl BackupJob {
    pub(crate) fn shown(&self, place: &Place) -> Value {
        let order = &self.order;
        let found = self.found.as_ref();
        let done = self.stage == Stage::Completed;
        present(json!({
            "AccountId": place.account,
            "BackupJobId": self.id,
            "BackupVaultName": order.vault,
            "BackupVaultArn": place.arn(&format!("backup-vault:{}", order.vault)),
            "RecoveryPointArn": self.recovery_point,
            "ResourceArn": order.resource,
            "ResourceType": resource::Kind::of(&order.resource).map(resource::Kind::name),
            "ResourceName": found.map(|found| &found.name),
            "CreationDate": time(self.created),
            "InitiationDate": time(self.created),
            "CompletionDate": self.ended.map(time),
            "State": self.stage.name(),
            "StatusMessage": self.message,
            "MessageCategory": self.message.as_ref().map_or("SUCCESS", |_| "FAILURE"),
            "PercentDone": if self.stage.ended() { "100.0" } else { "0.0" },
            "BackupSizeInBytes": found.filter(|_| done).map_or(0, |found| found.bytes),
            "BytesTransferred": found.filter(|_| done).map_or(0, |found| found.bytes),
            "IamRoleArn": order.role,
            "CreatedBy": order.created_by,
            "StartBy": time(order.start_by),
            "BackupOptions": Some(&order.options).filter(|options| !options.is_empty()),
            "IsParent": false,
            "IsEncrypted": found.map(|found| found.encrypted),
            "VaultType": "BACKUP_VAULT",
        }))
    }

    fn event(&self, place: &Place, at: Timestamp) -> Event {
        let order = &self.order;
        let iso = |at: Timestamp| at.to_string();
        Event {
            source: "aws.backup",
            detail_type: "Backup Job State Change",
            resources: self.recovery_point.iter().cloned().collect(),
            detail: present(json!({
                "backupJobId": self.id,
                "backupVaultArn": place.arn(&format!("backup-vault:{}", order.vault)),
                "backupVaultName": order.vault,
                "creationDate": iso(self.created),
                "completionDate": self.ended.map(iso),
                "startBy": iso(order.start_by),
                "iamRoleArn": order.role,
                "resourceArn": order.resource,
                "resourceType": resource::Kind::of(&order.resource).map(resource::Kind::name),
                "state": self.stage.name(),
                "statusMessage": self.message,
                "percentDone": if self.stage.ended() { 100.0 } else { 0.0 },
                "createdBy": order.created_by.as_ref().map(|by| json!({
                    "backupPlanId": by.backup_plan_id,
                    "backupPlanArn": by.backup_plan_arn,
                    "backupPlanVersion": by.backup_plan_version,
                    "backupPlanRuleId": by.backup_rule_id,
                })),
            })),
            at,
        }
    }
}

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
    vault::named(desk.read(), &vault)?;
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

/// Makes the job, which goes its way from here; its id.
pub(crate) fn accept(state: &mut State, place: &Place, order: Order, now: Timestamp) -> String {
    let job = BackupJob {
        id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        order,
        stage: Stage::Created,
        message: None,
        created: now,
        ended: None,
        found: None,
        recovery_point: None,
    };
    let id = job.id.clone();
    state.tell(place, job.event(place, now));
    state.region(place).backup_jobs.insert(id.clone(), job);
    state.plan(now + UNTIL_PENDING, place, Task::BackupJob(id.clone()));
    id
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
    end(desk.state, &place, id, Stage::Aborted, message, now);
    Ok(Value::Null)
}

fn no_job(id: &str) -> Exception {
    Exception::not_found(format!("Backup job {id} does not exist."))
}

/// Takes the job's next step, and plans the one after it.
pub(crate) async fn proceed(backup: &Backup, ministack: Option<&Ministack>, place: &Place, id: &str, at: Timestamp) {
    let job = backup.lock().read(place).backup_jobs.get(id).cloned();
    let Some(job) = job else { return };
    match job.stage {
        Stage::Created => {
            let mut state = backup.lock();
            step(&mut state, place, id, Stage::Pending, at);
            state.plan(at + UNTIL_PENDING, place, Task::BackupJob(job.id));
        }
        Stage::Pending => begin(backup, ministack, place, &job, at).await,
        Stage::Running => finish(backup, ministack, place, &job, at).await,
        // Its time to be listed is over.
        _ => backup.lock().region(place).forget_backup_job(id),
    }
}

/// From PENDING to RUNNING, when the resource is there and no other job is at it.
async fn begin(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &BackupJob, at: Timestamp) {
    if at >= job.order.start_by {
        // Nothing else keeps a job from starting.
        let message = "Backup job failed because there was a running job for the same resource.".to_owned();
        return end(&mut backup.lock(), place, &job.id, Stage::Expired, Some(message), at);
    }
    let busy = |other: &BackupJob| other.stage == Stage::Running && other.order.resource == job.order.resource;
    if backup.lock().read(place).backup_jobs.values().any(busy) {
        let again = (at + LOOKS_AGAIN).min(job.order.start_by);
        return backup.lock().plan(again, place, Task::BackupJob(job.id.clone()));
    }
    let found = match role::check(ministack, &place.region, &job.order.role).await {
        Ok(()) => resource::one(ministack, place, &job.order.resource).await,
        Err(message) => Err(message),
    };
    let mut state = backup.lock();
    let found = match state.read(place).vaults.get(&job.order.vault) {
        Some(_) => found,
        None => Err(no_vault(place, &job.order.vault)),
    };
    let resource = match found {
        Ok(resource) => resource,
        Err(message) => return end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
    };
    if let Some(running) = state.region(place).backup_jobs.get_mut(&job.id) {
        running.found = Some(resource);
    }
    step(&mut state, place, &job.id, Stage::Running, at);
    let done = (at + backup.jobs_take).min(job.order.complete_by);
    state.plan(done, place, Task::BackupJob(job.id.clone()));
}

/// From RUNNING to its end, with a recovery point where it worked out.
async fn finish(backup: &Backup, ministack: Option<&Ministack>, place: &Place, job: &BackupJob, at: Timestamp) {
    let Some(resource) = &job.found else { return };
    if at >= job.order.complete_by {
        let message = "Backup job expired before completion.".to_owned();
        return end(&mut backup.lock(), place, &job.id, Stage::Expired, Some(message), at);
    }
    let stage = job.order.failing.as_ref().map_or(Stage::Completed, Stage::of_fault);
    let message = job.order.failing.as_ref().map(|fault| {
        let default = "The backup job failed to create a recovery point for your resource due to an internal error.";
        fault.message.clone().unwrap_or_else(|| default.to_owned())
    });
    if !matches!(stage, Stage::Completed | Stage::Partial) {
        return end(&mut backup.lock(), place, &job.id, stage, message, at);
    }
    let continuous = continuous::arn(backup.lock().read(place), place, &job.order, resource);
    let is_continuous = continuous.is_some();
    let made = match continuous {
        Some(arn) => Ok(arn),
        None => resource::back_up(ministack, place, resource, &job.id, at).await,
    };
    let mut state = backup.lock();
    let arn = match made {
        Ok(arn) => arn,
        Err(message) => return end(&mut state, place, &job.id, Stage::Failed, Some(message), at),
    };
    let Some(vault) = state.region(place).vaults.get_mut(&job.order.vault) else {
        let message = no_vault(place, &job.order.vault);
        return end(&mut state, place, &job.id, Stage::Failed, Some(message), at);
    };
    if let Err(message) = vault_lock::check_retention(vault.lock.as_ref(), job.order.lifecycle) {
        return end(&mut state, place, &job.id, Stage::Failed, Some(message), at);
    }
    let point = RecoveryPoint {
        arn: arn.clone(),
        resource: resource.clone(),
        role: job.order.role.clone(),
        created: job.created,
        completed: at,
        lifecycle: job.order.lifecycle,
        created_by: job.order.created_by.clone(),
        source_vault: None,
        continuous_since: is_continuous.then_some(job.created),
        status: if stage == Stage::Partial {
            Status::Partial
        } else {
            Status::Completed
        },
        key: vault.key.clone(),
        last_restored: None,
    };
    let point = match vault.points.remove(&arn) {
        Some(before) => continuous::prolonged(before, point),
        None => point,
    };
    // What the resource is tagged with, and what was ordered over it.
    let mut tags = resource.tags.clone();
    tags.extend(job.order.tags.clone());
    points::keep(&mut state, place, &job.order.vault, point, tags);
    if let Some(done) = state.region(place).backup_jobs.get_mut(&job.id) {
        done.recovery_point = Some(arn);
    }
    end(&mut state, place, &job.id, stage, message, at);
}

/// What is said of a job whose vault is gone.
fn no_vault(place: &Place, vault: &str) -> String {
    let arn = place.arn(&format!("backup-vault:{vault}"));
    format!("Backup job failed because backup vault {arn} does not exist.")
}

fn step(state: &mut State, place: &Place, id: &str, stage: Stage, at: Timestamp) {
    if let Some(job) = state.region(place).backup_jobs.get_mut(id) {
        job.stage = stage;
        let job = job.clone();
        state.tell(place, job.event(place, at));
        vault_notifications::tell(state, place, &job);
    }
}

fn end(state: &mut State, place: &Place, id: &str, stage: Stage, message: Option<String>, at: Timestamp) {
    if let Some(job) = state.region(place).backup_jobs.get_mut(id) {
        job.ended = Some(at);
        job.message = message;
        step(state, place, id, stage, at);
        state.plan(at + LISTED_FOR, place, Task::BackupJob(id.to_owned()));
    }
}
