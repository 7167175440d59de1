//! Small builders that the tests share.

use domain::change_request::{Approval, Requester};
use domain::contract::Side;
use domain::digest::Digest;
use domain::id::UserId;
use jiff::Timestamp;
use uuid::Uuid;

/// People of the stories.
pub(crate) const REQUESTER: UserId = UserId(Uuid::from_u128(1));
pub(crate) const ALICE: UserId = UserId(Uuid::from_u128(2));
pub(crate) const BOB: UserId = UserId(Uuid::from_u128(3));

pub(crate) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(crate) fn requester() -> Requester {
    Requester {
        user: Some(REQUESTER),
        name: "requester@acme.example".to_owned(),
    }
}

pub(crate) fn digest(of: &str) -> Digest {
    Digest::of_bytes(of.as_bytes())
}

/// An approval of the plan that `shown` names.
pub(crate) fn approval(by: UserId, side: Side, shown: &str) -> Approval {
    Approval {
        side,
        by,
        name: "somebody".to_owned(),
        digest: digest(shown),
        at: NOW,
    }
}

/// A transition's name, and the name of the state that it leads to, `None` where it is refused.
pub(crate) type Transition<'a, S> = (&'a str, &'a dyn Fn(&S) -> Option<&'static str>);

/// A table of outcomes: a line for each state, a column for each transition; `-` where it is refused.
pub(crate) fn table<S>(states: &[S], name: impl Fn(&S) -> &'static str, transitions: &[Transition<'_, S>]) -> String {
    let line = |first: &str, cells: Vec<&str>| {
        let cells: String = cells.iter().map(|cell| format!("{cell:<18}")).collect();
        format!("{first:<18}{cells}").trim_end().to_owned()
    };
    let mut lines = vec![line("", transitions.iter().map(|(name, _)| *name).collect())];
    lines.extend(states.iter().map(|state| {
        let outcomes = transitions
            .iter()
            .map(|(_, transition)| transition(state).unwrap_or("-"));
        line(name(state), outcomes.collect())
    }));
    lines.join("\n")
}
