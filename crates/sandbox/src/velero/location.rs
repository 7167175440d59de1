//! Backup storage locations: whether they can be reached, and which is the default.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::bucket::Place;
use super::desk::{Desk, phase};
use super::{duration, sync};
use crate::cluster::kind::BACKUP_STORAGE_LOCATIONS;
use crate::cluster::meta;
use crate::faults::Kind;

/// Of validation and of sync, unless the location says otherwise.
const PERIOD: SignedDuration = SignedDuration::from_mins(1);

/// The locations as of the last look, so that a look at the clock costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Locations(BTreeMap<String, Location>);

#[derive(Debug)]
struct Location {
    spec: Value,
    /// `None`: never again.
    frequency: Option<SignedDuration>,
    /// `None`: never.
    sync_period: Option<SignedDuration>,
    validated: Timestamp,
    /// `None`: not yet.
    synced: Option<Timestamp>,
    available: bool,
    /// Others' changes to the bucket at the last sync; `None`: a sync has to look.
    seen: Option<u64>,
    /// Whether the object's timestamps lag behind.
    stale: bool,
}

impl Locations {
    /// Looks at every location anew; others than Velero may have changed them, or the backups.
    pub(crate) fn notice(&mut self, desk: &mut Desk<'_>) {
        single_default(desk);
        let objects: Vec<Arc<Value>> = desk.list(&BACKUP_STORAGE_LOCATIONS).cloned().collect();
        let mut before = std::mem::take(&mut self.0);
        for object in objects {
            let (name, spec) = (meta::name(&object), &object["spec"]);
            let known = before.remove(name).filter(|known| known.spec == *spec);
            let location = known.map_or_else(
                || Location {
                    spec: spec.clone(),
                    frequency: period(&spec["validationFrequency"]),
                    sync_period: period(&spec["backupSyncPeriod"]),
                    validated: desk.now,
                    synced: None,
                    available: validate(desk, &object),
                    seen: None,
                    stale: false,
                },
                |known| Location { seen: None, ..known },
            );
            self.0.insert(name.to_owned(), location);
        }
    }

    /// Validates and syncs those whose time has come.
    pub(crate) fn tick(&mut self, desk: &mut Desk<'_>) {
        let now = desk.now;
        let past = |period: Option<SignedDuration>, last: Timestamp| {
            period.is_some_and(|period| last.duration_until(now) >= period)
        };
        for (name, location) in &mut self.0 {
            if past(location.frequency, location.validated) {
                location.validated = now;
                location.stale = true;
                location.available = revalidate(desk, name, location.available);
            }
            let synced = location.synced.unwrap_or(Timestamp::MIN);
            if location.available && past(location.sync_period, synced) {
                location.synced = Some(now);
                location.stale = true;
                if let Some(place) = place(&location.spec) {
                    let foreign = desk.buckets.foreign_changes(&place, desk.cluster);
                    if location.seen.replace(foreign) != Some(foreign) {
                        sync::sync(desk, name, &place);
                    }
                }
            }
        }
    }

    /// Writes the times of the last validation and sync, which a leap of the clock does not write minute by minute.
    pub(crate) fn write_times(&mut self, desk: &mut Desk<'_>) {
        for (name, location) in self.0.iter_mut().filter(|(_, location)| location.stale) {
            location.stale = false;
            let synced = location.synced.map_or(Value::Null, meta::stamp);
            let times = json!({"lastValidationTime": meta::stamp(location.validated), "lastSyncedTime": synced});
            desk.report(&BACKUP_STORAGE_LOCATIONS, name, &times);
        }
    }
}

/// `None` where the location names no bucket, or one with a slash in it.
pub(crate) fn place(spec: &Value) -> Option<Place> {
    let storage = spec["objectStorage"].as_object()?;
    let trimmed = |name: &str| {
        let text = storage.get(name).and_then(Value::as_str).unwrap_or_default();
        text.trim_matches('/').to_owned()
    };
    let bucket = trimmed("bucket");
    (!bucket.contains('/')).then(|| Place {
        bucket,
        prefix: trimmed("prefix"),
    })
}

