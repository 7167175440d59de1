//! What became of each component of a bulk change; the plans that only tighten are approved here.

use app::Cx;
use app::bulk_change::{self, Approved, ItemView, View};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::bulk_change::fields;
use domain::digest::Digest;
use domain::id::ChangeRequestId;
use domain::plan::Step;
use http::StatusCode;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::change_request::badge;
use crate::pages::frame::of_tenant;
use crate::pages::status::component_facts;
use crate::view::{Badge, Csv, Format, Frame, Moment, Tone, words};

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the page again and send it once more.",
);

const COLUMNS: [&str; 6] = ["component", "environment", "kind", "state", "change", "plan_or_refusal"];

#[derive(Template)]
#[template(path = "bulk_change/show.html")]
struct ShowPage {
    frame: Frame,
    changes: String,
    list: String,
    address: String,
    number: i32,
    asker: String,
    asked: Moment,
    wish: Vec<(&'static str, String)>,
    states: Vec<(Badge, usize)>,
    rows: Vec<Row>,
    results: Vec<(String, Option<String>)>,
    /// How many the reader may approve here.
    approvable: usize,
}

struct Row {
    name: String,
    facts: String,
    badge: Badge,
    change: Option<(i32, String)>,
    /// The plan in a line, or why there is none.
    words: String,
    /// (request, digest) where the reader may approve it here.
    approve: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ShowQuery {
    done: Option<String>,
    #[serde(default)]
    format: Format,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<ShowQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = bulk_change::by_number(&cx, &actor, &tenant, number).await?;
    if query.format == Format::Csv {
        let mut csv = Csv::new("bulk-change", &COLUMNS);
        for item in &view.items {
            csv.row(&cells(item));
        }
        return Ok(csv.into_response());
    }
    let frame = of_tenant(&actor, &tenant, &format!("Bulk change {number}"), "changes").saying(query.done.as_deref());
    Ok(Page(ShowPage::new(frame, &Links::of(&tenant), view, Vec::new())).into_response())
}

/// Each box carries the request and the digest that its row showed.
pub(crate) async fn approve(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let shown: Option<Vec<_>> = pairs.iter().map(shown).collect();
    let shown = shown.ok_or(PageError(MISSHAPEN))?;
    let results = bulk_change::approve(&cx, &actor, &tenant, number, &shown).await?;
    let view = bulk_change::by_number(&cx, &actor, &tenant, number).await?;
    let frame = of_tenant(&actor, &tenant, &format!("Bulk change {number}"), "changes").still();
    Ok(Page(ShowPage::new(frame, &Links::of(&tenant), view, results)).into_response())
}

fn shown((field, value): &(String, String)) -> Option<(ChangeRequestId, Digest)> {
    let (id, digest) = value.split_once(' ')?;
    Some((id.parse().ok()?, digest.parse().ok()?)).filter(|_| field == "approve")
}

impl ShowPage {
    fn new(frame: Frame, links: &Links, view: View, results: Vec<Approved>) -> Self {
        let rows: Vec<_> = view.items.iter().map(|item| Row::new(links, item)).collect();
        let mut states: Vec<(Badge, usize)> = Vec::new();
        for row in &rows {
            match states.iter_mut().find(|(badge, _)| *badge == row.badge) {
                Some((_, count)) => *count += 1,
                None => states.push((row.badge, 1)),
            }
        }
        let named = |result: Approved| {
            let asked = view
                .items
                .iter()
                .filter_map(|item| Some((item, item.result.as_ref().ok()?)));
            let mut of = asked.filter(|(_, asked)| asked.request.id == result.request);
            let name = of.next().map_or_else(
                || "A change".to_owned(),
                |(item, asked)| format!("{} (change {})", item.component.name, asked.request.number),
            );
            (name, result.result.err())
        };
        let labels = fields();
        let wish = view.bulk.fields.iter().filter_map(|(id, answer)| {
            let field = labels.iter().find(|field| field.id == id.as_str())?;
            Some((field.label, answer.clone())).filter(|(_, answer)| !answer.is_empty())
        });
        Self {
            frame,
            changes: links.page("changes"),
            list: links.page("bulk-changes"),
            address: links.bulk_change(view.bulk.number),
            number: view.bulk.number,
            wish: wish.collect(),
            states,
            approvable: rows.iter().filter(|row| row.approve.is_some()).count(),
            results: results.into_iter().map(named).collect(),
            rows,
            asked: view.bulk.created_at.into(),
            asker: view.bulk.requester.name,
        }
    }
}

impl Row {
    fn new(links: &Links, item: &ItemView) -> Self {
        let asked = item.result.as_ref().ok();
        let plan = asked.and_then(|asked| asked.request.state.plan());
        let weakens = plan.is_some_and(|plan| plan.weakens);
        let note = if weakens {
            " It gives up protection: decide on its own page."
        } else {
            ""
        };
        Self {
            name: item.component.name.clone(),
            facts: component_facts(&item.component),
            badge: asked.map_or(Badge::new(Tone::Bad, "Refused"), |asked| badge(&asked.request.state)),
            change: asked.map(|asked| (asked.request.number, links.change(asked.request.number))),
            words: format!("{}{note}", outcome(item)),
            approve: asked.filter(|asked| asked.may_approve).and_then(|asked| {
                let plan = asked.request.state.plan()?;
                Some(format!("{} {}", asked.request.id, plan.digest))
            }),
        }
    }
}

fn cells(item: &ItemView) -> Vec<String> {
    let component = &item.component;
    let number = item.result.as_ref().map(|asked| asked.request.number.to_string());
    vec![
        component.name.clone(),
        component.environment.to_string(),
        component.kind.as_str().to_owned(),
        item.result
            .as_ref()
            .map_or("refused", |asked| asked.request.state.name())
            .to_owned(),
        number.unwrap_or_default(),
        outcome(item),
    ]
}

/// The plan in a line, or why there is none.
fn outcome(item: &ItemView) -> String {
    let asked = match &item.result {
        Ok(asked) => asked,
        Err(problems) => {
            return words::plain(&problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        }
    };
    let Some(shown) = &asked.plan else {
        return "No plan yet.".to_owned();
    };
    let steps: Vec<_> = shown.plan.steps.iter().map(Step::summary).collect();
    if steps.is_empty() {
        "Nothing has to change at AWS.".to_owned()
    } else {
        steps.join("; ")
    }
}
