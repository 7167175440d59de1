//! One component with all that is known of it, and what the customer states of it.

mod resource;

use std::collections::{BTreeMap, HashMap};

use domain::change_request::ChangeRequest;
use domain::component::{Facts, RESOURCE};
use domain::hold::{Held, today};
use domain::id::{ComponentId, TenantId};
use domain::observation::{Completeness, Observed, ObservedResource};
use domain::plan::{Finding, Severity};
use domain::restore::RestoreRequest;
use domain::sow::Scope;
use domain::tenant::{Tenant, TenantScope};
use jiff::Timestamp;
use jiff::civil::Date;
use planner::{Desired, Wanted};
use serde_json::json;
use store::attestation::Decision as OutDecision;
use store::recovery_point::{Filter, OfComponent};
use store::restore::Proof;
use store::sow::{PastLine, Range, Version};

use crate::authz::{self, Action};
use crate::sow::Sources;
use crate::status::{self, ComponentStatus, Judged};
use crate::{Actor, AppError, Cx, Decision, audit, contract, sow};

/// Of each list that hangs on a component, the newest.
const NEWEST: i64 = 10;

/// A component with all that its page shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The component with its line and its protection.
    pub judged: Judged,
    /// Counts the changes of its facts.
    pub revision: i64,
    /// Where the values of its line came from.
    pub sources: Sources,
    /// Every line that it ever had, newest first, each with the version that brought it.
    pub history: Vec<(PastLine, Option<Version>)>,
    /// When it is out of scope or undecided: who signed that, and until when it holds.
    pub decision: Option<OutDecision>,
    /// Its newest recovery points, newest first.
    pub points: Vec<OfComponent>,
    /// The newest changes that name it, newest first.
    pub changes: Vec<ChangeRequest>,
    /// Its newest restores, newest first.
    pub restores: Vec<RestoreRequest>,
    /// The newest restore that the customer verified; `None`: its backups are unproven.
    pub proof: Option<Proof>,
    /// When its restore was last tested, as the customer states it: no proof.
    pub claimed_test: Option<Date>,
    /// What is not as contracted, and what should be known, as of the last reading.
    pub findings: Vec<Finding>,
}

/// A component of the tenant.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn view(cx: &Cx, actor: &Actor, tenant: &Tenant, id: ComponentId) -> Result<View, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    let tenant = tenant.id;
    let status = status::load(&mut tx, tenant, Some(&[id]))
        .await?
        .pop()
        .ok_or(AppError::NotFound)?;
    let revision = store::component::revision(&mut tx, tenant, id, false)
        .await?
        .ok_or(AppError::NotFound)?;
    let lines = store::sow::history(&mut tx, tenant, &[id], i32::MAX).await?;
    let among = lines.iter().map(|past| past.from_version).collect();
    let range = Range {
        among: Some(among),
        ..Range::default()
    };
    let versions = store::sow::versions(&mut tx, tenant, &range, i64::MAX).await?;
    let mut versions: HashMap<_, _> = versions
        .into_iter()
        .map(|version| (version.sow.version, version))
        .collect();
    let seen = store::observation::get(&mut tx, tenant, id).await?;
    let day = today(cx.now());
    let held = store::hold::standing(&mut tx, tenant, id, day).await?;
    let unproven = unproven_residency(&mut tx, &status).await?;
    let findings = unproven.into_iter().chain(findings(&status, seen, &held)).collect();
    let decision = store::attestation::those(&mut tx, tenant, &[id]).await?.pop();
    let of_it = Filter {
        component: Some(id),
        ..Filter::default()
    };
    let points = store::recovery_point::page(&mut tx, tenant, &of_it, day, NEWEST).await?;
    let changes = store::change_request::of_component(&mut tx, &status.component, NEWEST).await?;
    let restores = store::restore::of_component(&mut tx, tenant, id, NEWEST).await?;
    let proof = store::restore::last_verified(&mut tx, tenant, &[id]).await?.remove(&id);
    let claims = store::component::claimed_restore_tests(&mut tx, tenant, Some(&[id])).await?;
    let judged = status::judge(status, cx.now());
    let sources = if lines.is_empty() {
        sow::undecided_sources(&judged)
    } else {
        sow::of_history(&lines)
    };
    let history = lines.into_iter().rev().map(|past| {
        let version = versions.remove(&past.from_version);
        (past, version)
    });
    Ok(View {
        history: history.collect(),
        judged,
        revision,
        sources,
        decision,
        points,
        changes,
        restores,
        proof,
        claimed_test: claims.get(&id).copied(),
        findings,
    })
}

