//! People as an administrator manages them: everything is written down, and a changed role ends sessions.

use std::str::FromStr as _;

use domain::id::{TenantId, UserId};
use domain::role::Role;
use domain::scope_change::normalise;
use email_address::EmailAddress;
use secrecy::SecretString;
use serde_json::{Value, json};
use store::Tx;
use store::user::{Grant, User};
use uuid::Uuid;

pub use store::user::{Filter, Person};

use super::ApiToken;
use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::session::random_token;
use crate::{Actor, AppError, Cx, Decision, Page, audit};

/// Characters of the longest name.
const LONGEST_NAME: usize = 200;
/// Bytes of the longest e-mail address that mail can be sent to (RFC 5321).
const LONGEST_EMAIL: usize = 254;
/// Characters of a password that Holdfast makes: 132 random bits.
const PASSWORD: usize = 22;

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Signs in with it.
    pub email: String,
    /// How others see them.
    pub display_name: String,
    /// Their first role.
    pub role: Role,
    /// The customer for which they hold it; `None`: all (staff only).
    pub customer: Option<String>,
}

/// A person with the password that was made for them.
#[derive(Debug, Clone)]
pub struct Created {
    /// The person.
    pub person: Person,
    /// Shown this once; `None`: the same post was carried out before, and showed it then.
    pub password: Option<SecretString>,
}

/// People by e-mail address, a page from the filter's cursor.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Page<Person>, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let mut tx = cx.db.begin_global().await?;
    Ok(Page::of(store::user::list(&mut tx, filter, ROWS).await?))
}

/// One person.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn get(cx: &Cx, actor: &Actor, id: UserId) -> Result<Person, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let mut tx = cx.db.begin_global().await?;
    store::user::get(&mut tx, id).await?.ok_or(AppError::NotFound)
}

/// A person's API tokens, the newest 50.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`].
pub async fn tokens(cx: &Cx, actor: &Actor, id: UserId) -> Result<Page<ApiToken>, AppError> {
    get(cx, actor, id).await?;
    let mut tx = cx.db.begin_global().await?;
    Ok(Page::of(store::api_token::list(&mut tx, id, ROWS).await?))
}

/// Adds a person with one role and a password that is shown once.
///
/// # Errors
/// [`AppError::Invalid`] with every problem; [`AppError::Forbidden`], [`AppError::KeyReused`], [`AppError::Busy`].
pub async fn create_person(
    cx: &Cx,
    actor: &Actor,
    new: &NewPerson,
    key: Option<&Idempotency>,
) -> Result<Created, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let mut tx = cx.db.begin(actor.scope()).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        let person = store::user::get(&mut tx, UserId(made))
            .await?
            .ok_or(AppError::NotFound)?;
        return Ok(Created { person, password: None });
    }
    drop(tx);
    let (email, display_name) = checked(new)?;
    let (password, hash) = new_password(cx).await?;
    let now = cx.now();
    let user = User {
        id: UserId::at(now),
        email,
        display_name,
        password_hash: hash,
    };
    let mut tx = cx.db.begin(actor.scope()).await?;
    let at = at(&mut tx, actor, new.role, new.customer.as_deref()).await?;
    match store::user::insert(&mut tx, &user, now).await {
        Err(store::StoreError::Exists { .. }) => {
            let why = "Somebody signs in with this address already.";
            return Err(AppError::field("email", "E-mail address", Some(&user.email), why));
        }
        added => added?,
    }
    store::user::grant(&mut tx, user.id, at).await?;
    let detail = json!({ "email": user.email });
    audit::record_platform(cx, &mut tx, &actor.by(), "user.created", user.id.0, detail).await?;
    record_role(cx, &mut tx, actor, &user.email, user.id, at, "granted").await?;
    idempotency::remember(cx, &mut tx, actor, key, user.id.0).await?;
    let person = store::user::get(&mut tx, user.id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(Created {
        person,
        password: Some(password),
    })
}

/// Lets a person in no more; their sessions and API tokens end at once.
///
/// # Errors
/// [`AppError::NotNow`] for the last administrator, oneself, or a person who is disabled; [`AppError::Forbidden`],
/// [`AppError::NotFound`], [`AppError::Changed`].
pub async fn disable_person(cx: &Cx, actor: &Actor, on: impl Into<Decision<UserId>>) -> Result<Person, AppError> {
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(person) };
    if person.disabled_at.is_some() {
        return Err(AppError::NotNow("this person is disabled already".to_owned()));
    }
    if person.id == actor.user {
        return Err(AppError::NotNow(
            "nobody disables themselves: another administrator can".to_owned(),
        ));
    }
    keep_an_admin(&mut tx, &person, is_admin).await?;
    store::user::disable(&mut tx, person.id, cx.now()).await?;
    finish(cx, tx, actor, &person, "user.disabled", json!({})).await
}

