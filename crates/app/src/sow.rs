//! The scope of work, as it is and as it was.

mod live;

use std::collections::{BTreeMap, HashMap};

use domain::id::{ComponentId, TenantId};
use domain::sow::{Scope, ScopeItem, ValueSource, origins};
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use store::Connection;
use store::attestation::Decision;
use store::sow::Range;

pub use live::{LiveLine, Report, matching, page, report, those};
pub use store::restore::Proof;
pub use store::sow::{Decided, LineFilter, MadeBy, PastLine, Touched, Version};

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::status::{self, Judged};
use crate::tenant::zone;
use crate::{Actor, AppError, Cx, Page};

/// Lines that are read at once for an answer that holds all of them.
const BATCH: i64 = 500;

/// Which version is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AsOf {
    /// The one that is in force.
    #[default]
    Newest,
    /// The one with that number.
    Version(i32),
    /// The one that was in force at the end of that day, in the contract's time zone.
    On(Date),
}

impl AsOf {
    /// What a version or a day means, if not both are given.
    #[must_use]
    pub const fn of(version: Option<i32>, on: Option<Date>) -> Option<Self> {
        match (version, on) {
            (None, None) => Some(Self::Newest),
            (Some(version), None) => Some(Self::Version(version)),
            (None, Some(day)) => Some(Self::On(day)),
            (Some(_), Some(_)) => None,
        }
    }
}

/// The version that is meant; `None`: nothing was agreed then.
///
/// # Errors
/// [`AppError::NotFound`] when there is no version of that number.
pub async fn version(cx: &Cx, actor: &Actor, tenant: &Tenant, as_of: AsOf) -> Result<Option<Version>, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    find(&mut tx, tenant, as_of).await
}

async fn find(tx: &mut Connection, tenant: &Tenant, as_of: AsOf) -> Result<Option<Version>, AppError> {
    let range = match as_of {
        AsOf::Newest => Range::default(),
        AsOf::Version(number) => Range {
            among: Some(vec![number]),
            ..Range::default()
        },
        AsOf::On(day) => Range {
            // The last day of the calendar has no end: every version came into force before it.
            until: day
                .tomorrow()
                .ok()
                .and_then(|next| next.to_zoned(zone(tenant)).ok())
                .map(|next| next.timestamp()),
            ..Range::default()
        },
    };
    let found = store::sow::versions(tx, tenant.id, &range, 1).await?.pop();
    match (found, as_of) {
        (None, AsOf::Version(_)) => Err(AppError::NotFound),
        (found, _) => Ok(found),
    }
}

/// A version of the list, and how many lines it changed.
#[derive(Debug, Clone)]
pub struct ListedVersion {
    /// The version.
    pub version: Version,
    /// How many lines it changed.
    pub lines: i64,
}

/// The versions, newest first, a page from the one before `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn versions(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    before: Option<i32>,
) -> Result<Page<ListedVersion>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let range = Range {
        before,
        ..Range::default()
    };
    let page = Page::of(store::sow::versions(&mut tx, tenant, &range, ROWS).await?);
    let numbers: Vec<_> = page.items.iter().map(|version| version.sow.version).collect();
    let lines = store::sow::lines(&mut tx, tenant, &numbers).await?;
    Ok(page.map(|version| ListedVersion {
        lines: lines.get(&version.sow.version).copied().unwrap_or_default(),
        version,
    }))
}

/// A version, and what it changed: a page of components from the one after `after`.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such version.
pub async fn changes(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    number: i32,
    after: Option<ComponentId>,
) -> Result<(Version, Page<Touched>), AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    let version = find(&mut tx, tenant, AsOf::Version(number))
        .await?
        .ok_or(AppError::NotFound)?;
    let touched = store::sow::touched(&mut tx, tenant.id, number, after, ROWS).await?;
    Ok((version, Page::of(touched)))
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sourced {
    /// Which source.
    pub source: ValueSource,
    /// The version that supplied it; `None`: nobody decided, so no version did.
    pub version: Option<i32>,
    /// The change that made that version; `None` for the onboarding document.
    pub change: Option<i32>,
}

/// Field name to where its value came from.
pub type Sources = BTreeMap<String, Sourced>;

/// A line of a version.
#[derive(Debug, Clone)]
pub struct VersionLine {
    /// The line.
    pub item: ScopeItem,
    /// Where its values came from.
    pub sources: Sources,
    /// What is known of the component today; `None` unless the version is the one in force.
    pub live: Option<Live>,
}

