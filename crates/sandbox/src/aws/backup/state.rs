//! What AWS Backup remembers, of every account and region. Pure: no calls, no clock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use jiff::Timestamp;

use super::super::events::Event;
use super::job::BackupJob;
use super::plan::{Firing, Plan};
use super::vault::Vault;

/// One account in one region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Place {
    /// `arn:aws:backup:REGION:ACCOUNT:resource`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:backup:{}:{}:{resource}", self.region, self.account)
    }

    /// Where a vault is, and its name; `None` where the ARN is none of a vault.
    pub(crate) fn of_vault(arn: &str) -> Option<(Self, &str)> {
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let ["arn", _, "backup", region, account, "backup-vault", name] = parts.as_slice() else {
            return None;
        };
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let place = Self {
            account: (*account).to_owned(),
            region: (*region).to_owned(),
        };
        (digits && !region.is_empty() && !name.is_empty()).then_some((place, *name))
    }
}

/// What happens at a moment, by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    /// The job takes its next step.
    BackupJob(String),
    /// A rule of a plan runs.
    PlanRule(Firing),
}

/// A task with its moment; those of one moment keep the order in which they were planned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    number: u64,
    pub(crate) place: Place,
    pub(crate) task: Task,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    regions: HashMap<Place, Region>,
    due: BTreeSet<Due>,
    planned: u64,
    /// Not sent yet.
    pub(crate) events: BTreeMap<Place, Vec<Event>>,
}

#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) vaults: BTreeMap<String, Vault>,
    pub(crate) backup_jobs: BTreeMap<String, BackupJob>,
    /// Idempotency token to id.
    pub(crate) backup_jobs_by_token: HashMap<String, String>,
    /// By id.
    pub(crate) plans: BTreeMap<String, Plan>,
}

impl Region {
    pub(crate) fn forget_backup_job(&mut self, id: &str) {
        self.backup_jobs.remove(id);
        self.backup_jobs_by_token.retain(|_, job| job != id);
    }
}

impl State {
    /// To be changed; it comes into being with the first change.
    pub(crate) fn region(&mut self, place: &Place) -> &mut Region {
        self.regions.entry(place.clone()).or_default()
    }

    /// To be read; a region in which nothing was ever done is empty, and costs nothing.
    pub(crate) fn read(&self, place: &Place) -> &Region {
        static EMPTY: LazyLock<Region> = LazyLock::new(Region::default);
        self.regions.get(place).unwrap_or(&EMPTY)
    }

    pub(crate) fn plan(&mut self, at: Timestamp, place: &Place, task: Task) {
        self.planned += 1;
        self.due.insert(Due {
            at,
            number: self.planned,
            place: place.clone(),
            task,
        });
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|due| due.at)
    }

    /// The earliest task that is due at `now`, which is then no longer planned.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Due> {
        let first = self.due.first()?;
        if first.at > now { None } else { self.due.pop_first() }
    }

    pub(crate) fn tell(&mut self, place: &Place, event: Event) {
        self.events.entry(place.clone()).or_default().push(event);
    }
}