/// Lets a person in again, with the password that they had.
///
/// # Errors
/// [`AppError::NotNow`] for a person who is not disabled; [`AppError::Forbidden`], [`AppError::NotFound`],
/// [`AppError::Changed`].
pub async fn enable_person(cx: &Cx, actor: &Actor, on: impl Into<Decision<UserId>>) -> Result<Person, AppError> {
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(person) };
    if person.disabled_at.is_none() {
        return Err(AppError::NotNow("this person is not disabled".to_owned()));
    }
    store::user::enable(&mut tx, person.id).await?;
    finish(cx, tx, actor, &person, "user.enabled", json!({})).await
}

/// Gives a person a new password, shown once; their sessions end.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Changed`], [`AppError::Busy`].
pub async fn reset(cx: &Cx, actor: &Actor, on: impl Into<Decision<UserId>>) -> Result<Created, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let (password, hash) = new_password(cx).await?;
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else {
        return Ok(Created { person, password: None });
    };
    store::user::set_password(&mut tx, person.id, &hash).await?;
    store::session::delete_all(&mut tx, person.id).await?;
    let person = finish(cx, tx, actor, &person, "user.password-reset", json!({})).await?;
    Ok(Created {
        person,
        password: Some(password),
    })
}

/// Gives a person a role, for one customer or (staff) for all; their sessions end.
///
/// # Errors
/// [`AppError::NotNow`] for oneself or a role that they have; [`AppError::Invalid`], [`AppError::Forbidden`],
/// [`AppError::NotFound`], [`AppError::Changed`].
pub async fn grant(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<UserId>>,
    role: Role,
    customer: Option<&str>,
) -> Result<Person, AppError> {
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(person) };
    let grant = at(&mut tx, actor, role, customer).await?;
    if person.id == actor.user {
        return Err(AppError::NotNow(
            "nobody gives themselves a role: another administrator can".to_owned(),
        ));
    }
    if person.grants.contains(&grant) {
        return Err(AppError::NotNow("this person has this role already".to_owned()));
    }
    store::user::grant(&mut tx, person.id, grant).await?;
    store::session::delete_all(&mut tx, person.id).await?;
    record_role(cx, &mut tx, actor, &person.email, person.id, grant, "granted").await?;
    end(tx, &person).await
}

/// Takes a role from a person; their sessions end.
///
/// # Errors
/// [`AppError::NotNow`] for the last administrator or a role that they do not have; otherwise as [`grant`].
pub async fn revoke(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<UserId>>,
    role: Role,
    customer: Option<&str>,
) -> Result<Person, AppError> {
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(person) };
    let grant = at(&mut tx, actor, role, customer).await?;
    if !person.grants.contains(&grant) {
        return Err(AppError::NotNow("this person does not have this role".to_owned()));
    }
    keep_an_admin(&mut tx, &person, |held| *held == grant && is_admin(held)).await?;
    store::user::revoke(&mut tx, person.id, grant).await?;
    store::session::delete_all(&mut tx, person.id).await?;
    record_role(cx, &mut tx, actor, &person.email, person.id, grant, "revoked").await?;
    end(tx, &person).await
}

/// Ends one API token of a person, at once.
///
/// # Errors
/// [`AppError::NotFound`] when they have no such token; [`AppError::Forbidden`].
pub async fn revoke_one(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<UserId>>,
    token: Uuid,
) -> Result<Person, AppError> {
    let (tx, person) = lock(cx, actor, on.into()).await?;
    let Some(mut tx) = tx else { return Ok(person) };
    let name = store::api_token::delete_one(&mut tx, person.id, token).await?;
    let name = name.ok_or(AppError::NotFound)?;
    finish(cx, tx, actor, &person, "user.token-revoked", json!({ "token": name })).await
}

/// An administrator of everything.
fn is_admin(grant: &Grant) -> bool {
    grant.role == Role::Admin && grant.tenant.is_none()
}

