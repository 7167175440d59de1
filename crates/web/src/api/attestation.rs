//! Decisions that components are not backed up, and their yearly attestation.

use app::{Cx, attestation};
use axum::Json;
use axum::extract::State;
use domain::attestation::DecisionState;
use domain::id::{ComponentId, ScopeItemId};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::attestation::{Attest, ScopeDecision};
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only in this state.
    #[param(value_type = Option<String>, pattern = "^(undecided|overdue|due-soon|signed)$")]
    state: Option<DecisionState>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// What is not backed up: undecided first, then by the day on which the decision is due
#[utoipa::path(get, path = "/api/v1/customers/{slug}/decisions", tag = "scope of work",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<ScopeDecision>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<ScopeDecision>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let after = query.cursor.map(ComponentId);
    let (_, page) = attestation::page(&cx, &actor, &tenant, query.state, after).await?;
    let today = app::tenant::today(&cx, &tenant);
    let next = page.next(|listed| listed.component.id);
    Ok(Json(List {
        items: page
            .items
            .iter()
            .map(|listed| ScopeDecision::new(listed, today))
            .collect(),
        next,
    }))
}

/// Attest that a component stays out of scope for another year
#[utoipa::path(post, path = "/api/v1/customers/{slug}/decisions/{component}/attest", tag = "scope of work",
    params(("slug" = String, Path), ("component" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Attest,
    responses((status = 200, body = ScopeDecision)))]
pub(crate) async fn attest(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, component)): ApiPath<(String, Uuid)>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Attest>,
) -> Result<Json<ScopeDecision>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let shown = ScopeItemId(body.scope_item_id);
    let listed = attestation::attest(&cx, &actor, &tenant, ComponentId(component), shown, key.as_ref()).await?;
    Ok(Json(ScopeDecision::new(&listed, app::tenant::today(&cx, &tenant))))
}
