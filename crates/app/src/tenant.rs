//! Customers, for those who may see them.

use std::collections::BTreeMap;

use domain::contract::{Contract, ContractVersion};
use domain::id::TenantId;
use domain::tenant::{Tenant, TenantScope};
use domain::tenant_form::TenantForm;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use store::{Connection, StoreError};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::{Actor, AppError, By, Cx, audit};

/// The customers that the person may see, by name.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(cx: &Cx, actor: &Actor) -> Result<Vec<Tenant>, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    Ok(store::tenant::list(&mut tx, actor.scope()).await?)
}

/// The zone of the contract's calendar; UTC when this machine does not know its name.
pub(crate) fn zone(tenant: &Tenant) -> TimeZone {
    TimeZone::get(&tenant.contract.time_zone).unwrap_or(TimeZone::UTC)
}

/// The day that it is at the customer's.
#[must_use]
pub fn today(cx: &Cx, tenant: &Tenant) -> Date {
    zone(tenant).to_datetime(cx.now()).date()
}

/// Stores a new customer with the first version of its contract.
///
/// # Errors
/// [`StoreError::Exists`] when a customer has its name in addresses.
pub(crate) async fn add(
    cx: &Cx,
    tx: &mut Connection,
    tenant: &Tenant,
    contract: Contract,
    by: &By,
) -> Result<(), StoreError> {
    let now = cx.now();
    store::tenant::insert(tx, tenant, now).await?;
    let version = ContractVersion {
        version: 1,
        valid_from: contract.calendar.today(now),
        contract,
        made_by: by.name.clone(),
        made_at: now,
        note: "As the customer was taken on.".to_owned(),
    };
    store::contract::add(tx, tenant.id, &version, by.user).await
}

/// Takes a customer on: its name and the basics of its contract. All else follows on its pages.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, also when a customer has the name in addresses; [`AppError::Forbidden`];
/// [`AppError::KeyReused`].
pub async fn create(
    cx: &Cx,
    actor: &Actor,
    fields: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<Tenant, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let now = cx.now();
    let id = TenantId::at(now);
    let mut tx = cx.db.begin(&TenantScope::one(id)).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        drop(tx);
        let scope = TenantScope::one(TenantId(made));
        let mut tx = cx.db.begin(&scope).await?;
        let tenant = store::tenant::get(&mut tx, &scope, TenantId(made)).await?;
        return tenant.ok_or(AppError::NotFound);
    }
    let form = TenantForm::from_fields(fields).map_err(AppError::Invalid)?;
    let tenant = Tenant {
        id,
        slug: form.slug,
        name: form.name,
        contract: form.contract.summary(),
        lifecycle: Default::default(),
    };
    add(cx, &mut tx, &tenant, form.contract, &actor.by())
        .await
        .map_err(|error| match error {
            StoreError::Exists { .. } => AppError::Invalid(vec![TenantForm::slug_taken(&tenant.slug)]),
            other => other.into(),
        })?;
    let detail = json!({ "slug": tenant.slug, "components": 0 });
    audit::record(cx, &mut tx, &actor.by(), id, "tenant.onboarded", id.0, detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, id.0).await?;
    tx.commit().await?;
    Ok(tenant)
}
