//! Importing onboarding documents: what it would do is shown first, and exactly that is done, all or nothing.

use std::collections::HashMap;

use domain::contract::Bounds;
use domain::digest::Digest;
use domain::id::{ImportId, TenantId};
use domain::onboarding::{self, Comparison, Effect, Fact, Format, Known, Problem};
use domain::scope_change::{FormProblem, normalise};
use domain::sow::{MechanismChoice, Scope};
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use serde_json::json;
use store::account::LinkedAccount;
use store::sow::NewItem;
use store::{Connection, StoreError};

pub use store::import::Import;

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::page::ROWS;
use crate::{Actor, AppError, By, Cx, Page, audit, contract, status, tenant};

/// The longest name of somebody who signs, in characters.
const NAME_CHARS: usize = 255;
/// The most people who sign.
const SIGNERS: usize = 20;

/// A document that somebody wants to import.
#[derive(Debug, Clone)]
pub struct Offered {
    /// How it is written.
    pub format: Format,
    /// Its text.
    pub bytes: Vec<u8>,
    /// Names of those who signed it; empty: the document says so itself.
    pub signed_by: Vec<String>,
    /// When they did; `None`: the document says so itself.
    pub signed_on: Option<Date>,
}

/// What importing a document would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Component by component, and what is refused.
    pub comparison: Comparison,
    /// Names of those who signed it.
    pub signed_by: Vec<String>,
    /// When they did.
    pub signed_on: Option<Date>,
    /// What an import has to name; `None` while something is refused.
    pub digest: Option<Digest>,
}

/// What importing has done.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was imported.
    Imported(Import),
    /// Everything that the document says is known already.
    NothingToDo,
}

/// A document that was read, apart from any inventory.
struct Understood {
    /// What the contract bounds, within which it was read.
    bounds: Bounds,
    lines: Vec<onboarding::Line>,
    signed_by: Vec<String>,
    signed_on: Option<Date>,
    problems: Vec<Problem>,
}

/// Says what importing the document would do; changes nothing.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`]. What is wrong with the document is no error: the preview has it.
pub async fn preview(cx: &Cx, actor: &Actor, tenant: &Tenant, offered: &Offered) -> Result<Preview, AppError> {
    authz::check(actor, Action::ImportInventory, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    let understood = understand(cx, &mut tx, tenant, offered).await?;
    let linked = store::account::list(&mut tx, &TenantScope::one(tenant.id)).await?;
    held(cx, &mut tx, tenant.id, understood, &linked).await
}

/// Imports what was shown. `shown` is the digest of the preview.
///
/// # Errors
/// [`AppError::Conflict`] when it would do something else by now; [`AppError::Invalid`] with everything that is refused;
/// [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::KeyReused`].
pub async fn import(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    offered: &Offered,
    shown: Digest,
    key: Option<&Idempotency>,
) -> Result<Outcome, AppError> {
    authz::check(actor, Action::ImportInventory, tenant.id)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant.id)).await?;
    store::tenant::lock(&mut tx, tenant.id).await?;
    if let Some(made) = idempotency::earlier(&mut tx, actor, key).await? {
        let import = store::import::get(&mut tx, tenant.id, ImportId(made)).await?;
        return import.map(Outcome::Imported).ok_or(AppError::NotFound);
    }
    let understood = understand(cx, &mut tx, tenant, offered).await?;
    let linked = store::account::list(&mut tx, &TenantScope::one(tenant.id)).await?;
    let preview = held(cx, &mut tx, tenant.id, understood, &linked).await?;
    if preview.digest.is_some() && preview.comparison.changes.is_empty() {
        return Ok(Outcome::NothingToDo);
    }
    if preview.digest.is_some_and(|stands| stands != shown) {
        return Err(AppError::Conflict);
    }
    let import = write(cx, &mut tx, &actor.by(), tenant.id, preview, offered, &linked).await?;
    idempotency::remember(cx, &mut tx, actor, key, import.id.0).await?;
    tx.commit().await?;
    Ok(Outcome::Imported(import))
}

/// Imports a document in the transaction that takes its customer on.
///
/// # Errors
/// [`AppError::Invalid`] with everything that is refused.
pub(crate) async fn first(cx: &Cx, tx: &mut Connection, tenant: &Tenant, offered: &Offered) -> Result<(), AppError> {
    let understood = understand(cx, tx, tenant, offered).await?;
    let linked = store::account::list(tx, &TenantScope::one(tenant.id)).await?;
    let preview = held(cx, tx, tenant.id, understood, &linked).await?;
    write(cx, tx, &By::holdfast(), tenant.id, preview, offered, &linked).await?;
    Ok(())
}

/// The tenant's imports, newest first, a page from the cursor `before`.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn list(cx: &Cx, actor: &Actor, tenant: TenantId, before: Option<i32>) -> Result<Page<Import>, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(Page::of(store::import::page(&mut tx, tenant, before, ROWS).await?))
}

/// The import with that number.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn by_number(cx: &Cx, actor: &Actor, tenant: TenantId, number: i32) -> Result<Import, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let import = store::import::by_number(&mut tx, tenant, number).await?;
    import.ok_or(AppError::NotFound)
}