/// What is known of a component beside its line in force.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its protection.
    pub judged: Judged,
    /// The newest restore that the customer verified; `None`: the backups are unproven.
    pub proof: Option<Proof>,
    /// When its restore was last tested, as the customer states it: no proof.
    pub claimed_test: Option<Date>,
    /// Who signed if it is out of scope.
    pub decision: Option<Decision>,
}

/// The lines of a version, by environment and name, a page from the component after `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn lines(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    version: i32,
    filter: &LineFilter,
    after: Option<ComponentId>,
) -> Result<Page<VersionLine>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    Ok(Page::of(read(cx, tenant, version, false, filter, after, ROWS).await?))
}

/// The next lines of a version, by environment and name, from the component after `after`; none: that was all. Read some at
/// a time, so that a scope of work of any size takes little memory.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn batch(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    version: i32,
    in_force: bool,
    filter: &LineFilter,
    after: Option<ComponentId>,
) -> Result<Vec<VersionLine>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    read(cx, tenant, version, in_force, filter, after, BATCH).await
}

async fn read(
    cx: &Cx,
    tenant: TenantId,
    version: i32,
    in_force: bool,
    filter: &LineFilter,
    after: Option<ComponentId>,
    limit: i64,
) -> Result<Vec<VersionLine>, AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let items = store::sow::items(&mut tx, tenant, version, filter, after, limit).await?;
    let ids: Vec<_> = items.iter().map(|item| item.component.id).collect();
    let mut sources = sources(&mut tx, tenant, &ids, version).await?;
    let mut live = HashMap::new();
    if in_force {
        let mut decisions = decisions(&mut tx, tenant, &ids).await?;
        let mut proofs = store::restore::last_verified(&mut tx, tenant, &ids).await?;
        let claims = store::component::claimed_restore_tests(&mut tx, tenant, Some(&ids)).await?;
        for status in status::load(&mut tx, tenant, Some(&ids)).await? {
            let id = status.component.id;
            let known = Live {
                judged: status::judge(status, cx.now()),
                proof: proofs.remove(&id),
                claimed_test: claims.get(&id).copied(),
                decision: decisions.remove(&id),
            };
            live.insert(id, known);
        }
    }
    let line = |item: ScopeItem| VersionLine {
        sources: sources.remove(&item.component.id).unwrap_or_default(),
        live: live.remove(&item.component.id),
        item,
    };
    Ok(items.into_iter().map(line).collect())
}

async fn decisions(
    tx: &mut Connection,
    tenant: TenantId,
    components: &[ComponentId],
) -> Result<HashMap<ComponentId, Decision>, AppError> {
    if components.is_empty() {
        return Ok(HashMap::new());
    }
    let decisions = store::attestation::those(tx, tenant, components).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| (decision.component, decision))
        .collect())
}

/// Of terms that hold although nobody decided.
pub(crate) fn undecided_sources(judged: &Judged) -> Sources {
    let terms = judged.status.contracted.as_ref().and_then(|(scope, _)| scope.terms());
    let sourced = |(field, source): (&String, &ValueSource)| {
        let sourced = Sourced {
            source: *source,
            version: None,
            change: None,
        };
        (field.clone(), sourced)
    };
    terms
        .map(|terms| terms.sources.iter().map(sourced).collect())
        .unwrap_or_default()
}

/// Where the values of the components' lines as of a version came from; what has no line is missing.
async fn sources(
    tx: &mut Connection,
    tenant: TenantId,
    components: &[ComponentId],
    version: i32,
) -> Result<HashMap<ComponentId, Sources>, AppError> {
    let history = store::sow::history(tx, tenant, components, version).await?;
    let lines = history.chunk_by(|one, other| one.component == other.component);
    Ok(lines
        .filter_map(|lines| Some((lines.first()?.component, of_history(lines))))
        .collect())
}

/// Where the values of the newest of a component's lines came from; `lines` are the oldest first.
pub(crate) fn of_history(lines: &[PastLine]) -> Sources {
    let scopes: Vec<(i32, &Scope)> = lines.iter().map(|past| (past.from_version, &past.line.0)).collect();
    let change = |version| {
        lines
            .iter()
            .find(|past| past.from_version == version)
            .and_then(|past| past.change)
    };
    let sourced = |(field, origin): (String, domain::sow::Origin)| {
        let sourced = Sourced {
            source: origin.source,
            version: Some(origin.version),
            change: change(origin.version),
        };
        (field, sourced)
    };
    origins(&scopes).into_iter().map(sourced).collect()
}
