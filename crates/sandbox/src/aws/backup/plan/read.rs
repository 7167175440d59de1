//! Showing plans and their versions.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply, present, time};
use super::{Version, named};

const PAGE: (&str, &str) = ("maxResults", "nextToken");

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("backupPlanId"))?;
    let version = match desk.ask.query("versionId") {
        None => &plan.current,
        Some(id) => plan.versions().find(|version| version.id == id).ok_or_else(|| {
            let message = format!("Cannot find Backup plan with ID {} and version {id}", plan.id);
            Exception::not_found(message)
        })?,
    };
    let previewed = match desk.ask.query("MaxScheduledRunsPreview") {
        None => 0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|count| *count <= 10)
            .ok_or_else(|| Exception::invalid_parameter("Invalid value for MaxScheduledRunsPreview"))?,
    };
    Ok(present(json!({
        "BackupPlan": version.document.shown(&version.rule_ids),
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn(&desk.place),
        "VersionId": version.id,
        "CreatorRequestId": plan.creator_request,
        "CreationDate": time(version.created),
        "DeletionDate": plan.deleted.map(time),
        "LastExecutionDate": plan.executed.map(time),
        "AdvancedBackupSettings": version.document.settings_shown(),
        "ScheduledRunsPreview": (previewed > 0).then(|| preview(version, desk.now, previewed)),
    })))
}

/// The next runs of all rules, earliest first.
fn preview(version: &Version, now: Timestamp, count: usize) -> Value {
    let mut runs = Vec::new();
    for (id, rule) in version.rules() {
        let kind = if rule.enable_continuous_backup {
            "CONTINUOUS_AND_SNAPSHOTS"
        } else {
            "SNAPSHOTS"
        };
        let moments = std::iter::successors(rule.next(now), |run| rule.next(*run));
        runs.extend(moments.take(count).map(|at| (at, id, kind)));
    }
    runs.sort_unstable();
    runs.truncate(count);
    runs.into_iter()
        .map(|(at, id, kind)| json!({"ExecutionTime": time(at), "RuleId": id, "RuleExecutionType": kind}))
        .collect()
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let deleted_too = desk.ask.query("includeDeleted") == Some("true");
    let plans = desk.read().plans.values();
    let items = plans
        .filter(|plan| deleted_too || plan.deleted.is_none())
        .map(|plan| (plan.id.clone(), plan));
    let page = rest::page(&desk.ask, PAGE, "BackupPlansList", items, |plan| {
        plan.listed(&plan.current, &desk.place)
    })?;
    Ok(page.into())
}

pub(crate) fn list_versions(desk: &mut Desk<'_>) -> Reply {
    let plan = named(desk.read(), desk.ask.path("backupPlanId"))?;
    let items = plan
        .versions()
        .map(|version| (rest::newest_first(version.created, &version.id), version));
    let page = rest::page(&desk.ask, PAGE, "BackupPlanVersionsList", items, |version| {
        plan.listed(version, &desk.place)
    })?;
    Ok(page.into())
}
