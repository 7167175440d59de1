//! What was asked for many components before.

use app::Cx;
use app::authz::{Action, may};
use app::bulk_change::{self, Listed};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::frame::of_tenant;
use crate::view::{Csv, Format, Frame, Moment, Pager};

const COLUMNS: [&str; 5] = ["number", "asked_by", "asked_at", "components", "refused"];

#[derive(Template)]
#[template(path = "bulk_change/list.html")]
struct ListPage {
    frame: Frame,
    changes: String,
    rows: Vec<Row>,
    new: Option<String>,
    pager: Pager,
}

struct Row {
    number: i32,
    href: String,
    asker: String,
    asked: Moment,
    components: i64,
    refused: i64,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    cursor: Option<i32>,
    #[serde(default)]
    format: Format,
}

pub(crate) async fn list(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let listed = bulk_change::list(&cx, &actor, tenant.id, query.cursor).await?;
    if query.format == Format::Csv {
        let read = move |before| {
            let (cx, actor) = (cx.clone(), actor.clone());
            async move { bulk_change::list(&cx, &actor, tenant.id, Some(before)).await }
        };
        return Ok(Csv::new("bulk-changes", &COLUMNS).pages(listed, |bulk| bulk.number, read, cells));
    }
    let links = Links::of(&tenant);
    let path = links.page("bulk-changes");
    Ok(Page(ListPage {
        frame: of_tenant(&actor, &tenant, "Bulk changes", "changes"),
        changes: links.page("changes"),
        pager: Pager::new(&path, None, listed.next(|bulk| bulk.number)),
        new: may(&actor, Action::RequestChange, tenant.id).then(|| links.page("changes/bulk")),
        rows: listed.items.into_iter().map(|bulk| Row::new(&links, bulk)).collect(),
    })
    .into_response())
}

impl Row {
    fn new(links: &Links, bulk: Listed) -> Self {
        Self {
            number: bulk.number,
            href: links.bulk_change(bulk.number),
            asker: bulk.requester,
            asked: Moment(bulk.created_at),
            components: bulk.components,
            refused: bulk.refused,
        }
    }
}

fn cells(bulk: &Listed) -> Vec<String> {
    vec![
        bulk.number.to_string(),
        bulk.requester.clone(),
        bulk.created_at.to_string(),
        bulk.components.to_string(),
        bulk.refused.to_string(),
    ]
}
