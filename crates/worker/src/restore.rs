//! An approved restore carried out once, and watched until the new resource is there.

use app::work::ExecuteRestore;
use app::{AppError, Cx};
use domain::id::{RestoreRequestId, TenantId};
use domain::observation::Granularity;
use domain::plan::IdempotencyKey;
use domain::restore::{RestoreRequest, State};
use domain::tenant::TenantScope;
use jobs::{Failure, Lease};
use mechanism::Authority;

use crate::apply;
use crate::crash::crash_point;
use crate::look_again::look_again;
use crate::outside::{Outside, app_failure, goes_on, store_failure};

/// Starts the restore, or looks how far it is.
pub(crate) async fn execute(
    cx: &Cx,
    outside: &Outside,
    tenant: TenantId,
    id: RestoreRequestId,
    lease: &Lease,
) -> Result<(), Failure> {
    goes_on(cx, tenant).await?;
    let Some(request) = load(cx, tenant, id).await? else {
        return Ok(());
    };
    if request.state == State::Approved
        && let Some(why) = changed_since_approval(cx, &request).await?
    {
        return app::restore::void_approval(cx, tenant, id, &why)
            .await
            .map_err(app_failure);
    }
    let resumed = request.state == State::Executing;
    crash_point!("restore-before-begin");
    let request = match app::restore::begin(cx, tenant, id).await {
        Ok(request) => request,
        // Cancelled or done since it was read.
        Err(AppError::Refused(_)) => return Ok(()),
        Err(error) => return Err(app_failure(error)),
    };
    crash_point!("restore-after-begin");
    let authority = Authority {
        tenant,
        source: format!("restore-{}", request.number),
    };
    for (index, step) in request.plan.steps.iter().enumerate() {
        let key = IdempotencyKey::for_step(request.plan_id, index);
        let made = apply::make(cx, outside, &authority, step, &key, lease, resumed).await?;
        if made.is_none() || !apply::is_done(cx, outside, tenant, step, &key).await? {
            return look_again(cx, tenant, &ExecuteRestore { tenant, restore: id }, request.updated_at).await;
        }
    }
    crash_point!("restore-before-finish");
    app::restore::restored(cx, tenant, id, &request.target.name)
        .await
        .map_err(app_failure)?;
    crash_point!("restore-after-finish");
    Ok(())
}

/// Why the recovery point, the component or the target is no longer what was approved; `None`: it is.
async fn changed_since_approval(cx: &Cx, request: &RestoreRequest) -> Result<Option<String>, Failure> {
    let scope = TenantScope::one(request.tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let approved = &request.target.point;
    let now = store::recovery_point::get(&mut tx, &scope, approved.id)
        .await
        .map_err(store_failure)?;
    let Some((component, now)) = now else {
        return Ok(Some("The recovery point is gone.".to_owned()));
    };
    // A continuous recovery point goes on; what was approved is one moment of it.
    let same_moment = match approved.granularity {
        Granularity::Snapshot => now.at == approved.at,
        Granularity::Continuous => now.at >= approved.at && now.earliest.is_none_or(|earliest| earliest <= approved.at),
    };
    let same = component == request.component.id
        && now.provider_id == approved.provider_id
        && now.encrypted == approved.encrypted
        && same_moment;
    if !same {
        return Ok(Some("The recovery point is no longer what was approved.".to_owned()));
    }
    let digest = domain::restore::digest(&request.component, &request.target, &request.plan);
    let bound = request.approval.as_ref().map(|approval| approval.digest);
    Ok((bound != Some(digest)).then(|| "The component or the target is no longer what was approved.".to_owned()))
}

async fn load(cx: &Cx, tenant: TenantId, id: RestoreRequestId) -> Result<Option<RestoreRequest>, Failure> {
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    store::restore::get(&mut tx, &scope, id).await.map_err(store_failure)
}
