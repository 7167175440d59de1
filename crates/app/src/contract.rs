//! Contracts: as they are, as they were, and how a new version is made.

use std::collections::BTreeSet;

use domain::contract::{self, Bounds, Change, Conflict, Contract, ContractVersion, NOTE, REGULATION, VALID_FROM};
use domain::id::{ComponentId, TenantId};
use domain::scope_change::{FormProblem, normalise};
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use serde_json::json;
use store::Connection;

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page, audit, status};

/// More components than this cannot be accepted by name one by one.
const OUTSIDE: i64 = 500;
/// The longest reason for a version, in characters.
const NOTE_CHARS: usize = 2000;

/// A new version as somebody wants it.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What it says.
    pub contract: Contract,
    /// First day on which it holds; `None`: today.
    pub valid_from: Option<Date>,
    /// Why it is made.
    pub note: String,
    /// The version that was read before; it has to be in force still. `None`: any will do.
    pub read: Option<i64>,
    /// The components that are known to fall outside the new bounds.
    pub accepted: BTreeSet<ComponentId>,
}

impl Edit {
    /// Whether it would make the same version again.
    fn says_nothing_new(&self, standing: &ContractVersion) -> bool {
        let note = normalise(&self.note);
        self.contract == standing.contract
            && self.valid_from.is_none_or(|day| day == standing.valid_from)
            && (note.trim().is_empty() || note.trim() == standing.note)
    }
}

/// The version in force.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn in_force(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<ContractVersion, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    Ok(store::contract::in_force(&mut tx, tenant).await?)
}

/// The contract in force.
pub(crate) async fn of(tx: &mut Connection, tenant: TenantId) -> Result<Contract, AppError> {
    let tenant = store::tenant::get(tx, &TenantScope::one(tenant), tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(store::contract::in_force(tx, &tenant).await?.contract)
}

/// What the contract in force bounds.
pub(crate) async fn bounds(tx: &mut Connection, tenant: TenantId) -> Result<Bounds, AppError> {
    Ok(of(tx, tenant).await?.bounds)
}

/// The version that held on a day.
///
/// # Errors
/// [`AppError::NotFound`] when there was none yet.
pub async fn on(cx: &Cx, actor: &Actor, tenant: &Tenant, day: Date) -> Result<ContractVersion, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    store::contract::on(&mut tx, tenant.id, day)
        .await?
        .ok_or(AppError::NotFound)
}

/// The version with that number.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: TenantId, number: i32) -> Result<ContractVersion, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    numbered(&mut tx, tenant, number).await?.ok_or(AppError::NotFound)
}

/// The versions, each with what it changed of the one before, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn versions(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    before: Option<i32>,
) -> Result<Page<(ContractVersion, Vec<Change>)>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    // The row after the page's last tells what that one changed.
    let rows = store::contract::versions(&mut tx, tenant, before, ROWS).await?;
    let changed = |index: usize, one: &ContractVersion| {
        let earlier = rows.get(index + 1);
        earlier.map_or_else(Vec::new, |earlier| contract::changes(&earlier.contract, &one.contract))
    };
    let changes: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(index, one)| changed(index, one))
        .collect();
    Ok(Page::of(rows.into_iter().zip(changes).collect()))
}

/// What the scope of work holds outside the bounds of the contract in force; some 500 components at most.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn conflicts(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<Vec<Conflict>, AppError> {
    authz::check(actor, Action::Read, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    conflicts_in(&mut tx, tenant).await
}

pub(crate) async fn conflicts_in(tx: &mut Connection, tenant: &Tenant) -> Result<Vec<Conflict>, AppError> {
    let version = store::contract::in_force(tx, tenant).await?;
    outside(tx, tenant.id, &version.contract.bounds).await
}

