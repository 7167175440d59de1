//! Onboarding documents: shown first, then imported as they were shown.

use app::Cx;
use app::import::{self, Offered, Outcome};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::scope_change::FormProblem;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::List;
use super::body::import::{Import, ImportPreview, NewImport};
use super::idempotent::IdempotencyKey;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{ApiJson, ApiPath, ApiQuery};
use crate::pages::import::show::as_given;

/// Where a page of the list begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<i32>,
}

/// Whether something is done.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DryRun {
    /// Only say what importing would do.
    #[serde(default)]
    dry_run: bool,
}

/// The onboarding documents that were imported, newest first
#[utoipa::path(get, path = "/api/v1/customers/{slug}/imports", tag = "onboarding",
    params(("slug" = String, Path), ListQuery), responses((status = 200, body = List<Import>)))]
pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<List<Import>>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let imports = import::list(&cx, &actor, tenant.id, query.cursor).await?;
    let next = imports.next(|import| import.number);
    Ok(Json(List {
        items: imports.items.into_iter().map(Import::from).collect(),
        next,
    }))
}

/// One import
#[utoipa::path(get, path = "/api/v1/customers/{slug}/imports/{number}", tag = "onboarding",
    params(("slug" = String, Path), ("number" = i32, Path)), responses((status = 200, body = Import)))]
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, number)): ApiPath<(String, i32)>,
) -> Result<Json<Import>, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    Ok(Json(import::by_number(&cx, &actor, tenant.id, number).await?.into()))
}

/// The document of an import, as it was given
#[utoipa::path(get, path = "/api/v1/customers/{slug}/imports/{number}/document", tag = "onboarding",
    params(("slug" = String, Path), ("number" = i32, Path)),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn document(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath((slug, number)): ApiPath<(String, i32)>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let import = import::by_number(&cx, &actor, tenant.id, number).await?;
    let text = import::document(&cx, &actor, tenant.id, number).await?;
    Ok(as_given(&import, text))
}

/// Import an onboarding document as its dry run showed it, all or nothing
#[utoipa::path(post, path = "/api/v1/customers/{slug}/imports", tag = "onboarding",
    params(("slug" = String, Path), DryRun, ("Idempotency-Key" = Option<String>, Header)), request_body = NewImport,
    responses((status = 200, body = ImportPreview, description = "A dry run, or everything it says is known already"),
        (status = 201, body = Import), (status = 409, description = "It would do something else by now than the dry run showed"),
        (status = 413, description = "The body is larger than 12 MiB"),
        (status = 422, description = "Something in it is refused: each problem with its line")))]
pub(crate) async fn create(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    ApiPath(slug): ApiPath<String>,
    ApiQuery(query): ApiQuery<DryRun>,
    key: IdempotencyKey,
    ApiJson(body): ApiJson<NewImport>,
) -> Result<Response, ApiError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let key = key.of(&body);
    let offered = Offered {
        format: body.format,
        bytes: body.document.into_bytes(),
        signed_by: body.signed_by,
        signed_on: body.signed_on,
    };
    if query.dry_run {
        let preview = import::preview(&cx, &actor, &tenant, &offered).await?;
        return Ok(Json(ImportPreview::from(preview)).into_response());
    }
    app::authz::check(&actor, app::authz::Action::ImportInventory, tenant.id)?;
    let Some(digest) = body.digest else {
        return Err(app::AppError::Invalid(vec![no_digest()]).into());
    };
    match import::import(&cx, &actor, &tenant, &offered, digest, key.as_ref()).await? {
        Outcome::Imported(import) => {
            let location = format!("/api/v1/customers/{slug}/imports/{}", import.number);
            let headers = [(header::LOCATION, location)];
            Ok((StatusCode::CREATED, headers, Json(Import::from(import))).into_response())
        }
        Outcome::NothingToDo => {
            let preview = import::preview(&cx, &actor, &tenant, &offered).await?;
            Ok(Json(ImportPreview::from(preview)).into_response())
        }
    }
}

fn no_digest() -> FormProblem {
    FormProblem {
        field: "digest".to_owned(),
        label: "Digest".to_owned(),
        given: None,
        why: "the digest of the dry run is missing: import what was shown, so post with `dry_run=true` first"
            .to_owned(),
    }
}
