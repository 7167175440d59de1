//! The inventory, and one component of it.

use app::status::{Filter, Order, Shown};
use app::{Actor, Cx, component, sow};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::component::{ComponentKind, Environment};
use domain::id::ComponentId;
use domain::tenant::Tenant;
use domain::tier::Tier;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::component::{ComponentDetail, EditFacts};
use super::body::sow::ListedComponent;
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};
use crate::view::{OrderName, StateName, TierNumber, searched};

/// Which components are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComponentQuery {
    /// Part of the name, the workload, the owner, the engine or the ARN, in any case.
    q: Option<String>,
    /// Only those that are shown as this.
    #[param(inline)]
    state: Option<StateName>,
    /// Only of this environment: `production`, `staging`, `development` or `analytics`.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
    /// Only of this kind, such as `rds-instance`.
    #[param(value_type = Option<String>)]
    kind: Option<ComponentKind>,
    /// Only of this tier.
    #[param(inline)]
    tier: Option<TierNumber>,
    /// `worst` where nothing is said.
    #[param(inline)]
    order: Option<OrderName>,
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The inventory, each component with where it stands
#[utoipa::path(get, path = "/api/v1/customers/{slug}/components", tag = "scope of work",
    params(("slug" = String, Path), ComponentQuery), responses((status = 200, body = List<ListedComponent>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ComponentQuery>,
) -> Result<Json<List<ListedComponent>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let filter = Filter {
        state: query.state.map(Shown::from),
        environment: query.environment,
        kind: query.kind,
        tier: query.tier.map(Tier::from),
        text: searched(query.q.as_deref()).map(str::to_owned),
    };
    let order = query.order.map(Order::from).unwrap_or_default();
    let listed = sow::page(&cx, &actor, tenant.id, &filter, order, query.cursor.map(ComponentId)).await?;
    let (items, level) = (listed.items.iter(), tenant.contract.service_level);
    Ok(Json(List {
        items: items.map(|line| ListedComponent::new(line, level)).collect(),
        next: listed.next(|line| line.judged.status.component.id),
    }))
}

/// One component with all that is known of it; its revision is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/components/{id}", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = ComponentDetail)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    as_it_is(&cx, &actor, &tenant, ComponentId(id)).await
}

/// State facts of a component anew
#[utoipa::path(patch, path = "/api/v1/customers/{slug}/components/{id}", tag = "scope of work",
    params(("slug" = String, Path), ("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = EditFacts,
    responses((status = 200, body = ComponentDetail)))]
pub(crate) async fn edit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, id)): ApiPath<(String, Uuid)>,
    seen: IfMatch,
    ApiJson(body): ApiJson<EditFacts>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let on = seen.decide(ComponentId(id), None);
    component::edit(&cx, &actor, tenant.id, on, body.changes()).await?;
    as_it_is(&cx, &actor, &tenant, ComponentId(id)).await
}

async fn as_it_is(cx: &Cx, actor: &Actor, tenant: &Tenant, id: ComponentId) -> Result<Response, ApiError> {
    let view = component::view(cx, actor, tenant, id).await?;
    let detail = ComponentDetail::new(&view, tenant.contract.service_level, app::tenant::today(cx, tenant));
    Ok(tagged(view.revision, detail))
}
