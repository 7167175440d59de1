//! One hold: what it is on, what becomes of it by itself, and how it is released.

use app::Cx;
use app::hold::View;
use askama::Template;
use axum::extract::State;
use domain::hold::HoldState;
use jiff::Timestamp;

use super::{asked, badge, goes, state, target};
use crate::auth::Caller;
use crate::error::{Page, PageError};
use crate::extract::{Path, Query};
use crate::links::Links;
use crate::pages::DoneQuery;
use crate::pages::frame::of_tenant;
use crate::view::{Badge, Entry, ExactMoment, ExpiryView, Frame, Moment};

#[derive(Template)]
#[template(path = "hold/show.html")]
pub(crate) struct ShowPage {
    frame: Frame,
    list: String,
    address: String,
    number: i32,
    target: String,
    badge: Badge,
    /// Whether it still counts.
    stands: bool,
    asked: String,
    at: Moment,
    point_at: Option<ExactMoment>,
    goes: ExpiryView,
    case: Option<(String, String)>,
    until: String,
    reason: String,
    /// (why, who for which side, when).
    release: Option<(String, String, Moment)>,
    may_ask_release: bool,
    /// `None`: nothing is to be confirmed.
    may_release: Option<Result<(), String>>,
    may_keep: bool,
    timeline: Vec<Entry>,
}

/// One hold.
pub(crate) async fn show(
    State(cx): State<Cx>,
    Caller(actor): Caller,
    Path((slug, number)): Path<(String, i32)>,
    Query(query): Query<DoneQuery>,
) -> Result<Page<ShowPage>, PageError> {
    let tenant = actor.tenant(&cx, &slug).await?;
    let view = app::hold::by_number(&cx, &actor, tenant.id, number).await?;
    let frame = of_tenant(&actor, &tenant, &format!("Hold {number}"), "recovery-points").saying(query.done.as_deref());
    Ok(Page(ShowPage::new(frame, &Links::of(&tenant), view, cx.now())))
}

impl ShowPage {
    fn new(frame: Frame, links: &Links, view: View, now: Timestamp) -> Self {
        let standing = state(&view.hold, now);
        let list = links.page("holds");
        let hold = &view.hold.hold;
        let of_case = |case: &String| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("case", case)
                .finish();
            (case.clone(), format!("{list}?{query}"))
        };
        Self {
            frame,
            address: links.hold(hold.number),
            number: hold.number,
            target: target(&view.hold),
            badge: badge(standing),
            stands: matches!(standing, HoldState::Standing | HoldState::ReleaseAsked),
            asked: asked(&hold.asked),
            at: hold.asked.at.into(),
            point_at: view.hold.point.as_ref().map(|held| ExactMoment(held.point.at)),
            goes: goes(&view.hold),
            case: hold.case.as_ref().map(of_case),
            until: hold.until.map_or_else(
                || "both sides release it".to_owned(),
                |day| format!("the end of {day} (UTC)"),
            ),
            reason: hold.reason.clone(),
            release: hold
                .release
                .as_ref()
                .map(|release| (release.reason.clone(), asked(&release.said), release.said.at.into())),
            may_ask_release: view.may_ask_release,
            may_release: (standing == HoldState::ReleaseAsked).then_some(view.may_release),
            may_keep: view.may_keep,
            timeline: view.timeline.iter().map(Entry::past).collect(),
            list,
        }
    }
}
