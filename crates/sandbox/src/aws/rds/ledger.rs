//! What is remembered of RDS beyond ministack. Pure: no calls, no clock.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::answer::Refusal;
use super::super::xml::Element;
use super::arn::Arn;
use super::backups::Backups;
use super::events::Events;
use super::export::Export;
use super::family::Family;
use super::limits;
use super::snapshot::Snapshot;

/// An identifier, which names one thing in each family.
pub(crate) type Key = (&'static Family, String);

/// One account in one region.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Instances and clusters as ministack last told them.
    pub(crate) sources: BTreeMap<Key, Element>,
    /// When ministack told them. `None`: they may have changed since.
    pub(crate) asked: Option<Timestamp>,
    /// Instances and clusters that were made here.
    pub(crate) made: BTreeMap<Key, Made>,
    /// Automated backups by the resource id of what they back up.
    pub(crate) backups: BTreeMap<String, Backups>,
    pub(crate) snapshots: BTreeMap<Key, Snapshot>,
    pub(crate) exports: BTreeMap<String, Export>,
    pub(crate) events: Events,
    /// When something has to be done next, as of the last look. `None`: never.
    pub(crate) due: Option<Timestamp>,
}

/// When and how an instance or cluster came to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) since: Timestamp,
    /// `creating` before.
    pub(crate) ready_at: Timestamp,
    /// A fault decided that the restore will not work out.
    pub(crate) fails: bool,
}

impl Ledger {
    pub(crate) fn source(&self, family: &'static Family, id: &str) -> Option<&Element> {
        self.sources.get(&(family, id.to_owned()))
    }

    pub(crate) fn made(&self, family: &'static Family, id: &str) -> Option<&Made> {
        self.made.get(&(family, id.to_owned()))
    }

    /// The state of what was restored while it is not simply what ministack says.
    pub(crate) fn status(&self, family: &'static Family, id: &str, now: Timestamp) -> Option<&'static str> {
        let made = self.made(family, id)?;
        match (now < made.ready_at, made.fails) {
            (true, _) => Some("creating"),
            (false, true) => Some("incompatible-restore"),
            (false, false) => None,
        }
    }

    /// The source, if it can be snapshotted and changed now.
    ///
    /// # Errors
    /// The family's codes where it is missing or in another state.
    pub(crate) fn available(&self, family: &'static Family, id: &str, now: Timestamp) -> Result<&Element, Refusal> {
        let source = self.source(family, id).ok_or_else(|| limits::no_source(family, id))?;
        let status = self.status(family, id, now).or(source.text_of(family.source_status));
        if status == Some("available") {
            return Ok(source);
        }
        let what = if family.is_cluster() {
            "DB cluster"
        } else {
            "Database instance"
        };
        let message = format!("{what} {id} is not in available state.");
        Err(Refusal::new(400, family.source_state, message))
    }

    /// Automated snapshots of a resource, in order of their names.
    pub(crate) fn automated(&self, resource: &str) -> impl Iterator<Item = &Snapshot> {
        self.snapshots
            .values()
            .filter(move |snapshot| snapshot.is_automated() && snapshot.resource() == Some(resource))
    }

    /// First and last moment to which the backups reach. `None` before the first complete snapshot.
    pub(crate) fn restorable(&self, backups: &Backups, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let resource = backups.source.text_of(backups.family.resource_id)?;
        let complete = self.automated(resource).filter(|snapshot| !snapshot.fails);
        backups.restorable(complete.map(|snapshot| snapshot.began).min(), now)
    }

    /// The backups that go on of an instance or cluster.
    pub(crate) fn backups_of(&self, family: &'static Family, id: &str) -> Option<&Backups> {
        let resource = self.source(family, id)?.text_of(family.resource_id)?;
        self.backups.get(resource).filter(|backups| backups.goes_on())
    }

    /// A snapshot of this account and region by its identifier or ARN.
    pub(crate) fn snapshot(&self, family: &'static Family, name: &str, here: (&str, &str)) -> Option<&Snapshot> {
        let id = match Arn::parse(name) {
            Some(arn) if (arn.region, arn.account) == here && arn.kind == family.snapshot_kind => arn.id,
            Some(_) => return None,
            None => name,
        };
        self.snapshots.get(&(family, id.to_ascii_lowercase()))
    }

    pub(crate) fn keep(&mut self, snapshot: Snapshot) {
        self.snapshots
            .insert((snapshot.family, snapshot.id().to_owned()), snapshot);
    }
}
