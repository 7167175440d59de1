//! The provider's own policies: everybody reads them, approvers and admins of the provider change them.

use std::collections::BTreeMap;

use domain::component::ComponentKind;
use domain::id::PolicyId;
use domain::policy::{NAME, Policy, PolicyBody, Preset};
use domain::scope_change::FormProblem;
use serde_json::json;
use store::{StoreError, Tx};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Decision, Page, audit};

/// More policies than these are not offered on a form.
const OFFERED: i64 = 500;

/// Something to start a change from.
#[derive(Debug, Clone)]
pub struct Starter {
    /// A preset's name, or a policy's id.
    pub id: String,
    /// What the form offers it as.
    pub name: String,
    /// What it fills in, by the change form's field ids.
    pub answers: BTreeMap<String, String>,
}

/// The policies that are offered, or those that were retired, by name, a page from the one after `after`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(cx: &Cx, actor: &Actor, retired: bool, after: Option<PolicyId>) -> Result<Page<Policy>, AppError> {
    authz::check_somewhere(actor, Action::Read)?;
    let mut tx = cx.db.begin_global().await?;
    Ok(Page::of(store::policy::list(&mut tx, retired, after, ROWS).await?))
}

/// The policy of that id.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(cx: &Cx, actor: &Actor, id: PolicyId) -> Result<Policy, AppError> {
    authz::check_somewhere(actor, Action::Read)?;
    let mut tx = cx.db.begin_global().await?;
    store::policy::get(&mut tx, id).await?.ok_or(AppError::NotFound)
}

/// What each of its revisions said, the newest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn revisions(cx: &Cx, actor: &Actor, id: PolicyId) -> Result<Vec<Policy>, AppError> {
    authz::check_somewhere(actor, Action::Read)?;
    let mut tx = cx.db.begin_global().await?;
    Ok(store::policy::revisions(&mut tx, id).await?)
}

/// What a change of a component of this kind can start from: the presets, then the policies; `None`: of any kind.
///
/// # Errors
/// [`AppError::Store`].
pub async fn offered(cx: &Cx, kind: Option<ComponentKind>) -> Result<Vec<Starter>, AppError> {
    let mut tx = cx.db.begin_global().await?;
    let policies = store::policy::list(&mut tx, false, None, OFFERED).await?;
    let presets = domain::policy::PRESETS.iter();
    let presets = presets.filter(|preset| kind.is_none_or(|kind| preset.fits(kind)));
    let policies = policies
        .iter()
        .filter(|policy| kind.is_none_or(|kind| policy.body.fits(kind)));
    Ok(presets.map(Starter::from).chain(policies.map(Starter::from)).collect())
}

/// Whether the person may make, change and retire policies.
#[must_use]
pub fn may_manage(actor: &Actor) -> bool {
    authz::check_everywhere(actor, Action::ManagePolicies).is_ok()
}

/// Makes a policy.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Forbidden`]; [`AppError::KeyReused`].
pub async fn create(
    cx: &Cx,
    actor: &Actor,
    given: &BTreeMap<String, String>,
    kinds: &[String],
    key: Option<&Idempotency>,
) -> Result<Policy, AppError> {
    authz::check_everywhere(actor, Action::ManagePolicies)?;
    let mut tx = cx.db.begin_global().await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        return store::policy::get(&mut tx, PolicyId(made))
            .await?
            .ok_or(AppError::NotFound);
    }
    let body = PolicyBody::from_fields(given, kinds).map_err(AppError::Invalid)?;
    let now = cx.now();
    let policy = Policy {
        id: PolicyId::at(now),
        body,
        retired_at: None,
        changed_by: actor.display_name.clone(),
        changed_at: now,
        revision: 1,
    };
    let made = store::policy::insert(&mut tx, &policy, actor.user).await;
    made.map_err(|error| taken(error, &policy.body.name))?;
    record(cx, &mut tx, actor, &policy, "policy.made").await?;
    idempotency::remember(cx, &mut tx, actor, key, policy.id.0).await?;
    tx.commit().await?;
    Ok(policy)
}

/// Changes what a policy says. No line of any scope of work changes by it.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Superseded`] when another revision stands, with what differs from the answers;
/// [`AppError::Conflict`] once it is retired; [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn update(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<PolicyId>>,
    given: &BTreeMap<String, String>,
    kinds: &[String],
) -> Result<Policy, AppError> {
    let on = on.into();
    let (mut tx, policy) = lock(cx, actor, on.on).await?;
    let new = on.is_new(cx, &mut tx, actor, policy.id.0, policy.revision).await;
    if !new.map_err(|error| error.naming(|| policy.body.differences(given, kinds)))? {
        return Ok(policy);
    }
    if policy.retired_at.is_some() {
        return Err(AppError::Conflict);
    }
    let body = PolicyBody::from_fields(given, kinds).map_err(AppError::Invalid)?;
    save(cx, tx, actor, Policy { body, ..policy }).await
}

/// Offers a policy no longer. What was made from it stays as it is.
///
/// # Errors
/// [`AppError::Changed`]; [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn retire(cx: &Cx, actor: &Actor, on: impl Into<Decision<PolicyId>>) -> Result<Policy, AppError> {
    let on = on.into();
    let (mut tx, policy) = lock(cx, actor, on.on).await?;
    let new = on.is_new(cx, &mut tx, actor, policy.id.0, policy.revision).await?;
    if !new || policy.retired_at.is_some() {
        return Ok(policy);
    }
    let retired_at = Some(cx.now());
    save(cx, tx, actor, Policy { retired_at, ..policy }).await
}

async fn lock(cx: &Cx, actor: &Actor, id: PolicyId) -> Result<(Tx, Policy), AppError> {
    authz::check_everywhere(actor, Action::ManagePolicies)?;
    let mut tx = cx.db.begin_global().await?;
    let policy = store::policy::lock(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    Ok((tx, policy))
}

async fn save(cx: &Cx, mut tx: Tx, actor: &Actor, policy: Policy) -> Result<Policy, AppError> {
    let mut policy = Policy {
        changed_by: actor.display_name.clone(),
        changed_at: cx.now(),
        ..policy
    };
    let saved = store::policy::save(&mut tx, &mut policy, actor.user).await;
    saved.map_err(|error| taken(error, &policy.body.name))?;
    let action = if policy.retired_at.is_some() {
        "policy.retired"
    } else {
        "policy.changed"
    };
    record(cx, &mut tx, actor, &policy, action).await?;
    tx.commit().await?;
    Ok(policy)
}

async fn record(cx: &Cx, tx: &mut Tx, actor: &Actor, policy: &Policy, action: &str) -> Result<(), AppError> {
    let detail = json!({ "name": policy.body.name, "revision": policy.revision });
    Ok(audit::record_platform(cx, tx, &actor.by(), action, policy.id.0, detail).await?)
}

/// Another policy that is offered has the name.
fn taken(error: StoreError, name: &str) -> AppError {
    match error {
        StoreError::Exists { .. } => AppError::Invalid(vec![FormProblem::new(
            &NAME,
            Some(name),
            "another policy has this name: choose another one, or change that policy",
        )]),
        other => other.into(),
    }
}

impl From<&Preset> for Starter {
    fn from(preset: &Preset) -> Self {
        Self {
            id: preset.id.to_owned(),
            name: preset.name.to_owned(),
            answers: preset.answers(),
        }
    }
}

impl From<&Policy> for Starter {
    fn from(policy: &Policy) -> Self {
        Self {
            id: policy.id.to_string(),
            name: policy.body.name.clone(),
            answers: policy.body.answers(),
        }
    }
}
