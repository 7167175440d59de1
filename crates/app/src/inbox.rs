//! Webhook deliveries: stored before they are answered, understood afterwards.

use store::Connection;

pub use store::inbox::{Delivery, Outcome, Quarantined};

use crate::authz::{self, Action};
use crate::work::Work;
use crate::{Actor, AppError, Cx};

/// Stores a delivery whose signature was verified. `unreadable` says why it cannot be an event: it is then
/// kept for staff to see. A delivery that was dealt with before is not stored again.
///
/// # Errors
/// [`AppError::Store`]: nothing is stored, and GitHub must not be told that it is.
pub async fn receive(cx: &Cx, delivery: &Delivery, unreadable: Option<&str>) -> Result<(), AppError> {
    let mut tx = cx.db.begin_global().await?;
    if store::inbox::receive(&mut tx, delivery, cx.now()).await? {
        match unreadable {
            None => {
                jobs::enqueue(
                    &mut tx,
                    &Work::ProcessDelivery {
                        delivery: delivery.id.clone(),
                    },
                )
                .await?;
            }
            Some(reason) => settle(cx, &mut tx, &delivery.id, Outcome::Quarantined, Some(reason)).await?,
        }
    }
    Ok(tx.commit().await?)
}

/// Notes what became of a delivery.
///
/// # Errors
/// [`AppError::Store`].
pub async fn settle(
    cx: &Cx,
    tx: &mut Connection,
    id: &str,
    outcome: Outcome,
    reason: Option<&str>,
) -> Result<(), AppError> {
    Ok(store::inbox::settle(tx, id, outcome, reason, cx.now()).await?)
}

/// The deliveries that could not be used, for staff whose role covers every customer: they belong to none.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn quarantined(cx: &Cx, actor: &Actor) -> Result<Vec<Quarantined>, AppError> {
    authz::check_everywhere(actor, Action::ReadQuarantine)?;
    let mut tx = cx.db.begin_global().await?;
    Ok(store::inbox::quarantined(&mut tx).await?)
}

/// How many deliveries could not be used; `None`: the person's role does not show them.
///
/// # Errors
/// [`AppError::Store`].
pub async fn quarantined_count(cx: &Cx, actor: &Actor) -> Result<Option<usize>, AppError> {
    if authz::check_everywhere(actor, Action::ReadQuarantine).is_err() {
        return Ok(None);
    }
    let mut tx = cx.db.begin_global().await?;
    Ok(Some(store::inbox::quarantined_count(&mut tx).await?))
}
