//! Hand-over exports: asked for by a form, downloaded in pieces.

use app::Cx;
use app::export::{self, Download};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::ExportId;
use futures::stream;
use http::header;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::PageError;
use crate::extract::{Form, Path};
use crate::links::Links;
use crate::pages::once::Once;

pub(crate) async fn request(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (once, answers) = Once::take(pairs)?;
    export::request(&cx, &actor, tenant.id, Some(&once.key(&answers))).await?;
    let address = Links::of(&tenant).page("hand-over");
    Ok(Redirect::to(&format!("{address}?done=exporting")))
}

pub(crate) async fn content(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let download = export::download(&cx, &actor, tenant.id, ExportId(id)).await?;
    Ok(archive(&tenant.slug, download))
}

/// The archive as a file. When a piece cannot be read the download breaks off; its digest would not fit.
pub(crate) fn archive(slug: &str, download: Download) -> Response {
    let made = download.export.requested_at.strftime("%Y-%m-%d");
    let disposition = format!("attachment; filename=\"holdfast-{slug}-{made}.zip\"");
    let size = download.export.size_bytes.unwrap_or_default().to_string();
    let pieces = stream::try_unfold(download, |mut download| async move {
        let piece = download.next().await?;
        Ok::<_, app::AppError>(piece.map(|piece| (piece, download)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, size),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
