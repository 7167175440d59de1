//! The scope of work, its versions, and the inventory.

use std::collections::HashMap;

use app::status::{self, Filter, Judged, Order, Shown};
use app::{Actor, Cx};
use axum::Json;
use axum::extract::State;
use domain::component::{ComponentKind, Environment};
use domain::id::ComponentId;
use domain::tenant::Tenant;
use domain::tier::Tier;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::List;
use super::body::sow::{Item, ListedComponent, Protection, Sow, SowVersion};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiPath, ApiQuery};
use crate::view::{OrderName, StateName, TierNumber, searched};

/// The scope of work that is in force, with the protection of each component
#[utoipa::path(get, path = "/api/v1/customers/{slug}/sow", tag = "scope of work",
    params(("slug" = String, Path)), responses((status = 200, body = Sow)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<Sow>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = app::sow::versions(&cx, &actor, tenant.id).await?;
    let Some(newest) = versions.into_iter().next() else {
        return Ok(Json(Sow {
            version: 0,
            effective_from: None,
            approved_by: Vec::new(),
            items: Vec::new(),
        }));
    };
    let (version, items) = app::sow::as_of(&cx, &actor, tenant.id, newest.version).await?;
    let mut protection = protection(&cx, &actor, &tenant).await?;
    let items = items
        .iter()
        .map(|item| Item::new(item, protection.remove(&item.component.id)));
    Ok(Json(Sow {
        version: version.version,
        effective_from: Some(version.effective_from),
        approved_by: version.approved_by,
        items: items.collect(),
    }))
}

/// The protection of each component in scope.
async fn protection(cx: &Cx, actor: &Actor, tenant: &Tenant) -> Result<HashMap<ComponentId, Protection>, ApiError> {
    let components = status::whole(cx, actor, tenant.id).await?;
    let of = |judged: &Judged| Some((judged.status.component.id, Protection::of(judged)?));
    Ok(components.iter().filter_map(of).collect())
}

/// The versions of the scope of work, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/sow-versions", tag = "scope of work",
    params(("slug" = String, Path)), responses((status = 200, body = List<SowVersion>)))]
pub(crate) async fn versions(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<List<SowVersion>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = app::sow::versions(&cx, &actor, tenant.id).await?;
    Ok(Json(List::whole(versions.into_iter().map(SowVersion::from).collect())))
}

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
pub(crate) async fn components(
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
    let listed = status::page(&cx, &actor, tenant.id, &filter, order, query.cursor.map(ComponentId)).await?;
    Ok(Json(List {
        items: listed.items.iter().map(ListedComponent::from).collect(),
        next: listed.next(|judged| judged.status.component.id),
    }))
}
