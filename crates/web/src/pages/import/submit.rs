//! A document that was posted: shown first, imported when it was seen.

use std::collections::BTreeMap;

use app::authz::{self, Action};
use app::import::{self, Offered, Outcome};
use app::{AppError, Cx};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::digest::Digest;
use domain::onboarding::Format;
use http::StatusCode;
use jiff::civil::Date;

use super::list::page;
use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Part, Path, Upload};
use crate::links::Links;
use crate::pages::once::Once;

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the page again and send the document once more.",
);

/// What was posted.
pub(super) struct Given {
    once: Once,
    pub(super) offered: Offered,
    /// What was shown; `None`: show it first.
    shown: Option<Digest>,
    /// The signature's words, to be kept.
    pub(super) signed_by: String,
    pub(super) signed_on: String,
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Upload(parts): Upload,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ImportInventory, tenant.id)?;
    let given = given(parts)?;
    let mut note = None;
    if let Some(shown) = given.shown {
        let answers = [(
            "document".to_owned(),
            Digest::of_bytes(&given.offered.bytes).to_string(),
        )]
        .into();
        let key = given.once.key(&answers);
        match import::import(&cx, &actor, &tenant, &given.offered, shown, Some(&key)).await {
            Ok(Outcome::Imported(import)) => {
                let address = Links::of(&tenant).import(import.number);
                return Ok(Redirect::to(&format!("{address}?done=imported")).into_response());
            }
            Ok(Outcome::NothingToDo) | Err(AppError::Invalid(_)) => {}
            Err(AppError::Conflict) => {
                note = Some(
                    "The document or the inventory changed since it was shown. Nothing was imported; this is what it would do now.",
                );
            }
            Err(other) => return Err(other.into()),
        }
    }
    let preview = import::preview(&cx, &actor, &tenant, &given.offered).await?;
    let status = match (note, preview.digest) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, None) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, Some(_)) => StatusCode::OK,
    };
    let page = page(&cx, &actor, &tenant, None, Some(&given), Some((preview, note))).await?;
    Ok((status, Page(page)).into_response())
}

/// Reads the form. A file stands for what was pasted; its name says how it is written.
fn given(parts: Vec<Part>) -> Result<Given, PageError> {
    let mut pairs = Vec::new();
    let (mut bytes, mut format) = (Vec::new(), None);
    for part in parts {
        match (part.field.as_str(), part.file) {
            ("file", Some(name)) if !name.is_empty() => {
                let name = name.to_lowercase();
                format = match name.rsplit_once('.') {
                    Some((_, "yaml" | "yml")) => Some(Format::Yaml),
                    Some((_, "csv" | "tsv" | "txt")) => Some(Format::Csv),
                    _ => None,
                };
                bytes = part.bytes;
            }
            ("file", _) => {}
            _ => pairs.push((
                part.field,
                String::from_utf8(part.bytes).map_err(|_| PageError(MISSHAPEN))?,
            )),
        }
    }
    let (once, mut answers): (Once, BTreeMap<String, String>) = Once::take(pairs)?;
    let mut take = |field: &str| answers.remove(field).unwrap_or_default();
    let pasted = take("document");
    if bytes.is_empty() {
        bytes = pasted.into_bytes();
    }
    let format = format.unwrap_or(if take("format") == "yaml" {
        Format::Yaml
    } else {
        Format::Csv
    });
    let (signed_by, signed_on, digest) = (take("signed_by"), take("signed_on"), take("digest"));
    let importing = take("step") == "import";
    if answers.keys().any(|field| field != "format") {
        return Err(PageError(MISSHAPEN));
    }
    Ok(Given {
        once,
        shown: digest.parse().ok().filter(|_| importing),
        offered: Offered {
            format,
            bytes,
            signed_by: signed_by.lines().map(str::to_owned).collect(),
            signed_on: signed_on.trim().parse::<Date>().ok(),
        },
        signed_by,
        signed_on,
    })
}
