//! Decisions: what nobody decided, and what is out of scope by a signature that is renewed each year.

use std::collections::BTreeMap;

use app::attestation::{self, Listed, Tally};
use app::authz::{self, Action, may};
use app::{Actor, AppError, Cx};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::attestation::DecisionState;
use domain::id::{ComponentId, ScopeItemId};
use domain::tenant::Tenant;
use http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

use super::once::Once;
use crate::auth::Caller;
use crate::error::{Failure, Page, PageError};
use crate::extract::{Form, Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::pages::status::component_facts;
use crate::view::{Badge, Csv, Filter, Format, Frame, Moment, Pager, Signed, chosen, filters, words};

/// As many as a page shows.
const AT_ONCE: usize = 50;

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the page again, choose at most 50 decisions, and send them once more.",
);

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default, deserialize_with = "chosen")]
    state: Option<DecisionState>,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

const STATES: [(&str, &str); 4] = [
    ("undecided", "Undecided"),
    ("overdue", "Overdue"),
    ("due-soon", "Due within three months"),
    ("signed", "Signed"),
];

#[derive(Template)]
#[template(path = "attestation/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    /// What waits, in a sentence.
    headline: String,
    path: String,
    filters: Vec<Filter>,
    results: Vec<Outcome>,
    rows: Vec<Row>,
    empty: &'static str,
    /// Where the decisions are attested; `None`: the reader may not.
    once: Option<Once>,
    /// Whether any row can be attested.
    attestable: bool,
    pager: Pager,
}

/// What came of attesting one decision.
struct Outcome {
    class: &'static str,
    name: String,
    words: String,
}

struct Row {
    name: String,
    href: String,
    facts: String,
    badge: Badge,
    signed: Option<SignedView>,
    /// Names the decision in the form; `None`: there is none to attest.
    item: Option<String>,
    /// Whether it is to be attested now.
    due: bool,
    take_in: Option<String>,
    leave_out: Option<String>,
}

struct SignedView {
    by: String,
    at: Signed,
    /// (word, address) of what it was signed in.
    within: (String, String),
    reason: String,
    attested: Option<(String, Moment)>,
    due_on: Date,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let only = query.state;
    let after = query.cursor.map(ComponentId);
    if query.format == Format::Csv {
        let (_, page) = attestation::page(&cx, &actor, &tenant, only, after).await?;
        let read = move |after| {
            let (cx, actor, tenant) = (cx.clone(), actor.clone(), tenant.clone());
            async move { Ok::<_, AppError>(attestation::page(&cx, &actor, &tenant, only, Some(after)).await?.1) }
        };
        return Ok(Csv::new("decisions", &COLUMNS).pages(page, |listed| listed.component.id, read, cells));
    }
    Ok(Page(ListPage::read(&cx, &actor, &tenant, only, after, Vec::new()).await?).into_response())
}

/// Attests the decisions that were checked, or the one whose button was pressed, each by itself.
pub(crate) async fn attest(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    authz::check(&actor, Action::ApproveForCustomer, tenant.id)?;
    let (items, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(field, _)| field == "item");
    let (once, rest) = Once::take(rest)?;
    let items: Vec<String> = match rest.get("only") {
        Some(only) => vec![only.clone()],
        None => items.into_iter().map(|(_, item)| item).collect(),
    };
    if items.len() > AT_ONCE || rest.keys().any(|field| field != "only") {
        return Err(PageError(MISSHAPEN));
    }
    let mut results = Vec::new();
    for item in &items {
        results.push(one(&cx, &actor, &tenant, once, item).await?);
    }
    if results.is_empty() {
        results.push(Outcome {
            class: "warn",
            name: "Nothing".to_owned(),
            words: "was checked, so nothing was attested.".to_owned(),
        });
    }
    Ok(Page(ListPage::read(&cx, &actor, &tenant, None, None, results).await?).into_response())
}

async fn one(cx: &Cx, actor: &Actor, tenant: &Tenant, once: Once, item: &str) -> Result<Outcome, PageError> {
    let ids = || {
        let (component, item) = item.split_once('/')?;
        Some((ComponentId(component.parse().ok()?), ScopeItemId(item.parse().ok()?)))
    };
    let (component, shown) = ids().ok_or(PageError(MISSHAPEN))?;
    let mut key = once.key(&BTreeMap::from([("item".to_owned(), item.to_owned())]));
    key.key = format!("{}:{item}", key.key);
    match attestation::attest(cx, actor, tenant, component, shown, Some(&key)).await {
        Ok(listed) => {
            let due = listed
                .decision
                .out
                .map(|signed| signed.due_on.to_string())
                .unwrap_or_default();
            Ok(Outcome {
                class: "ok",
                name: listed.component.name,
                words: format!("stays out of scope; to be attested again by {due}."),
            })
        }
        Err(AppError::NotNow(why)) => Ok(Outcome {
            class: "bad",
            name: name(cx, actor, tenant, component).await?,
            words: format!("was not attested: {why}. Read it below, then decide."),
        }),
        Err(other) => Err(other.into()),
    }
}

