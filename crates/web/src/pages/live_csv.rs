//! A customer's living components as CSV: all that the filter finds, read some at a time, so that it takes little memory.

use app::sow::{self, LiveLine};
use app::status::{Filter, Order};
use app::{Actor, AppError, Cx};
use axum::response::Response;
use domain::id::TenantId;
use futures::stream::{self, TryStreamExt as _};

use crate::view::Csv;

/// Components that are read at once.
const BATCH: usize = 500;

/// A file called `name`.csv, of the columns `head`, with what `row` makes of each component.
///
/// # Errors
/// [`AppError::NotFound`].
pub(super) async fn live_csv(
    (name, head): (&'static str, &[&str]),
    (cx, actor, tenant): (Cx, Actor, TenantId),
    filter: &Filter,
    order: Order,
    row: impl Fn(&LiveLine) -> Vec<String> + Clone + Send + 'static,
) -> Result<Response, AppError> {
    let ids = sow::matching(&cx, &actor, tenant, filter, order).await?;
    let batches: Vec<Vec<_>> = ids.chunks(BATCH).map(<[_]>::to_vec).collect();
    let rows = stream::iter(batches.into_iter().map(Ok)).and_then(move |ids| {
        let (cx, actor, row) = (cx.clone(), actor.clone(), row.clone());
        async move {
            let lines = sow::those(&cx, &actor, tenant, &ids).await?;
            Ok(lines.iter().map(row).collect())
        }
    });
    Ok(Csv::stream(name, head, rows))
}
