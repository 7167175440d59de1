//! One wish for many components: choosing them, and what became of each.

use std::collections::{BTreeMap, HashSet};

use app::authz::{self, Action};
use app::bulk_change::{self, Approved, ItemView, Listed, View};
use app::status::{Filter, Judged};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::bulk_change::{MAX_COMPONENTS, fields};
use domain::change_request::Source;
use domain::component::{ComponentKind, Environment};
use domain::digest::Digest;
use domain::id::{ChangeRequestId, ComponentId};
use domain::plan::Step;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use domain::tier::Tier;
use http::StatusCode;

use super::change_request::badge;
use super::status::component_facts;
use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{Badge, FormField, Frame, Moment, Tone, words};

/// The name of the boxes that choose components.
const BOXES: &str = "components";

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the page again and send it once more.",
);

#[derive(Template)]
#[template(path = "bulk_change/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    address: String,
    once: Once,
    filter: FilterView,
    rows: Vec<Choice>,
    /// Whether more components fit the filter than are listed.
    more: bool,
    limit: usize,
    fields: Vec<FormField>,
    wrong: Option<String>,
    wrong_components: Option<String>,
    /// What was asked for many before, newest first.
    earlier: Vec<Earlier>,
}

/// A bulk change from before.
struct Earlier {
    number: i32,
    href: String,
    asker: String,
    asked: Moment,
    asked_for: String,
    refused: i64,
}

/// The filter that the address carries.
struct FilterView {
    text: String,
    environments: Vec<(&'static str, bool)>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    tiers: Vec<(i16, bool)>,
}

/// A component that can be chosen.
struct Choice {
    id: String,
    name: String,
    facts: String,
    state: Badge,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "bulk_change/show.html")]
