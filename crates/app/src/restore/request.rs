//! Asking for a restore.

use domain::change_request::Requester;
use domain::id::{ComponentId, PlanId, RecoveryPointId, RestoreRequestId, TenantId};
use domain::plan::{Finding, Plan, Severity};
use domain::restore::{RestoreRequest, RestoreTarget, State, Urgency, digest, step, target_name};
use domain::scope_change::{FormProblem, normalise};
use domain::tenant::TenantScope;
use serde_json::json;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::recovery_point::CHOICES;
use crate::{Actor, AppError, Cx, audit, lifecycle};

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What was lost.
    pub component: ComponentId,
    /// From which copy; `None`: the last available one (feature H82).
    pub point: Option<RecoveryPointId>,
    /// How soon.
    pub urgency: Urgency,
    /// Why, in their words.
    pub reason: String,
}

/// Asks for a restore under a new name. The recovery point is fixed now: what is approved is what is restored.
///
/// # Errors
/// [`AppError::Invalid`] when there is no such recovery point; [`AppError::Forbidden`]; [`AppError::NotFound`];
/// [`AppError::NotNow`] while the customer is suspended.
pub async fn request(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    asked: &Asked,
    key: Option<&Idempotency>,
) -> Result<RestoreRequest, AppError> {
    authz::check(actor, Action::RequestRestore, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        return store::restore::get(&mut tx, &scope, RestoreRequestId(made))
            .await?
            .ok_or(AppError::NotFound);
    }
    let customer = store::tenant::get(&mut tx, &scope, tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    let contract = store::contract::in_force(&mut tx, &customer).await?.contract;
    lifecycle::takes_requests(&mut tx, tenant).await?;
    let component = store::component::get(&mut tx, &scope, asked.component)
        .await?
        .ok_or(AppError::NotFound)?;
    let points = store::recovery_point::list(&mut tx, tenant, component.id, CHOICES).await?;
    let point = match asked.point {
        None => points.into_iter().next(),
        Some(id) => points.into_iter().find(|point| point.id == id),
    };
    let no_point = |why: &str| {
        AppError::Invalid(vec![FormProblem {
            field: "recovery_point".to_owned(),
            label: "Recovery point".to_owned(),
            given: asked.point.map(|id| id.to_string()),
            why: why.to_owned(),
        }])
    };
    let point = point.ok_or_else(|| {
        no_point("No such recovery point of this component was observed. Choose one of those that are listed.")
    })?;
    let now = cx.now();
    let id = RestoreRequestId::at(now);
    let target = RestoreTarget {
        point,
        name: target_name(&component.name, id),
    };
    let step = step(tenant, id, &component, &target)
        .ok_or_else(|| no_point("Holdfast cannot restore this kind of component yet."))?;
    let plan = Plan {
        steps: vec![step],
        findings: findings(&component.name, &target),
        unchanged: 0,
        gives_up: Vec::new(),
    };
    let request = RestoreRequest {
        id,
        tenant,
        number: store::tenant::next_number(&mut tx, tenant, "restore").await?,
        digest: digest(&component, &target, &plan),
        component,
        target,
        plan_id: PlanId::at(now),
        plan,
        urgency: asked.urgency,
        reason: normalise(&asked.reason).trim().to_owned(),
        requester: Requester {
            user: Some(actor.user),
            name: actor.email.clone(),
        },
        state: State::Submitted,
        approval: None,
        respond_by: contract.restore_answer_by(asked.urgency, now),
        created_at: now,
        updated_at: now,
        revision: 1,
    };
    store::restore::insert(&mut tx, &request).await?;
    let detail =
        json!({ "number": request.number, "point": request.target.point.provider_id, "target": request.target.name });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "restore-request.submitted",
        id.0,
        detail,
    )
    .await?;
    idempotency::remember(cx, &mut tx, actor, key, id.0).await?;
    tx.commit().await?;
    Ok(request)
}

/// What somebody has to do or know after the restore (feature N7).
fn findings(component: &str, target: &RestoreTarget) -> Vec<Finding> {
    let about = |severity, message: String| Finding {
        severity,
        component_name: component.to_owned(),
        message,
    };
    let mut findings = vec![
        about(Severity::Info, format!("{component} itself is not touched: the data appears in a new instance, {}.", target.name)),
        about(
            Severity::Info,
            "Afterwards: check its security groups and parameter group, point the application at its endpoint, and remove it when it is no longer needed.".to_owned(),
        ),
    ];
    if !target.point.encrypted {
        findings.push(about(
            Severity::Warning,
            "The recovery point is not encrypted, so the restored instance is not either.".to_owned(),
        ));
    }
    findings
}
