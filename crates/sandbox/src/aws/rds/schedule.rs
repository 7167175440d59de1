//! Automated snapshots: taken, kept and deleted on the virtual clock.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::answer::Refusal;
use super::super::xml::Element;
use super::backups::{Backups, Settings};
use super::desk::Desk;
use super::events::Subject;
use super::family::{FAMILIES, Family};
use super::ledger::{Key, Ledger};
use super::snapshot::Snapshot;

/// How long ministack's word holds where nothing was changed through this front: AWS Backup changes databases, too.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Does everything that is due at the desk's time; ministack is asked only where something may have changed.
pub(crate) async fn catch_up(desk: &Desk<'_>, ledger: &mut Ledger) -> Result<(), Refusal> {
    if ledger.asked.is_none_or(|asked| desk.now >= asked + FRESH) {
        refresh(desk, ledger).await?;
    }
    expire(ledger, desk.now);
    back_up(desk, ledger);
    ledger.events.purge(desk.now);
    ledger.due = next_due(ledger);
    Ok(())
}

async fn refresh(desk: &Desk<'_>, ledger: &mut Ledger) -> Result<(), Refusal> {
    let mut sources = BTreeMap::new();
    for family in FAMILIES {
        for mut source in desk.sources(family).await? {
            let id = source.text_of(family.source_id).unwrap_or_default().to_owned();
            if let Some(made) = ledger.made(family, &id) {
                source.set(family.source_created, &made.since.to_string());
            }
            sources.insert((family, id), source);
        }
    }
    ledger.made.retain(|key, _| sources.contains_key(key));
    let before = std::mem::replace(&mut ledger.sources, sources.clone());
    for (key, source) in sources {
        if let Some(resource) = backed_up(key.0, &source) {
            let known = ledger.backups.get_mut(resource);
            match known {
                Some(backups) => {
                    backups.settings = Settings::of(&source);
                    backups.source = source;
                }
                None => {
                    if before.contains_key(&key) {
                        tell_switch(ledger, key.0, &source, true, desk.now);
                    }
                    ledger.backups.insert(resource.to_owned(), Backups::new(key.0, &source));
                }
            }
        }
    }
    switch_off(ledger, desk.now);
    // What ministack is at changes without a call.
    let settled = |(key, source): (&Key, &Element)| {
        let status = source.text_of(key.0.source_status);
        ["available", "stopped"].map(Some).contains(&status)
    };
    ledger.asked = ledger.sources.iter().all(settled).then_some(desk.now);
    Ok(())
}

/// The resource id of what has automated backups of its own; an instance in a cluster has none.
fn backed_up<'a>(family: &Family, source: &'a Element) -> Option<&'a str> {
    let alone = family.is_cluster() || source.text_of("DBClusterIdentifier").is_none();
    (alone && Settings::of(source).retention_days > 0)
        .then(|| source.text_of(family.resource_id))
        .flatten()
}

/// Drops the backups of what is gone or no longer backed up, with their snapshots.
fn switch_off(ledger: &mut Ledger, now: Timestamp) {
    let ended: Vec<Backups> = ledger
        .backups
        .values()
        .filter(|backups| backups.goes_on())
        .filter(|backups| {
            let id = backups.source.text_of(backups.family.source_id).unwrap_or_default();
            ledger
                .source(backups.family, id)
                .and_then(|source| backed_up(backups.family, source))
                != backups.source.text_of(backups.family.resource_id)
        })
        .cloned()
        .collect();
    for backups in ended {
        let id = backups.source.text_of(backups.family.source_id).unwrap_or_default();
        if ledger.source(backups.family, id).is_some() {
            tell_switch(ledger, backups.family, &backups.source, false, now);
        }
        forget(ledger, &backups);
    }
}

/// Drops backups together with their automated snapshots.
pub(crate) fn forget(ledger: &mut Ledger, backups: &Backups) {
    let resource = backups.source.text_of(backups.family.resource_id).unwrap_or_default();
    ledger
        .snapshots
        .retain(|_, snapshot| !(snapshot.is_automated() && snapshot.resource() == Some(resource)));
    ledger.backups.remove(resource);
}

fn tell_switch(ledger: &mut Ledger, family: &'static Family, source: &Element, on: bool, now: Timestamp) {
    if family.is_cluster() {
        return;
    }
    let (number, message) = if on {
        ("RDS-EVENT-0032", "Enabled automated backups")
    } else {
        ("RDS-EVENT-0028", "Disabled automated backups")
    };
    let sort = (Some(number), "configuration change");
    ledger.events.add(now, Subject::source(family, source), sort, message);
}

