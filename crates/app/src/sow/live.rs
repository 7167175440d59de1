//! The lines in force, each with the component as it stands.

use std::collections::HashMap;

use domain::contract::Conflict;
use domain::id::{ComponentId, TenantId};
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use store::Connection;
use store::attestation::Decision;
use store::restore::Proof;
use store::sow::Version;

use super::{AsOf, Sources, decisions, find, sources, undecided_sources};
use crate::authz::{self, Action};
use crate::status::{self, Filter, Judged, Order, Tally};
use crate::{Actor, AppError, Cx, Page, contract};

/// A component with its line in force, and what proves or dates it.
#[derive(Debug, Clone)]
pub struct LiveLine {
    /// The component with its line and its protection.
    pub judged: Judged,
    /// Where the line's values came from.
    pub sources: Sources,
    /// The newest restore that the customer verified; `None`: the backups are unproven.
    pub proof: Option<Proof>,
    /// When its restore was last tested, as the customer states it: no proof.
    pub claimed_test: Option<Date>,
    /// Of what is out of scope or undecided: who signed that, and until when it holds.
    pub decision: Option<Decision>,
}

/// The scope of work in force at one moment: the numbers agree with the lines.
#[derive(Debug, Clone)]
pub struct Report {
    /// The version in force; `None`: nothing was agreed yet.
    pub version: Option<Version>,
    /// A page of the living components.
    pub lines: Page<LiveLine>,
    /// All of them by state.
    pub tally: Tally,
    /// What is outside the contract's bounds.
    pub conflicts: Vec<Conflict>,
    /// Whether Kubernetes namespaces are known, and no platform under them is.
    pub without_platform: bool,
}

/// What is in force, and a page of the living components from the one after `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn report(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    filter: &Filter,
    order: Order,
    after: Option<ComponentId>,
) -> Result<Report, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin_snapshot(&TenantScope::one(tenant.id)).await?;
    Ok(Report {
        version: find(&mut tx, tenant, AsOf::Newest).await?,
        lines: page_in(cx, &mut tx, tenant.id, filter, order, after).await?,
        tally: status::tally(cx, &mut tx, tenant.id).await?.0,
        conflicts: contract::conflicts_in(&mut tx, tenant).await?,
        without_platform: store::component::is_without_platform(&mut tx, tenant.id).await?,
    })
}

/// A page of the living components with what is in force for each, from the one after `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    after: Option<ComponentId>,
) -> Result<Page<LiveLine>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin_snapshot(&TenantScope::one(tenant)).await?;
    page_in(cx, &mut tx, tenant, filter, order, after).await
}

async fn page_in(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
    after: Option<ComponentId>,
) -> Result<Page<LiveLine>, AppError> {
    let page = status::page(cx, tx, tenant, filter, order, after).await?;
    let mut beside = Beside::of(tx, tenant, &page.items).await?;
    Ok(page.map(|judged| beside.line(judged)))
}

/// Which living components a download has, in its order.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn matching(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    filter: &Filter,
    order: Order,
) -> Result<Vec<ComponentId>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(store::status::ids(&mut tx, tenant, filter, order, status::stale(cx), None, i64::MAX).await?)
}

/// These components with what is in force for each, in their order; what is gone since is left out.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn those(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    components: &[ComponentId],
) -> Result<Vec<LiveLine>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let now = cx.now();
    let rows = status::load(&mut tx, tenant, Some(components)).await?;
    let judged: Vec<_> = rows.into_iter().map(|status| status::judge(status, now)).collect();
    let mut beside = Beside::of(&mut tx, tenant, &judged).await?;
    let mut lines: HashMap<_, _> = judged
        .into_iter()
        .map(|judged| (judged.status.component.id, beside.line(judged)))
        .collect();
    Ok(components.iter().filter_map(|id| lines.remove(id)).collect())
}

/// What stands beside the status of some components.
struct Beside {
    sources: HashMap<ComponentId, Sources>,
    proofs: HashMap<ComponentId, Proof>,
    claims: HashMap<ComponentId, Date>,
    decisions: HashMap<ComponentId, Decision>,
}

impl Beside {
    async fn of(tx: &mut Connection, tenant: TenantId, judged: &[Judged]) -> Result<Self, AppError> {
        let ids: Vec<_> = judged.iter().map(|judged| judged.status.component.id).collect();
        let not_in_scope = judged.iter().filter(|judged| judged.protection.is_none());
        let not_in_scope: Vec<_> = not_in_scope.map(|judged| judged.status.component.id).collect();
        Ok(Self {
            sources: sources(tx, tenant, &ids, i32::MAX).await?,
            proofs: store::restore::last_verified(tx, tenant, &ids).await?,
            claims: store::component::claimed_restore_tests(tx, tenant, Some(&ids)).await?,
            decisions: decisions(tx, tenant, &not_in_scope).await?,
        })
    }

    fn line(&mut self, judged: Judged) -> LiveLine {
        let id = judged.status.component.id;
        LiveLine {
            sources: self.sources.remove(&id).unwrap_or_else(|| undecided_sources(&judged)),
            proof: self.proofs.remove(&id),
            claimed_test: self.claims.remove(&id),
            decision: self.decisions.remove(&id),
            judged,
        }
    }
}
