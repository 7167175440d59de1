//! The versions of the scope of work, and what each of them changed.

use app::sow::{self, ListedVersion, Touched, Version};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::ComponentId;
use domain::sow::{FieldChange, LineChange, diff};
use domain::tenant::Tenant;
use futures::stream;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::PageQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, Format, Frame, Moment, Pager, Tone, words};

/// Where a page of versions begins.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct VersionsQuery {
    cursor: Option<i32>,
    #[serde(default)]
    format: Format,
}

#[derive(Template)]
#[template(path = "sow/versions.html")]
struct VersionsPage {
    frame: Frame,
    customer: String,
    scope: String,
    rows: Vec<VersionRow>,
    pager: Pager,
}

struct VersionRow {
    number: i32,
    href: String,
    since: Moment,
    made_by: MadeBy,
    lines: String,
}

/// What made a version, and who agreed to it.
pub(in crate::pages) struct MadeBy {
    /// What it was, in words.
    pub(in crate::pages) what: String,
    /// Where that is shown; `None`: nowhere.
    pub(in crate::pages) href: Option<String>,
    /// Who asked for it.
    pub(in crate::pages) requester: Option<String>,
    /// Who agreed, and when where that is recorded.
    pub(in crate::pages) signatures: Vec<(String, Option<Moment>)>,
}

impl MadeBy {
    pub(in crate::pages) fn new(version: &Version, links: &Links) -> Self {
        let signed = |made: &sow::MadeBy| -> Vec<_> {
            let signature = |approval: &domain::change_request::Approval| {
                let words = format!("{}, for {}", approval.name, words::side(approval.side));
                (words, Some(approval.at.into()))
            };
            made.approvals.iter().map(signature).collect()
        };
        let document = || {
            version
                .sow
                .approved_by
                .iter()
                .map(|name| (name.clone(), None))
                .collect()
        };
        let sow = &version.sow;
        let (what, href) = match (&version.made_by, sow.import, sow.decommissioned) {
            (Some(made), ..) => (
                format!("change {}, {}", made.number, made.title),
                Some(links.change(made.number)),
            ),
            (None, Some(number), _) => (
                format!("the onboarding document of import {number}"),
                Some(links.import(number)),
            ),
            (None, None, Some(component)) => ("the end of a component".to_owned(), Some(links.decommission(component))),
            (None, None, None) => ("the onboarding document".to_owned(), None),
        };
        Self {
            what,
            href,
            requester: version.made_by.as_ref().map(|made| made.requester.clone()),
            signatures: version.made_by.as_ref().map_or_else(document, signed),
        }
    }
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<VersionsQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let versions = sow::versions(&cx, &actor, tenant.id, query.cursor).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { sow::versions(&cx, &actor, tenant.id, Some(before)).await }
        };
        let csv = Csv::new("scope-of-work-versions", &VERSION_COLUMNS);
        return Ok(csv.pages(versions, |listed| listed.version.sow.version, read, version_cells));
    }
    let links = Links::of(&tenant);
    let next = versions.next(|listed| listed.version.sow.version);
    Ok(Page(VersionsPage {
        frame: of_tenant(&actor, &tenant, "Versions of the scope of work", "scope"),
        scope: links.page("scope"),
        rows: versions
            .items
            .iter()
            .map(|listed| VersionRow::new(listed, &links))
            .collect(),
        pager: Pager::new(&links.page("scope/versions"), None, next),
        customer: tenant.name,
    })
    .into_response())
}

impl VersionRow {
    fn new(listed: &ListedVersion, links: &Links) -> Self {
        let sow = &listed.version.sow;
        Self {
            number: sow.version,
            href: links.version(sow.version),
            since: sow.effective_from.into(),
            made_by: MadeBy::new(&listed.version, links),
            lines: words::count(
                usize::try_from(listed.lines).unwrap_or_default(),
                "component",
                "components",
            ),
        }
    }
}

const VERSION_COLUMNS: [&str; 6] = [
    "version",
    "effective_from",
    "change",
    "requester",
    "approved_by",
    "components_changed",
];

fn version_cells(listed: &ListedVersion) -> Vec<String> {
    let (version, made) = (&listed.version, listed.version.made_by.as_ref());
    vec![
        version.sow.version.to_string(),
        version.sow.effective_from.to_string(),
        made.map(|made| made.number.to_string()).unwrap_or_default(),
        made.map(|made| made.requester.clone()).unwrap_or_default(),
        words::list(&version.sow.approved_by),
        listed.lines.to_string(),
    ]
}

