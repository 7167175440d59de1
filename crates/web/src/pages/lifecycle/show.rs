//! The page: what was exported, what remains, and what an administrator may do.

use app::authz::{Action, may};
use app::{Actor, Cx, lifecycle};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::export::{Export, State as Stage};
use domain::tenant::Tenant;

use super::admin::{AdminView, Typed};
use super::remaining::RemainingView;
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::pages::once::Once;
use crate::view::{Badge, Frame, Moment, Tone, words};

#[derive(Template)]
#[template(path = "lifecycle/show.html")]
pub(super) struct LifecyclePage {
    frame: Frame,
    customer: String,
    address: String,
    once: Once,
    exports: Vec<ExportRow>,
    under_way: bool,
    remaining: RemainingView,
    /// What an administrator may do.
    admin: Option<AdminView>,
}

struct ExportRow {
    asked: Moment,
    by: String,
    badge: Badge,
    detail: String,
    sha256: Option<String>,
    /// Where it is downloaded.
    content: Option<String>,
}

pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path(slug): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let mut page = page(&cx, &actor, &tenant, Typed::default()).await?;
    page.frame = page.frame.saying(query.done.as_deref());
    Ok(Page(page).into_response())
}

/// The page, with what was typed and what is wrong with it where it was refused.
pub(super) async fn page(cx: &Cx, actor: &Actor, tenant: &Tenant, typed: Typed) -> Result<LifecyclePage, PageError> {
    let links = Links::of(tenant);
    let exports = app::export::list(cx, actor, tenant.id, None).await?.items;
    let remaining = app::export::remaining(cx, actor, tenant.id).await?;
    let handed_over = exports.iter().find(|export| export.state == Stage::Verified);
    let handed_over = handed_over.map(|export| export.requested_at);
    let admin = match may(actor, Action::Administer, tenant.id) {
        true => {
            let waiting = lifecycle::waiting(cx, actor, tenant.id).await?;
            Some(AdminView::new(cx, tenant, waiting, handed_over, &remaining, typed))
        }
        false => None,
    };
    Ok(LifecyclePage {
        frame: of_tenant(actor, tenant, "Hand-over", "hand-over"),
        customer: tenant.name.clone(),
        address: links.page("hand-over"),
        once: Once::new(),
        under_way: exports.iter().any(|export| export.state.is_under_way()),
        exports: exports.iter().map(|export| ExportRow::new(&links, export)).collect(),
        remaining: RemainingView::new(&remaining),
        admin,
    })
}

impl ExportRow {
    fn new(links: &Links, export: &Export) -> Self {
        let (badge, detail) = match export.state {
            Stage::Queued => (Badge::new(Tone::Busy, "Waiting"), "It begins in a moment.".to_owned()),
            Stage::Writing => (Badge::new(Tone::Busy, "Being written"), progress(export)),
            Stage::Verifying => (Badge::new(Tone::Busy, "Being read back"), progress(export)),
            Stage::Verified => (Badge::new(Tone::Ok, "Verified"), verified(export)),
            Stage::Failed => (
                Badge::new(Tone::Bad, "Failed"),
                export.problem.clone().unwrap_or_default(),
            ),
            Stage::Expired => (
                Badge::new(Tone::Unknown, "Expired"),
                "It was kept for 30 days. Make a new one.".to_owned(),
            ),
        };
        Self {
            asked: export.requested_at.into(),
            by: export.requested_by.clone(),
            badge,
            detail,
            sha256: export.sha256.clone(),
            content: (export.state == Stage::Verified).then(|| links.page(&format!("exports/{}/content", export.id))),
        }
    }
}

fn progress(export: &Export) -> String {
    match export.files_total {
        Some(total) => format!("{} of {total} files", export.files_done),
        None => "It has begun.".to_owned(),
    }
}

fn verified(export: &Export) -> String {
    let rows = usize::try_from(export.rows.unwrap_or_default()).unwrap_or_default();
    let size = words::bytes(export.size_bytes.unwrap_or_default());
    format!(
        "{}, {size}, read back and the same as the records",
        words::count(rows, "row", "rows")
    )
}
