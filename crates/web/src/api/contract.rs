//! Contracts and their versions.

use app::Cx;
use app::contract::Edit;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::contract;
use domain::id::ComponentId;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::List;
use super::body::contract::{ChangeContract, Contract, ContractVersion};
use super::if_match::{IfMatch, tagged};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};

/// Which version.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractQuery {
    /// The one that held on this day, instead of the one in force.
    on: Option<Date>,
    /// The one with this number, whatever `on` says: of several that began on one day, `on` finds the last.
    version: Option<i32>,
}

/// Where a page of versions begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionsQuery {
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// The contract with a customer; the version in force is the `ETag`
#[utoipa::path(get, path = "/api/v1/customers/{slug}/contract", tag = "contract",
    params(("slug" = String, Path), ContractQuery), responses((status = 200, body = Contract)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ContractQuery>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (version, conflicts) = match (query.version, query.on) {
        (Some(number), _) => (
            app::contract::by_number(&cx, &actor, tenant.id, number).await?,
            Vec::new(),
        ),
        (None, Some(day)) => (app::contract::on(&cx, &actor, &tenant, day).await?, Vec::new()),
        (None, None) => (
            app::contract::in_force(&cx, &actor, &tenant).await?,
            app::contract::conflicts(&cx, &actor, &tenant).await?,
        ),
    };
    Ok(tagged(version.version, Contract::new(&version, conflicts)))
}

/// Make a new version of the contract, which is in force at once
///
/// What it puts outside its bounds has to be named in `accepted_conflicts`; the scope of work is never changed by it.
#[utoipa::path(put, path = "/api/v1/customers/{slug}/contract", tag = "contract",
    params(("slug" = String, Path), ("If-Match" = Option<String>, Header)), request_body = ChangeContract,
    responses((status = 200, body = Contract),
        (status = 422, description = "Values that cannot be, or components outside the new bounds that were not accepted")))]
pub(crate) async fn change(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    seen: IfMatch,
    ApiJson(body): ApiJson<ChangeContract>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    app::authz::check(&actor, app::authz::Action::ManageContract, tenant.id)?;
    let edit = Edit {
        contract: contract::Contract::parse(&body.agreement.into()).map_err(app::AppError::Invalid)?,
        valid_from: body.valid_from,
        note: body.note,
        read: seen.revision(),
        accepted: body.accepted_conflicts.into_iter().map(ComponentId).collect(),
    };
    let version = app::contract::change(&cx, &actor, &tenant, edit).await?;
    let conflicts = app::contract::conflicts(&cx, &actor, &tenant).await?;
    Ok(tagged(version.version, Contract::new(&version, conflicts)))
}

/// The versions of the contract with what each changed, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/contract-versions", tag = "contract",
    params(("slug" = String, Path), VersionsQuery), responses((status = 200, body = List<ContractVersion>)))]
pub(crate) async fn versions(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<VersionsQuery>,
) -> Result<Json<List<ContractVersion>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = app::contract::versions(&cx, &actor, tenant.id, query.cursor).await?;
    let next = versions.next(|(version, _)| version.version);
    let items = versions
        .items
        .into_iter()
        .map(|(version, changes)| ContractVersion::new(&version, changes));
    Ok(Json(List {
        items: items.collect(),
        next,
    }))
}
