//! The repositories of a customer, and who may ask there.

use domain::id::TenantId;
use domain::role::Role;
use domain::scope_change::{FormProblem, normalise};
use domain::tenant::TenantScope;
use serde_json::json;
use store::user::Filter;
use store::{StoreError, Tx};
use uuid::Uuid;

pub use store::github::{Entitlement, Repository};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::user::Person;
use crate::{Actor, AppError, Cx, audit};

/// Somebody at GitHub, and what may be asked for through that account.
#[derive(Debug, Clone)]
pub struct Entitled {
    /// The account and its rights.
    pub entitlement: Entitlement,
    /// Counts what was said of it; the first is 1.
    pub revision: i64,
    /// The person's e-mail address, where one is linked.
    pub email: Option<String>,
    /// Whether that person may approve for the customer, which is done in this portal, never on GitHub.
    pub approves: bool,
}

/// What is to be said of a GitHub account.
#[derive(Debug, Clone)]
pub struct Entitle {
    /// Number of the account.
    pub github_user_id: i64,
    /// Its login, for people.
    pub login: String,
    /// E-mail address of the person whose account it is; empty for none.
    pub email: String,
    /// Whether it may ask for changes.
    pub may_request: bool,
    /// Whether it may ask for restores.
    pub may_restore: bool,
    /// What was read of it before, to be overwritten only while it stands; 0: nothing was. `None`: any will do.
    pub revision: Option<i64>,
}

/// The linked repositories of every customer that the administrator sees.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn all(cx: &Cx, actor: &Actor) -> Result<Vec<Repository>, AppError> {
    authz::check_everywhere(actor, Action::Administer)?;
    let mut tx = cx.db.begin(actor.scope()).await?;
    Ok(store::github::list(&mut tx, actor.scope()).await?)
}

/// The linked repositories of a customer.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<Repository>, AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    Ok(store::github::list(&mut tx, &scope).await?)
}

/// Links a repository, or notes its new name and installation.
///
/// # Errors
/// [`AppError::Invalid`] with every problem, also when it is linked to a customer already; [`AppError::NotNow`] after the
/// end of the contract; [`AppError::NotFound`], [`AppError::Forbidden`], [`AppError::KeyReused`].
pub async fn link(cx: &Cx, actor: &Actor, repository: &Repository, key: Option<&Idempotency>) -> Result<(), AppError> {
    let tenant = repository.tenant;
    authz::check(actor, Action::Administer, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_some() {
        return Ok(());
    }
    check(repository)?;
    runs(&mut tx, tenant).await?;
    match store::github::upsert(&mut tx, repository).await {
        Err(StoreError::Exists { .. }) => {
            let why = "This repository is linked to a customer already. It can be linked once it is unlinked there.";
            let given = repository.repository_id.to_string();
            return Err(AppError::field("repository_id", "Repository number", Some(&given), why));
        }
        done => done?,
    }
    let detail = json!({
        "repository": repository.full_name, "repository_id": repository.repository_id, "installation_id": repository.installation_id,
    });
    record(cx, &mut tx, actor, tenant, "github.repository-linked", detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, tenant.0).await?;
    Ok(tx.commit().await?)
}

/// Takes a link back. What came through it stays in the records; its issues are read no more.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`], [`AppError::KeyReused`].
pub async fn unlink(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    repository_id: i64,
    key: Option<&Idempotency>,
) -> Result<(), AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_some() {
        return Ok(());
    }
    if !store::github::unlink(&mut tx, tenant, repository_id, cx.now()).await? {
        return Err(AppError::NotFound);
    }
    let detail = json!({ "repository_id": repository_id });
    record(cx, &mut tx, actor, tenant, "github.repository-unlinked", detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, tenant.0).await?;
    Ok(tx.commit().await?)
}

/// Everybody at GitHub of whom something was said for this customer, by login. It holds in all its repositories.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn people(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<Entitled>, AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let mut people = Vec::new();
    for said in store::github::people(&mut tx, tenant).await? {
        people.push(entitled(&mut tx, tenant, said).await?);
    }
    Ok(people)
}

async fn entitled(
    tx: &mut Tx,
    tenant: TenantId,
    (entitlement, revision): (Entitlement, i64),
) -> Result<Entitled, AppError> {
    let person = match entitlement.user {
        Some(user) => store::user::get(tx, user).await?,
        None => None,
    };
    Ok(Entitled {
        approves: person.as_ref().is_some_and(|person| approves(person, tenant)),
        email: person.map(|person| person.email),
        entitlement,
        revision,
    })
}

impl Entitled {
    /// Where this, which somebody else said first, is something else than what was to be said over it.
    #[must_use]
    pub fn differences(&self, wanted: &Entitle) -> Vec<FormProblem> {
        let (stands, email) = (&self.entitlement, self.email.as_deref().unwrap_or_default());
        let word = |may: bool| if may { "yes" } else { "no" };
        let (request, restore) = (word(stands.may_request), word(stands.may_restore));
        let differ = [
            ("login", "Login", stands.login.as_str(), wanted.login.as_str()),
            ("person", "Person", email, &wanted.email.to_lowercase()),
            ("may_request", "May ask for changes", request, word(wanted.may_request)),
            ("may_restore", "May ask for restores", restore, word(wanted.may_restore)),
        ]
        .map(|(field, label, theirs, yours)| FormProblem::superseded(field, label, theirs, yours));
        differ.into_iter().flatten().collect()
    }
}

/// Who may approve for the customer, by e-mail address, some 50 at most: those who can sign in. They approve in this portal,
/// with or without a GitHub account.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`].
pub async fn approvers(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Vec<Person>, AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let filter = Filter {
        role: Some(Role::CustomerApprover),
        tenant: Some(tenant),
        disabled: Some(false),
        ..Filter::default()
    };
    Ok(store::user::list(&mut tx, &filter, ROWS).await?)
}

