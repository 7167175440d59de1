//! Customers, for those who may see them.

use domain::tenant::Tenant;
use jiff::tz::TimeZone;

use crate::{Actor, AppError, Cx};

/// The customers that the person may see, by name.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(cx: &Cx, actor: &Actor) -> Result<Vec<Tenant>, AppError> {
    let mut tx = cx.db.begin(actor.scope()).await?;
    Ok(store::tenant::list(&mut tx, actor.scope()).await?)
}

/// The zone of the contract's calendar; UTC when this machine does not know its name.
pub(crate) fn zone(tenant: &Tenant) -> TimeZone {
    TimeZone::get(&tenant.contract.time_zone).unwrap_or(TimeZone::UTC)
}
