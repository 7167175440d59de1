//! What a customer has to sign, and who signed it.

use domain::acknowledgement::{Acknowledgement, Owed, Statement, holds_until, owed as judged};
use domain::id::{AcknowledgementId, TenantId};
use domain::scope_change::FormProblem;
use domain::tenant::{Tenant, TenantScope};
use serde_json::json;
use store::Connection;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::tenant::zone;
use crate::{Actor, AppError, Cx, Decision, Page, audit};

/// How each statement that the customer owes stands, the worst first.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn owed(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<Vec<Owed>, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    owed_in(cx, &mut tx, tenant).await
}

pub(crate) async fn owed_in(cx: &Cx, tx: &mut Connection, tenant: &Tenant) -> Result<Vec<Owed>, AppError> {
    let signatures = store::acknowledgement::newest(tx, tenant.id).await?;
    let has_tier_1 = store::sow::has_tier_1(tx, tenant.id).await?;
    Ok(judged(
        &signatures,
        &tenant.contract.terms_version,
        has_tier_1,
        &zone(tenant),
        cx.now(),
    ))
}

/// Every signature, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    before: Option<AcknowledgementId>,
) -> Result<Page<Acknowledgement>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(
        store::acknowledgement::list(&mut tx, tenant, before, ROWS).await?,
    ))
}

/// Signs a statement in the version that was shown, for a year.
///
/// # Errors
/// [`AppError::Invalid`] when another version has to be signed by now; [`AppError::Forbidden`];
/// [`AppError::NotFound`]; [`AppError::KeyReused`].
pub async fn sign(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    statement: Statement,
    shown_version: &str,
    key: Option<&Idempotency>,
) -> Result<Acknowledgement, AppError> {
    authz::check(actor, Action::Acknowledge, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        return store::acknowledgement::lock(&mut tx, tenant.id, AcknowledgementId(made))
            .await?
            .ok_or(AppError::NotFound);
    }
    // Whoever changes the terms meanwhile waits, or was first and is seen.
    store::tenant::lock(&mut tx, tenant.id).await?;
    let contract = store::contract::in_force(&mut tx, tenant).await?.contract;
    let version = statement.version(&contract.terms_version);
    if version != shown_version {
        return Err(AppError::Invalid(vec![FormProblem {
            field: "text_version".to_owned(),
            label: statement.title().to_owned(),
            given: Some(shown_version.chars().take(80).collect()),
            why: format!("version `{version}` is the one to sign: read it first"),
        }]));
    }
    let now = cx.now();
    let signature = Acknowledgement {
        id: AcknowledgementId::at(now),
        tenant: tenant.id,
        statement,
        text_version: version,
        signed_by: actor.display_name.clone(),
        signed_at: now,
        until: holds_until(now, contract.calendar.zone()),
        withdrawn: None,
    };
    store::acknowledgement::insert(&mut tx, &signature, actor.user).await?;
    let detail = json!({ "statement": statement, "text_version": signature.text_version, "until": signature.until });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant.id,
        "acknowledgement.signed",
        signature.id.0,
        detail,
    )
    .await?;
    idempotency::remember(cx, &mut tx, actor, key, signature.id.0).await?;
    tx.commit().await?;
    Ok(signature)
}

/// Takes a signature back; it stays on record.
///
/// # Errors
/// [`AppError::Conflict`] when it was taken back before; [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn withdraw(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    decision: Decision<AcknowledgementId>,
) -> Result<Acknowledgement, AppError> {
    authz::check(actor, Action::Acknowledge, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let mut signature = store::acknowledgement::lock(&mut tx, tenant, decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    let revision = i64::from(signature.withdrawn.is_some()) + 1;
    if !decision.is_new(cx, &mut tx, actor, signature.id.0, revision).await? {
        return Ok(signature);
    }
    let now = cx.now();
    store::acknowledgement::withdraw(&mut tx, tenant, signature.id, &actor.display_name, now).await?;
    let detail = json!({ "statement": signature.statement, "text_version": signature.text_version });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant,
        "acknowledgement.withdrawn",
        signature.id.0,
        detail,
    )
    .await?;
    tx.commit().await?;
    signature.withdrawn = Some((now, actor.display_name.clone()));
    Ok(signature)
}
