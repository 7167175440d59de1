//! What AWS Backup remembers, of every account and region. Pure: no calls, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use jiff::Timestamp;

use super::super::events::Event;
pub(crate) use super::super::queue::Place;
use super::super::queue::{Due, Queue};
use super::copy::CopyJob;
use super::job::BackupJob;
use super::legal_hold::LegalHold;
use super::plan::{Firing, Plan};
use super::report::{ReportJob, ReportPlan};
use super::restore::{Made, RestoreJob};
use super::restore_testing::TestingPlan;
use super::settings::Settings;
use super::vault::Vault;
use super::vault_notifications::Notice;

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
    /// The same.
    CopyJob(String),
    /// The same.
    RestoreJob(String),
    /// The same.
    ReportJob(String),
    /// The report plan of that ARN makes its report of the day.
    Report(String),
    /// A rule of a plan runs.
    PlanRule(Firing),
    /// A restore testing plan runs, by name.
    RestoreTest(String),
    /// What a test's restore job made has had its time, or is deleted.
    EndRestoreTest(String),
    /// The recovery point's time is over, unless its lifecycle was changed or it is held.
    Expire { vault: String, point: String },
    /// A legal hold that was cancelled has been remembered for as long as was asked.
    ForgetHold(String),
    /// A recovery point that was deleted by hand goes.
    Delete { vault: String, point: String },
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    pub(crate) events: BTreeMap<Place, Vec<Event>>,
    pub(crate) notices: Vec<(Place, Notice)>,
    /// How many both are.
    count: usize,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    regions: HashMap<Place, Region>,
    due: Queue<Task>,
    untold: Untold,
    /// Databases that RDS has not been told of yet.
    pub(crate) databases: Vec<Made>,
}

#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) vaults: BTreeMap<String, Vault>,
    /// By ARN, of whatever has tags.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) legal_holds: BTreeMap<String, LegalHold>,
    pub(crate) settings: Settings,
    pub(crate) backup_jobs: BTreeMap<String, BackupJob>,
    /// Idempotency token to id.
    pub(crate) backup_jobs_by_token: HashMap<String, String>,
    /// By id.
    pub(crate) plans: BTreeMap<String, Plan>,
    /// By name.
    pub(crate) report_plans: BTreeMap<String, ReportPlan>,
    /// By id.
    pub(crate) report_jobs: BTreeMap<String, ReportJob>,
    pub(crate) copy_jobs: BTreeMap<String, CopyJob>,
    /// Idempotency token to id.
    pub(crate) copy_jobs_by_token: HashMap<String, String>,
    pub(crate) restore_jobs: BTreeMap<String, RestoreJob>,
    /// Idempotency token to id.
    pub(crate) restore_jobs_by_token: HashMap<String, String>,
    /// By name.
    pub(crate) restore_testing_plans: BTreeMap<String, TestingPlan>,
}

impl Region {
    /// Whether an ARN names something that is kept here.
    pub(crate) fn has(&self, place: &Place, arn: &str) -> bool {
        let own = arn.strip_prefix(&place.arn(""));
        let point = || self.vaults.values().any(|vault| vault.points.contains_key(arn));
        match own.and_then(|own| own.split_once(':')) {
            Some(("backup-vault", name)) => self.vaults.contains_key(name),
            Some(("legal-hold", id)) => self.legal_holds.contains_key(id),
            Some(("backup-plan", id)) => self.plans.contains_key(id),
            Some(("report-plan", _)) => self.report_plans.values().any(|plan| plan.arn == arn),
            Some(("restore-testing-plan", _)) => self.restore_testing_plans.values().any(|plan| plan.arn == arn),
            _ => point(),
        }
    }

    pub(crate) fn forget_backup_job(&mut self, id: &str) {
        self.backup_jobs.remove(id);
        self.backup_jobs_by_token.retain(|_, job| job != id);
    }

    pub(crate) fn forget_copy_job(&mut self, id: &str) {
        self.copy_jobs.remove(id);
        self.copy_jobs_by_token.retain(|_, job| job != id);
    }

    pub(crate) fn forget_restore_job(&mut self, id: &str) {
        self.restore_jobs.remove(id);
        self.restore_jobs_by_token.retain(|_, job| job != id);
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
        self.due.plan(at, place, task);
    }

    /// When the next task is due; at once where something waits to be told.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        if self.untold() > 0 {
            return Some(Timestamp::MIN);
        }
        self.due.next()
    }

    /// The earliest task that is due at `now`, which is then no longer planned.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Due<Task>> {
        self.due.take(now)
    }

    /// Whether anything was ever done in a region.
    pub(crate) fn knows(&self, place: &Place) -> bool {
        self.regions.contains_key(place)
    }

    pub(crate) fn forget(&mut self, place: &Place) {
        self.regions.remove(place);
    }

    /// How many events and notices wait to be sent.
    pub(crate) fn untold(&self) -> usize {
        self.untold.count
    }

    /// What waits to be sent, which then no longer waits.
    pub(crate) fn take_untold(&mut self) -> Untold {
        std::mem::take(&mut self.untold)
    }

    pub(crate) fn notify(&mut self, place: &Place, notice: Notice) {
        self.untold.count += 1;
        self.untold.notices.push((place.clone(), notice));
    }

    pub(crate) fn tell(&mut self, place: &Place, event: Event) {
        self.untold.count += 1;
        self.untold.events.entry(place.clone()).or_default().push(event);
    }
}
