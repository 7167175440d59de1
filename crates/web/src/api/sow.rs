//! The scope of work, its versions, and the inventory.

use app::sow::{self, AsOf, Decided, LineFilter};
use app::{Actor, AppError, Cx};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::component::{ComponentKind, Environment};
use domain::id::ComponentId;
use domain::tenant::Tenant;
use domain::tier::Tier;
use futures::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use http::header;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::List;
use super::body::sow::{Item, ListedVersion, Sow, VersionDiff};
use crate::auth::Caller;
use crate::error::{ApiError, Failure};
use crate::extract::{ApiPath, ApiQuery};
use crate::view::{TierNumber, searched};

/// Which version is meant, and which of its lines; none given: the one in force, and all of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SowQuery {
    /// The version with this number.
    version: Option<i32>,
    /// The version that was in force at the end of this day, in the contract's time zone.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Only lines with this in the component's name, workload, owner, engine or ARN, in any case.
    q: Option<String>,
    /// Only of this environment: `production`, `staging`, `development` or `analytics`.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
    /// Only of this kind, such as `rds-instance`.
    #[param(value_type = Option<String>)]
    kind: Option<ComponentKind>,
    /// Only of this tier.
    #[param(inline)]
    tier: Option<TierNumber>,
    /// Only what is in scope, or only what is out.
    #[param(inline)]
    decision: Option<DecisionName>,
}

/// What was decided of a component.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DecisionName {
    In,
    Out,
}

impl SowQuery {
    /// Which lines are listed.
    fn filter(&self) -> LineFilter {
        LineFilter {
            decided: self.decision.map(|decision| match decision {
                DecisionName::In => Decided::In,
                DecisionName::Out => Decided::Out,
            }),
            environment: self.environment,
            kind: self.kind,
            tier: self.tier.map(Tier::from),
            text: searched(self.q.as_deref()).map(str::to_owned),
        }
    }
}

/// Where a page of versions begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionsQuery {
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// Where a page of changed lines begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// The `next` of the page before.
    cursor: Option<Uuid>,
}

/// The scope of work: the version that is in force, with the protection of each component, or an earlier one
#[utoipa::path(get, path = "/api/v1/customers/{slug}/sow", tag = "scope of work",
    params(("slug" = String, Path), SowQuery), responses((status = 200, body = Sow)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<SowQuery>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let as_of = AsOf::of(query.version, query.on).ok_or(ApiError(Failure::ONE_OF_BOTH))?;
    let Some(found) = sow::version(&cx, &actor, &tenant, as_of).await? else {
        let nothing = Sow {
            version: 0,
            effective_from: None,
            approved_by: Vec::new(),
            items: Vec::new(),
        };
        return Ok(Json(nothing).into_response());
    };
    let newest = sow::version(&cx, &actor, &tenant, AsOf::Newest).await?;
    let number = found.sow.version;
    let in_force = newest.is_some_and(|newest| newest.sow.version == number);
    let head = Sow {
        version: number,
        effective_from: Some(found.sow.effective_from),
        approved_by: found.sow.approved_by,
        items: Vec::new(),
    };
    Ok(streamed(
        &head,
        items(cx, actor, tenant, number, in_force, query.filter()),
    ))
}

/// The head with its items, sent while they are read. A failure breaks the answer off, so that nobody takes a part for the
/// whole.
fn streamed(head: &Sow, items: impl Stream<Item = Result<String, AppError>> + Send + 'static) -> Response {
    let head = serde_json::to_string(head).expect("strings and numbers are JSON");
    let (open, close) = head.split_at(head.len() - "]}".len());
    let (open, close) = (open.to_owned(), close.to_owned());
    let items = items.inspect_err(|error| tracing::error!(%error, "A scope of work broke off"));
    let body = stream::once(std::future::ready(Ok(open)))
        .chain(items)
        .chain(stream::once(std::future::ready(Ok(close))));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
}

/// The lines of a version as JSON, some at a time, with the commas between them.
fn items(
    cx: Cx,
    actor: Actor,
    tenant: Tenant,
    version: i32,
    in_force: bool,
    filter: LineFilter,
) -> impl Stream<Item = Result<String, AppError>> + Send {
    let (level, today) = (tenant.contract.service_level, app::tenant::today(&cx, &tenant));
    stream::try_unfold(None, move |after: Option<ComponentId>| {
        let (cx, actor, tenant, filter) = (cx.clone(), actor.clone(), tenant.id, filter.clone());
        async move {
            let lines = sow::batch(&cx, &actor, tenant, version, in_force, &filter, after).await?;
            let Some(last) = lines.last().map(|line| line.item.component.id) else {
                return Ok(None);
            };
            let mut text = String::new();
            for (index, line) in lines.iter().enumerate() {
                if index > 0 || after.is_some() {
                    text.push(',');
                }
                let item = serde_json::to_string(&Item::new(line, level, today));
                text.push_str(&item.expect("strings and numbers are JSON"));
            }
            Ok(Some((text, Some(last))))
        }
    })
}

/// The versions of the scope of work, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/sow-versions", tag = "scope of work",
    params(("slug" = String, Path), VersionsQuery), responses((status = 200, body = List<ListedVersion>)))]
pub(crate) async fn versions(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<VersionsQuery>,
) -> Result<Json<List<ListedVersion>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = sow::versions(&cx, &actor, tenant.id, query.cursor).await?;
    let next = versions.next(|listed| listed.version.sow.version);
    Ok(Json(List {
        items: versions.items.into_iter().map(ListedVersion::from).collect(),
        next,
    }))
}

/// One version, and what it changed against the one before
#[utoipa::path(get, path = "/api/v1/customers/{slug}/sow-versions/{number}", tag = "scope of work",
    params(("slug" = String, Path), ("number" = i32, Path), DiffQuery), responses((status = 200, body = VersionDiff)))]
pub(crate) async fn version(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, number)): ApiPath<(String, i32)>,
    ApiQuery(query): ApiQuery<DiffQuery>,
) -> Result<Json<VersionDiff>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let after = query.cursor.map(ComponentId);
    let (version, touched) = sow::changes(&cx, &actor, &tenant, number, after).await?;
    let next = touched.next(|touched| touched.component);
    Ok(Json(VersionDiff::new(&version, &touched.items, next)))
}
