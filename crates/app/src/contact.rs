//! The people whom a contract names.

use std::collections::BTreeMap;

use domain::contact::{Contact, ContactCard};
use domain::id::{ContactId, TenantId, UserId};
use domain::tenant::TenantScope;
use serde_json::json;
use store::Connection;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Decision, Page, audit};

/// The contacts by name, a page after the cursor `after`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    after: Option<ContactId>,
) -> Result<Page<Contact>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(store::contact::list(&mut tx, tenant, after, ROWS).await?))
}

/// One contact.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(cx: &Cx, actor: &Actor, tenant: TenantId, id: ContactId) -> Result<Contact, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    store::contact::lock(&mut tx, tenant, id)
        .await?
        .ok_or(AppError::NotFound)
}

/// Adds a contact with the answers of the form, by field id.
///
/// # Errors
/// [`AppError::Invalid`] with every problem; [`AppError::Forbidden`]; [`AppError::KeyReused`].
pub async fn add(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    answers: &BTreeMap<String, String>,
    key: Option<&Idempotency>,
) -> Result<Contact, AppError> {
    authz::check(actor, Action::ManageContract, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        return store::contact::lock(&mut tx, tenant, ContactId(made))
            .await?
            .ok_or(AppError::NotFound);
    }
    let card = ContactCard::from_answers(answers).map_err(AppError::Invalid)?;
    let contact = Contact {
        id: ContactId::at(cx.now()),
        tenant,
        user: who_signs_in(&mut tx, tenant, &card).await?,
        card,
        revision: 1,
    };
    store::contact::insert(&mut tx, &contact).await?;
    record(cx, &mut tx, actor, &contact, "contact.added").await?;
    idempotency::remember(cx, &mut tx, actor, key, contact.id.0).await?;
    tx.commit().await?;
    Ok(contact)
}

/// Changes a contact to the answers of the form. `read`: the revision that was read before; `None`: any will do.
///
/// # Errors
/// [`AppError::Superseded`] when another revision stands, with what differs from the answers; otherwise as [`add`].
pub async fn change(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    id: ContactId,
    read: Option<i64>,
    answers: &BTreeMap<String, String>,
) -> Result<Contact, AppError> {
    authz::check(actor, Action::ManageContract, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let mut contact = store::contact::lock(&mut tx, tenant, id)
        .await?
        .ok_or(AppError::NotFound)?;
    if read.is_some_and(|read| read != contact.revision) {
        return Err(AppError::Superseded(contact.card.differences(answers)));
    }
    contact.card = ContactCard::from_answers(answers).map_err(AppError::Invalid)?;
    contact.user = who_signs_in(&mut tx, tenant, &contact.card).await?;
    store::contact::save(&mut tx, &mut contact).await?;
    record(cx, &mut tx, actor, &contact, "contact.changed").await?;
    tx.commit().await?;
    Ok(contact)
}

/// Removes a contact.
///
/// # Errors
/// [`AppError::Changed`] when another revision stands; [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn remove(cx: &Cx, actor: &Actor, tenant: TenantId, decision: Decision<ContactId>) -> Result<(), AppError> {
    authz::check(actor, Action::ManageContract, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let contact = store::contact::lock(&mut tx, tenant, decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    if decision
        .is_new(cx, &mut tx, actor, contact.id.0, contact.revision)
        .await?
    {
        store::contact::remove(&mut tx, tenant, contact.id).await?;
        record(cx, &mut tx, actor, &contact, "contact.removed").await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn who_signs_in(tx: &mut Connection, tenant: TenantId, card: &ContactCard) -> Result<Option<UserId>, AppError> {
    let Some(email) = &card.signs_in_as else {
        return Ok(None);
    };
    match store::contact::who_signs_in(tx, tenant, email).await? {
        Some(user) => Ok(Some(user)),
        None => Err(AppError::Invalid(vec![card.no_such_sign_in()])),
    }
}

/// The log names role and entitlements, not the person: it is never erased, and they may ask to be.
async fn record(cx: &Cx, tx: &mut Connection, actor: &Actor, contact: &Contact, action: &str) -> Result<(), AppError> {
    let card = &contact.card;
    let detail = json!({ "role": card.role, "entitlements": card.entitlements, "user": contact.user });
    Ok(audit::record(cx, tx, &actor.by(), contact.tenant, action, contact.id.0, detail).await?)
}
