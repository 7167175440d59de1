//! The primary rate limit: calls an hour, by user and by installation, on the virtual clock.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::caller::Caller;
use super::refusal::Refusal;
use super::state::State;
use super::turn::{Reply, Turn};

/// The call that is free.
pub(crate) const OPERATION: &str = "rate-limit/get";

/// A window's length; it opens with the first call.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Calls in a window, of a user or the App.
const LIMIT: u32 = 5_000;
/// The most that an installation's limit grows to.
const INSTALLATION_LIMIT: u32 = 12_500;
/// Repositories that an installation's basic limit covers; each further one adds [`MORE`].
const COVERED: u32 = 20;
const MORE: u32 = 50;
/// Without credentials, by address.
const ADDRESS_LIMIT: u32 = 60;

/// Whom a call counts for. `None`: its address, as the credentials are missing or wrong.
pub(crate) type Holder = Option<Caller>;

/// Calls made, and limits that a test has set.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: BTreeMap<Holder, Window>,
    set: BTreeMap<Holder, u32>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    resets_at: Timestamp,
}

/// How a holder's window looks at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    limit: u32,
    used: u32,
    resets_at: Timestamp,
}

impl Limits {
    /// Sets a limit, with nothing used so far.
    pub(crate) fn set(&mut self, holder: Holder, limit: u32) {
        self.windows.remove(&holder);
        self.set.insert(holder, limit);
    }

    /// Counts a call.
    pub(crate) fn spend(&mut self, holder: Holder, now: Timestamp) {
        let window = self.windows.entry(holder).or_insert_with(|| Window::new(now));
        if window.resets_at <= now {
            *window = Window::new(now);
        }
        window.used = window.used.saturating_add(1);
    }
}

impl Window {
    fn new(now: Timestamp) -> Self {
        Self {
            used: 0,
            resets_at: now + WINDOW,
        }
    }
}

pub(crate) fn standing(state: &State, holder: Holder, now: Timestamp) -> Standing {
    let limit = state.limits.set.get(&holder).copied();
    let window = state.limits.windows.get(&holder).copied();
    let window = window
        .filter(|window| window.resets_at > now)
        .unwrap_or_else(|| Window::new(now));
    Standing {
        limit: limit.unwrap_or_else(|| usual(state, holder)),
        used: window.used,
        resets_at: window.resets_at,
    }
}

fn usual(state: &State, holder: Holder) -> u32 {
    match holder {
        None => ADDRESS_LIMIT,
        Some(Caller::User(_) | Caller::App) => LIMIT,
        Some(Caller::Installation(id)) => {
            let repos = u32::try_from(state.repos_of(id).count()).unwrap_or(u32::MAX);
            let more = repos.saturating_sub(COVERED).saturating_mul(MORE);
            LIMIT.saturating_add(more).min(INSTALLATION_LIMIT)
        }
    }
}

impl Standing {
    fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    pub(crate) fn used_up(self) -> bool {
        self.remaining() == 0
    }

    /// Refuses a call for which nothing is left.
    pub(crate) fn check(self, holder: Holder, app: Option<u64>) -> Result<(), Refusal> {
        if !self.used_up() {
            return Ok(());
        }
        Err(Refusal::rate_limited(match holder {
            None => "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)".to_owned(),
            Some(Caller::User(id)) => format!("API rate limit exceeded for user ID {id}."),
            Some(Caller::App) => format!("API rate limit exceeded for app ID {}.", app.unwrap_or_default()),
            Some(Caller::Installation(id)) => format!("API rate limit exceeded for installation ID {id}."),
        }))
    }

    /// The five headers that every answer carries.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let mut number = |name, value: i64| headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        number("x-ratelimit-limit", self.limit.into());
        number("x-ratelimit-remaining", self.remaining().into());
        number("x-ratelimit-used", self.used.into());
        number("x-ratelimit-reset", self.resets_at.as_second());
        headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
    }

    fn shown(self) -> Value {
        json!({
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining(),
            "reset": self.resets_at.as_second(),
        })
    }
}

/// Says how much is left; asking is free.
pub(crate) fn get(turn: &mut Turn<'_>) -> Result<Reply, Refusal> {
    let core = standing(turn.state, Some(turn.caller), turn.now).shown();
    let unused = |limit, window| {
        Standing {
            limit,
            used: 0,
            resets_at: turn.now + window,
        }
        .shown()
    };
    let resources = json!({
        "core": core,
        "search": unused(30, SignedDuration::from_mins(1)),
        "graphql": unused(LIMIT, WINDOW),
    });
    Ok(Reply::ok(json!({"resources": resources, "rate": core})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_with_its_first_call_and_closes_an_hour_later() {
        let (queue, _tasks) = tokio::sync::mpsc::unbounded_channel();
        let start = Timestamp::UNIX_EPOCH;
        let mut state = State::new(queue, None, Some(7), start);
        let holder = Some(Caller::User(1));
        state.limits.set(holder, 2);
        let at = |minutes| start + SignedDuration::from_mins(minutes);
        state.limits.spend(holder, at(10));
        state.limits.spend(holder, at(20));
        let full = standing(&state, holder, at(69));
        assert_eq!((full.remaining(), full.resets_at), (0, at(70)));
        assert!(full.check(holder, None).is_err());
        assert!(standing(&state, holder, at(70)).check(holder, None).is_ok());
        state.limits.spend(holder, at(80));
        assert_eq!(standing(&state, holder, at(80)).resets_at, at(140));
    }

    #[test]
    fn an_installation_may_call_more_the_more_repositories_it_has() {
        let (queue, _tasks) = tokio::sync::mpsc::unbounded_channel();
        let mut state = State::new(queue, None, Some(7), Timestamp::UNIX_EPOCH);
        let mut limit = |repos: u32| {
            for n in 0..repos {
                let seed = crate::config::SeedRepo {
                    full_name: format!("acme/r{n}"),
                    installation_id: Some(5),
                    ..crate::config::SeedRepo::default()
                };
                // Those of an earlier round are there already.
                super::super::seed::repo(&mut state, &seed, Timestamp::UNIX_EPOCH).ok();
            }
            usual(&state, Some(Caller::Installation(5)))
        };
        assert_eq!([limit(20), limit(22), limit(300)], [5_000, 5_100, 12_500]);
    }
}
