//! Recovery points: what could be restored, as it was last observed, and when each goes.

use app::Cx;
use app::authz::{Action, may};
use app::recovery_point::{Filter as Wanted, OfComponent};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{ComponentId, RecoveryPointId};
use domain::observation::Granularity;
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Csv, ExactMoment, ExpiryView, Filter, Format, Frame, Pager, words};

#[derive(Template)]
#[template(path = "recovery_point/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    holds: String,
    filters: Vec<Filter>,
    /// The component that the list is of, and the whole list.
    component: Option<(String, String)>,
    rows: Vec<Row>,
    filtered: bool,
    pager: Pager,
}

struct Row {
    component: String,
    of_component: String,
    at: ExactMoment,
    earliest: Option<ExactMoment>,
    kind: &'static str,
    encrypted: &'static str,
    expires: ExpiryView,
    /// (number, address) of each hold that it is under.
    holds: Vec<(i32, String)>,
    provider_id: String,
    /// `None`: the reader may not ask.
    restore: Option<String>,
    hold: Option<String>,
}

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    component: Option<Uuid>,
    show: Option<Show>,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Show {
    Snapshot,
    Continuous,
    Held,
}

const SHOWN: [(Option<Show>, &str, &str); 4] = [
    (None, "", "All"),
    (Some(Show::Snapshot), "snapshot", "Snapshots"),
    (Some(Show::Continuous), "continuous", "Point in time"),
    (Some(Show::Held), "held", "Under hold"),
];

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let wanted = query.wanted();
    let points = app::recovery_point::list(&cx, &actor, tenant.id, &wanted).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            let after = Wanted {
                before: Some(before),
                ..wanted.clone()
            };
            async move { app::recovery_point::list(&cx, &actor, tenant.id, &after).await }
        };
        return Ok(Csv::new("recovery-points", &COLUMNS).pages(points, |listed| listed.point.id, read, cells));
    }
    let links = Links::of(&tenant);
    let path = links.page("recovery-points");
    let component = query.component.map(|id| id.to_string());
    let (_, show, _) = SHOWN.iter().find(|(show, ..)| *show == query.show).unwrap_or(&SHOWN[0]);
    let kept = [("component", component.as_deref().unwrap_or_default()), ("show", show)];
    let kept: Vec<_> = kept.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let next = points.next(|listed| listed.point.id);
    let asks = Asks {
        restore: may(&actor, Action::RequestRestore, tenant.id),
        hold: may(&actor, Action::AskHold, tenant.id),
    };
    let of_component = points.items.first().map(|listed| listed.name.clone());
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Recovery points", "recovery-points"),
        holds: links.page("holds"),
        filters: filters(&path, component.as_deref(), query.show),
        component: query
            .component
            .map(|_| (of_component.unwrap_or_else(|| "one component".to_owned()), path.clone())),
        rows: points
            .items
            .iter()
            .map(|listed| Row::new(&links, listed, asks))
            .collect(),
        filtered: !kept.is_empty(),
        pager: Pager::new(&path, kept, next),
        customer: tenant.name,
    })
    .into_response())
}

impl ListQuery {
    fn wanted(&self) -> Wanted {
        Wanted {
            component: self.component.map(ComponentId),
            granularity: match self.show {
                Some(Show::Snapshot) => Some(Granularity::Snapshot),
                Some(Show::Continuous) => Some(Granularity::Continuous),
                Some(Show::Held) | None => None,
            },
            held: (self.show == Some(Show::Held)).then_some(true),
            only: None,
            before: self.cursor.map(RecoveryPointId),
        }
    }
}

/// The choices, of the same component.
fn filters(path: &str, component: Option<&str>, chosen: Option<Show>) -> Vec<Filter> {
    let address = |show: &str| {
        let pairs = [("component", component.unwrap_or_default()), ("show", show)];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{path}?{query}")
    };
    let one = |(show, name, word): &(Option<Show>, &str, &'static str)| Filter {
        href: address(name),
        word,
        current: *show == chosen,
    };
    SHOWN.iter().map(one).collect()
}

/// What the reader may ask for.
#[derive(Debug, Clone, Copy)]
struct Asks {
    restore: bool,
    hold: bool,
}

impl Row {
    fn new(links: &Links, listed: &OfComponent, asks: Asks) -> Self {
        let point = &listed.point;
        let restore = format!("{}?from={}/{}", links.page("restores/new"), listed.component, point.id);
        let hold = format!("{}?point={}", links.page("holds/new"), point.id);
        Self {
            component: listed.name.clone(),
            of_component: format!("{}?component={}", links.page("recovery-points"), listed.component),
            at: ExactMoment(point.at),
            earliest: point.earliest.map(ExactMoment),
            kind: words::granularity(point.granularity),
            encrypted: encrypted(listed),
            expires: ExpiryView::of_listed(listed),
            holds: listed
                .holds
                .iter()
                .map(|number| (*number, links.hold(*number)))
                .collect(),
            provider_id: point.provider_id.clone(),
            restore: asks.restore.then_some(restore),
            hold: asks.hold.then_some(hold),
        }
    }
}

const COLUMNS: [&str; 8] = [
    "component",
    "at",
    "earliest",
    "kind",
    "encrypted",
    "expires",
    "holds_asked_for",
    "provider_id",
];

fn cells(listed: &OfComponent) -> Vec<String> {
    let point = &listed.point;
    let holds: Vec<_> = listed.holds.iter().map(ToString::to_string).collect();
    vec![
        listed.name.clone(),
        point.at.to_string(),
        point.earliest.map(|at| at.to_string()).unwrap_or_default(),
        words::granularity(point.granularity).to_owned(),
        encrypted(listed).to_owned(),
        ExpiryView::of_listed(listed).plain(),
        holds.join(" "),
        point.provider_id.clone(),
    ]
}

const fn encrypted(listed: &OfComponent) -> &'static str {
    if listed.point.encrypted { "yes" } else { "no" }
}
