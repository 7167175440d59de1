//! A scope read anew. Timer and nudge come here alike; the job carries the scope, never what changed.

use app::Cx;
use app::account::LinkedAccount;
use domain::account::AwsAccount;
use domain::id::{ReconcileScopeId, TenantId};
use domain::tenant::TenantScope;
use jiff::SignedDuration;
use jobs::Failure;
use mechanism::ObserveError;

use crate::outside::{Outside, app_failure, goes_on, observe_failure, store_failure};
use crate::plan::note_link;

/// How long a link that was found safe is trusted by readings.
const VERIFY_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Reads the scope and stores the reading. A scope that cannot be read grows old: its components turn unknown.
pub(crate) async fn reconcile(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    id: ReconcileScopeId,
) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let tenants = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&tenants).await.map_err(store_failure)?;
    let scope = store::account::backup_scope(&mut tx, &tenants, id)
        .await
        .map_err(store_failure)?;
    drop(tx);
    let Some(scope) = scope else { return Ok(()) };
    let link = verified(cx, outside, &scope.account).await?;
    let read = match link {
        Ok(()) => outside.aws(cx, tenant).await?.observe(&scope).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(observed) => {
            app::reconcile::save(cx, &scope, &observed).await.map_err(app_failure)?;
            app::reconcile::settle(cx, tenant, id, Ok(observed.at))
                .await
                .map_err(app_failure)
        }
        Err(error @ ObserveError::Unavailable { .. }) => Err(observe_failure(&error)),
        Err(error) => app::reconcile::settle(cx, tenant, id, Err(&error.to_string()))
            .await
            .map_err(app_failure),
    }
}

/// Whether the link is safe. One that was found safe within the hour is not asked again: that takes 16 calls.
async fn verified(cx: &Cx, outside: &Outside, account: &AwsAccount) -> Result<Result<(), ObserveError>, Failure> {
    let tenants = TenantScope::one(account.tenant);
    let mut tx = cx.db.begin(&tenants).await.map_err(store_failure)?;
    let linked = store::account::list(&mut tx, &tenants).await.map_err(store_failure)?;
    drop(tx);
    let fresh = |linked: &LinkedAccount| {
        let verified_at = linked.verified_at.filter(|_| linked.problem.is_none());
        linked.account.id == account.id && verified_at.is_some_and(|at| cx.now().duration_since(at) < VERIFY_AGAIN)
    };
    if linked.iter().any(fresh) {
        return Ok(Ok(()));
    }
    let link = outside.aws(cx, account.tenant).await?.verify_link(account).await;
    note_link(cx, account, &link).await?;
    Ok(link)
}