/// What a plan of the terms that are in force would find and change, as of the last reading.
fn findings(
    status: &ComponentStatus,
    seen: Option<(Timestamp, Option<ObservedResource>)>,
    held: &[Held],
) -> Vec<Finding> {
    let (Some((scope, _)), Some((at, resource))) = (&status.contracted, seen) else {
        return Vec::new();
    };
    let arn = status.component.aws.as_ref().map(|place| place.arn.clone());
    let observed = Observed {
        at,
        completeness: Completeness::Complete,
        resources: arn.zip(resource).into_iter().collect(),
        left_behind: BTreeMap::default(),
    };
    let desired = Desired {
        tenant: status.component.tenant,
        wanted: vec![Wanted {
            component: &status.component,
            before: Some(scope),
            scope,
            held,
        }],
        others_in_scope: 0,
    };
    let plan = planner::plan(&desired, &observed);
    let differs = plan.steps.iter().map(|step| Finding {
        severity: Severity::Warning,
        component_name: step.component_name.clone(),
        message: format!("Not as contracted; a plan would do this: {}.", step.summary()),
    });
    differs.chain(plan.findings.iter().cloned()).collect()
}

/// Said of what is in scope, in a region that nobody stated, where the contract limits the regions.
async fn unproven_residency(tx: &mut store::Connection, status: &ComponentStatus) -> Result<Option<Finding>, AppError> {
    let component = &status.component;
    let in_scope = matches!(&status.contracted, Some((Scope::In(_), _)));
    if !in_scope || component.decommissioned_at.is_some() {
        return Ok(None);
    }
    let bounds = contract::bounds(tx, component.tenant).await?;
    let why = bounds.unproven_residency(component.region());
    Ok(why.map(|why| Finding {
        severity: Severity::Warning,
        component_name: component.name.clone(),
        message: format!("{why}."),
    }))
}

/// States some of a component's facts anew, by field id; `None` takes a statement back. Facts that are not named stay. The
/// resource that it is can be replaced, not taken back.
///
/// # Errors
/// [`AppError::Invalid`] with every answer that is not understood; [`AppError::Superseded`] when somebody else was faster,
/// with what stands now beside what was to be stated;
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn edit(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    on: impl Into<Decision<ComponentId>>,
    mut changes: BTreeMap<String, Option<String>>,
) -> Result<(), AppError> {
    authz::check(actor, Action::EditInventory, tenant)?;
    let on = on.into();
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let stands = store::component::revision(&mut tx, tenant, on.on, true)
        .await?
        .ok_or(AppError::NotFound)?;
    let component = store::component::get(&mut tx, &scope, on.on)
        .await?
        .ok_or(AppError::NotFound)?;
    let before = Facts::of(&component);
    let resource = changes.remove(RESOURCE.id);
    let new = on.is_new(cx, &mut tx, actor, on.on.0, stands).await;
    if !new.map_err(|error| error.naming(|| before.differences(&changes)))? {
        return Ok(());
    }
    let mut answers = before.answers();
    for (field, answer) in changes {
        match answer {
            Some(answer) => answers.insert(field, answer),
            None => answers.remove(&field),
        };
    }
    let after = Facts::from_fields(&answers).map_err(AppError::Invalid)?;
    if let Some(arn) = resource {
        resource::replace(cx, &mut tx, actor, &component, arn.as_deref().unwrap_or_default()).await?;
    }
    if after != before {
        store::component::set_facts(&mut tx, tenant, component.id, &after).await?;
        status::refresh(&mut tx, tenant, Some(&[component.id])).await?;
        let detail = json!({ "before": before, "after": after });
        audit::record(
            cx,
            &mut tx,
            &actor.by(),
            tenant,
            "component.edited",
            component.id.0,
            detail,
        )
        .await?;
    }
    Ok(tx.commit().await?)
}
