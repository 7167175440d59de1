//! Restore jobs: asked for, shown, listed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::super::rest::{self, Exception};
use super::super::desk::{Desk, Reply};
use super::super::recovery_point::{RecoveryPoint, Status};
use super::super::resource::Wanted;
use super::super::state::Region;
use super::super::vault::Vault;
use super::super::{limits, points};
use super::{Order, RestoreJob, accept};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    recovery_point_arn: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    iam_role_arn: Option<String>,
    idempotency_token: Option<String>,
    resource_type: Option<String>,
    #[serde(default)]
    copy_source_tags_to_restored_resource: bool,
}

pub(crate) fn start(desk: &mut Desk<'_>) -> Reply {
    let asked: Start = desk.ask.body()?;
    let needed = |value: Option<String>, name| value.ok_or_else(|| Exception::missing_parameter(name));
    let arn = needed(asked.recovery_point_arn, "RecoveryPointArn")?;
    let metadata = asked.metadata.ok_or_else(|| Exception::missing_parameter("Metadata"))?;
    let role = needed(asked.iam_role_arn, "IamRoleArn")?;
    limits::check_role(&role)?;
    let again = asked
        .idempotency_token
        .as_ref()
        .and_then(|token| desk.read().restore_jobs_by_token.get(token));
    if let Some(id) = again {
        return Ok(json!({"RestoreJobId": id}));
    }
    let (vault, point) = held(desk.read(), &arn).ok_or_else(|| points::no_point(&arn))?;
    if point.status == Status::Deleting {
        return Err(Exception::invalid_request(format!(
            "Recovery point {arn} cannot be restored: it is {}.",
            point.status.name()
        )));
    }
    let kind = point.resource.kind.name();
    if let Some(other) = asked.resource_type.filter(|asked| asked != kind) {
        return Err(Exception::invalid_parameter(format!(
            "Resource type {other} does not match the recovery point's, {kind}"
        )));
    }
    let checked = Wanted(&metadata).check(point, desk.now);
    checked.map_err(Exception::invalid_parameter)?;
    let tags = if asked.copy_source_tags_to_restored_resource {
        point.resource.tags.clone()
    } else {
        BTreeMap::new()
    };
    let order = Order {
        point: point.clone(),
        vault: vault.name.clone(),
        metadata,
        role,
        tags,
        test: None,
        failing: desk.failing.take(),
    };
    let (place, now) = (desk.place.clone(), desk.now);
    let id = accept(desk.state, &place, order, now);
    if let Some(token) = asked.idempotency_token {
        desk.region().restore_jobs_by_token.insert(token, id.clone());
    }
    Ok(json!({"RestoreJobId": id}))
}

/// The recovery point of that ARN, with its vault.
fn held<'a>(region: &'a Region, arn: &str) -> Option<(&'a Vault, &'a RecoveryPoint)> {
    region
        .vaults
        .values()
        .find_map(|vault| Some((vault, vault.points.get(arn)?)))
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    Ok(asked(desk)?.shown(&desk.place))
}

pub(crate) fn metadata(desk: &mut Desk<'_>) -> Reply {
    let job = asked(desk)?;
    Ok(json!({"RestoreJobId": job.id, "Metadata": job.order.metadata}))
}

fn asked<'a>(desk: &'a Desk<'_>) -> Result<&'a RestoreJob, Exception> {
    let id = desk.ask.path("restoreJobId");
    let job = desk.read().restore_jobs.get(id);
    job.ok_or_else(|| Exception::not_found(format!("Restore job {id} does not exist.")))
}

pub(crate) fn point_metadata(desk: &mut Desk<'_>) -> Reply {
    let (vault, point) = points::asked(desk.read(), &desk.ask)?;
    Ok(json!({
        "BackupVaultArn": vault.arn(&desk.place),
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": point.resource.metadata,
        "ResourceType": point.resource.kind.name(),
    }))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    let filter = limits::JobFilter::read(&desk.ask)?;
    let plan = desk.ask.query("restoreTestingPlanArn");
    paged(desk, |job| {
        let test = job.order.test.as_ref();
        plan.is_none_or(|plan| test.is_some_and(|test| test.plan == plan))
            && filter.matches(&limits::JobFacts {
                account: &desk.place.account,
                resource: &job.order.point.resource.arn,
                state: job.stage.name(),
                vault: None,
                created: job.created,
                completed: job.ended,
                parent: None,
                message: None,
            })
    })
}

pub(crate) fn list_by_resource(desk: &mut Desk<'_>) -> Reply {
    let ask = &desk.ask;
    let (resource, status) = (ask.path("resourceArn"), ask.query("status"));
    let backed_up = (
        limits::moment(ask, "recoveryPointCreationDateAfter")?,
        limits::moment(ask, "recoveryPointCreationDateBefore")?,
    );
    paged(desk, |job| {
        job.order.point.resource.arn == resource
            && status.is_none_or(|status| job.stage.name() == status)
            && limits::within(backed_up, Some(job.order.point.created))
    })
}

fn paged(desk: &Desk<'_>, wanted: impl Fn(&RestoreJob) -> bool) -> Reply {
    let jobs = desk.read().restore_jobs.values().filter(|job| wanted(job));
    let items = jobs.map(|job| (rest::newest_first(job.created, &job.id), job));
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "RestoreJobs", items, |job| {
        job.shown(&desk.place)
    })?;
    Ok(Value::Object(page))
}