/// Somebody has to be left who can manage people.
async fn keep_an_admin(tx: &mut Tx, person: &Person, goes: impl Fn(&Grant) -> bool) -> Result<(), AppError> {
    let is_one = person.disabled_at.is_none() && person.grants.iter().any(goes);
    if is_one && store::user::other_admins(tx, person.id).await? == 0 {
        return Err(AppError::NotNow(
            "this is the last administrator: give somebody else the role first".to_owned(),
        ));
    }
    Ok(())
}

/// The role at the customer with that name.
async fn at(tx: &mut Tx, actor: &Actor, role: Role, customer: Option<&str>) -> Result<Grant, AppError> {
    let Some(slug) = customer.filter(|slug| !slug.is_empty()) else {
        if role.is_staff() {
            return Ok(Grant { role, tenant: None });
        }
        let why = format!("The role {role} is held for one customer: name it.");
        return Err(AppError::field("customer", "Customer", None, why));
    };
    let tenant = store::tenant::by_slug(tx, actor.scope(), &normalise(slug)).await?;
    let tenant = tenant.ok_or_else(|| {
        let why = "There is no customer of this name. The name in its address is meant, such as acme.";
        AppError::field("customer", "Customer", Some(slug), why)
    })?;
    Ok(Grant {
        role,
        tenant: Some(tenant.id),
    })
}

fn checked(new: &NewPerson) -> Result<(String, String), AppError> {
    let email = normalise(&new.email).trim().to_lowercase();
    let name = normalise(&new.display_name).trim().to_owned();
    let mut problems = Vec::new();
    let mut wrong = |field: &str, label: &str, given: &str, why: &str| {
        if let AppError::Invalid(problem) = AppError::field(field, label, Some(given), why) {
            problems.extend(problem);
        }
    };
    if email.len() > LONGEST_EMAIL || EmailAddress::from_str(&email).is_err() {
        wrong(
            "email",
            "E-mail address",
            &email,
            "An address like ana@example.com is allowed, of 254 bytes at most.",
        );
    }
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        wrong(
            "display_name",
            "Name",
            &name,
            "A name of 1 to 200 characters is allowed.",
        );
    }
    if problems.is_empty() {
        Ok((email, name))
    } else {
        Err(AppError::Invalid(problems))
    }
}

async fn new_password(cx: &Cx) -> Result<(SecretString, String), AppError> {
    let text: String = random_token().chars().take(PASSWORD).collect();
    let hash = cx.passwords.hash(text.clone().into()).await?;
    Ok((text.into(), hash))
}

/// A role is written down for everybody; one at a customer also in the customer's own log.
async fn record_role(
    cx: &Cx,
    tx: &mut Tx,
    actor: &Actor,
    email: &str,
    user: UserId,
    grant: Grant,
    what: &str,
) -> Result<(), AppError> {
    let detail = |tenant: Option<TenantId>| json!({ "email": email, "role": grant.role, "tenant": tenant });
    let action = format!("user.role-{what}");
    audit::record_platform(cx, tx, &actor.by(), &action, user.0, detail(grant.tenant)).await?;
    if let Some(tenant) = grant.tenant {
        let detail = json!({ "email": email, "role": grant.role });
        audit::record(cx, tx, &actor.by(), tenant, &action, user.0, detail).await?;
    }
    Ok(())
}

/// Without a transaction when the same post has decided before.
async fn lock(cx: &Cx, actor: &Actor, decision: Decision<UserId>) -> Result<(Option<Tx>, Person), AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let mut tx = cx.db.begin(actor.scope()).await?;
    let person = store::user::lock(&mut tx, decision.on)
        .await?
        .ok_or(AppError::NotFound)?;
    let new = decision
        .is_new(cx, &mut tx, actor, person.id.0, person.revision)
        .await?;
    Ok((new.then_some(tx), person))
}

async fn finish(
    cx: &Cx,
    mut tx: Tx,
    actor: &Actor,
    person: &Person,
    action: &str,
    mut detail: Value,
) -> Result<Person, AppError> {
    detail["email"] = json!(person.email);
    audit::record_platform(cx, &mut tx, &actor.by(), action, person.id.0, detail).await?;
    end(tx, person).await
}

/// Counts the change and gives the person as they are now.
async fn end(mut tx: Tx, person: &Person) -> Result<Person, AppError> {
    store::user::touch(&mut tx, person.id).await?;
    let person = store::user::get(&mut tx, person.id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(person)
}
