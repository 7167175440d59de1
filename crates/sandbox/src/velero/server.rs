//! One Velero server: what it notices, what it does every minute, and what it goes on with.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda::{Agenda, Step};
use super::bucket::Buckets;
use super::desk::{Desk, after, phase};
use super::links::Links;
use super::location::Locations;
use super::metrics::Metrics;
use super::schedule::Schedules;
use super::{backup, deletion, expiry, mover, requests, restore};
use crate::cluster::kind::{
    BACKUPS, DATA_DOWNLOADS, DATA_UPLOADS, DELETE_BACKUP_REQUESTS, DOWNLOAD_REQUESTS, Kind, POD_VOLUME_BACKUPS,
    POD_VOLUME_RESTORES, RESTORES, SERVER_STATUS_REQUESTS,
};
use crate::cluster::{Store, meta};
use crate::faults::Faults;

/// Seconds between two looks at the clock.
const TICK: i64 = 60;

/// Looks at the clock between two collections of expired backups.
const HOUR: u64 = 60;

#[derive(Debug)]
pub(crate) struct Server {
    /// The next look at the clock.
    tick: Timestamp,
    /// Looks so far.
    ticks: u64,
    /// Resource version of the cluster at the last look; `None`: everything is new.
    seen: Option<u64>,
    schedules: Schedules,
    locations: Locations,
    work: Work,
}

/// What the controllers share.
#[derive(Debug, Default)]
struct Work {
    agenda: Agenda,
    backups: backup::Runs,
    restores: restore::Runs,
    metrics: Metrics,
}

/// What all servers share, and the cluster that one of them serves.
pub(crate) struct Surroundings<'a> {
    pub(crate) cluster: &'a str,
    /// As the cluster tells it.
    pub(crate) kubernetes_version: &'a str,
    pub(crate) buckets: &'a Buckets,
    pub(crate) faults: &'a Faults,
    pub(crate) links: &'a Links,
}

impl Work {
    fn desk<'a>(&'a mut self, around: &Surroundings<'a>, store: &'a mut Store, now: Timestamp) -> Desk<'a> {
        Desk {
            cluster: around.cluster,
            kubernetes_version: around.kubernetes_version,
            store,
            buckets: around.buckets,
            faults: around.faults,
            metrics: &mut self.metrics,
            agenda: &mut self.agenda,
            backups: &mut self.backups,
            restores: &mut self.restores,
            now,
        }
    }
}

impl Server {
    pub(crate) fn started(now: Timestamp) -> Self {
        Self {
            tick: after(now, TICK),
            ticks: 0,
            seen: None,
            schedules: Schedules::default(),
            locations: Locations::default(),
            work: Work::default(),
        }
    }

    /// When it next has something to do by itself.
    pub(crate) fn next(&self) -> Timestamp {
        self.work.agenda.next().map_or(self.tick, |next| next.min(self.tick))
    }

    /// Does what is due at [`Server::next`], which is `now` or earlier.
    pub(crate) fn go_on(&mut self, around: &Surroundings<'_>, store: &mut Store) {
        let now = self.next();
        let Some(step) = self.work.agenda.take(now) else {
            return self.look_at_the_clock(around, store, now);
        };
        let desk = &mut self.work.desk(around, store, now);
        match step {
            Step::Queue => backup::look(desk),
            Step::Backup(name, step) => backup::go_on(desk, &name, step),
            Step::Restore(name, step) => restore::go_on(desk, &name, step),
            Step::Move(step) => mover::go_on(desk, step),
            Step::Repository(name) => mover::repository_is_ready(desk, &name),
            Step::Deletion(name) => deletion::finish(desk, &name),
        }
    }

    fn look_at_the_clock(&mut self, around: &Surroundings<'_>, store: &mut Store, now: Timestamp) {
        self.tick = after(now, TICK);
        self.ticks += 1;
        let desk = &mut self.work.desk(around, store, now);
        self.locations.tick(desk);
        self.schedules.tick(desk);
        requests::clean_up(desk);
        if self.ticks.is_multiple_of(HOUR) {
            expiry::collect(desk);
            deletion::clean_up(desk);
        }
    }

