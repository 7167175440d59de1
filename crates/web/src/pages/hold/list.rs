//! The holds of a customer.

use app::Cx;
use app::authz::{Action, may};
use app::hold::{Filter as Wanted, OfTarget};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::contract::Side;
use jiff::Timestamp;
use serde::Deserialize;

use super::{asked, badge, goes, state, target};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Csv, ExpiryView, Filter, Format, Frame, Moment, Pager, chosen, filters};

const COLUMNS: [&str; 14] = [
    "number",
    "state",
    "case",
    "holds",
    "recovery_point_at",
    "expires",
    "until",
    "reason",
    "asked_by",
    "asked_for",
    "asked_at",
    "release_reason",
    "released_by",
    "released_at",
];

#[derive(Template)]
#[template(path = "hold/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    points: String,
    filters: Vec<Filter>,
    /// The case that the list is of, and the whole list.
    case: Option<(String, String)>,
    rows: Vec<Row>,
    empty: &'static str,
    new: Option<String>,
    pager: Pager,
}

struct Row {
    number: i32,
    href: String,
    target: String,
    case: Option<String>,
    reason: String,
    badge: Badge,
    goes: ExpiryView,
    until: String,
    asked: String,
    at: Moment,
}

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default, deserialize_with = "chosen")]
    state: Option<StateName>,
    case: Option<String>,
    cursor: Option<i32>,
    #[serde(default)]
    format: Format,
}

/// Where a hold stands, by its name in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StateName {
    Standing,
    ReleaseAskedByCustomer,
    ReleaseAskedByProvider,
    Ended,
}

const STATES: [(&str, &str); 4] = [
    (StateName::Standing.as_str(), "Standing"),
    (
        StateName::ReleaseAskedByCustomer.as_str(),
        "Release for the provider to confirm",
    ),
    (
        StateName::ReleaseAskedByProvider.as_str(),
        "Release for the customer to confirm",
    ),
    (StateName::Ended.as_str(), "Ended"),
];

impl StateName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::ReleaseAskedByCustomer => "release-asked-by-customer",
            Self::ReleaseAskedByProvider => "release-asked-by-provider",
            Self::Ended => "ended",
        }
    }
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let (stands, release_asked) = match query.state {
        None => (None, None),
        Some(StateName::Standing) => (Some(true), None),
        Some(StateName::ReleaseAskedByCustomer) => (None, Some(Side::Customer)),
        Some(StateName::ReleaseAskedByProvider) => (None, Some(Side::Provider)),
        Some(StateName::Ended) => (Some(false), None),
    };
    let wanted = Wanted {
        stands,
        release_asked,
        case: query.case.clone(),
        before: query.cursor,
    };
    let holds = app::hold::list(&cx, &actor, tenant.id, &wanted).await?;
    let now = cx.now();
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            let wanted = Wanted {
                before: Some(before),
                ..wanted.clone()
            };
            async move { app::hold::list(&cx, &actor, tenant.id, &wanted).await }
        };
        let cells = move |held: &OfTarget| cells(held, now);
        return Ok(Csv::new("holds", &COLUMNS).pages(holds, |held| held.hold.number, read, cells));
    }
    let links = Links::of(&tenant);
    let path = links.page("holds");
    let state = query.state.map(StateName::as_str);
    let kept = [("state", state), ("case", query.case.as_deref())];
    let kept: Vec<_> = kept
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    let next = holds.next(|held| held.hold.number);
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Holds", "recovery-points"),
        points: links.page("recovery-points"),
        filters: filters(&path, "state", &STATES, state),
        case: query.case.clone().map(|case| (case, path.clone())),
        rows: holds.items.iter().map(|held| Row::new(&links, held, now)).collect(),
        empty: if kept.is_empty() {
            "No hold was asked for"
        } else {
            "No hold is like this"
        },
        new: may(&actor, Action::AskHold, tenant.id).then(|| links.page("holds/new")),
        pager: Pager::new(&path, kept, next),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, held: &OfTarget, now: Timestamp) -> Self {
        let hold = &held.hold;
        Self {
            number: hold.number,
            href: links.hold(hold.number),
            target: target(held),
            case: hold.case.clone(),
            reason: hold.reason.clone(),
            badge: badge(state(held, now)),
            goes: goes(held),
            until: hold
                .until
                .map_or_else(|| "both sides release it".to_owned(), |day| day.to_string()),
            asked: asked(&hold.asked),
            at: hold.asked.at.into(),
        }
    }
}

fn cells(held: &OfTarget, now: Timestamp) -> Vec<String> {
    let hold = &held.hold;
    let released = hold.released.as_ref();
    vec![
        hold.number.to_string(),
        state(held, now).as_str().to_owned(),
        hold.case.clone().unwrap_or_default(),
        target(held),
        held.point
            .as_ref()
            .map(|held| held.point.at.to_string())
            .unwrap_or_default(),
        goes(held).plain(),
        hold.until.map(|day| day.to_string()).unwrap_or_default(),
        hold.reason.clone(),
        hold.asked.name.clone(),
        hold.asked.side.as_str().to_owned(),
        hold.asked.at.to_string(),
        hold.release
            .as_ref()
            .map(|release| release.reason.clone())
            .unwrap_or_default(),
        released.map(|said| said.name.clone()).unwrap_or_default(),
        released.map(|said| said.at.to_string()).unwrap_or_default(),
    ]
}
