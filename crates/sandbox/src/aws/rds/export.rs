//! Exports of snapshots to S3: `STARTING`, `IN_PROGRESS`, `COMPLETE` on the virtual clock; nothing is written to a bucket.

use jiff::Timestamp;

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::super::xml::Element;
use super::arn::Arn;
use super::desk::Desk;
use super::events::{Sort, Subject};
use super::family::{CLUSTER, FAMILIES};
use super::ledger::Ledger;
use super::snapshot::percent;
use super::{kms, limits, page};

/// An export that was accepted.
#[derive(Debug)]
pub(crate) struct Export {
    /// As an answer shows it, without what changes with time.
    fields: Element,
    subject: Subject,
    began: Timestamp,
    /// Before, it is `STARTING`.
    moves_at: Timestamp,
    ends: Timestamp,
    /// Why it fails at its end.
    failure: Option<String>,
    cancelled: Option<Timestamp>,
}

/// Events of an export's subject: completed, cancelled, failed.
fn sorts(subject: &Subject) -> [(Sort, &'static str); 3] {
    let [completed, cancelled, failed] = match subject.kind.described {
        "db-cluster" => ["RDS-EVENT-0236", "RDS-EVENT-0235", "RDS-EVENT-0234"],
        "db-cluster-snapshot" => ["RDS-EVENT-0164", "RDS-EVENT-0163", "RDS-EVENT-0162"],
        _ => ["RDS-EVENT-0161", "RDS-EVENT-0160", "RDS-EVENT-0159"],
    };
    let sort = |number| (Some(number), "notification");
    [
        (sort(completed), "The snapshot export task completed"),
        (sort(cancelled), "The snapshot export task was canceled"),
        (sort(failed), "The snapshot export task failed"),
    ]
}

impl Export {
    fn status(&self, now: Timestamp) -> &'static str {
        match (self.cancelled, &self.failure) {
            (Some(_), _) => "CANCELED",
            _ if now < self.moves_at => "STARTING",
            _ if now < self.ends => "IN_PROGRESS",
            (None, Some(_)) => "FAILED",
            (None, None) => "COMPLETE",
        }
    }

    fn shown(&self, now: Timestamp) -> Vec<Element> {
        let status = self.status(now);
        let until = self.cancelled.unwrap_or(now);
        let progress = percent(self.moves_at, self.ends, until).to_string();
        let mut shown = self
            .fields
            .clone()
            .with("Status", status)
            .with("PercentProgress", &progress)
            .with("TotalExtractedDataInGB", if status == "COMPLETE" { "1" } else { "0" });
        if status != "STARTING" {
            shown.set("TaskStartTime", &self.moves_at.min(until).to_string());
        }
        match status {
            "FAILED" => {
                shown.set("FailureCause", self.failure.as_deref().unwrap_or_default());
                shown.set("TaskEndTime", &self.ends.to_string());
            }
            "COMPLETE" => shown.set("TaskEndTime", &self.ends.to_string()),
            "CANCELED" => shown.set("TaskEndTime", &until.to_string()),
            _ => {}
        }
        shown.children
    }
}

pub(crate) async fn start(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let [id, source, bucket, role, key] = [
        "ExportTaskIdentifier",
        "SourceArn",
        "S3BucketName",
        "IamRoleArn",
        "KmsKeyId",
    ]
    .map(|name| limits::required(call, name));
    let (id, source) = (id?, source?);
    limits::check_identifier("ExportTaskIdentifier", id, 60)?;
    if ledger.exports.contains_key(id) {
        let message = format!("The export task {id} already exists.");
        return Err(Refusal::new(400, "ExportTaskAlreadyExists", message));
    }
    let (subject, kind, taken) = subject(desk, ledger, source)?;
    let key = kms::in_full(key?, desk.region, desk.account);
    if !kms::usable_in(&key, desk.region) {
        return Err(limits::key_not_accessible(&key));
    }
    let mut fields = Element::new("ExportTask")
        .with("ExportTaskIdentifier", id)
        .with("SourceArn", source)
        .with("SourceType", kind)
        .with("SnapshotTime", &taken.to_string())
        .with("S3Bucket", bucket?)
        .with("IamRoleArn", role?)
        .with("KmsKeyId", &key);
    if let Some(prefix) = call.param("S3Prefix") {
        fields.set("S3Prefix", prefix);
    }
    let mut only = Element::new("ExportOnly");
    only.children = call
        .listed("ExportOnly.")
        .into_iter()
        .map(|part| Element::of("member", part))
        .collect();
    if !only.children.is_empty() {
        fields.put(only);
    }
    let moves_at = desk.now + desk.takes;
    let export = Export {
        fields,
        subject,
        began: desk.now,
        moves_at,
        ends: moves_at + desk.takes,
        failure: desk.failure.clone(),
        cancelled: None,
    };
    let [completed, _, failed] = sorts(&export.subject);
    let (sort, message) = if export.failure.is_some() { failed } else { completed };
    ledger.events.add(export.ends, export.subject.clone(), sort, message);
    let shown = export.shown(desk.now);
    ledger.exports.insert(id.to_owned(), export);
    Ok(Answer::result(&call.operation, shown))
}

