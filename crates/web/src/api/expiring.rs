//! What ends unless somebody renews it.

use app::Cx;
use app::expiring::{self, Filter, Kind};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::List;
use super::body::tenant::Expiring;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::ApiQuery;
use crate::pages::expiring::{KindName, cursor};
use crate::view::searched;

/// What is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpiringQuery {
    /// Part of the customer's name, in any case.
    q: Option<String>,
    /// The last day, from today to twenty years ahead; without it that of the calendar quarter after today's, where the customer is.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<jiff::civil::Date>,
    /// Only of this source.
    #[param(inline)]
    kind: Option<KindName>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What ends unless somebody renews it, across customers, the first to end first; for staff
///
/// A contract that asks for notice is listed by the last day on which notice can be given. Customers that were offboarded are
/// left out.
#[utoipa::path(get, path = "/api/v1/expiring", tag = "customers", params(ExpiringQuery),
    responses((status = 200, body = List<Expiring>), (status = 422, description = "`until` is out of reach")))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<ExpiringQuery>,
) -> Result<Json<List<Expiring>>, ApiError> {
    let filter = Filter {
        text: searched(query.q.as_deref()).map(str::to_owned),
        until: query.until,
        kind: query.kind.map(Kind::from),
        after: query.cursor.as_deref().map(cursor).transpose().map_err(ApiError)?,
    };
    let listed = expiring::page(&cx, &actor, &filter).await?;
    let next = listed.next(expiring::Expiring::key);
    Ok(Json(List {
        items: listed.items.into_iter().map(Expiring::from).collect(),
        next,
    }))
}
