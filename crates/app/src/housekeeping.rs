//! Forgetting what no longer counts.

use crate::{AppError, Cx, idempotency, session};

/// Forgets sessions that are over, failed sign-ins, keys of old posts, and attempts of jobs that have long ended.
///
/// # Errors
/// [`AppError::Store`], [`AppError::Jobs`].
pub async fn tidy(cx: &Cx) -> Result<(), AppError> {
    let mut tx = cx.db.begin_global().await?;
    session::purge(cx, &mut tx).await?;
    idempotency::purge(cx, &mut tx).await?;
    jobs::prune(&mut tx).await?;
    Ok(tx.commit().await?)
}
