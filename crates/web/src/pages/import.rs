//! Onboarding documents: what one would do is shown first, and exactly that is imported.

use std::collections::BTreeMap;

use app::authz::{Action, may};
use app::import::{self, Import, Offered, Outcome, Preview};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::digest::Digest;
use domain::onboarding::{COLUMNS, Change, Effect, Format, MAX_BYTES};
use domain::tenant::Tenant;
use http::{StatusCode, header};
use jiff::civil::Date;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Part, Path, Query, Upload};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{Badge, Csv, Format as ListFormat, Frame, Moment, Pager, Tone, words};

/// Rows of a preview that a page shows; the API gives all.
const SHOWN: usize = 200;

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the page again and send the document once more.",
);

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    cursor: Option<i32>,
    #[serde(default)]
    format: ListFormat,
}

const LISTED: [&str; 10] = [
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
struct ListPage {
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

/// What importing would do.
struct PreviewView {
    headline: String,
    note: Option<&'static str>,
    counts: Vec<(usize, &'static str)>,
    problems: Vec<(String, String, Option<String>, String)>,
    more_problems: usize,
    /// (line, words).
    warnings: Vec<(usize, String)>,
    changes: Vec<ChangeView>,
    more_changes: usize,
    digest: Option<Digest>,
}

struct ChangeView {
    line: usize,
    name: String,
    environment: &'static str,
    badge: Badge,
    decision: Option<Badge>,
    facts: String,
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

/// What was posted.
struct Given {
    once: Once,
    offered: Offered,
    /// What was shown; `None`: show it first.
    shown: Option<Digest>,
    /// The signature's words, to be kept.
    signed_by: String,
    signed_on: String,
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
        return Ok(Csv::new("imports", &LISTED).pages(imports, |import| import.number, read, cells));
    }
    Ok(Page(page(&cx, &actor, &tenant, query.cursor, None, None).await?).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Upload(parts): Upload,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    app::authz::check(&actor, Action::ImportInventory, tenant.id)?;
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

async fn page(
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
            columns: COLUMNS
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

impl PreviewView {
    fn new(preview: Preview, note: Option<&'static str>) -> Self {
        let comparison = preview.comparison;
        let (new, changed) = (comparison.count(Effect::New), comparison.count(Effect::Changed));
        let refused = comparison.problems.len();
        let headline = if refused > 0 {
            "Nothing can be imported yet".to_owned()
        } else if comparison.changes.is_empty() {
            "Nothing to do: everything it says is known already".to_owned()
        } else {
            "This is what importing would do".to_owned()
        };
        let problems = comparison.problems.iter().take(SHOWN).map(|problem| {
            let line = match problem.line {
                0 => "the whole".to_owned(),
                line => line.to_string(),
            };
            let what = &problem.what;
            (line, what.label.clone(), what.given.clone(), words::plain(&what.why))
        });
        Self {
            headline,
            note,
            counts: vec![
                (new, "new"),
                (changed, "changed"),
                (comparison.unchanged, "unchanged"),
                (comparison.decided(), "decided about"),
                (refused, "refused"),
            ],
            problems: problems.collect(),
            more_problems: refused.saturating_sub(SHOWN),
            warnings: comparison
                .warnings
                .iter()
                .map(|warning| (warning.line, words::plain(&warning.words)))
                .collect(),
            more_changes: comparison.changes.len().saturating_sub(SHOWN),
            digest: preview.digest.filter(|_| !comparison.changes.is_empty()),
            changes: comparison.changes.iter().take(SHOWN).map(ChangeView::new).collect(),
        }
    }
}

impl ChangeView {
    fn new(change: &Change) -> Self {
        let fact = |fact: &domain::onboarding::Fact| match &fact.before {
            Some(before) => format!("{}: {before} \u{2192} {}", fact.column, fact.after),
            None => format!("{}: {}", fact.column, fact.after),
        };
        let facts: Vec<_> = change.facts.iter().map(fact).collect();
        Self {
            line: change.line,
            name: change.component.name.clone(),
            environment: change.component.environment.as_str(),
            badge: match change.effect {
                Effect::New => Badge::new(Tone::Ok, "New"),
                Effect::Changed => Badge::new(Tone::Busy, "Changed"),
            },
            decision: change.decided.as_ref().map(|(scope, _)| match scope.terms() {
                Some(_) => Badge::new(Tone::Ok, "In scope"),
                None => Badge::new(Tone::Unknown, "Out of scope"),
            }),
            facts: facts.join(" · "),
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

fn counts(import: &Import) -> String {
    format!(
        "{} new, {} changed, {} unchanged; {} decided about",
        import.added, import.changed, import.unchanged, import.decided
    )
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
