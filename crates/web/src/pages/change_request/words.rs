//! A change in words: its state, how it ended, what was asked.

use domain::change_request::State;
use domain::lifecycle::Lifecycle;
use domain::schedule::Schedule;
use domain::scope_change::{ScopeChangeForm, ScopeWish, Wish};

use crate::view::{Badge, Tone, words};

/// The state in one word.
pub(in crate::pages) const fn badge(state: &State) -> Badge {
    match state {
        State::Submitted => Badge::new(Tone::Busy, "Being planned"),
        State::NeedsInformation { .. } => Badge::new(Tone::Warn, "Needs information"),
        State::Planned { .. } => Badge::new(Tone::Warn, "Waiting for approval"),
        State::Approved { .. } => Badge::new(Tone::Busy, "Approved"),
        State::Applying { .. } => Badge::new(Tone::Busy, "Being applied"),
        State::Applied { .. } => Badge::new(Tone::Ok, "Live"),
        State::Failed { .. } => Badge::new(Tone::Bad, "Failed"),
        State::Rejected { .. } => Badge::new(Tone::Bad, "Rejected"),
        State::Withdrawn => Badge::new(Tone::Unknown, "Withdrawn"),
        State::Expired => Badge::new(Tone::Unknown, "Expired"),
    }
}

/// Why nothing happens to it at the moment, while its customer is suspended.
pub(super) fn held(state: &State, lifecycle: &Lifecycle) -> Option<&'static str> {
    let suspended = lifecycle.suspension.is_some() && lifecycle.ended_at().is_none();
    match state {
        State::Approved { .. } if suspended => Some(
            "Held: the customer is suspended. Once it is resumed, this is carried out if its plan is still what would be shown; \
             otherwise the new plan is shown for approval.",
        ),
        State::Submitted | State::Applying { .. } if suspended => {
            Some("Held: the customer is suspended. Once it is resumed, this goes on.")
        }
        _ => None,
    }
}

/// How it ended, with the class of the note.
pub(super) fn outcome(state: &State) -> Option<(&'static str, String)> {
    match state {
        State::Applied { sow_version, .. } => Some((
            "ok",
            format!(
                "Carried out, then observed to be live. It is part of the scope of work since version {sow_version}."
            ),
        )),
        State::Failed { reason } => Some(("bad", format!("It could not be completed: {reason}"))),
        State::Rejected { reason } => Some(("bad", format!("Rejected: {reason}"))),
        State::Expired => Some((
            "warn",
            "Nobody decided in time. Nothing was changed; ask again if it is still needed.".to_owned(),
        )),
        State::Withdrawn => Some(("", "Taken back by the requester. Nothing was changed.".to_owned())),
        _ => None,
    }
}

/// The answers of the form, in its words.
pub(super) fn asked_for(form: &ScopeChangeForm) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Component", form.component.clone()),
        ("Environment", form.environment.to_string()),
    ];
    match &form.scope {
        ScopeWish::Out => rows.push(("Scope", "out of scope: no backup is configured".to_owned())),
        ScopeWish::In(terms) => {
            rows.push(("Scope", "in scope".to_owned()));
            rows.push(("Retention", wish(terms.retention, |days| days.to_string())));
            rows.push((
                "Schedule",
                wish(terms.schedule.clone(), |schedule| words::schedule(&schedule)),
            ));
            rows.extend(
                terms
                    .backup_window
                    .map(|window| ("Backup window", format!("{window} UTC"))),
            );
            rows.extend(terms.tier.map(|tier| ("Tier", words::tier(tier).to_owned())));
            rows.extend(
                terms
                    .location
                    .map(|place| ("Location", words::location(place).to_owned())),
            );
        }
    }
    if !form.further_needs.is_empty() {
        rows.push(("Further needs", form.further_needs.clone()));
    }
    rows
}

/// The schedule that was asked for by name.
pub(super) fn asked_schedule(form: &ScopeChangeForm) -> Option<&Schedule> {
    match &form.scope {
        ScopeWish::In(terms) => match &terms.schedule {
            Wish::Exactly(schedule) => Some(schedule),
            Wish::TierDefault => None,
        },
        ScopeWish::Out => None,
    }
}

fn wish<T>(wish: Wish<T>, say: impl FnOnce(T) -> String) -> String {
    match wish {
        Wish::Exactly(value) => say(value),
        Wish::TierDefault => "the tier's default".to_owned(),
    }
}
