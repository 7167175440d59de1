//! Notifications of a vault: which events go to which SNS topic.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::answer::Refusal;
use super::super::ministack::Ministack;
use super::super::rest::Exception;
use super::desk::{Desk, Reply};
use super::job::{BackupJob, Stage};
use super::state::{Place, Region, State};
use super::vault;

const SNS: (&str, &str) = ("sns", "2010-03-31");

/// Events that a vault can tell of.
const EVENTS: [&str; 21] = [
    "BACKUP_JOB_STARTED",
    "BACKUP_JOB_COMPLETED",
    "BACKUP_JOB_SUCCESSFUL",
    "BACKUP_JOB_FAILED",
    "BACKUP_JOB_EXPIRED",
    "RESTORE_JOB_STARTED",
    "RESTORE_JOB_COMPLETED",
    "RESTORE_JOB_SUCCESSFUL",
    "RESTORE_JOB_FAILED",
    "COPY_JOB_STARTED",
    "COPY_JOB_SUCCESSFUL",
    "COPY_JOB_FAILED",
    "RECOVERY_POINT_MODIFIED",
    "BACKUP_PLAN_CREATED",
    "BACKUP_PLAN_MODIFIED",
    "S3_BACKUP_OBJECT_FAILED",
    "S3_RESTORE_OBJECT_FAILED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
    "RECOVERY_POINT_INDEX_COMPLETED",
    "RECOVERY_POINT_INDEX_DELETED",
    "RECOVERY_POINT_INDEXING_FAILED",
];

#[derive(Debug, Clone)]
pub(crate) struct Notifications {
    topic: String,
    events: Vec<String>,
}

/// A message that a topic is to get.
#[derive(Debug)]
pub(crate) struct Notice {
    topic: String,
    text: String,
}

#[derive(Deserialize)]
struct Put {
    #[serde(rename = "SNSTopicArn")]
    topic: Option<String>,
    #[serde(rename = "BackupVaultEvents", default)]
    events: Vec<String>,
}

pub(crate) fn put(desk: &mut Desk<'_>) -> Reply {
    let asked: Put = desk.ask.body()?;
    let topic = asked.topic.ok_or_else(|| Exception::missing_parameter("SNSTopicArn"))?;
    if asked.events.is_empty() {
        return Err(Exception::missing_parameter("BackupVaultEvents"));
    }
    if let Some(unknown) = asked.events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        return Err(Exception::invalid_parameter(format!(
            "Invalid backup vault event: {unknown}"
        )));
    }
    if !topic.starts_with("arn:") || !topic.contains(":sns:") {
        return Err(Exception::invalid_parameter(format!("Invalid SNS topic ARN: {topic}")));
    }
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.notifications = Some(Notifications {
        topic,
        events: asked.events,
    });
    Ok(Value::Null)
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    let vault = vault::named(desk.read(), name)?;
    let there = vault.notifications.as_ref().ok_or_else(|| {
        Exception::not_found(format!(
            "Failed reading notifications from database for Backup vault {name}"
        ))
    })?;
    Ok(json!({
        "BackupVaultName": name,
        "BackupVaultArn": vault.arn(&desk.place),
        "SNSTopicArn": there.topic,
        "BackupVaultEvents": there.events,
    }))
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.notifications = None;
    Ok(Value::Null)
}

/// Tells the topic of the job's vault where it has got to, if the vault asks for that.
pub(crate) fn tell(state: &mut State, place: &Place, job: &BackupJob) {
    let (events, what): (&[&str], _) = match job.stage {
        Stage::Running => (&["BACKUP_JOB_STARTED"], "was started"),
        Stage::Completed => (
            &["BACKUP_JOB_COMPLETED", "BACKUP_JOB_SUCCESSFUL"],
            "was completed successfully",
        ),
        Stage::Failed => (&["BACKUP_JOB_COMPLETED", "BACKUP_JOB_FAILED"], "failed"),
        Stage::Expired => (&["BACKUP_JOB_COMPLETED", "BACKUP_JOB_EXPIRED"], "expired"),
        Stage::Created | Stage::Pending | Stage::Partial | Stage::Aborted => return,
    };
    let point = job.recovery_point.as_deref().unwrap_or("-");
    let text = format!(
        "An AWS Backup job {what}. Recovery point ARN: {point}. Resource ARN : {}. BackupJob ID : {}",
        job.order.resource, job.id
    );
    send_later(state, place, &job.order.vault, events, text);
}

/// Tells a vault's topic, if the vault asks for one of these events.
pub(crate) fn send_later(state: &mut State, place: &Place, vault: &str, events: &[&str], text: String) {
    if let Some(topic) = topic(state.read(place), vault, events) {
        state.notify(place, Notice { topic, text });
    }
}

/// The topic that a vault tells one of these events.
fn topic(region: &Region, vault: &str, events: &[&str]) -> Option<String> {
    let asked = region.vaults.get(vault)?.notifications.as_ref()?;
    let wanted = asked.events.iter().any(|event| events.contains(&event.as_str()));
    wanted.then(|| asked.topic.clone())
}

/// Sends a notice through ministack's SNS; as with AWS, nobody hears of one that cannot be delivered.
pub(crate) async fn send(ministack: &Ministack, place: &Place, notice: &Notice) {
    let params = [
        ("TopicArn", notice.topic.as_str()),
        ("Subject", "Notification from AWS Backup"),
        ("Message", notice.text.as_str()),
    ];
    let sent = ministack
        .as_root(&place.account, &place.region, SNS, "Publish", &params)
        .await;
    if let Err(code) = sent.map_err(Refusal::into_answer) {
        let code = code.error_code();
        tracing::info!(topic = notice.topic, code, "A notice of AWS Backup was not delivered");
    }
}
