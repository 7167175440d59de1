//! Hand-over exports: asked for by people, made and read back by a worker.

use domain::export::{Export, KEPT, Remaining, State};
use domain::id::{ExportId, TenantId};
use domain::tenant::TenantScope;
use jiff::Timestamp;
use serde_json::json;
use store::Connection;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::work::Work;
use crate::{Actor, AppError, By, Cx, Page, audit};

/// Asks for an export. While one is under way, that one is meant.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::KeyReused`].
pub async fn request(cx: &Cx, actor: &Actor, tenant: TenantId, key: Option<&Idempotency>) -> Result<Export, AppError> {
    authz::check(actor, Action::HandOver, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        let made = store::export::get(&mut tx, tenant, ExportId(made)).await?;
        return made.ok_or(AppError::NotFound);
    }
    // Two who ask at once wait for each other here.
    store::lifecycle::lock(&mut tx, &scope, tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    let export = match store::export::under_way(&mut tx, tenant).await? {
        Some(id) => store::export::get(&mut tx, tenant, id)
            .await?
            .ok_or(AppError::NotFound)?,
        None => begin(cx, &mut tx, actor, tenant).await?,
    };
    idempotency::remember(cx, &mut tx, actor, key, export.id.0).await?;
    tx.commit().await?;
    Ok(export)
}

async fn begin(cx: &Cx, tx: &mut Connection, actor: &Actor, tenant: TenantId) -> Result<Export, AppError> {
    let now = cx.now();
    let export = Export {
        id: ExportId::at(now),
        tenant,
        requested_by: actor.email.clone(),
        requested_at: now,
        state: State::Queued,
        files_done: 0,
        files_total: None,
        snapshot_at: None,
        rows: None,
        size_bytes: None,
        sha256: None,
        problem: None,
        ended_at: None,
    };
    store::export::insert(tx, &export).await?;
    audit::record(cx, tx, &actor.by(), tenant, "export.requested", export.id.0, json!({})).await?;
    let work = Work::MakeExport {
        tenant,
        export: export.id,
    };
    jobs::enqueue(tx, &work).await?;
    Ok(export)
}

/// The tenant's exports, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    before: Option<ExportId>,
) -> Result<Page<Export>, AppError> {
    authz::check(actor, Action::HandOver, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(store::export::list(&mut tx, tenant, before, ROWS).await?))
}

/// One export.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn get(cx: &Cx, actor: &Actor, tenant: TenantId, id: ExportId) -> Result<Export, AppError> {
    authz::check(actor, Action::HandOver, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    store::export::get(&mut tx, tenant, id).await?.ok_or(AppError::NotFound)
}

/// What stays in the customer's accounts, as it was last observed.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn remaining(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Remaining, AppError> {
    authz::check(actor, Action::HandOver, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(store::export::remaining(&mut tx, tenant).await?)
}

/// A verified archive that somebody downloads, piece by piece.
pub struct Download {
    cx: Cx,
    /// Which.
    pub export: Export,
    position: i32,
}

/// Begins to download an archive; the audit log says who did.
///
/// # Errors
/// [`AppError::NotNow`] unless it is verified and kept; [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn download(cx: &Cx, actor: &Actor, tenant: TenantId, id: ExportId) -> Result<Download, AppError> {
    let export = get(cx, actor, tenant, id).await?;
    if export.state != State::Verified {
        return Err(AppError::NotNow(format!(
            "the export is {}; only a verified one can be downloaded, for 30 days",
            export.state.as_str()
        )));
    }
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    audit::record(cx, &mut tx, &actor.by(), tenant, "export.downloaded", id.0, json!({})).await?;
    tx.commit().await?;
    Ok(Download {
        cx: cx.clone(),
        export,
        position: 0,
    })
}

impl Download {
    /// The next bytes; `None`: that was all.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, AppError> {
        let tenant = self.export.tenant;
        let mut tx = self.cx.db.begin(&TenantScope::one(tenant)).await?;
        let piece = store::export::piece(&mut tx, tenant, self.export.id, self.position).await?;
        self.position += 1;
        Ok(piece)
    }
}

/// Stores how far a worker is.
///
/// # Errors
/// [`AppError::Conflict`] when it has ended.
pub async fn advance(cx: &Cx, export: &Export) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(export.tenant)).await?;
    store::export::save(&mut tx, export).await?;
    Ok(tx.commit().await?)
}

/// It was read back and is the same as the records.
///
/// # Errors
/// [`AppError::Conflict`] when it has ended.
pub async fn verified(cx: &Cx, export: &Export) -> Result<(), AppError> {
    let export = Export {
        state: State::Verified,
        ended_at: Some(cx.now()),
        ..export.clone()
    };
    let mut tx = cx.db.begin(&TenantScope::one(export.tenant)).await?;
    store::export::save(&mut tx, &export).await?;
    let detail = json!({ "rows": export.rows, "bytes": export.size_bytes, "sha256": export.sha256 });
    audit::record(
        cx,
        &mut tx,
        &By::holdfast(),
        export.tenant,
        "export.verified",
        export.id.0,
        detail,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Gives up; what was written goes.
///
/// # Errors
/// [`AppError::Store`]. One that has ended stays as it is.
pub async fn fail(cx: &Cx, tx: &mut Connection, tenant: TenantId, id: ExportId, reason: &str) -> Result<(), AppError> {
    let Some(export) = store::export::get(tx, tenant, id).await? else {
        return Ok(());
    };
    if !export.state.is_under_way() {
        return Ok(());
    }
    let export = Export {
        state: State::Failed,
        problem: Some(reason.to_owned()),
        ended_at: Some(cx.now()),
        ..export
    };
    store::export::save(tx, &export).await?;
    store::export::drop_pieces(tx, tenant, id).await?;
    let detail = json!({ "reason": reason });
    Ok(audit::record(cx, tx, &By::holdfast(), tenant, "export.failed", id.0, detail).await?)
}

/// Lets the content of the tenant's exports go that were kept for their time.
///
/// # Errors
/// [`AppError::Store`].
pub async fn expire(cx: &Cx, tenant: TenantId) -> Result<(), AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let before: Timestamp = cx.now() - KEPT;
    for id in store::export::expire(&mut tx, tenant, before).await? {
        audit::record(cx, &mut tx, &By::holdfast(), tenant, "export.expired", id.0, json!({})).await?;
    }
    Ok(tx.commit().await?)
}
