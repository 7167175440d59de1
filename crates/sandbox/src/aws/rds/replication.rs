//! Automated backups of an instance, replicated to another region; both calls are made there.

use jiff::Timestamp;

use super::super::answer::{Answer, Refusal};
use super::super::request::Call;
use super::arn::Arn;
use super::backups::{Backups, Settings};
use super::desk::Desk;
use super::family::INSTANCE;
use super::ledger::Ledger;
use super::{automated_backups, kms, limits};

/// Days for which a replica keeps backups where the call does not say.
const RETENTION: &str = "7";

pub(crate) async fn start(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    let source = source(desk, call).await?;
    limits::check_retention(call, 1)?;
    let name = source.source.text_of(INSTANCE.source_id).unwrap_or_default();
    if !source.goes_on() || source.settings.retention_days == 0 {
        let message = format!("Automated backups are not enabled for DBInstance {name}.");
        return Err(Refusal::new(400, INSTANCE.source_state, message));
    }
    let resource = source.source.text_of(INSTANCE.resource_id).unwrap_or_default();
    if ledger
        .backups
        .get(resource)
        .is_some_and(|replica| replica.ended.is_none())
    {
        let message = format!("Automated backups of {name} are already replicated to {}.", desk.region);
        return Err(Refusal::new(400, INSTANCE.backup_state, message));
    }
    let retention = call.param("BackupRetentionPeriod").unwrap_or(RETENTION);
    let arn = limits::required(call, "SourceDBInstanceArn")?;
    let mut replica = Backups::new(&INSTANCE, &source.source);
    replica.settings = Settings {
        retention_days: retention.parse().unwrap_or(source.settings.retention_days),
        ..source.settings
    };
    replica.replicates = Some((arn.to_owned(), desk.now));
    replica.key = key(desk, call, source)?;
    let shown = automated_backups::shown(&replica, ledger, desk);
    ledger.backups.insert(resource.to_owned(), replica);
    Ok(Answer::result(&call.operation, shown.into_iter().collect()))
}

/// What is encrypted is encrypted anew, with a key of the region that it comes to.
fn key(desk: &Desk<'_>, call: &Call, source: &Backups) -> Result<Option<String>, Refusal> {
    if !source.source.is_true("StorageEncrypted") {
        return Ok(None);
    }
    let given = call.param("KmsKeyId").ok_or_else(|| {
        Refusal::invalid("KmsKeyId is required to replicate the automated backups of an encrypted DB instance.")
    })?;
    let key = kms::in_full(given, desk.region, desk.account);
    if kms::usable_in(&key, desk.region) {
        Ok(Some(key))
    } else {
        Err(limits::key_not_accessible(&key))
    }
}

pub(crate) async fn stop(desk: &Desk<'_>, ledger: &mut Ledger, call: &Call) -> Result<Answer, Refusal> {
    desk.authorise(call).await?;
    let arn = limits::required(call, "SourceDBInstanceArn")?;
    let resource = replica_of(ledger, arn).ok_or_else(|| {
        let message = format!("No automated backups of {arn} are replicated to {}.", desk.region);
        Refusal::new(400, INSTANCE.source_state, message)
    })?;
    let replica = end(ledger, &resource, desk.now);
    let shown = replica.and_then(|replica| automated_backups::shown(&replica, ledger, desk));
    Ok(Answer::result(&call.operation, shown.into_iter().collect()))
}

/// Ends the replica of an instance that is gone, if there is one.
pub(crate) fn end_of(ledger: &mut Ledger, arn: &str, now: Timestamp) {
    if let Some(resource) = replica_of(ledger, arn) {
        end(ledger, &resource, now);
    }
}

fn end(ledger: &mut Ledger, resource: &str, now: Timestamp) -> Option<Backups> {
    let replica = ledger.backups.get_mut(resource)?;
    replica.ended = Some(now);
    Some(replica.clone())
}

/// The resource id of the instance with this ARN, whose replica goes on.
fn replica_of(ledger: &Ledger, arn: &str) -> Option<String> {
    let replica = |backups: &&Backups| {
        backups.ended.is_none() && backups.replicates.as_ref().is_some_and(|(source, _)| source == arn)
    };
    let found = ledger.backups.values().find(replica)?;
    found.source.text_of(INSTANCE.resource_id).map(str::to_owned)
}

/// The backups that are to be replicated.
async fn source<'a>(desk: &'a Desk<'_>, call: &Call) -> Result<&'a Backups, Refusal> {
    desk.authorise(call).await?;
    let name = limits::required(call, "SourceDBInstanceArn")?;
    let arn = Arn::parse(name)
        .filter(|arn| arn.kind == INSTANCE.source_kind)
        .ok_or_else(|| Refusal::invalid(format!("Invalid DB instance ARN: {name}")))?;
    if arn.region == desk.region {
        return Err(Refusal::invalid(
            "The source DB instance must be in another Region than the one that its automated backups are replicated to.",
        ));
    }
    desk.abroad.backups.as_ref().ok_or_else(|| {
        let message = format!("DBInstance {} not found.", arn.id);
        Refusal::new(404, INSTANCE.source_missing, message)
    })
}
