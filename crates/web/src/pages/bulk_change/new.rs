//! Choosing components, and what is asked for each of them.

use std::collections::{BTreeMap, HashSet};

use app::authz::{self, Action};
use app::status::Judged;
use app::{Actor, AppError, Cx, bulk_change};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::bulk_change::{MAX_COMPONENTS, fields};
use domain::change_request::Source;
use domain::id::ComponentId;
use domain::scope_change::FormProblem;
use domain::tenant::Tenant;
use http::StatusCode;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::pages::status::component_facts;
use crate::view::{Badge, ComponentQuery, FilterBar, FormField, Frame, Tone, words};

/// The name of the boxes that choose components.
const BOXES: &str = "components";

#[derive(Template)]
#[template(path = "bulk_change/new.html")]
struct NewPage {
    frame: Frame,
    list: String,
    address: String,
    once: Once,
    bar: FilterBar,
    rows: Vec<Choice>,
    /// Whether more components fit the filter than are listed.
    more: bool,
    limit: usize,
    fields: Vec<FormField>,
    wrong: Option<String>,
    wrong_components: Option<String>,
    /// What was asked for many before.
    earlier: String,
}

/// A component that can be chosen.
struct Choice {
    id: String,
    name: String,
    facts: String,
    state: Badge,
    chosen: bool,
}

pub(crate) async fn form(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ComponentQuery>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::RequestChange, tenant.id)?;
    let chosen = chosen(&pairs);
    let page = NewPage::new(&cx, &actor, &tenant, &query, chosen, &BTreeMap::new(), &[]).await?;
    Ok(Page(page).into_response())
}

pub(crate) async fn submit(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ComponentQuery>,
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
            let page = NewPage::new(&cx, &actor, &tenant, &query, components, &given, &problems).await?;
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
        query: &ComponentQuery,
        chosen: Vec<ComponentId>,
        given: &BTreeMap<String, String>,
        problems: &[FormProblem],
    ) -> Result<Self, PageError> {
        let (listed, more) =
            bulk_change::choices(cx, actor, tenant.id, &query.filter(None), query.order(), &chosen).await?;
        let chosen: HashSet<ComponentId> = chosen.into_iter().collect();
        let links = Links::of(tenant);
        let address = links.page("changes/bulk");
        let of = |field: &str| problems.iter().find(|problem| problem.field == field);
        let wrong = words::count(problems.len(), "answer is", "answers are");
        Ok(Self {
            frame: of_tenant(actor, tenant, "Ask for many", "changes").still().asking(),
            list: links.page("changes"),
            bar: FilterBar {
                keeps: Some("choices"),
                ..query.bar(&address, None)
            },
            address,
            once: Once::new(),
            rows: listed.iter().map(|judged| Choice::new(judged, &chosen)).collect(),
            more,
            limit: MAX_COMPONENTS,
            fields: FormField::all(&fields(), given, problems),
            wrong: (!problems.is_empty()).then(|| format!("{wrong} missing or not understood. Nothing was asked for.")),
            wrong_components: of(BOXES).map(|problem| words::plain(&problem.why)),
            earlier: links.page("bulk-changes"),
        })
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