/// Makes a new version, which is in force at once. The same contract again, for no other reason and from no other day, makes
/// none.
///
/// The scope of work is never changed by it: what falls outside the new bounds has to be accepted by name, and is a
/// finding from then on.
///
/// # Errors
/// [`AppError::Superseded`] when another version is in force by now, with what it changed; [`AppError::Invalid`];
/// [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn change(cx: &Cx, actor: &Actor, tenant: &Tenant, edit: Edit) -> Result<ContractVersion, AppError> {
    authz::check(actor, Action::ManageContract, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    store::tenant::lock(&mut tx, tenant.id).await?;
    let standing = store::contract::in_force(&mut tx, tenant).await?;
    if edit.says_nothing_new(&standing) {
        return Ok(standing);
    }
    if edit.read.is_some_and(|read| read != i64::from(standing.version)) {
        return Err(superseded(&mut tx, tenant, edit.read, &standing).await?);
    }
    let (valid_from, note) = dated(cx, &edit, &standing)?;
    let before = outside(&mut tx, tenant.id, &standing.contract.bounds).await?;
    let after = outside(&mut tx, tenant.id, &edit.contract.bounds).await?;
    let components: BTreeSet<_> = after.iter().map(|conflict| conflict.component).collect();
    if components.len() as i64 > OUTSIDE {
        let why = format!(
            "more than {OUTSIDE} components would be outside these bounds, too many to accept by name: change the scope of work first"
        );
        return Err(AppError::Invalid(vec![FormProblem::new(&REGULATION, None, why)]));
    }
    let unseen = |conflict: &&Conflict| !before.contains(conflict) && !edit.accepted.contains(&conflict.component);
    let unseen: Vec<FormProblem> = after.iter().filter(unseen).map(unaccepted).collect();
    if !unseen.is_empty() {
        return Err(AppError::Invalid(unseen));
    }
    let version = ContractVersion {
        version: standing.version + 1,
        contract: edit.contract,
        valid_from,
        made_by: actor.display_name.clone(),
        made_at: cx.now(),
        note,
    };
    store::contract::add(&mut tx, tenant.id, &version, Some(actor.user)).await?;
    if version.contract.bounds != standing.contract.bounds {
        // What holds although nobody decided keeps to the bounds.
        status::refresh(&mut tx, tenant.id, None).await?;
    }
    let changed = contract::changes(&standing.contract, &version.contract);
    let fields: Vec<_> = changed.iter().map(|change| change.field.id).collect();
    let detail = json!({ "version": version.version, "fields": fields, "outside_bounds": after.len() });
    audit::record(
        cx,
        &mut tx,
        &actor.by(),
        tenant.id,
        "contract.changed",
        tenant.id.0,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(version)
}

async fn numbered(tx: &mut Connection, tenant: TenantId, number: i32) -> Result<Option<ContractVersion>, AppError> {
    let newest = store::contract::versions(tx, tenant, number.checked_add(1), 1)
        .await?
        .pop();
    Ok(newest.filter(|version| version.version == number))
}

/// What the second of two editors is told.
async fn superseded(
    tx: &mut Connection,
    tenant: &Tenant,
    read: Option<i64>,
    standing: &ContractVersion,
) -> Result<AppError, AppError> {
    let was = match read.and_then(|read| i32::try_from(read).ok()) {
        Some(read) => numbered(tx, tenant.id, read).await?,
        None => None,
    };
    let changes = was.map_or_else(Vec::new, |was| contract::version_changes(&was, standing));
    let by = &standing.made_by;
    let problem = |change: Change| {
        let Change { field, before, after } = change;
        let said = |answer: &str| match answer {
            "" => "nothing".to_owned(),
            _ => format!("\u{201c}{answer}\u{201d}"),
        };
        let why = format!("you had read {}; by now {by} made it {}", said(&before), said(&after));
        FormProblem::new(field, Some(&after), why)
    };
    Ok(AppError::Superseded(changes.into_iter().map(problem).collect()))
}

/// From when a version holds, and why it was made.
fn dated(cx: &Cx, edit: &Edit, standing: &ContractVersion) -> Result<(Date, String), AppError> {
    let today = edit.contract.calendar.today(cx.now()).max(standing.valid_from);
    let valid_from = edit.valid_from.unwrap_or(today);
    let note = normalise(&edit.note).trim().to_owned();
    let mut problems = Vec::new();
    let given = valid_from.to_string();
    if valid_from > today {
        let why = format!("{today} or earlier is allowed: a version is in force as soon as it is made");
        problems.push(FormProblem::new(&VALID_FROM, Some(&given), why));
    }
    if valid_from < standing.valid_from {
        let why = format!(
            "{} or later is allowed: version {} holds from that day",
            standing.valid_from, standing.version
        );
        problems.push(FormProblem::new(&VALID_FROM, Some(&given), why));
    }
    if note.chars().count() > NOTE_CHARS {
        problems.push(FormProblem::new(
            &NOTE,
            Some(&note),
            format!("at most {NOTE_CHARS} characters are allowed"),
        ));
    }
    if problems.is_empty() {
        Ok((valid_from, note))
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Something in the scope of work that a new version would put outside the contract.
fn unaccepted(conflict: &Conflict) -> FormProblem {
    FormProblem {
        field: "accepted_conflicts".to_owned(),
        label: conflict.name.clone(),
        given: Some(conflict.component.to_string()),
        why: format!(
            "{} has {} in the scope of work, but {}. Name it as accepted to change the contract all the same: its terms stay as they are, and a finding says so.",
            conflict.name, conflict.given, conflict.why
        ),
    }
}

/// The components that are in scope under terms outside the bounds, at most one more than [`OUTSIDE`].
async fn outside(tx: &mut Connection, tenant: TenantId, bounds: &Bounds) -> Result<Vec<Conflict>, AppError> {
    if *bounds == Bounds::default() {
        return Ok(Vec::new());
    }
    let lines = store::contract::outside(tx, tenant, bounds, OUTSIDE + 1).await?;
    let conflicts = lines
        .iter()
        .flat_map(|(component, scope, encrypted)| bounds.conflicts(component, scope, *encrypted));
    Ok(conflicts.collect())
}