struct ShowPage {
    frame: Frame,
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

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestChange, tenant.id)?;
    let chosen = chosen(&pairs);
    let page = NewPage::new(&cx, &actor, &tenant, &pairs, chosen, &BTreeMap::new(), &[]).await?;
    Ok(Page(page).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(filter): Query<Vec<(String, String)>>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestChange, tenant.id)?;
    let (boxes, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(field, _)| field == BOXES);
    let (once, given) = Once::take(rest)?;
    let components = chosen(&boxes);
    let mut posted = given.clone();
    posted.insert(
        BOXES.to_owned(),
        boxes.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>().join(" "),
    );
    let key = once.key(&posted);
    match bulk_change::submit(&cx, &actor, tenant.id, Source::Web, &components, &given, Some(&key)).await {
        Ok(bulk) => {
            let address = Links::of(&tenant).bulk_change(bulk.number);
            Ok(Redirect::to(&format!("{address}?done=asked")).into_response())
        }
        Err(AppError::Invalid(problems)) => {
            let page = NewPage::new(&cx, &actor, &tenant, &filter, components, &given, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn chosen(pairs: &[(String, String)]) -> Vec<ComponentId> {
    let ids = pairs.iter().filter(|(field, _)| field == BOXES);
    ids.filter_map(|(_, id)| id.parse().ok()).collect()
}

impl NewPage {
    async fn new(
        cx: &Cx,
        actor: &Actor,
        tenant: &Tenant,
        query: &[(String, String)],
        chosen: Vec<ComponentId>,
        given: &BTreeMap<String, String>,
        problems: &[FormProblem],
    ) -> Result<Self, PageError> {
        let said = |key: &str| {
            query
                .iter()
                .find(|(field, _)| field == key)
                .map(|(_, value)| value.as_str())
        };
        let filter = Filter {
            state: None,
            environment: said("environment").and_then(|name| name.parse().ok()),
            kind: said("kind").and_then(|name| name.parse().ok()),
            tier: said("tier").and_then(|tier| Tier::from_number(tier.parse().ok()?)),
            text: said("q").map(str::to_owned).filter(|text| !text.trim().is_empty()),
        };
        let (listed, more) = bulk_change::choices(cx, actor, tenant.id, &filter, &chosen).await?;
        let chosen: HashSet<ComponentId> = chosen.into_iter().collect();
        let links = Links::of(tenant);
        let earlier = bulk_change::newest(cx, actor, tenant).await?;
        let of = |field: &str| problems.iter().find(|problem| problem.field == field);
        let wrong = words::count(problems.len(), "answer is", "answers are");
        Ok(Self {
            frame: of_tenant(actor, tenant, "Ask for many", "changes").still(),
            list: links.page("changes"),
            address: links.page("changes/bulk"),
            once: Once::new(),
            filter: FilterView::new(&filter),
            rows: listed.iter().map(|judged| Choice::new(judged, &chosen)).collect(),
            more,
            limit: MAX_COMPONENTS,
            fields: FormField::all(&fields(), given, problems),
            wrong: (!problems.is_empty()).then(|| format!("{wrong} missing or not understood. Nothing was asked for.")),
            wrong_components: of(BOXES).map(|problem| words::plain(&problem.why)),
            earlier: earlier.into_iter().map(|bulk| Earlier::new(&links, bulk)).collect(),
        })
    }
}

impl Earlier {
    fn new(links: &Links, bulk: Listed) -> Self {
        let components = usize::try_from(bulk.components).unwrap_or_default();
        Self {
            number: bulk.number,
            href: links.bulk_change(bulk.number),
            asker: bulk.requester,
            asked: Moment(bulk.created_at),
            asked_for: words::count(components, "component", "components"),
            refused: bulk.refused,
        }
    }
}

impl FilterView {
    fn new(filter: &Filter) -> Self {
        let environment = |one: Environment| (one.as_str(), filter.environment == Some(one));
        let kind = |one: ComponentKind| (one.as_str(), one.words(), filter.kind == Some(one));
        let tier = |one: Tier| (one.number(), filter.tier == Some(one));
        Self {
            text: filter.text.clone().unwrap_or_default(),
            environments: Environment::ALL.into_iter().map(environment).collect(),
            kinds: ComponentKind::ALL.into_iter().map(kind).collect(),
            tiers: [Tier::Tier1, Tier::Tier2, Tier::Tier3].into_iter().map(tier).collect(),
        }
    }
}

impl Choice {
    fn new(judged: &Judged, chosen: &HashSet<ComponentId>) -> Self {
        let component = &judged.status.component;
        Self {
            id: component.id.to_string(),
            name: component.name.clone(),
            facts: component_facts(component),
            state: match (&judged.status.contracted, judged.protection) {
                (_, Some(state)) => Badge::protection(state),
                (Some(_), None) => Badge::new(Tone::Unknown, "Out of scope"),
                (None, None) => Badge::new(Tone::Warn, "Undecided"),
            },
            chosen: chosen.contains(&component.id),
        }
    }
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<super::DoneQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = bulk_change::by_number(&cx, &actor, &tenant, number).await?;
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
            list: links.page("changes"),
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
        let facts = component_facts(&item.component);
        let name = item.component.name.clone();
        match &item.result {
            Err(problems) => Self {
                name,
                facts,
                badge: Badge::new(Tone::Bad, "Refused"),
                change: None,
                words: words::plain(&problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
                approve: None,
            },
            Ok(asked) => {
                let steps = asked.plan.as_ref().map(|shown| {
                    let lines: Vec<_> = shown.plan.steps.iter().map(Step::summary).collect();
                    if lines.is_empty() {
                        "Nothing has to change at AWS.".to_owned()
                    } else {
                        lines.join("; ")
                    }
                });
                let plan = asked.request.state.plan();
                let weakens = plan.is_some_and(|plan| plan.weakens);
                let note = if weakens {
                    " It gives up protection: decide on its own page."
                } else {
                    ""
                };
                Self {
                    name,
                    facts,
                    badge: badge(&asked.request.state),
                    change: Some((asked.request.number, links.change(asked.request.number))),
                    words: format!("{}{note}", steps.unwrap_or_else(|| "No plan yet.".to_owned())),
                    approve: plan
                        .filter(|_| asked.may_approve)
                        .map(|plan| format!("{} {}", asked.request.id, plan.digest)),
                }
            }
        }
    }
}
