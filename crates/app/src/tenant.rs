//! Customers, for those who may see them.

use domain::tenant::Tenant;

use crate::{Actor, AppError, Cx};

/// The customers that the person may see, by name.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(cx: &Cx, actor: &Actor) -> Result<Vec<Tenant>, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    Ok(store::tenant::list(&mut tx, actor.scope()).await?)
}
