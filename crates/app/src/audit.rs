//! The audit log: written in each use-case's own transaction, read by those whose role shows it.

use domain::id::TenantId;
use serde_json::Value;
use store::{Connection, StoreError};
use uuid::Uuid;

pub use store::audit::{Event, PlatformEvent};

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, By, Cx, Page};

/// Adds a line. What it tells of commits with it or not at all.
pub(crate) async fn record(
    cx: &Cx,
    tx: &mut Connection,
    by: &By,
    tenant: TenantId,
    action: &str,
    subject_id: Uuid,
    detail: Value,
) -> Result<(), StoreError> {
    let (subject, _) = action.split_once('.').unwrap_or((action, ""));
    let event = Event {
        id: Uuid::now_v7(),
        tenant,
        at: cx.now(),
        actor: by.user,
        actor_name: by.name.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        subject_id,
        detail,
    };
    store::audit::append(tx, &event).await
}

/// The tenant's log, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId, before: Option<Uuid>) -> Result<Page<Event>, AppError> {
    authz::check(actor, Action::ReadAudit, tenant)?;
    let scope = domain::tenant::TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    Ok(Page::of(store::audit::list(&mut tx, &scope, None, before, ROWS).await?))
}

/// Adds a line to the log of what concerns no tenant. What it tells of commits with it or not at all.
pub(crate) async fn record_platform(
    cx: &Cx,
    tx: &mut Connection,
    by: &By,
    action: &str,
    subject_id: Uuid,
    detail: Value,
) -> Result<(), StoreError> {
    let (subject, _) = action.split_once('.').unwrap_or((action, ""));
    let event = PlatformEvent {
        id: Uuid::now_v7(),
        at: cx.now(),
        actor: by.user,
        actor_name: by.name.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        subject_id,
        detail,
    };
    store::audit::append_platform(tx, &event).await
}

/// The log of what concerns no tenant, newest first, a page from the cursor `before`; only lines with these words.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_platform(
    cx: &Cx,
    actor: &Actor,
    words: &str,
    before: Option<Uuid>,
) -> Result<Page<PlatformEvent>, AppError> {
    authz::check_everywhere(actor, Action::ReadPlatformAudit)?;
    let mut tx = cx.db.begin_global().await?;
    Ok(Page::of(
        store::audit::list_platform(&mut tx, words.trim(), before, ROWS).await?,
    ))
}