/// The document of the import with that number, as it was given.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn document(cx: &Cx, actor: &Actor, tenant: TenantId, number: i32) -> Result<String, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    let document = store::import::document(&mut tx, tenant, number).await?;
    document.ok_or(AppError::NotFound)
}

/// Reads the document within the bounds of the contract as this transaction sees it, beside the other work of the process:
/// a large one takes a while.
async fn understand(cx: &Cx, tx: &mut Connection, tenant: &Tenant, offered: &Offered) -> Result<Understood, AppError> {
    let bounds = contract::bounds(tx, tenant.id).await?;
    let today = tenant::today(cx, tenant);
    let (format, bytes, within) = (offered.format, offered.bytes.clone(), bounds.clone());
    let read = tokio::task::spawn_blocking(move || onboarding::read(format, &bytes, today, &within)).await;
    let (document, mut problems) = match read.expect("reading a document does not panic") {
        Ok(document) => (Some(document), Vec::new()),
        Err(problems) => (None, problems),
    };
    let (lines, said_by, said_on) = document.map_or_else(Default::default, |document| {
        (document.lines, document.signed_by, document.signed_on)
    });
    let clean = |names: &[String]| -> Vec<String> {
        let names = names.iter().map(|name| normalise(name).trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    };
    let (given_by, said_by) = (clean(&offered.signed_by), clean(&said_by));
    let mut refuse = |field: &str, label: &str, given: Option<String>, why: &str| {
        let what = FormProblem {
            field: field.to_owned(),
            label: label.to_owned(),
            given,
            why: why.to_owned(),
        };
        problems.insert(0, Problem { line: 0, what });
    };
    let signed_by = if given_by.is_empty() { said_by.clone() } else { given_by };
    let signed_on = offered.signed_on.or(said_on);
    if !said_by.is_empty() && said_by != signed_by {
        refuse(
            "signed_by",
            "Signed by",
            Some(signed_by.join(", ")),
            "the document names others; give its names, or none here",
        );
    }
    if said_on.is_some() && said_on != signed_on {
        refuse(
            "signed_on",
            "Signed on",
            signed_on.map(|day| day.to_string()),
            "the document names another day; give its day, or none here",
        );
    }
    let plain = |name: &String| name.chars().count() <= NAME_CHARS && !name.chars().any(char::is_control);
    if signed_by.is_empty() {
        refuse(
            "signed_by",
            "Signed by",
            None,
            "the names of those who signed are missing: they stand as those who approved what it decides",
        );
    } else if signed_by.len() > SIGNERS || !signed_by.iter().all(plain) {
        refuse(
            "signed_by",
            "Signed by",
            signed_by.first().cloned(),
            "up to 20 names of up to 255 characters are expected, each on a line of its own",
        );
    }
    match signed_on {
        None => refuse(
            "signed_on",
            "Signed on",
            None,
            "the day on which it was signed is missing, such as 2026-05-01",
        ),
        Some(day) if day > today => {
            refuse(
                "signed_on",
                "Signed on",
                Some(day.to_string()),
                "a day up to today is expected: it has to be signed already",
            );
        }
        Some(_) => {}
    }
    Ok(Understood {
        bounds,
        lines,
        signed_by,
        signed_on,
        problems,
    })
}

/// Holds what was read against the inventory as this transaction sees it.
async fn held(
    cx: &Cx,
    tx: &mut Connection,
    tenant: TenantId,
    mut understood: Understood,
    linked: &[LinkedAccount],
) -> Result<Preview, AppError> {
    let mut contracted = store::sow::current(tx, tenant).await?;
    let claims = store::component::claimed_restore_tests(tx, tenant, None).await?;
    let components = store::component::list(tx, &TenantScope::one(tenant)).await?;
    let known = components
        .into_iter()
        .map(|component| Known {
            contracted: contracted.remove(&component.id),
            last_restore_test: claims.get(&component.id).copied(),
            component,
        })
        .collect();
    let linked: Vec<_> = linked
        .iter()
        .map(|linked| (linked.account.account.clone(), linked.account.region.clone()))
        .collect();
    let Understood { bounds, lines, .. } = &mut understood;
    let mut comparison = onboarding::compare(tenant, std::mem::take(lines), known, &linked, bounds, cx.now());
    choose_again(tx, tenant, &mut comparison).await?;
    comparison.problems.splice(0..0, understood.problems);
    let fine = comparison.problems.is_empty();
    let digest = understood
        .signed_on
        .filter(|_| fine)
        .map(|on| comparison.digest(&understood.signed_by, on));
    Ok(Preview {
        comparison,
        digest,
        signed_by: understood.signed_by,
        signed_on: understood.signed_on,
    })
}

/// A line that nothing could serve while its resource was not known is served by what can from the import on that names it.
async fn choose_again(tx: &mut Connection, tenant: TenantId, comparison: &mut Comparison) -> Result<(), AppError> {
    let placed = |fact: &Fact| fact.column == "arn" && fact.before.is_none();
    let learnt = |change: &&mut onboarding::Change| {
        change.effect == Effect::Changed && change.decided.is_none() && change.facts.iter().any(placed)
    };
    let mut changes: Vec<_> = comparison.changes.iter_mut().filter(learnt).collect();
    let ids: Vec<_> = changes.iter().map(|change| change.component.id).collect();
    let lines = store::sow::history(tx, tenant, &ids, i32::MAX).await?;
    let stands = lines.into_iter().filter(|line| line.to_version.is_none());
    let mut stands: HashMap<_, _> = stands.map(|line| (line.component, line.line)).collect();
    for change in &mut changes {
        let Some((scope @ Scope::In(_), was)) = stands.remove(&change.component.id) else {
            continue;
        };
        let choice = planner::choose(&change.component, &scope);
        if choice == was {
            continue;
        }
        let said = |choice: &MechanismChoice| format!("{}. {}", choice.mechanism.as_str(), choice.reason);
        change.facts.push(Fact {
            column: "mechanism",
            before: Some(said(&was)),
            after: said(&choice),
        });
        change.rechosen = Some((scope.carried(), choice));
    }
    Ok(())
}

/// Does what the preview says, keeps the document, and says so in the audit log.
async fn write(
    cx: &Cx,
    tx: &mut Connection,
    by: &By,
    tenant: TenantId,
    preview: Preview,
    offered: &Offered,
    linked: &[LinkedAccount],
) -> Result<Import, AppError> {
    let Preview {
        comparison,
        signed_by,
        signed_on,
        digest,
    } = preview;
    let (Some(digest), Some(signed_on)) = (digest, signed_on) else {
        return Err(AppError::Invalid(
            comparison.problems.into_iter().map(Problem::flat).collect(),
        ));
    };
    let now = cx.now();
    let link = |change: &onboarding::Change| {
        let place = change.component.aws.as_ref()?;
        let link = linked.iter().find(|linked| linked.account.account == place.account)?;
        Some(link.account.id)
    };
    let with = |effect: Effect| -> Vec<store::component::Placed<'_>> {
        let of = comparison.changes.iter().filter(|change| change.effect == effect);
        of.map(|change| (&change.component, link(change))).collect()
    };
    store::component::insert_all(tx, tenant, &with(Effect::New))
        .await
        .map_err(taken)?;
    store::component::learn_all(tx, tenant, &with(Effect::Changed))
        .await
        .map_err(taken)?;
    let changes = comparison.changes.iter();
    let tested: Vec<_> = changes
        .clone()
        .filter_map(|change| Some((change.component.id, change.last_restore_test?)))
        .collect();
    store::component::claim_restore_tests(tx, tenant, &tested).await?;
    let items: Vec<NewItem> = changes
        .clone()
        .filter_map(|change| {
            let decided = change.decided.clone().map(|(scope, reason)| {
                let choice = choice(&change.component, &scope, reason);
                (scope, choice)
            });
            let (scope, choice) = decided.or_else(|| change.rechosen.clone())?;
            Some(NewItem {
                component: change.component.id,
                scope,
                choice,
            })
        })
        .collect();
    let sow_version = match items.as_slice() {
        [] => None,
        items => Some(
            store::sow::add_version(tx, tenant, None, &signed_by, items, now)
                .await
                .map_err(taken)?,
        ),
    };
    let touched: Vec<_> = changes.map(|change| change.component.id).collect();
    let import = Import {
        id: ImportId::at(now),
        number: store::tenant::next_number(tx, tenant, "import").await?,
        digest,
        format: offered.format,
        signed_by,
        signed_on,
        by: by.user,
        by_name: by.name.clone(),
        at: now,
        added: number(comparison.count(Effect::New)),
        changed: number(comparison.count(Effect::Changed)),
        unchanged: number(comparison.unchanged),
        decided: number(comparison.decided()),
        sow_version,
    };
    let text = normalise(&String::from_utf8_lossy(&offered.bytes));
    store::import::insert(tx, tenant, &import, &text).await?;
    // Until when a decision holds, the day says on which the document was signed.
    status::refresh(tx, tenant, Some(&touched)).await?;
    let detail = json!({
        "number": import.number, "digest": import.digest, "signed_by": import.signed_by, "signed_on": import.signed_on,
        "added": import.added, "changed": import.changed, "unchanged": import.unchanged, "decided": import.decided,
        "sow_version": import.sow_version,
    });
    audit::record(cx, tx, by, tenant, "import.imported", import.id.0, detail).await?;
    Ok(import)
}

/// How a component is served, and for one that goes out the customer's own words.
fn choice(component: &domain::component::Component, scope: &Scope, reason: Option<String>) -> MechanismChoice {
    let choice = planner::choose(component, scope);
    match reason {
        Some(reason) => MechanismChoice {
            reason: format!("{} The customer's reason: {reason}", choice.reason),
            ..choice
        },
        None => choice,
    }
}

/// Somebody made the same component or version first.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Exists { .. } => AppError::Conflict,
        other => other.into(),
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
