//! What one call sees and changes in other accounts and regions, before and after its own turn.

use jiff::Timestamp;

use super::super::request::Call;
use super::arn::Arn;
use super::backups::Backups;
use super::family::{Family, INSTANCE};
use super::ledger::Ledger;
use super::snapshot::Snapshot;
use super::{Rds, replication};

/// What the call names or may list elsewhere, copied out beforehand: nobody holds two ledgers.
#[derive(Debug, Default)]
pub(crate) struct Abroad {
    /// Of the caller's account, or shared with it.
    pub(crate) snapshots: Vec<Snapshot>,
    /// Of the instance whose backups are to be replicated.
    pub(crate) backups: Option<Backups>,
}

impl Abroad {
    pub(crate) fn snapshot(&self, family: &'static Family, arn: &str) -> Option<&Snapshot> {
        self.snapshots
            .iter()
            .find(|snapshot| snapshot.family == family && snapshot.arn() == arn)
    }
}

/// Parameters that may name a snapshot of elsewhere by its ARN.
const NAMES: [&str; 5] = [
    "SourceDBSnapshotIdentifier",
    "SourceDBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
    "SnapshotIdentifier",
];

const REPLICATED: &str = "SourceDBInstanceArn";

impl Rds {
    /// What the call of an account sees elsewhere.
    pub(crate) async fn look_abroad(&self, call: &Call, account: &str) -> Abroad {
        let mut abroad = Abroad::default();
        if let Some(arn) = call.param(REPLICATED).and_then(Arn::parse)
            && arn.account == account
            && let Some(ledger) = self.known(arn.account, arn.region)
        {
            let ledger = ledger.lock().await;
            let source = ledger.source(&INSTANCE, arn.id);
            let backups = ledger.backups_of(&INSTANCE, arn.id).cloned();
            abroad.backups = backups.or_else(|| Some(Backups::new(&INSTANCE, source?)));
        }
        let name = NAMES.iter().find_map(|name| call.param(name));
        let name = name.filter(|name| Arn::parse(name).is_some());
        let kind = call.param("SnapshotType");
        let wide =
            call.flag("IncludeShared") || call.flag("IncludePublic") || matches!(kind, Some("shared" | "public"));
        if name.is_none() && !wide {
            return abroad;
        }
        for ((owner, region), ledger) in self.all() {
            if owner == account && region == call.region {
                continue;
            }
            let ledger = ledger.lock().await;
            let seen = ledger
                .snapshots
                .values()
                .filter(|snapshot| name == Some(snapshot.arn()) || (wide && region == call.region))
                .filter(|snapshot| owner == account || snapshot.seen_by(account).is_some());
            abroad.snapshots.extend(seen.cloned());
        }
        abroad
    }

    /// Tells other regions what a successful call of an account means for them.
    pub(crate) async fn tell_abroad(&self, call: &Call, account: &str, now: Timestamp) {
        if call.operation == "DeleteDBInstance" {
            let id = call.param(INSTANCE.source_id).unwrap_or_default();
            let arn = format!("arn:aws:rds:{}:{account}:db:{id}", call.region);
            for ((owner, region), ledger) in self.all() {
                if owner == account && region != call.region {
                    replication::end_of(&mut *ledger.lock().await, &arn, now);
                }
            }
            return;
        }
        let Some(arn) = call.param(REPLICATED).and_then(Arn::parse) else {
            return;
        };
        if let Some(ledger) = self.known(account, arn.region) {
            let starts = call.operation.starts_with("Start");
            note_replica(&mut *ledger.lock().await, arn.id, &call.region, starts);
        }
    }
}

/// Notes at the source in which region there is a replica, or is none any more.
fn note_replica(ledger: &mut Ledger, instance: &str, region: &str, there: bool) {
    let resource = ledger.backups_of(&INSTANCE, instance);
    let resource = resource.and_then(|backups| backups.source.text_of(INSTANCE.resource_id));
    let Some(resource) = resource.map(str::to_owned) else {
        return;
    };
    if let Some(backups) = ledger.backups.get_mut(&resource) {
        let replica = backups.arn(region);
        if there {
            backups.replicas.insert(replica);
        } else {
            backups.replicas.remove(&replica);
        }
    }
}
