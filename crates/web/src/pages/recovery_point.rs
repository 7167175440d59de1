//! Recovery points: what could be restored, as it was last observed.

use app::Cx;
use app::authz::{Action, may};
use app::recovery_point::OfComponent;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::{ComponentId, RecoveryPointId};
use domain::restore::RecoveryPoint;
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Csv, ExactMoment, Format, Frame, Pager, words};

/// The filter that the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    component: Option<Uuid>,
    cursor: Option<Uuid>,
    #[serde(default)]
    format: Format,
}

#[derive(Template)]
#[template(path = "recovery_point/list.html")]
struct ListPage {
    frame: Frame,
    customer: String,
    /// Where those of all components are; `None`: here.
    all: Option<String>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    component: String,
    at: ExactMoment,
    earliest: Option<ExactMoment>,
    kind: &'static str,
    encrypted: &'static str,
    provider_id: String,
    restore: String,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let before = query.cursor.map(RecoveryPointId);
    let component = query.component.map(ComponentId);
    let points = app::recovery_point::list(&cx, &actor, tenant.id, component, before).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { app::recovery_point::list(&cx, &actor, tenant.id, component, Some(before)).await }
        };
        return Ok(Csv::new("recovery-points", &COLUMNS).pages(points, |listed| listed.point.id, read, cells));
    }
    let links = Links::of(&tenant);
    let rows = points.items.iter().map(|listed| Row::new(&links, listed));
    let next = points.next(|listed| listed.point.id);
    let path = links.page("recovery-points");
    let only = component.map(|id| id.to_string());
    let may_restore = may(&actor, Action::RequestRestore, tenant.id);
    let hidden = |row: Row| {
        if may_restore {
            row
        } else {
            Row {
                restore: String::new(),
                ..row
            }
        }
    };
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Recovery points", "recovery-points"),
        rows: rows.map(hidden).collect(),
        pager: Pager::new(&path, only.as_deref().map(|id| ("component", id)), next),
        all: component.map(|_| path),
        customer: tenant.name,
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, listed: &OfComponent) -> Self {
        let point = &listed.point;
        Self {
            component: listed.name.clone(),
            at: ExactMoment(point.at),
            earliest: point.earliest.map(ExactMoment),
            kind: words::granularity(point.granularity),
            encrypted: encrypted(point),
            provider_id: point.provider_id.clone(),
            restore: format!("{}?from={}/{}", links.page("restores/new"), listed.component, point.id),
        }
    }
}

const COLUMNS: [&str; 6] = ["component", "at", "earliest", "kind", "encrypted", "provider_id"];

fn cells(listed: &OfComponent) -> Vec<String> {
    let point = &listed.point;
    vec![
        listed.name.clone(),
        point.at.to_string(),
        point.earliest.map(|at| at.to_string()).unwrap_or_default(),
        words::granularity(point.granularity).to_owned(),
        encrypted(point).to_owned(),
        point.provider_id.clone(),
    ]
}

const fn encrypted(point: &RecoveryPoint) -> &'static str {
    if point.encrypted { "yes" } else { "no" }
}
