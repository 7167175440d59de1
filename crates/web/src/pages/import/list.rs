//! The imports of a customer, with the form for another and what it would do.

use app::authz::{Action, may};
use app::import::{self, Import, Preview};
use app::{Actor, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::onboarding::{self, Format, MAX_BYTES};
use domain::tenant::Tenant;
use serde::Deserialize;

use super::counts;
use super::preview::PreviewView;
use super::submit::Given;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{Csv, Format as ListFormat, Frame, Moment, Pager, words};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    cursor: Option<i32>,
    #[serde(default)]
    format: ListFormat,
}

const COLUMNS: [&str; 10] = [
    "number",
    "imported_at",
    "imported_by",
    "signed_by",
    "signed_on",
    "new",
    "changed",
    "unchanged",
    "decided",
    "sow_version",
];

#[derive(Template)]
#[template(path = "import/list.html")]
pub(super) struct ListPage {
    frame: Frame,
    address: String,
    rows: Vec<Row>,
    pager: Pager,
    /// `None`: the reader may not import.
    form: Option<FormView>,
    preview: Option<PreviewView>,
}

/// The form with what was given.
struct FormView {
    once: Once,
    yaml: bool,
    document: String,
    signed_by: String,
    signed_on: String,
    columns: Vec<(&'static str, String, bool)>,
    /// Problems of the two signature fields, beside them.
    wrong_by: Option<String>,
    wrong_on: Option<String>,
}

struct Row {
    number: i32,
    href: String,
    at: Moment,
    by: String,
    signed_by: String,
    counts: String,
    version: Option<i32>,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    if query.format == ListFormat::Csv {
        let imports = import::list(&cx, &actor, tenant.id, query.cursor).await?;
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { import::list(&cx, &actor, tenant.id, Some(before)).await }
        };
        return Ok(Csv::new("imports", &COLUMNS).pages(imports, |import| import.number, read, cells));
    }
    Ok(Page(page(&cx, &actor, &tenant, query.cursor, None, None).await?).into_response())
}

/// The list; with what was posted and what it would do, where something was.
pub(super) async fn page(
    cx: &Cx,
    actor: &Actor,
    tenant: &Tenant,
    cursor: Option<i32>,
    given: Option<&Given>,
    preview: Option<(Preview, Option<&'static str>)>,
) -> Result<ListPage, PageError> {
    let links = Links::of(tenant);
    let imports = import::list(cx, actor, tenant.id, cursor).await?;
    let next = imports.next(|import| import.number);
    let wrong = |field: &str| {
        let (preview, _) = preview.as_ref()?;
        let problem = preview
            .comparison
            .problems
            .iter()
            .find(|problem| problem.what.field == field)?;
        Some(words::plain(&problem.what.why))
    };
    let form = may(actor, Action::ImportInventory, tenant.id).then(|| FormView::new(given, &wrong));
    Ok(ListPage {
        frame: of_tenant(actor, tenant, "Imports", "imports").still(),
        address: links.page("imports"),
        rows: imports
            .items
            .into_iter()
            .map(|import| Row::new(&links, import))
            .collect(),
        pager: Pager::new(&links.page("imports"), None, next),
        form,
        preview: preview.map(|(preview, note)| PreviewView::new(preview, note)),
    })
}

impl FormView {
    fn new(given: Option<&Given>, wrong: &dyn Fn(&str) -> Option<String>) -> Self {
        // What is too large to be imported is not sent back either.
        let document = given
            .filter(|given| given.offered.bytes.len() <= MAX_BYTES)
            .map(|given| String::from_utf8_lossy(&given.offered.bytes).into_owned());
        Self {
            once: Once::new(),
            yaml: given.is_some_and(|given| given.offered.format == Format::Yaml),
            document: document.unwrap_or_default(),
            signed_by: given.map(|given| given.signed_by.clone()).unwrap_or_default(),
            signed_on: given.map(|given| given.signed_on.clone()).unwrap_or_default(),
            columns: onboarding::COLUMNS
                .iter()
                .map(|column| {
                    (
                        column.id,
                        words::plain(column.help),
                        ["name", "environment", "kind"].contains(&column.id),
                    )
                })
                .collect(),
            wrong_by: wrong("signed_by"),
            wrong_on: wrong("signed_on"),
        }
    }
}

impl Row {
    fn new(links: &Links, import: Import) -> Self {
        Self {
            number: import.number,
            href: links.import(import.number),
            at: import.at.into(),
            counts: counts(&import),
            by: import.by_name,
            signed_by: words::list(&import.signed_by),
            version: import.sow_version,
        }
    }
}

fn cells(import: &Import) -> Vec<String> {
    vec![
        import.number.to_string(),
        import.at.to_string(),
        import.by_name.clone(),
        import.signed_by.join("; "),
        import.signed_on.to_string(),
        import.added.to_string(),
        import.changed.to_string(),
        import.unchanged.to_string(),
        import.decided.to_string(),
        import
            .sow_version
            .map(|version| version.to_string())
            .unwrap_or_default(),
    ]
}
