//! The repositories of a customer, and who may ask there: for administrators.

use app::Cx;
use app::github::{self, Entitle};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::body::List;
use super::body::user::{Entitlement, Repository, Requester};
use super::idempotent::IdempotencyKey;
use super::if_match::IfMatch;
use crate::auth::Caller;
use crate::error::{ApiError, Failure};
use crate::extract::{ApiJson, ApiPath};

/// The linked repositories of a customer
#[utoipa::path(get, path = "/api/v1/customers/{slug}/repositories", tag = "repositories",
    params(("slug" = String, Path)), responses((status = 200, body = List<Repository>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
) -> Result<Json<List<Repository>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    let linked = github::list(&cx, &actor, tenant).await?;
    Ok(Json(List::whole(linked.into_iter().map(Repository::from).collect())))
}

/// Link a repository, or note its new name and installation
#[utoipa::path(post, path = "/api/v1/customers/{slug}/repositories", tag = "repositories",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = Repository,
    responses((status = 200, body = Repository), (status = 409, description = "The customer is offboarded")))]
pub(crate) async fn link(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Repository>,
) -> Result<Response, ApiError> {
    let repository = github::Repository {
        tenant: actor.tenant(&cx, &slug).await?.id,
        repository_id: body.repository_id,
        installation_id: body.installation_id,
        full_name: body.full_name.clone(),
    };
    github::link(&cx, &actor, &repository, key.of(&body).as_ref()).await?;
    Ok(Json(body).into_response())
}

/// Take a link back; what came through it stays in the records
#[utoipa::path(post, path = "/api/v1/customers/{slug}/repositories/{repository}/unlink", tag = "repositories",
    params(("slug" = String, Path), ("repository" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204, description = "It is not linked any more")))]
pub(crate) async fn unlink(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, repository)): ApiPath<(String, i64)>,
    key: IdempotencyKey,
) -> Result<StatusCode, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?.id;
    github::unlink(&cx, &actor, tenant, repository, key.of(&()).as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may ask for what; it is the same in all repositories of the customer
#[utoipa::path(get, path = "/api/v1/customers/{slug}/repositories/{repository}/people", tag = "repositories",
    params(("slug" = String, Path), ("repository" = i64, Path)), responses((status = 200, body = List<Requester>)))]
pub(crate) async fn people(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, repository)): ApiPath<(String, i64)>,
) -> Result<Json<List<Requester>>, ApiError> {
    let tenant = linked(&cx, &actor, &slug, repository).await?;
    let people = github::people(&cx, &actor, tenant).await?;
    Ok(Json(List::whole(people.into_iter().map(Requester::from).collect())))
}

/// Say what a GitHub account may ask for; `If-Match` is the account's `revision`, 0 for one that is not listed
#[utoipa::path(post, path = "/api/v1/customers/{slug}/repositories/{repository}/people", tag = "repositories",
    params(("slug" = String, Path), ("repository" = i64, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), request_body = Entitlement,
    responses((status = 204, description = "It is so"), (status = 409, description = "The customer is offboarded")))]
pub(crate) async fn entitle(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, repository)): ApiPath<(String, i64)>,
    seen: IfMatch,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<Entitlement>,
) -> Result<StatusCode, ApiError> {
    let tenant = linked(&cx, &actor, &slug, repository).await?;
    let decision = seen.decide(tenant, key.of(&body));
    let said = Entitle {
        github_user_id: body.github_user_id,
        login: body.login,
        email: body.person.unwrap_or_default(),
        may_request: body.may_request,
        may_restore: body.may_restore,
        revision: decision.revision,
    };
    github::entitle(&cx, &actor, tenant, &said, decision.key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The customer, if that repository is linked to it.
async fn linked(cx: &Cx, actor: &app::Actor, slug: &str, repository: i64) -> Result<domain::id::TenantId, ApiError> {
    let tenant = actor.tenant(cx, slug).await?.id;
    let linked = github::list(cx, actor, tenant).await?;
    if linked.iter().any(|one| one.repository_id == repository) {
        Ok(tenant)
    } else {
        Err(ApiError(Failure::NOT_FOUND))
    }
}