    /// Looks at what others changed in the cluster, and takes up what is new.
    pub(crate) fn notice(&mut self, around: &Surroundings<'_>, store: &mut Store, now: Timestamp) {
        if self.seen == Some(store.version()) {
            return;
        }
        let desk = &mut self.work.desk(around, store, now);
        self.locations.notice(desk);
        self.schedules.notice(desk);
        for kind in [
            &POD_VOLUME_BACKUPS,
            &POD_VOLUME_RESTORES,
            &DATA_UPLOADS,
            &DATA_DOWNLOADS,
        ] {
            mover::honour_cancels(desk, kind);
        }
        for backup in fresh(desk, &BACKUPS) {
            backup::enqueue(desk, meta::name(&backup));
        }
        let ending: Vec<Arc<Value>> = desk
            .list(&RESTORES)
            .filter(|restore| meta::terminating(restore))
            .cloned()
            .collect();
        for restore in ending {
            restore::forget(desk, &restore);
        }
        for restore in fresh(desk, &RESTORES) {
            restore::start(desk, &restore);
        }
        for request in fresh(desk, &DELETE_BACKUP_REQUESTS) {
            deletion::begin(desk, &request);
        }
        for request in fresh(desk, &DOWNLOAD_REQUESTS) {
            requests::download(desk, &request, around.links);
        }
        for request in fresh(desk, &SERVER_STATUS_REQUESTS) {
            requests::status(desk, &request);
        }
        self.seen = Some(store.version());
    }

    /// Brings the locations' times up to date; what it wrote itself is no news.
    pub(crate) fn pause(&mut self, around: &Surroundings<'_>, store: &mut Store, now: Timestamp) {
        self.locations.write_times(&mut self.work.desk(around, store, now));
        self.seen = Some(store.version());
    }

    /// Starts anew: what was in progress has failed, metrics are gone, the node agents go on.
    pub(crate) fn restart(&mut self, around: &Surroundings<'_>, store: &mut Store, now: Timestamp) {
        let moves = self.work.agenda.keep_moves();
        *self = Self::started(now);
        self.work.agenda = moves;
        let desk = &mut self.work.desk(around, store, now);
        for (kind, what, label) in [
            (&BACKUPS, "backup", "velero.io/backup-uid"),
            (&RESTORES, "restore", "velero.io/restore-uid"),
        ] {
            let interrupted: Vec<Arc<Value>> = desk
                .list(kind)
                .filter(|object| phase(object) == "InProgress")
                .cloned()
                .collect();
            for object in interrupted {
                let why = format!(
                    "found a {what} with status \"InProgress\" during the server starting, mark it as \"Failed\""
                );
                let failed = json!({"phase": "Failed", "failureReason": why, "completionTimestamp": desk.stamp()});
                desk.report(kind, meta::name(&object), &failed);
                for mover in [
                    &POD_VOLUME_BACKUPS,
                    &POD_VOLUME_RESTORES,
                    &DATA_UPLOADS,
                    &DATA_DOWNLOADS,
                ] {
                    mover::cancel(desk, mover, label, meta::uid(&object));
                }
            }
        }
        resume(desk);
    }

    /// In Prometheus' text format.
    pub(crate) fn metrics(&self, store: &Store) -> String {
        let backups: Vec<&Arc<Value>> = store.list(&BACKUPS, None).collect();
        let restores = store.list(&RESTORES, None).count();
        self.work.metrics.text(&backups, restores)
    }
}

/// Those that no controller has taken up.
fn fresh(desk: &Desk<'_>, kind: &'static Kind) -> Vec<Arc<Value>> {
    let fresh = |object: &&Arc<Value>| matches!(phase(object), "" | "New") && !meta::terminating(object);
    desk.list(kind).filter(fresh).cloned().collect()
}

/// Takes up again what waits for its end.
fn resume(desk: &mut Desk<'_>) {
    let soon = after(desk.now, 1);
    desk.agenda.add(soon, Step::Queue);
    let backups: Vec<Arc<Value>> = desk.list(&BACKUPS).cloned().collect();
    for backup in backups {
        let step = match phase(&backup) {
            "ReadyToStart" => backup::Step::Start,
            waiting if waiting.starts_with("WaitingForPluginOperations") => backup::Step::Operations,
            finalizing if finalizing.starts_with("Finalizing") => backup::Step::Finalize,
            _ => continue,
        };
        let step = Step::Backup(meta::name(&backup).to_owned(), step);
        desk.agenda.add(soon, step);
    }
    let restores: Vec<Arc<Value>> = desk.list(&RESTORES).cloned().collect();
    for restore in restores {
        let step = match phase(&restore) {
            waiting if waiting.starts_with("WaitingForPluginOperations") => restore::Step::Operations,
            finalizing if finalizing.starts_with("Finalizing") => restore::Step::Finalize,
            _ => continue,
        };
        let step = Step::Restore(meta::name(&restore).to_owned(), step);
        desk.agenda.add(soon, step);
    }
}
