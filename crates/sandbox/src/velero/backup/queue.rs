//! Backups wait in a queue: one runs at a time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Step;
use crate::cluster::kind::BACKUPS;
use crate::cluster::meta;
use crate::velero::agenda;
use crate::velero::desk::{Desk, after, phase};

/// Puts a new backup at the end of the queue.
pub(crate) fn enqueue(desk: &mut Desk<'_>, name: &str) {
    let last = desk.list(&BACKUPS).map(|backup| position(backup)).max().unwrap_or(0);
    desk.report(
        &BACKUPS,
        name,
        &json!({"phase": "Queued", "queuePosition": last.saturating_add(1)}),
    );
    desk.agenda.add(after(desk.now, 1), agenda::Step::Queue);
}

/// Lets the first backup of the queue start, unless one is running.
pub(crate) fn look(desk: &mut Desk<'_>) {
    let running = |backup: &Arc<Value>| matches!(phase(backup), "ReadyToStart" | "InProgress");
    if desk.list(&BACKUPS).any(running) {
        return;
    }
    let mut queued: Vec<Arc<Value>> = desk
        .list(&BACKUPS)
        .filter(|backup| phase(backup) == "Queued")
        .cloned()
        .collect();
    queued.sort_by_key(|backup| position(backup));
    let mut queued = queued.iter().map(|backup| meta::name(backup));
    let Some(first) = queued.next() else {
        return;
    };
    desk.report(
        &BACKUPS,
        first,
        &json!({"phase": "ReadyToStart", "queuePosition": null}),
    );
    desk.agenda
        .add(after(desk.now, 1), agenda::Step::Backup(first.to_owned(), Step::Start));
    for (position, name) in (1..).zip(queued) {
        desk.report(&BACKUPS, name, &json!({"queuePosition": position}));
    }
}

fn position(backup: &Value) -> u64 {
    backup["status"]["queuePosition"].as_u64().unwrap_or(0)
}
