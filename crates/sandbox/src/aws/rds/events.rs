//! What RDS tells about what happened. Pure: no calls, no clock.

use jiff::{SignedDuration, Timestamp};

use super::super::xml::Element;
use super::family::{CLUSTER, Family};
use super::snapshot::Snapshot;

/// RDS forgets its events after two weeks.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Events that are remembered of one account in one region.
const MOST: usize = 10_000;

/// What an event is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) kind: &'static Kind,
    pub(crate) id: String,
    pub(crate) arn: String,
}

/// The names of a kind of subject.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// `SourceType` of `DescribeEvents`.
    pub(crate) described: &'static str,
    /// `SourceType` of an event on the bus.
    pub(crate) published: &'static str,
    pub(crate) detail_type: &'static str,
}

static OF_INSTANCES: Kind = Kind {
    described: "db-instance",
    published: "DB_INSTANCE",
    detail_type: "RDS DB Instance Event",
};
static OF_CLUSTERS: Kind = Kind {
    described: "db-cluster",
    published: "CLUSTER",
    detail_type: "RDS DB Cluster Event",
};
static OF_SNAPSHOTS: Kind = Kind {
    described: "db-snapshot",
    published: "SNAPSHOT",
    detail_type: "RDS DB Snapshot Event",
};
static OF_CLUSTER_SNAPSHOTS: Kind = Kind {
    described: "db-cluster-snapshot",
    published: "CLUSTER_SNAPSHOT",
    detail_type: "RDS DB Cluster Snapshot Event",
};

impl Subject {
    pub(crate) fn source(family: &'static Family, source: &Element) -> Self {
        let text = |field| source.text_of(field).unwrap_or_default().to_owned();
        Self {
            kind: if family.is_cluster() {
                &OF_CLUSTERS
            } else {
                &OF_INSTANCES
            },
            id: text(family.source_id),
            arn: text(family.source_arn),
        }
    }

    pub(crate) fn snapshot(snapshot: &Snapshot) -> Self {
        Self {
            kind: if snapshot.family.is_cluster() {
                &OF_CLUSTER_SNAPSHOTS
            } else {
                &OF_SNAPSHOTS
            },
            id: snapshot.id().to_owned(),
            arn: snapshot.arn().to_owned(),
        }
    }
}

/// Number and category of a sort of event.
pub(crate) type Sort = (Option<&'static str>, &'static str);

/// One event, which may lie ahead: what was begun tells at once when it will end.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) subject: Subject,
    /// `RDS-EVENT-…`. `None`: RDS documents none.
    pub(crate) number: Option<&'static str>,
    pub(crate) category: &'static str,
    pub(crate) message: String,
    /// Whether the bus has it.
    pub(crate) published: bool,
}

/// The events of one account in one region, in order of recording.
#[derive(Debug, Default)]
pub(crate) struct Events(Vec<Event>);

impl Events {
    pub(crate) fn add(
        &mut self,
        at: Timestamp,
        subject: Subject,
        (number, category): Sort,
        message: impl Into<String>,
    ) {
        self.0.push(Event {
            at,
            subject,
            number,
            category,
            message: message.into(),
            published: false,
        });
    }