/// Says what may be asked for through a GitHub account, and whose it is.
///
/// # Errors
/// [`AppError::Invalid`] with every problem; [`AppError::Superseded`] when something else was said meanwhile, with it;
/// [`AppError::NotFound`], [`AppError::Forbidden`], [`AppError::KeyReused`].
pub async fn entitle(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    said: &Entitle,
    key: Option<&Idempotency>,
) -> Result<(), AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_some() {
        return Ok(());
    }
    let user = person(&mut tx, tenant, said).await?;
    // Two who say something of the same account wait for each other here.
    runs(&mut tx, tenant).await?;
    let stands = store::github::people(&mut tx, tenant).await?;
    let stands = stands
        .into_iter()
        .find(|(one, _)| one.github_user_id == said.github_user_id);
    let revision = stands.as_ref().map_or(0, |(_, revision)| *revision);
    if said.revision.is_some_and(|read| read != revision) {
        let differ = match stands {
            Some(stands) => entitled(&mut tx, tenant, stands).await?.differences(said),
            None => Vec::new(),
        };
        return Err(AppError::Superseded(differ));
    }
    let entitlement = Entitlement {
        github_user_id: said.github_user_id,
        login: said.login.clone(),
        user: user.as_ref().map(|person| person.id),
        may_request: said.may_request,
        may_restore: said.may_restore,
    };
    store::github::entitle(&mut tx, tenant, &entitlement).await?;
    if let Some(person) = &user {
        store::github::link(&mut tx, tenant, &said.login, person.id).await?;
    }
    let detail = json!({
        "login": said.login, "github_user_id": said.github_user_id, "person": user.map(|person| person.email),
        "may_request": said.may_request, "may_restore": said.may_restore,
    });
    record(cx, &mut tx, actor, tenant, "github.person-entitled", detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, tenant.0).await?;
    Ok(tx.commit().await?)
}

/// The person of the account, who has to belong to the customer or to the provider.
async fn person(tx: &mut Tx, tenant: TenantId, said: &Entitle) -> Result<Option<Person>, AppError> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, label: &str, given: &str, why: &str| {
        problems.push(FormProblem {
            field: field.to_owned(),
            label: label.to_owned(),
            given: Some(given.to_owned()).filter(|given| !given.is_empty()),
            why: why.to_owned(),
        });
    };
    if said.github_user_id <= 0 {
        let given = said.github_user_id.to_string();
        wrong(
            "github_user_id",
            "Account number",
            &given,
            "The number of a GitHub account is greater than 0.",
        );
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_[]".contains(&b);
    if !(1..=100).contains(&said.login.len()) || !said.login.bytes().all(plain) {
        wrong(
            "login",
            "Login",
            &said.login,
            "A GitHub login is 1 to 100 letters, digits and dashes.",
        );
    }
    let mut found = None;
    if !said.email.is_empty() {
        let filter = Filter {
            words: Some(normalise(&said.email)),
            disabled: Some(false),
            ..Filter::default()
        };
        let people = store::user::list(tx, &filter, 50).await?;
        found = people.into_iter().find(|person| {
            let belongs = person
                .grants
                .iter()
                .any(|grant| grant.tenant.is_none_or(|only| only == tenant));
            person.email == said.email.to_lowercase() && belongs
        });
        if found.is_none() {
            let why = "Nobody with this address has a role at this customer. Give them one first, or leave it empty.";
            wrong("person", "Person", &said.email, why);
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(AppError::Invalid(problems))
    }
}

fn approves(person: &Person, tenant: TenantId) -> bool {
    let grants = person
        .grants
        .iter()
        .filter(|grant| grant.tenant.is_none_or(|only| only == tenant));
    person.disabled_at.is_none()
        && grants
            .into_iter()
            .any(|grant| authz::allows(grant.role, Action::ApproveForCustomer))
}

fn check(repository: &Repository) -> Result<(), AppError> {
    let plain = |part: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        !matches!(part, "" | "." | "..") && part.len() <= 100 && part.bytes().all(allowed)
    };
    let name = &repository.full_name;
    if !name
        .split_once('/')
        .is_some_and(|(owner, name)| plain(owner) && plain(name))
    {
        return Err(AppError::field(
            "full_name",
            "Repository",
            Some(name),
            "A name like acme/platform is allowed.",
        ));
    }
    let numbers = [
        ("repository_id", "Repository number", repository.repository_id),
        ("installation_id", "Installation number", repository.installation_id),
    ];
    for (field, label, number) in numbers {
        if number <= 0 {
            let why = "It is the number that GitHub gave, greater than 0.";
            return Err(AppError::field(field, label, Some(&number.to_string()), why));
        }
    }
    Ok(())
}

/// Nothing is linked for a customer whose contract has ended.
async fn runs(tx: &mut Tx, tenant: TenantId) -> Result<(), AppError> {
    let lifecycle = store::lifecycle::lock(tx, &TenantScope::one(tenant), tenant).await?;
    match lifecycle.ok_or(AppError::NotFound)?.ended_at() {
        Some(at) => Err(domain::lifecycle::Refused::Ended { at }.into()),
        None => Ok(()),
    }
}

async fn record(
    cx: &Cx,
    tx: &mut Tx,
    actor: &Actor,
    tenant: TenantId,
    action: &str,
    detail: serde_json::Value,
) -> Result<(), AppError> {
    let subject: Uuid = tenant.0;
    Ok(audit::record(cx, tx, &actor.by(), tenant, action, subject, detail).await?)
}
