//! What is due by time: readings, requests that nobody decided, and what no longer counts.

use app::{AppError, Cx};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

/// Pause between two looks at the clock.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

/// Ticks until `stop`. Every worker process may do so: what is due is claimed once.
pub(crate) async fn run(cx: Cx, observe_interval: SignedDuration, stop: CancellationToken) {
    let mut interval = tokio::time::interval(PAUSE);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        if let Err(error) = tick(&cx, observe_interval).await {
            tracing::warn!(error = crate::outside::chain(&error), "Could not look for what is due");
        }
    }
}

/// Queues what is due now, and ends what is over.
///
/// # Errors
/// [`AppError`] of the first tenant for which it failed; the next tick tries again.
pub async fn tick(cx: &Cx, observe_interval: SignedDuration) -> Result<(), AppError> {
    let mut tx = cx.db.begin_global().await?;
    let tenants = store::tenant::all_ids(&mut tx).await?;
    drop(tx);
    for tenant in tenants {
        app::reconcile::queue_due(cx, tenant, observe_interval).await?;
        app::change_request::expire_overdue(cx, tenant).await?;
        app::restore::expire_overdue(cx, tenant).await?;
        app::export::expire(cx, tenant).await?;
    }
    app::housekeeping::tidy(cx).await
}