/// The location of an existing backup: its object, and its place in the bucket.
pub(crate) fn of_backup(desk: &Desk<'_>, backup: &Value) -> Option<(Arc<Value>, Place)> {
    let name = backup["spec"]["storageLocation"].as_str()?;
    let location = desk.get(&BACKUP_STORAGE_LOCATIONS, name)?;
    let place = place(&location["spec"])?;
    Some((location, place))
}

pub(crate) fn available(location: &Value) -> bool {
    phase(location) == "Available"
}

pub(crate) fn read_only(location: &Value) -> bool {
    location["spec"]["accessMode"] == "ReadOnly"
}

/// The period written in a location; `None`: zero, which switches it off.
fn period(written: &Value) -> Option<SignedDuration> {
    let period = written.as_str().and_then(|text| duration::parse(text).ok());
    match period.unwrap_or(PERIOD) {
        SignedDuration::ZERO => None,
        negative if negative.is_negative() => Some(PERIOD),
        period => Some(period),
    }
}

/// Of several defaults the newest stays one.
fn single_default(desk: &mut Desk<'_>) {
    let mut defaults: Vec<Arc<Value>> = desk
        .list(&BACKUP_STORAGE_LOCATIONS)
        .filter(|location| location["spec"]["default"] == true)
        .cloned()
        .collect();
    // Times in this form sort as text; of equal ones the first stays.
    defaults.sort_by(|one, other| meta::text(other, "creationTimestamp").cmp(meta::text(one, "creationTimestamp")));
    for location in defaults.iter().skip(1) {
        desk.change(&BACKUP_STORAGE_LOCATIONS, meta::name(location), |location| {
            meta::member(location, "spec").remove("default");
        });
    }
}

/// Writes the verdict; returns whether it is available.
fn validate(desk: &mut Desk<'_>, location: &Value) -> bool {
    let name = meta::name(location);
    let (phase, message) = match reach(desk, &location["spec"]) {
        Ok(()) => ("Available", Value::Null),
        Err(why) => (
            "Unavailable",
            json!(format!("BackupStorageLocation {name:?} is unavailable: {why}")),
        ),
    };
    let at = desk.stamp();
    let verdict = json!({"phase": phase, "message": message, "lastValidationTime": at});
    desk.report(&BACKUP_STORAGE_LOCATIONS, name, &verdict);
    desk.metrics.location(name, phase == "Available");
    phase == "Available"
}

/// As [`validate`], but the object is only touched where the verdict may differ.
fn revalidate(desk: &mut Desk<'_>, name: &str, available: bool) -> bool {
    let Some(location) = desk.get(&BACKUP_STORAGE_LOCATIONS, name) else {
        return available;
    };
    let fine = available
        && desk
            .buckets
            .exists(location["spec"]["objectStorage"]["bucket"].as_str().unwrap_or_default());
    if fine && !desk.faults.awaits("velero", "location", Some(desk.cluster)) {
        return true;
    }
    validate(desk, &location)
}

/// Tries to list the bucket.
fn reach(desk: &Desk<'_>, spec: &Value) -> Result<(), String> {
    if let Some(fault) = desk.fault("location") {
        return Err(fault.message.unwrap_or_else(|| default_message(fault.kind).to_owned()));
    }
    if spec["objectStorage"].is_null() {
        return Err("backup storage location does not use object storage".to_owned());
    }
    if spec["provider"].as_str().unwrap_or_default().is_empty() {
        return Err("object storage provider name must not be empty".to_owned());
    }
    let Some(place) = place(spec) else {
        let bucket = &spec["objectStorage"]["bucket"];
        return Err(format!(
            "backup storage location's bucket name {bucket} must not contain a '/' (if using a prefix, put it in the 'Prefix' field instead)"
        ));
    };
    if desk.buckets.exists(&place.bucket) {
        Ok(())
    } else {
        Err(
            "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 404, \
             NoSuchBucket: The specified bucket does not exist"
                .to_owned(),
        )
    }
}

fn default_message(kind: Kind) -> &'static str {
    match kind {
        Kind::AccessDenied => {
            "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 403, \
             api error AccessDenied: Access Denied"
        }
        Kind::Throttle => {
            "rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 503, \
             api error SlowDown: Please reduce your request rate."
        }
        _ => "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    }
}
