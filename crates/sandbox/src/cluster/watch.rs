//! Watching: an answer that goes on, with a line for each change.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::Cluster;
use super::history::{Change, Event};
use super::kind::Kind;
use super::read::options_invalid;
use super::refusal::{Cause, Refusal};
use super::reply::Reply;
use super::selector::{Selector, inside};
use super::store::Store;
use super::turn::Turn;
use super::view::{View, json_bytes};

/// How long a watch goes on where the client does not say.
const LONGEST: u64 = 3_600;

/// How often a watch without news tells how far it is.
const BOOKMARKS_EVERY: Duration = Duration::from_secs(60);

/// One watch on its way.
struct Watch {
    cluster: Arc<Cluster>,
    kind: &'static Kind,
    namespace: Option<String>,
    selector: Selector,
    view: View,
    bookmarks: bool,
    /// Everything up to here was told.
    seen: u64,
    /// Lines that are ready to be sent.
    lines: VecDeque<Bytes>,
    /// Whether a table was sent.
    started: bool,
    ended: bool,
    changes: Receiver<u64>,
    deadline: Instant,
    ticks: Interval,
}

pub(crate) fn watch(turn: &Turn<'_>) -> Result<Reply, Refusal> {
    let asked = turn.asked;
    let kind = turn.resource.kind;
    let since = asked.number("resourceVersion")?.unwrap_or(0);
    let streams_list = asked.flag("sendInitialEvents");
    check_initial(turn)?;
    let seconds = asked.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
    let mut ticks = tokio::time::interval_at(Instant::now() + BOOKMARKS_EVERY, BOOKMARKS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch {
        cluster: turn.cluster.clone(),
        kind,
        namespace: turn.namespace().map(str::to_owned),
        selector: Selector::of(asked, kind)?,
        view: View::of(&asked.accept)?,
        bookmarks: asked.flag("allowWatchBookmarks"),
        seen: since,
        lines: VecDeque::new(),
        started: false,
        ended: false,
        changes: turn.cluster.changes(),
        deadline: Instant::now() + Duration::from_secs(seconds.unwrap_or(LONGEST).min(LONGEST)),
        ticks,
    };
    if streams_list || since == 0 && asked.param("sendInitialEvents").is_none() {
        turn.cluster.read(|store| watch.tell_state(store));
    } else if since == 0 {
        watch.seen = turn.cluster.read(Store::version);
    }
    if streams_list {
        watch.bookmark(true);
    }
    let lines = futures::stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((Ok::<_, Infallible>(line), watch))
    });
    Ok(Reply::body(Body::from_stream(lines)))
}

/// A streamed list is asked for with all three parameters.
fn check_initial(turn: &Turn<'_>) -> Result<(), Refusal> {
    let asked = turn.asked;
    let forbidden = |field, why| Err(options_invalid("ListOptions", &Cause::forbidden(field, why)));
    match (asked.param("sendInitialEvents"), asked.param("resourceVersionMatch")) {
        (None, Some(_)) => forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (Some(_), Some("NotOlderThan")) if asked.flag("allowWatchBookmarks") || !asked.flag("sendInitialEvents") => {
            Ok(())
        }
        (Some(_), Some("NotOlderThan")) => forbidden(
            "allowWatchBookmarks",
            "sendInitialEvents requires setting allowWatchBookmarks to true",
        ),
        (Some(_), _) => forbidden(
            "resourceVersionMatch",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (None, None) => Ok(()),
    }
}

impl Watch {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(line);
            }
            if self.ended {
                return None;
            }
            let cluster = self.cluster.clone();
            cluster.read(|store| self.tell_changes(store));
            if !self.lines.is_empty() {
                continue;
            }
            tokio::select! {
                changed = self.changes.changed() => self.ended = changed.is_err(),
                () = cluster.removed() => self.ended = true,
                _ = self.ticks.tick() => self.bookmark(false),
                () = tokio::time::sleep_until(self.deadline) => {
                    self.bookmark(false);
                    self.ended = true;
                }
            }
        }
    }

    /// Every object that there is, as if it were new.
    fn tell_state(&mut self, store: &Store) {
        self.seen = store.version();
        let namespace = self.namespace.clone();
        for object in store.list(self.kind, namespace.as_deref()) {
            if self.selector.matches(object) {
                self.tell("ADDED", object);
            }
        }
    }

    fn tell_changes(&mut self, store: &Store) {
        self.changes.mark_unchanged();
        let events = match store.since(self.seen) {
            Ok(events) => events,
            Err(forgotten) => {
                let message = format!("too old resource version: {} ({})", self.seen, forgotten.since);
                let status = Refusal::expired(message).status();
                self.line(&json!({"type": "ERROR", "object": status}));
                self.ended = true;
                return;
            }
        };
        for event in events {
            if event.kind == self.kind && inside(self.kind, self.namespace.as_deref(), &event.object) {
                self.tell_event(event);
            }
        }
        self.seen = self.seen.max(store.version());
    }

    /// An object that begins or ceases to match was added or deleted, for this reader.
    fn tell_event(&mut self, event: &Event) {
        let matched = event
            .before
            .as_ref()
            .is_some_and(|before| self.selector.matches(before));
        let matches = event.change != Change::Deleted && self.selector.matches(&event.object);
        match (matched, matches) {
            (false, true) => self.tell("ADDED", &event.object),
            (true, true) => self.tell("MODIFIED", &event.object),
            (true, false) => self.tell("DELETED", &event.object),
            (false, false) => {}
        }
    }

    fn tell(&mut self, type_: &str, object: &Value) {
        let object = self.view.event(self.kind, object, !self.started);
        self.started = true;
        self.line(&json!({"type": type_, "object": object}));
    }

    /// Tells how far the watch is, if the client wants to know.
    fn bookmark(&mut self, initial: bool) {
        if !self.bookmarks {
            return;
        }
        let mut object = json!({
            "kind": self.kind.kind,
            "apiVersion": self.kind.api_version(),
            "metadata": {"resourceVersion": self.seen.to_string(), "creationTimestamp": null},
        });
        if initial {
            object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = match self.view {
            View::Plain => object,
            View::Metadata | View::Table => self.view.event(self.kind, &object, false),
        };
        self.line(&json!({"type": "BOOKMARK", "object": object}));
    }

    fn line(&mut self, event: &Value) {
        let mut line = json_bytes(event);
        line.push(b'\n');
        self.lines.push_back(line.into());
    }
}
