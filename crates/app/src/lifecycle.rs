//! Suspending and resuming a customer, and the end of its contract.

use domain::account::AwsAccountId;
use domain::id::TenantId;
use domain::lifecycle::Lifecycle;
use domain::scope_change::normalise;
use domain::tenant::TenantScope;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::{Connection, Tx};

use crate::authz::{self, Action};
use crate::idempotency::{self, Idempotency};
use crate::work::AnyWork;
use crate::{Actor, AppError, Cx, Decision, audit, tenant};

/// Characters of the longest reason.
const LONGEST_REASON: usize = 2_000;

/// Stops queued work before its next outside call: it waits until the customer is resumed.
///
/// # Errors
/// [`AppError::NotNow`], [`AppError::Invalid`] without a reason, [`AppError::Forbidden`], [`AppError::NotFound`],
/// [`AppError::Changed`].
pub async fn suspend(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<TenantId>>,
    reason: &str,
) -> Result<Lifecycle, AppError> {
    let reason = checked(reason)?;
    let (tx, decided) = lock(cx, actor, on.into()).await?;
    let Some((tx, tenant)) = tx else { return Ok(decided) };
    let lifecycle = decided.suspend(&actor.email, &reason, cx.now())?;
    save(
        cx,
        tx,
        actor,
        tenant,
        lifecycle,
        "tenant.suspended",
        json!({ "reason": reason }),
    )
    .await
}

/// Lets work go on: what was put aside is queued again in the same transaction.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(cx: &Cx, actor: &Actor, on: impl Into<Decision<TenantId>>) -> Result<Lifecycle, AppError> {
    let (tx, decided) = lock(cx, actor, on.into()).await?;
    let Some((mut tx, tenant)) = tx else { return Ok(decided) };
    let lifecycle = decided.resume(cx.now())?;
    let jobs = release(&mut tx, tenant).await?;
    save(
        cx,
        tx,
        actor,
        tenant,
        lifecycle,
        "tenant.resumed",
        json!({ "jobs": jobs }),
    )
    .await
}

/// Announces the end of the contract. Everything goes on until it is closed.
///
/// # Errors
/// As [`suspend`]; [`AppError::Invalid`] for a last day that has gone by.
pub async fn announce(
    cx: &Cx,
    actor: &Actor,
    on: impl Into<Decision<TenantId>>,
    last_day: Date,
    reason: &str,
) -> Result<Lifecycle, AppError> {
    let reason = checked(reason)?;
    let decision = on.into();
    let today = today(cx, actor, decision.on).await?;
    let (tx, decided) = lock(cx, actor, decision).await?;
    let Some((tx, tenant)) = tx else { return Ok(decided) };
    if last_day < today || last_day > today.saturating_add(10.years()) {
        let why = format!("The last day is today, {today}, at the earliest, and ten years from now at the latest.");
        return Err(AppError::field(
            "last_day",
            "Last day",
            Some(&last_day.to_string()),
            why,
        ));
    }
    let lifecycle = decided.announce(&actor.email, &reason, last_day, cx.now())?;
    let detail = json!({ "last_day": last_day, "reason": reason });
    save(cx, tx, actor, tenant, lifecycle, "tenant.offboarding", detail).await
}

/// Takes the announced end back.
///
/// # Errors
/// As [`suspend`].
pub async fn keep(cx: &Cx, actor: &Actor, on: impl Into<Decision<TenantId>>) -> Result<Lifecycle, AppError> {
    let (tx, decided) = lock(cx, actor, on.into()).await?;
    let Some((tx, tenant)) = tx else { return Ok(decided) };
    let lifecycle = decided.keep()?;
    save(cx, tx, actor, tenant, lifecycle, "tenant.kept", json!({})).await
}

/// Ends the contract for good: no outside call, no new request. What is still queued fails and says so.
///
/// # Errors
/// As [`suspend`]; [`AppError::NotNow`] before the last day, or without a verified hand-over export.
pub async fn end(cx: &Cx, actor: &Actor, on: impl Into<Decision<TenantId>>) -> Result<Lifecycle, AppError> {
    let decision = on.into();
    let today = today(cx, actor, decision.on).await?;
    let (tx, decided) = lock(cx, actor, decision).await?;
    let Some((mut tx, tenant)) = tx else { return Ok(decided) };
    let handed_over = store::export::newest_verified(&mut tx, tenant).await?;
    let lifecycle = decided.end(&actor.email, today, handed_over, cx.now())?;
    let jobs = release(&mut tx, tenant).await?;
    save(
        cx,
        tx,
        actor,
        tenant,
        lifecycle,
        "tenant.offboarded",
        json!({ "jobs": jobs }),
    )
    .await
}