/// What is exported, its sort, and of when it is.
fn subject(desk: &Desk<'_>, ledger: &Ledger, source: &str) -> Result<(Subject, &'static str, Timestamp), Refusal> {
    let invalid = || Refusal::invalid(format!("Invalid source ARN: {source}"));
    let arn = Arn::parse(source).ok_or_else(invalid)?;
    if arn.kind == CLUSTER.source_kind {
        let cluster = ledger.available(&CLUSTER, arn.id, desk.now)?;
        return Ok((Subject::source(&CLUSTER, cluster), "CLUSTER", desk.now));
    }
    let family = FAMILIES.into_iter().find(|family| family.snapshot_kind == arn.kind);
    let family = family.ok_or_else(invalid)?;
    let snapshot = ledger
        .snapshot(family, source, desk.here())
        .ok_or_else(|| limits::no_snapshot(family, arn.id))?;
    if snapshot.status(desk.now) != "available" {
        let message = format!("The snapshot {} is not in the available state.", arn.id);
        return Err(Refusal::new(400, "InvalidExportSourceState", message));
    }
    Ok((Subject::snapshot(snapshot), "SNAPSHOT", snapshot.began))
}

pub(crate) async fn describe(desk: &Desk<'_>, ledger: &Ledger, call: &Call) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let id = call.param("ExportTaskIdentifier");
    if let Some(id) = id.filter(|id| !ledger.exports.contains_key(*id)) {
        return Err(missing(id));
    }
    let mut exports: Vec<(Timestamp, Element)> = ledger
        .exports
        .iter()
        .filter(|(name, _)| id.is_none_or(|id| id == *name))
        .map(|(_, export)| {
            let mut shown = Element::new("ExportTask");
            shown.children = export.shown(desk.now);
            (export.began, shown)
        })
        .filter(|(_, shown)| {
            let same = |field| call.param(field).is_none_or(|want| shown.text_of(field) == Some(want));
            same("SourceArn") && same("SourceType")
        })
        .collect();
    exports.sort_by_key(|(began, _)| *began);
    let shown = exports.into_iter().map(|(_, shown)| shown).collect();
    page::answer(call, "ExportTasks", page::filtered(call, &FILTERS, shown)?)
}

const FILTERS: [(&str, &str); 4] = [
    ("export-task-identifier", "ExportTaskIdentifier"),
    ("s3-bucket", "S3Bucket"),
    ("source-arn", "SourceArn"),
    ("status", "Status"),
];

pub(crate) async fn cancel(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let id = limits::required(call, "ExportTaskIdentifier")?;
    let export = ledger.exports.get_mut(id).ok_or_else(|| missing(id))?;
    if !["STARTING", "IN_PROGRESS"].contains(&export.status(desk.now)) {
        let message = format!("The export task {id} is not in a state in which it can be canceled.");
        return Err(Refusal::new(400, "InvalidExportTaskStateFault", message));
    }
    export.cancelled = Some(desk.now);
    let [_, cancelled, _] = sorts(&export.subject);
    let (subject, shown) = (export.subject.clone(), export.shown(desk.now));
    ledger.events.cancel(&subject.arn, export.ends);
    ledger.events.add(desk.now, subject, cancelled.0, cancelled.1);
    Ok(Answer::result(&call.operation, shown))
}

fn missing(id: &str) -> Refusal {
    Refusal::new(
        404,
        "ExportTaskNotFound",
        format!("The export task {id} doesn't exist."),
    )
}
