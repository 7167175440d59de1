//! All customers of the reader in numbers: where their components stand, what waits there, what is kept.

use std::collections::HashMap;

use domain::id::TenantId;
use domain::protection::ProtectionState;
use domain::tenant::{Tenant, TenantScope};
use jiff::SignedDuration;
use store::Connection;
use store::rollup::{self, Summary};

pub use store::rollup::{Retention, Tally, Total};
pub use store::waiting::Waiting;

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::status::{self, stale};
use crate::{Actor, AppError, Cx, Page};

/// For so long a change that failed waits for somebody.
pub const FAILED_LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Which customers are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, in any case.
    pub text: Option<String>,
    /// Which of them.
    pub show: Show,
    /// By name instead of the worst first.
    pub by_name: bool,
    /// From the one after this: the cursor.
    pub after: Option<TenantId>,
}

/// Which customers are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// Every one.
    #[default]
    All,
    /// Those where something in scope is not protected, or something waits for somebody.
    Needy,
    /// Those where something in scope is not protected, whatever waits.
    NotAsContracted,
    /// Those with a component in this state.
    State(ProtectionState),
    /// Those that are suspended or were offboarded.
    Suspended,
}

impl Filter {
    /// The same for a list that shows no work: what waits for somebody brings no customer into it.
    #[must_use]
    pub fn without_work(self) -> Self {
        let show = match self.show {
            Show::Needy => Show::NotAsContracted,
            other => other,
        };
        Self { show, ..self }
    }
}

/// A customer of the fleet.
#[derive(Debug, Clone)]
pub struct Member {
    /// The customer.
    pub tenant: Tenant,
    /// Its components by state.
    pub tally: Tally,
    /// What waits there; `None`: nothing.
    pub waiting: Option<Waiting>,
}

/// A page of the customers that the person may see, and all living ones of them in numbers.
///
/// # Errors
/// [`AppError::Store`].
pub async fn page(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<(Total, Page<Member>), AppError> {
    let (total, members) = members(cx, actor, filter, ROWS).await?;
    Ok((total, Page::of(members)))
}

/// All customers that the filter finds: for a download.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Vec<Member>, AppError> {
    Ok(members(cx, actor, filter, i64::MAX).await?.1)
}

/// One customer.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn member(cx: &Cx, actor: &Actor, tenant: Tenant) -> Result<Member, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let scope = TenantScope::one(tenant.id);
    let mut tx = cx.db.begin(&scope).await?;
    let (tally, _) = status::tally(cx, &mut tx, tenant.id).await?;
    let waiting = match tenant.lifecycle.ended_at() {
        Some(_) => None,
        None => waiting(cx, &mut tx, &scope).await?.pop(),
    };
    Ok(Member { tenant, tally, waiting })
}

async fn members(cx: &Cx, actor: &Actor, filter: &Filter, limit: i64) -> Result<(Total, Vec<Member>), AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let list = listed(cx, &mut tx, actor, filter).await?;
    let (total, summaries) = rollup::fleet(&mut tx, actor.scope(), stale(cx), &list, limit).await?;
    // Row-level security costs by the number of tenants that are seen: from here on these are enough.
    let shown = TenantScope::of(summaries.iter().map(|summary| summary.tenant));
    store::enter(&mut tx, &shown).await?;
    let tenants = store::tenant::list(&mut tx, &shown).await?;
    let mut tenants: HashMap<_, _> = tenants.into_iter().map(|tenant| (tenant.id, tenant)).collect();
    let waiting = waiting(cx, &mut tx, &shown.without(&actor.ended)).await?;
    let mut waiting: HashMap<_, _> = waiting.into_iter().map(|one| (one.tenant, one)).collect();
    let members = summaries.into_iter().filter_map(|Summary { tenant, tally }| {
        Some(Member {
            tenant: tenants.remove(&tenant)?,
            tally,
            waiting: waiting.remove(&tenant),
        })
    });
    Ok((total, members.collect()))
}

/// A page of what is contracted beside what is kept, customer by customer, worst first; those with nothing in scope are
/// left out, and so are those that were offboarded.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn retention(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Page<Retention>, AppError> {
    Ok(Page::of(retention_rows(cx, actor, filter, ROWS).await?))
}

/// All that the filter finds of the same: for a download.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn all_retention(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Vec<Retention>, AppError> {
    retention_rows(cx, actor, filter, i64::MAX).await
}

async fn retention_rows(cx: &Cx, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Retention>, AppError> {
    authz::check_somewhere(actor, Action::ReadRetention)?;
    let living = actor.living();
    let mut tx = cx.db.begin(&living).await?;
    let list = rollup::Fleet {
        text: filter.text.clone(),
        only: match filter.show {
            Show::Needy | Show::NotAsContracted => rollup::Only::Needy(Vec::new()),
            Show::All | Show::State(_) | Show::Suspended => rollup::Only::All,
        },
        by_name: false,
        after: filter.after,
    };
    Ok(rollup::retention(&mut tx, &living, stale(cx), &list, limit).await?)
}

async fn listed(cx: &Cx, tx: &mut Connection, actor: &Actor, filter: &Filter) -> Result<rollup::Fleet, AppError> {
    Ok(rollup::Fleet {
        text: filter.text.clone(),
        only: match filter.show {
            Show::All => rollup::Only::All,
            Show::State(state) => rollup::Only::State(state),
            Show::Suspended => rollup::Only::Suspended,
            Show::NotAsContracted => rollup::Only::Needy(Vec::new()),
            Show::Needy => {
                let waiting = waiting(cx, tx, &actor.living()).await?;
                rollup::Only::Needy(waiting.into_iter().map(|one| one.tenant).collect())
            }
        },
        by_name: filter.by_name,
        after: filter.after,
    })
}

async fn waiting(cx: &Cx, tx: &mut Connection, scope: &TenantScope) -> Result<Vec<Waiting>, AppError> {
    let lately = cx.now() - FAILED_LATELY;
    Ok(store::waiting::of(tx, scope, lately, stale(cx), cx.now()).await?)
}