/// Takes the link to an AWS account back, so that another customer can link it. Only after the end of the contract.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`], [`AppError::KeyReused`]; [`AppError::NotNow`] while the contract runs.
pub async fn unlink_account(
    cx: &Cx,
    actor: &Actor,
    tenant: TenantId,
    account: &AwsAccountId,
    key: Option<&Idempotency>,
) -> Result<(), AppError> {
    authz::check(actor, Action::Administer, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let lifecycle = store::lifecycle::lock(&mut tx, &scope, tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    if idempotency::earlier(&mut tx, actor, key).await?.is_some() {
        return Ok(());
    }
    let linked = store::account::list(&mut tx, &scope).await?;
    let linked = linked.into_iter().find(|linked| linked.account.account == *account);
    let id = linked.ok_or(AppError::NotFound)?.account.id;
    if lifecycle.ended_at().is_none() {
        return Err(AppError::NotNow(
            "an account is unlinked once the customer is offboarded; until then its backups are looked after"
                .to_owned(),
        ));
    }
    if !store::account::unlink(&mut tx, tenant, id, cx.now()).await? {
        return Err(AppError::Conflict);
    }
    let detail = json!({ "account": account });
    audit::record(cx, &mut tx, &actor.by(), tenant, "account.unlinked", id.0, detail).await?;
    idempotency::remember(cx, &mut tx, actor, key, id.0).await?;
    Ok(tx.commit().await?)
}

/// The tenant's jobs that wait until it is resumed.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn waiting(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<i64, AppError> {
    authz::check(actor, Action::Read, tenant)?;
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    Ok(store::held::count(&mut tx, tenant).await?)
}

/// Puts a job aside until its tenant is resumed; `false`: the tenant is not suspended, or it has ended for good.
///
/// # Errors
/// [`AppError::Store`].
pub async fn hold(cx: &Cx, tenant: TenantId, job: &AnyWork) -> Result<bool, AppError> {
    let mut tx = cx.db.begin(&TenantScope::one(tenant)).await?;
    // Resuming waits for this, or this for resuming: no job is put aside that nobody takes out.
    let lifecycle = store::lifecycle::lock_shared(&mut tx, tenant).await?;
    if lifecycle.is_none_or(|lifecycle| lifecycle.suspension.is_none() || lifecycle.ended_at().is_some()) {
        return Ok(false);
    }
    let body = serde_json::to_value(job).expect("a job holds ids");
    store::held::put(&mut tx, tenant, &body, cx.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether something new can be asked for.
///
/// # Errors
/// [`AppError::NotNow`] with the reason.
pub(crate) async fn takes_requests(tx: &mut Connection, tenant: TenantId) -> Result<(), AppError> {
    let lifecycle = store::lifecycle::lock_shared(tx, tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    lifecycle
        .takes_no_requests()
        .map_or(Ok(()), |why| Err(AppError::NotNow(why)))
}

/// The day in the tenant's time zone.
async fn today(cx: &Cx, actor: &Actor, tenant: TenantId) -> Result<Date, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    let tenant = store::tenant::get(&mut tx, actor.scope(), tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(tenant::today(cx, &tenant))
}

fn checked(reason: &str) -> Result<String, AppError> {
    let reason = normalise(reason).trim().to_owned();
    let length = reason.chars().count();
    if (1..=LONGEST_REASON).contains(&length) {
        return Ok(reason);
    }
    let why = if length == 0 {
        "Say why: the customer's people read it.".to_owned()
    } else {
        format!("It has {length} characters; {LONGEST_REASON} are allowed.")
    };
    Err(AppError::field("reason", "Reason", Some(&reason), why))
}

/// Without a transaction when the same post has decided before.
async fn lock(
    cx: &Cx,
    actor: &Actor,
    decision: Decision<TenantId>,
) -> Result<(Option<(Tx, TenantId)>, Lifecycle), AppError> {
    let tenant = decision.on;
    authz::check(actor, Action::Administer, tenant)?;
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await?;
    let lifecycle = store::lifecycle::lock(&mut tx, &scope, tenant)
        .await?
        .ok_or(AppError::NotFound)?;
    let new = decision
        .is_new(cx, &mut tx, actor, tenant.0, lifecycle.revision)
        .await?;
    Ok((new.then_some((tx, tenant)), lifecycle))
}

/// Queues again what was put aside; says how many jobs there were.
async fn release(tx: &mut Connection, tenant: TenantId) -> Result<usize, AppError> {
    let jobs = store::held::take_all(tx, tenant).await?;
    for body in &jobs {
        let job: AnyWork = serde_json::from_value(body.clone())
            .map_err(|error| AppError::NotNow(format!("a job that waits cannot be read: {error}")))?;
        job.enqueue(tx).await?;
    }
    Ok(jobs.len())
}

async fn save(
    cx: &Cx,
    mut tx: Tx,
    actor: &Actor,
    tenant: TenantId,
    mut lifecycle: Lifecycle,
    action: &str,
    detail: Value,
) -> Result<Lifecycle, AppError> {
    store::lifecycle::save(&mut tx, tenant, &mut lifecycle).await?;
    audit::record(cx, &mut tx, &actor.by(), tenant, action, tenant.0, detail).await?;
    tx.commit().await?;
    Ok(lifecycle)
}
