//! One import, and its document as it was given.

use app::Cx;
use app::import::{self, Import};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

use super::counts;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Frame, Moment, words};

#[derive(Template)]
#[template(path = "import/show.html")]
pub(crate) struct ShowPage {
    frame: Frame,
    list: String,
    number: i32,
    document: String,
    facts: Vec<(&'static str, String)>,
    at: Moment,
    scope: String,
    version: Option<i32>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<DoneQuery>,
) -> Result<Page<ShowPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let import = import::by_number(&cx, &actor, tenant.id, number).await?;
    let links = Links::of(&tenant);
    let facts = vec![
        ("Signed by", words::list(&import.signed_by)),
        ("Signed on", import.signed_on.strftime("%-d %b %Y").to_string()),
        ("Imported by", import.by_name.clone()),
        ("Result", counts(&import)),
        ("Written as", import.format.as_str().to_uppercase()),
        ("Digest of what was shown", import.digest.short()),
    ];
    Ok(Page(ShowPage {
        frame: of_tenant(&actor, &tenant, &format!("Import {number}"), "imports").saying(query.done.as_deref()),
        list: links.page("imports"),
        number,
        document: format!("{}/document", links.import(number)),
        facts,
        at: import.at.into(),
        scope: links.page("scope"),
        version: import.sow_version,
    }))
}

/// The document as it was given, as a download.
pub(crate) async fn document(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let import = import::by_number(&cx, &actor, tenant.id, number).await?;
    let text = import::document(&cx, &actor, tenant.id, number).await?;
    Ok(as_given(&import, text))
}

/// The document of an import as a file.
pub(crate) fn as_given(import: &Import, text: String) -> Response {
    let (number, format) = (import.number, import.format.as_str());
    let name = format!("attachment; filename=\"onboarding-{number}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, text).into_response()
}