async fn name(cx: &Cx, actor: &Actor, tenant: &Tenant, component: ComponentId) -> Result<String, PageError> {
    let view = app::component::view(cx, actor, tenant, component).await?;
    Ok(view.judged.status.component.name)
}

impl ListPage {
    async fn read(
        cx: &Cx,
        actor: &Actor,
        tenant: &Tenant,
        only: Option<DecisionState>,
        after: Option<ComponentId>,
        results: Vec<Outcome>,
    ) -> Result<Self, PageError> {
        let (tally, page) = attestation::page(cx, actor, tenant, only, after).await?;
        let links = Links::of(tenant);
        let path = links.page("decisions");
        let only = only.map(DecisionState::as_str);
        let may_attest = may(actor, Action::ApproveForCustomer, tenant.id);
        let may_ask = may(actor, Action::RequestChange, tenant.id);
        let rows: Vec<_> = page
            .items
            .iter()
            .map(|listed| Row::new(listed, &links, may_attest, may_ask))
            .collect();
        let frame = of_tenant(actor, tenant, "Decisions", "decisions");
        let attestable = rows.iter().any(|row| row.item.is_some());
        Ok(Self {
            // What is checked stays checked: no update comes in between.
            frame: if attestable { frame.still() } else { frame },
            headline: headline(&tally),
            filters: filters(&path, "state", &STATES, only),
            results,
            rows,
            empty: if only.is_some() {
                "No decision is in this state"
            } else {
                "Everything is in scope"
            },
            once: may_attest.then(Once::new),
            attestable,
            pager: Pager::new(
                &path,
                only.map(|state| ("state", state)),
                page.next(|listed| listed.component.id),
            ),
            path,
            customer: tenant.name.clone(),
        })
    }
}

fn headline(tally: &Tally) -> String {
    let parts = [
        (tally.undecided, "undecided"),
        (tally.overdue, "overdue"),
        (tally.due_soon, "due within three months"),
        (tally.signed, "signed"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    words::list(&parts)
}

impl Row {
    fn new(listed: &Listed, links: &Links, may_attest: bool, may_ask: bool) -> Self {
        let (component, out) = (&listed.component, listed.decision.out.as_ref());
        let ask = |scope| may_ask.then(|| links.ask_for(component, Some(scope)));
        Self {
            name: component.name.clone(),
            href: links.component(component.id),
            facts: component_facts(component),
            badge: Badge::decision(listed.state),
            signed: out.map(|signed| SignedView {
                by: words::list(&signed.by),
                at: Signed::new(signed.on, signed.at),
                within: match signed.change_number {
                    Some(number) => (format!("change {number}"), links.change(number)),
                    None => (format!("version {}", signed.version), links.version(signed.version)),
                },
                reason: signed.reason.clone(),
                attested: signed.attested.clone().map(|(by, at)| (by, at.into())),
                due_on: signed.due_on,
            }),
            item: out
                .filter(|_| may_attest)
                .map(|signed| format!("{}/{}", component.id, signed.item)),
            due: matches!(listed.state, DecisionState::Overdue | DecisionState::DueSoon),
            take_in: ask("In scope"),
            leave_out: ask("Out of scope").filter(|_| out.is_none()),
        }
    }
}

const COLUMNS: [&str; 11] = [
    "component",
    "environment",
    "kind",
    "state",
    "signed_by",
    "signed_at",
    "change",
    "reason",
    "attested_by",
    "attested_at",
    "due_on",
];

fn cells(one: &Listed) -> Vec<String> {
    let out = one.decision.out.as_ref();
    let attested = out.and_then(|signed| signed.attested.as_ref());
    vec![
        one.component.name.clone(),
        one.component.environment.to_string(),
        one.component.kind.as_str().to_owned(),
        one.state.as_str().to_owned(),
        out.map(|signed| words::list(&signed.by)).unwrap_or_default(),
        out.map(|signed| signed.on.map_or_else(|| signed.at.to_string(), |day| day.to_string()))
            .unwrap_or_default(),
        out.and_then(|signed| signed.change_number)
            .map(|number| number.to_string())
            .unwrap_or_default(),
        out.map(|signed| signed.reason.clone()).unwrap_or_default(),
        attested.map(|(by, _)| by.clone()).unwrap_or_default(),
        attested.map(|(_, at)| at.to_string()).unwrap_or_default(),
        out.map(|signed| signed.due_on.to_string()).unwrap_or_default(),
    ]
}
