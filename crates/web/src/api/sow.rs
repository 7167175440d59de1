//! The scope of work, its versions, and the inventory.

use std::collections::HashMap;

use app::status::{self, Judged};
use app::{Actor, Cx};
use axum::Json;
use axum::extract::State;
use domain::id::ComponentId;
use domain::tenant::Tenant;

use super::body::List;
use super::body::sow::{Component, Item, Protection, Sow, SowVersion};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::ApiPath;

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
    let of = |judged: &Judged| {
        let seen = judged.status.observed.as_ref();
        let protection = Protection {
            state: judged.protection?.as_str(),
            newest_recovery_point_at: seen.and_then(|seen| seen.newest_recovery_point_at),
            observed_at: seen.map(|seen| seen.at),
        };
        Some((judged.status.component.id, protection))
    };
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

/// The inventory
#[utoipa::path(get, path = "/api/v1/customers/{slug}/components", tag = "scope of work",
    params(("slug" = String, Path)), responses((status = 200, body = List<Component>)))]
pub(crate) async fn components(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<List<Component>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let components = status::whole(&cx, &actor, tenant.id).await?;
    let components = components.iter().map(|judged| (&judged.status.component).into());
    Ok(Json(List::whole(components.collect())))
}
