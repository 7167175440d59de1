//! What is contracted beside what is kept, customer by customer.

use app::Cx;
use app::fleet::{self, Filter, Show};
use axum::Json;
use axum::extract::State;
use domain::id::TenantId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::List;
use super::body::retention::Retention;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::ApiQuery;
use crate::view::searched;

/// Which customers are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionQuery {
    /// Part of the name, in any case.
    q: Option<String>,
    /// `needy`: only those where something is not kept as contracted.
    #[param(inline)]
    state: Option<StateName>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// How a customer's retention stands.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateName {
    Needy,
}

/// What is contracted beside what is kept, across customers, worst first; for staff
///
/// Customers with nothing in scope, and those that were offboarded, are left out.
#[utoipa::path(get, path = "/api/v1/retention", tag = "customers", params(RetentionQuery),
    responses((status = 200, body = List<Retention>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiQuery(query): ApiQuery<RetentionQuery>,
) -> Result<Json<List<Retention>>, ApiError> {
    let filter = Filter {
        text: searched(query.q.as_deref()).map(str::to_owned),
        show: match query.state {
            Some(StateName::Needy) => Show::Needy,
            None => Show::All,
        },
        after: query.cursor.map(TenantId),
        ..Filter::default()
    };
    let listed = fleet::retention(&cx, &actor, &filter).await?;
    let next = listed.next(|line| line.tenant.id);
    Ok(Json(List {
        items: listed.items.into_iter().map(Retention::from).collect(),
        next,
    }))
}
