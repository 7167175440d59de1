//! Velero 1.18: one emulated server in every cluster, on the virtual clock, with buckets that the clusters share.
//!
//! Everything goes through the objects of the cluster, as it does with the real one; `/_velero/clusters/NAME/metrics` is its port 8085,
//! `/_velero/buckets/...` serves what a DownloadRequest links to, and `POST /_sandbox/velero/restart {"cluster"}` restarts it. Traps of the
//! real one are kept: a schedule that can never run runs every minute, one with a name that no label can hold never does, a backup that
//! hangs holds up the queue, and the last status of a schedule is 1 again within a minute.
//!
//! Faults are met under the service `velero` and the account of the cluster's name:
//!
//! | Operation | `job-failed`, `access-denied` | `timeout` | any other |
//! |---|---|---|---|
//! | `backup`, `restore` | Failed, with the message as its reason | stays InProgress until a restart | PartiallyFailed, with the message as its error |
//! | `datamover` | the volume's move fails with the message | the move never ends | as `job-failed` |
//! | `location` | Unavailable with the message, at one validation | as the others | as the others |
//! | `delete` | the request's error | the backup stays Deleting | as `job-failed` |
//!
//! # Where it differs from the real one
//!
//! | Real | Here |
//! |---|---|
//! | Schedules, locations and requests are looked at in several rhythms | every 60 s from the server's start; expired backups every hour |
//! | Each validation and sync writes its time | in a leap of the clock only the last one does |
//! | Every write is recorded in `managedFields` | the server's are, in schedules and locations; not in what only Velero writes to |
//! | A change of phase takes milliseconds | a second; 50 items a second are backed up, 20 restored, a GiB a second is moved |
//! | Data movers run within the node agents' limits | all at once |
//! | A bucket exists in its provider | a cluster's own bucket exists, with the right permissions for every cluster |
//! | Plugins add related objects | claims bring their volumes; nothing else comes along |
//! | Native snapshots of a VolumeSnapshotLocation | none are taken; the location is only chosen and validated |
//! | CSI snapshots are objects of the cluster | they are counted |
//! | Hooks, resource policies, resource modifiers, ordered resources | are ignored |
//! | A malformed duration or list stops the controller of its kind | a duration counts as none; a spec that cannot be read fails validation |
//! | A repository is maintained | it becomes Ready, and stays so |
//! | Restored pods start, and their claims are bound, in time | at once |
//! | A restored service account is merged | the one that exists stays as it is |

mod agenda;
mod backup;
mod bucket;
mod collect;
mod cron;
mod deletion;
mod desk;
mod duration;
mod expiry;
mod files;
mod filters;
mod labels;
mod links;
mod location;
mod metrics;
mod mover;
mod requests;
mod restore;
mod routes;
mod schedule;
mod select;
mod server;
mod sync;
mod volumes;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use self::bucket::Buckets;
use self::links::{Denied, Links};
use self::server::{Server, Surroundings};
use crate::cluster::{Cluster, Clusters};
use crate::faults::Faults;

pub(crate) use self::routes::router;

/// As the server reports itself.
const VERSION: &str = "v1.18.0";

pub(crate) struct Velero {
    servers: Mutex<BTreeMap<String, Server>>,
    buckets: Buckets,
    links: Links,
}

impl Velero {
    /// `url` is where the sandbox serves.
    pub(crate) fn new(url: &str) -> Self {
        Self {
            servers: Mutex::default(),
            buckets: Buckets::default(),
            links: Links::new(format!("{url}/_velero/buckets")),
        }
    }

    /// Does everything that is due up to `now`, in the order of virtual time over all clusters, then takes up what is new.
    pub(crate) fn catch_up(&self, clusters: &Clusters, faults: &Faults, now: Timestamp) {
        let mut servers = self.lock();
        let clusters = clusters.all();
        let names: HashSet<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        servers.retain(|name, _| names.contains(name.as_str()));
        let mut due = BinaryHeap::new();
        for (number, cluster) in clusters.iter().enumerate() {
            self.buckets.make(&cluster.bucket);
            let server = servers.entry(cluster.name.clone());
            let server = server.or_insert_with(|| Server::started(now));
            due.push(Reverse((server.next(), number)));
        }
        while let Some(Reverse((next, number))) = due.pop()
            && next <= now
        {
            let cluster = &clusters[number];
            let Some(server) = servers.get_mut(&cluster.name) else {
                continue;
            };
            // Until it is another one's turn: clusters meet in buckets.
            let until = due.peek().map_or(now, |Reverse((next, _))| now.min(*next));
            let around = self.around(cluster, faults);
            cluster.write(|store| {
                while server.next() <= until {
                    server.go_on(&around, store);
                }
            });
            due.push(Reverse((server.next(), number)));
        }
        for cluster in &clusters {
            if let Some(server) = servers.get_mut(&cluster.name) {
                self.take_up(server, cluster, faults, now);
            }
        }
    }

    /// Takes up what was just written to one cluster.
    pub(crate) fn follow(&self, cluster: &Cluster, faults: &Faults, now: Timestamp) {
        if let Some(server) = self.lock().get_mut(&cluster.name) {
            self.take_up(server, cluster, faults, now);
        }
    }

    fn take_up(&self, server: &mut Server, cluster: &Cluster, faults: &Faults, now: Timestamp) {
        let around = self.around(cluster, faults);
        cluster.write(|store| {
            server.notice(&around, store, now);
            server.pause(&around, store, now);
        });
    }

    /// When a server next has something to do by itself; `None` without clusters, and while what is due is being done.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let servers = self.servers.try_lock().ok()?;
        servers.values().map(Server::next).min()
    }

    /// Restarts a cluster's server; `false`: there is none.
    pub(crate) fn restart(&self, cluster: &Cluster, faults: &Faults, now: Timestamp) -> bool {
        let mut servers = self.lock();
        let Some(server) = servers.get_mut(&cluster.name) else {
            return false;
        };
        let around = self.around(cluster, faults);
        cluster.write(|store| {
            server.restart(&around, store, now);
            server.notice(&around, store, now);
            server.pause(&around, store, now);
        });
        true
    }

    /// A cluster's metrics in Prometheus' text format; `None`: it has no server yet.
    fn metrics(&self, cluster: &Cluster) -> Option<String> {
        let servers = self.lock();
        let server = servers.get(&cluster.name)?;
        Some(cluster.read(|store| server.metrics(store)))
    }

    fn around<'a>(&'a self, cluster: &'a Cluster, faults: &'a Faults) -> Surroundings<'a> {
        Surroundings {
            cluster: &cluster.name,
            kubernetes_version: &cluster.kubernetes_version,
            buckets: &self.buckets,
            faults,
            links: &self.links,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Server>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
