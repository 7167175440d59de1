//! What the outside is still at is no failed attempt: a new job looks again.

use app::Cx;
use domain::id::TenantId;
use domain::tenant::TenantScope;
use jiff::{SignedDuration, Timestamp};
use jobs::{Failure, Payload};

use crate::outside::{app_failure, store_failure};

/// Pause between two looks: a tenth of the time that it has taken so far, within these.
const PAUSE: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_secs(2)..=SignedDuration::from_mins(5);
/// What the outside has not finished after this long has failed.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);

/// Queues `work` to look again at what began at `begun`. While the tenant was suspended nothing could be expected.
pub(crate) async fn look_again(
    cx: &Cx,
    tenant: TenantId,
    work: &impl Payload,
    begun: Timestamp,
) -> Result<(), Failure> {
    let now = cx.now();
    let scope = TenantScope::one(tenant);
    let mut tx = cx.db.begin(&scope).await.map_err(store_failure)?;
    let tenant = store::tenant::get(&mut tx, &scope, tenant)
        .await
        .map_err(store_failure)?;
    let resumed = tenant.and_then(|tenant| tenant.lifecycle.resumed_at);
    let age = now.duration_since(resumed.map_or(begun, |resumed| begun.max(resumed)));
    if age > GIVE_UP {
        return Err(Failure::fail("AWS has not finished it within 24 hours."));
    }
    jobs::enqueue_at(&mut tx, work, now + (age / 10).clamp(*PAUSE.start(), *PAUSE.end()))
        .await
        .map_err(|error| app_failure(error.into()))?;
    tx.commit().await.map_err(store_failure)
}
