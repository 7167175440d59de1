//! Who answers for what at a customer.

use domain::duty::{Duty, Override, Responsibility, Responsible, matrix as whole};
use domain::id::TenantId;
use domain::scope_change::{FormProblem, normalise};
use domain::tenant::{Tenant, TenantScope};
use serde_json::json;

use crate::authz::{self, Action};
use crate::{Actor, AppError, Cx, audit};

/// The longest reason, in characters.
const REASON_CHARS: usize = 2000;

/// The whole matrix, as agreed with the customer.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn matrix(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<Vec<Responsibility>, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    let agreed = store::duty::agreed(&mut tx, tenant.id).await?;
    Ok(whole(tenant.contract.service_level, &agreed))
}

/// Writes down who answers for a duty at this customer, and why. `read`: the revision that was read before, 0 where
/// nothing was agreed yet; `None`: any will do.
///
/// # Errors
/// [`AppError::Superseded`] when another revision stands, with what it says; [`AppError::Invalid`] without a reason;
/// [`AppError::Forbidden`]; [`AppError::NotFound`], also when there is no such duty.
pub async fn agree(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    duty: &str,
    read: Option<i64>,
    responsible: Responsible,
    reason: &str,
) -> Result<Override, AppError> {
    authz::check(actor, Action::ManageContract, tenant)?;
    let duty = Duty::by_id(duty).ok_or(AppError::NotFound)?;
    let reason = normalise(reason).trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS {
        return Err(AppError::Invalid(vec![problem(
            "reason",
            "Why",
            &reason,
            format!("a reason of 1 to {REASON_CHARS} characters is expected: both sides read it"),
        )]));
    }
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    store::tenant::lock(&mut tx, tenant).await?;
    let agreed = store::duty::agreed(&mut tx, tenant).await?;
    let standing = agreed.into_iter().find(|one| one.duty == duty.id);
    let revision = standing.as_ref().map_or(0, |one| one.revision);
    if read.is_some_and(|read| read != revision) {
        return Err(AppError::Superseded(standing.iter().flat_map(said).collect()));
    }
    let agreed = Override {
        duty: duty.id.to_owned(),
        responsible,
        reason,
        set_by: actor.display_name.clone(),
        set_at: cx.now(),
        revision: revision + 1,
    };
    store::duty::agree(&mut tx, tenant, &agreed).await?;
    let detail = json!({ "duty": agreed.duty, "responsible": agreed.responsible, "reason": agreed.reason });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "responsibility.agreed",
        tenant.0,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(agreed)
}

/// What somebody else wrote down first.
fn said(standing: &Override) -> [FormProblem; 2] {
    let by = &standing.set_by;
    let responsible = standing.responsible.as_str();
    [
        problem(
            "responsible",
            "Who answers for it",
            responsible,
            format!("by now {by} made it `{responsible}`"),
        ),
        problem(
            "reason",
            "Why",
            &standing.reason,
            format!("by now {by} wrote: {}", standing.reason),
        ),
    ]
}

fn problem(field: &str, label: &str, given: &str, why: String) -> FormProblem {
    FormProblem {
        field: field.to_owned(),
        label: label.to_owned(),
        given: (!given.is_empty()).then(|| given.chars().take(80).collect()),
        why,
    }
}