/// Deletes what is older than the retention; backups that have ended go with their last snapshot.
fn expire(ledger: &mut Ledger, now: Timestamp) {
    let Ledger { snapshots, backups, .. } = ledger;
    snapshots.retain(|_, snapshot| {
        let kept = snapshot.resource().and_then(|resource| backups.get(resource));
        !snapshot.is_automated() || kept.is_some_and(|backups| snapshot.began > backups.settings.kept_since(now))
    });
    backups.retain(|_, backups| {
        backups
            .ended
            .is_none_or(|ended| ended > backups.settings.kept_since(now))
    });
}

fn back_up(desk: &Desk<'_>, ledger: &mut Ledger) {
    skip_missed(ledger, desk.now);
    let due: Vec<(String, Vec<Timestamp>)> = ledger
        .backups
        .iter()
        .filter(|(_, backups)| backups.goes_on())
        .filter(|(_, backups)| runs(ledger, backups, desk.now))
        .map(|(resource, backups)| (resource.clone(), backups.due(desk.now)))
        .collect();
    for (resource, moments) in due {
        for at in moments {
            let Some(backups) = ledger.backups.get_mut(&resource) else {
                continue;
            };
            backups.checked = Some(at);
            let (family, source) = (backups.family, backups.source.clone());
            let id = source.text_of(family.source_id).unwrap_or_default();
            let mut snapshot = Snapshot::of(family, &source, &name(id, at), "automated", desk.here(), at);
            let failure = desk.backup_failure();
            snapshot.fails = failure.is_some();
            ledger.events.add_snapshot(&snapshot, failure.as_deref());
            ledger.keep(snapshot);
        }
    }
}

fn runs(ledger: &Ledger, backups: &Backups, now: Timestamp) -> bool {
    let id = backups.source.text_of(backups.family.source_id).unwrap_or_default();
    ledger.available(backups.family, id, now).is_ok()
}

/// What was due while a database was stopped is not made up for.
fn skip_missed(ledger: &mut Ledger, now: Timestamp) {
    let going_on = ledger.backups.iter().filter(|(_, backups)| backups.goes_on());
    let resting = going_on.filter(|(_, backups)| !runs(ledger, backups, now));
    let resting: Vec<String> = resting.map(|(resource, _)| resource.clone()).collect();
    for resource in resting {
        if let Some(backups) = ledger.backups.get_mut(&resource) {
            backups.checked = backups.checked.map(|_| now);
        }
    }
}

/// As AWS names them.
fn name(source: &str, at: Timestamp) -> String {
    let source = source.to_ascii_lowercase();
    format!("rds:{source}-{}", at.strftime("%Y-%m-%d-%H-%M"))
}

/// When the next automated snapshot is due or the oldest one expires, or an event is to be published. `None`: never.
pub(crate) fn next_due(ledger: &Ledger) -> Option<Timestamp> {
    let going_on = ledger.backups.values().filter(|backups| backups.goes_on());
    let taken = going_on.filter_map(|backups| {
        let id = backups.source.text_of(backups.family.source_id)?;
        match ledger.made(backups.family, id) {
            Some(made) if made.fails => None,
            Some(made) => Some(backups.next_due().unwrap_or(made.ready_at)),
            None => backups.next_due(),
        }
    });
    let expiring = ledger.snapshots.values().filter(|snapshot| snapshot.is_automated());
    let expiring = expiring.filter_map(|snapshot| {
        let backups = ledger.backups.get(snapshot.resource()?)?;
        Some(snapshot.began + backups.settings.retention())
    });
    taken.chain(expiring).chain(ledger.events.next_due()).min()
}

#[cfg(test)]
mod tests {
    use super::super::family::INSTANCE;
    use super::*;

    #[test]
    fn the_ticker_looks_at_the_window_or_at_the_first_expiry() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let source = Element::new("DBInstance")
            .with("DBInstanceIdentifier", "pg")
            .with("DbiResourceId", "db-1")
            .with("BackupRetentionPeriod", "1")
            .with("PreferredBackupWindow", "03:00-03:30");
        let mut ledger = Ledger::default();
        assert_eq!(next_due(&ledger), None);
        let taken = at("2026-11-21T02:00:00Z");
        let mut backups = Backups::new(&INSTANCE, &source);
        backups.checked = Some(taken);
        ledger.backups.insert("db-1".to_owned(), backups);
        assert_eq!(next_due(&ledger), Some(at("2026-11-21T03:00:00Z")));
        let here = ("eu-west-1", "111122223333");
        ledger.keep(Snapshot::of(&INSTANCE, &source, "rds:pg", "automated", here, taken));
        ledger.backups.get_mut("db-1").unwrap().checked = Some(at("2026-11-21T03:00:00Z"));
        assert_eq!(next_due(&ledger), Some(at("2026-11-22T02:00:00Z")));
    }
}
