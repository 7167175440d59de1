//! Holds on recovery points: what somebody wants kept, and that no mechanism keeps it yet.

pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod show;

use app::hold::OfTarget;
use domain::hold::HoldState;
use domain::recovery_point::Expiry;
use jiff::Timestamp;

use crate::view::{Badge, ExpiryView, Tone, words};

/// Where a hold stands, in a few words. None is ever called held: no mechanism enforces one.
const fn badge(state: HoldState) -> Badge {
    match state {
        HoldState::Standing => Badge::new(Tone::Warn, "Asked for, not enforced"),
        HoldState::ReleaseAsked => Badge::new(Tone::Busy, "Release asked for"),
        HoldState::Released => Badge::new(Tone::Unknown, "Released"),
        HoldState::Over => Badge::new(Tone::Unknown, "Over"),
    }
}

/// What is held, in words.
pub(super) fn target(held: &OfTarget) -> String {
    match (&held.component, &held.point) {
        (Some((name, _)), Some(held)) => format!("{name}: {}", held.point.provider_id),
        (Some((name, environment)), None) => format!("{name} ({environment}): all its recovery points"),
        (None, _) => "everything of the customer".to_owned(),
    }
}

/// What becomes of it by itself.
fn goes(held: &OfTarget) -> ExpiryView {
    match &held.point {
        None => ExpiryView::Words("each recovery point at its own time".to_owned()),
        Some(held) if held.gone => ExpiryView::Words("it is gone".to_owned()),
        Some(held) => Expiry::of(&held.point, held.automated_days).into(),
    }
}

/// Who asked, for whom.
fn asked(said: &domain::hold::Said) -> String {
    format!("{}, for {}", said.name, words::side(said.side))
}

/// Where it stands now.
fn state(held: &OfTarget, now: Timestamp) -> HoldState {
    held.hold.state(now)
}