    /// What is told of a snapshot from its begin to its end; `reason` is why it fails.
    pub(crate) fn add_snapshot(&mut self, snapshot: &Snapshot, reason: Option<&str>) {
        let [begin, end] = match (snapshot.family.is_cluster(), snapshot.is_automated()) {
            (false, true) => [
                (Some("RDS-EVENT-0090"), "creation", "Creating automated snapshot"),
                (Some("RDS-EVENT-0091"), "creation", "Automated snapshot created"),
            ],
            (false, false) => [
                (Some("RDS-EVENT-0040"), "creation", "Creating manual snapshot"),
                (Some("RDS-EVENT-0042"), "creation", "Manual snapshot created"),
            ],
            (true, true) => [
                (Some("RDS-EVENT-0168"), "backup", "Creating automated cluster snapshot"),
                (Some("RDS-EVENT-0169"), "backup", "Automated cluster snapshot created"),
            ],
            (true, false) => [
                (Some("RDS-EVENT-0074"), "backup", "Creating manual cluster snapshot"),
                (Some("RDS-EVENT-0075"), "backup", "Manual cluster snapshot created"),
            ],
        };
        let database = Subject::source(snapshot.family, &snapshot.source);
        let itself = Subject::snapshot(snapshot);
        if snapshot.family != &CLUSTER {
            let sort = (Some("RDS-EVENT-0001"), "backup");
            self.add(snapshot.began, database.clone(), sort, "Backing up DB instance");
        }
        self.add(snapshot.began, itself.clone(), (begin.0, begin.1), begin.2);
        if snapshot.fails {
            let reason = reason.unwrap_or("The snapshot failed.");
            self.add(snapshot.ends, itself, (None, "failure"), reason);
            return;
        }
        self.add(snapshot.ends, itself, (end.0, end.1), end.2);
        if snapshot.family != &CLUSTER {
            let sort = (Some("RDS-EVENT-0002"), "backup");
            self.add(snapshot.ends, database, sort, "Finished DB Instance backup");
        }
    }

    /// What is told of a copy; RDS documents no events of a cluster snapshot's copies.
    pub(crate) fn add_copy(&mut self, copy: &Snapshot, source: &str, from: &str, to: &str, reason: Option<&str>) {
        let itself = Subject::snapshot(copy);
        if copy.fails {
            let reason = reason.unwrap_or("The copy failed.");
            self.add(copy.ends, itself, (None, "failure"), reason);
            return;
        }
        if copy.family.is_cluster() {
            return;
        }
        let minutes = (copy.ends.as_second() - copy.began.as_second()) / 60;
        let (begin, end, side, took) = if from == to {
            ("RDS-EVENT-0196", "RDS-EVENT-0197", "in", String::new())
        } else {
            let took = format!(" in {minutes} minutes");
            ("RDS-EVENT-0059", "RDS-EVENT-0060", "from", took)
        };
        let begun = format!("Started copy of snapshot {source} {side} region {from}");
        self.add(copy.began, itself.clone(), (Some(begin), "notification"), begun);
        let ended = format!("Finished copy of snapshot {source} {side} region {from}{took}");
        self.add(copy.ends, itself, (Some(end), "notification"), ended);
    }

    /// Takes back the notification about a subject that was to come at `at`.
    pub(crate) fn cancel(&mut self, arn: &str, at: Timestamp) {
        self.0
            .retain(|event| event.at != at || event.subject.arn != arn || event.category != "notification");
    }

    /// What happened up to `now` and is not on the bus yet; it counts as there from now on.
    pub(crate) fn take_unpublished(&mut self, now: Timestamp) -> Vec<Event> {
        let due = self.0.iter_mut().filter(|event| !event.published && event.at <= now);
        let mut due: Vec<Event> = due
            .map(|event| {
                event.published = true;
                event.clone()
            })
            .collect();
        due.sort_by_key(|event| event.at);
        due
    }

    /// When the bus gets the next one.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let waiting = self.0.iter().filter(|event| !event.published);
        waiting.map(|event| event.at).min()
    }

    /// Forgets what is too old, and the oldest of what is too much.
    pub(crate) fn purge(&mut self, now: Timestamp) {
        self.0.retain(|event| event.at > now - KEPT);
        let excess = self.0.len().saturating_sub(MOST);
        self.0.drain(..excess);
    }

    /// Everything up to `now`, oldest first.
    pub(crate) fn happened(&self, now: Timestamp) -> Vec<&Event> {
        let mut happened: Vec<&Event> = self.0.iter().filter(|event| event.at <= now).collect();
        happened.sort_by_key(|event| event.at);
        happened
    }
}