#[derive(Template)]
#[template(path = "sow/version.html")]
struct VersionPage {
    frame: Frame,
    versions: String,
    number: i32,
    since: Moment,
    made_by: MadeBy,
    /// The scope of work as of this version.
    whole: String,
    /// The version before it.
    before: Option<(i32, String)>,
    rows: Vec<DiffRow>,
    pager: Pager,
}

/// What the version changed of one component.
struct DiffRow {
    name: String,
    href: String,
    environment: &'static str,
    badge: Badge,
    fields: Vec<FieldRow>,
}

struct FieldRow {
    label: &'static str,
    before: Option<String>,
    after: Option<String>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<PageQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let after = query.cursor.map(ComponentId);
    let (version, touched) = sow::changes(&cx, &actor, &tenant, number, after).await?;
    if query.format == Format::Csv {
        return Ok(changes_csv(cx, actor, tenant, number));
    }
    let links = Links::of(&tenant);
    let next = touched.next(|touched| touched.component);
    Ok(Page(VersionPage {
        frame: of_tenant(&actor, &tenant, &format!("Version {number}"), "scope"),
        versions: links.page("scope/versions"),
        number,
        since: version.sow.effective_from.into(),
        made_by: MadeBy::new(&version, &links),
        whole: format!("{}?version={number}", links.page("scope")),
        before: (number > 1).then(|| (number - 1, links.version(number - 1))),
        rows: touched
            .items
            .iter()
            .map(|touched| DiffRow::new(touched, &links))
            .collect(),
        pager: Pager::new(&links.version(number), None, next),
    })
    .into_response())
}

impl DiffRow {
    fn new(touched: &Touched, links: &Links) -> Self {
        let found = diff(touched.before.as_ref(), touched.after.as_ref());
        Self {
            name: touched.name.clone(),
            href: links.component(touched.component),
            environment: touched.environment.as_str(),
            badge: match found.change {
                LineChange::Added => Badge::new(Tone::Ok, "Added"),
                LineChange::Removed => Badge::new(Tone::Bad, "Removed"),
                LineChange::Changed => Badge::new(Tone::Warn, "Changed"),
            },
            fields: found.fields.into_iter().map(FieldRow::new).collect(),
        }
    }
}

impl FieldRow {
    fn new(change: FieldChange) -> Self {
        let field = change.field;
        let said = |value: String| match field {
            "decision" if value == "in" => "in scope".to_owned(),
            "decision" => "out of scope".to_owned(),
            "retention_days" => words::count(value.parse().unwrap_or_default(), "day", "days"),
            "tier" => format!("tier {value}"),
            "window" => format!("{value} UTC"),
            _ => value,
        };
        Self {
            label: match field {
                "decision" => "Decision",
                "retention_days" => "Retention",
                "schedule" => "Schedule",
                "window" => "Window",
                "tier" => "Tier",
                "location" => "Location",
                "mechanism" => "Mechanism",
                other => other,
            },
            before: change.before.map(said),
            after: change.after.map(said),
        }
    }
}

/// All that the version changed, read a page at a time.
fn changes_csv(cx: Cx, actor: Actor, tenant: Tenant, number: i32) -> Response {
    let head = ["component", "environment", "change", "field", "before", "after"];
    let rows = stream::try_unfold(Some(None), move |next: Option<Option<ComponentId>>| {
        let (cx, actor, tenant) = (cx.clone(), actor.clone(), tenant.clone());
        async move {
            let Some(after) = next else {
                return Ok::<_, AppError>(None);
            };
            let (_, page) = sow::changes(&cx, &actor, &tenant, number, after).await?;
            let next = page.cursor(|touched| touched.component).map(Some);
            let rows: Vec<_> = page.items.iter().flat_map(change_rows).collect();
            Ok(Some((rows, next)))
        }
    });
    Csv::stream("scope-of-work-changes", &head, rows)
}

/// A row for each field that differs.
fn change_rows(touched: &Touched) -> Vec<Vec<String>> {
    let found = diff(touched.before.as_ref(), touched.after.as_ref());
    let change = found.change.as_str();
    let row = |field: FieldChange| {
        vec![
            touched.name.clone(),
            touched.environment.to_string(),
            change.to_owned(),
            field.field.to_owned(),
            field.before.unwrap_or_default(),
            field.after.unwrap_or_default(),
        ]
    };
    found.fields.into_iter().map(row).collect()
}
