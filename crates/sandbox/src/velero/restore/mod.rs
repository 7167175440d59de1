//! A restore from its validation to its last phase.

mod apply;
mod finish;
mod item;
mod validate;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::agenda;
use super::bucket::{Place, Restored, Told};
use super::desk::{Desk, after, phase};
use super::location;
use crate::cluster::kind::{BACKUPS, RESTORES};
use crate::cluster::meta;
use crate::faults::{Fault, Kind};

pub(crate) use self::finish::forget;

/// Keeps a restore until its files in the bucket are deleted.
pub(crate) const FINALIZER: &str = "restores.velero.io/external-resources-finalizer";

/// Items that the server restores in a second.
const ITEMS_A_SECOND: usize = 20;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Creates the objects.
    Apply,
    /// All items are restored.
    Finish,
    /// Looks whether the data movers have ended.
    Operations,
    Finalize,
}

/// What is remembered of the restores in progress, by name. A restart forgets it.
pub(crate) type Runs = BTreeMap<String, Run>;

#[derive(Debug)]
pub(crate) struct Run {
    place: Place,
    restored: Vec<Restored>,
    warnings: Told,
    errors: Told,
    /// Why it will fail as a whole.
    fails: Option<String>,
    /// When the last data mover ends, or is given up.
    moved: Timestamp,
    /// Data downloads that were started.
    downloads: usize,
}

/// Does the step, unless the restore is gone or was changed meanwhile.
pub(crate) fn go_on(desk: &mut Desk<'_>, name: &str, step: Step) {
    let Some(restore) = desk.get(&RESTORES, name) else {
        desk.restores.remove(name);
        return;
    };
    match (step, phase(&restore)) {
        (Step::Apply, "InProgress") => apply(desk, &restore),
        (step, _) => finish::go_on(desk, &restore, step),
    }
}

/// Validates a new restore, and starts it.
pub(crate) fn start(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let name = meta::name(restore);
    let mut completed = Value::clone(restore);
    let wrong = validate::complete(desk, &mut completed);
    let schedule = completed["spec"]["scheduleName"].as_str().unwrap_or_default();
    desk.metrics.count("restore_attempt_total", schedule);
    let status = if wrong.is_empty() {
        json!({"phase": "InProgress", "startTimestamp": desk.stamp()})
    } else {
        desk.metrics.count("restore_validation_failed_total", schedule);
        json!({"phase": "FailedValidation", "validationErrors": wrong})
    };
    desk.change(&RESTORES, name, |restore| {
        restore["spec"] = completed["spec"].clone();
        let mut finalizers: Vec<Value> = meta::finalizers(restore).map(Value::from).collect();
        if !finalizers.iter().any(|finalizer| finalizer == FINALIZER) {
            finalizers.push(FINALIZER.into());
        }
        restore["metadata"]["finalizers"] = finalizers.into();
        super::desk::set_status(restore, &status);
    });
    if wrong.is_empty() {
        let next = agenda::Step::Restore(name.to_owned(), Step::Apply);
        desk.agenda.add(after(desk.now, 1), next);
    }
}

fn apply(desk: &mut Desk<'_>, restore: &Arc<Value>) {
    let name = meta::name(restore);
    let fault = desk.fault("restore");
    let backup = restore["spec"]["backupName"].as_str().unwrap_or_default();
    let place = desk
        .get(&BACKUPS, backup)
        .and_then(|backup| location::of_backup(desk, &backup))
        .map(|(_, place)| place);
    let archive = place
        .as_ref()
        .and_then(|place| Some((place.clone(), desk.buckets.backup(place, backup)?)));
    let Some((place, archive)) = archive else {
        let why = format!(
            "error downloading backup: rpc error: code = Unknown desc = error getting object backups/{backup}/{backup}.tar.gz: \
             operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey: The specified key does not exist."
        );
        finish::fail(desk, restore, &why);
        return;
    };
    if fault.as_ref().is_some_and(|fault| fault.kind == Kind::Timeout) {
        return;
    }
    let fails = failure(desk, restore, fault.as_ref());
    let mut run = Run {
        place,
        restored: Vec::new(),
        warnings: Told::default(),
        errors: Told::default(),
        fails,
        moved: desk.now,
        downloads: 0,
    };
    if let Some(fault) = fault.filter(|_| run.fails.is_none()) {
        let why = fault
            .message
            .unwrap_or_else(|| "admission webhook denied the request".to_owned());
        let namespace = archive
            .items
            .iter()
            .map(|item| meta::namespace(item))
            .find(|namespace| !namespace.is_empty());
        let error = format!("error restoring item: {why}");
        run.errors.add(namespace.unwrap_or_default(), error);
    }
    let ends = if run.fails.is_none() {
        apply::apply(desk, restore, &archive, &mut run)
    } else {
        desk.now
    };
    let items = run.restored.len();
    let seconds = 1 + i64::try_from(items / ITEMS_A_SECOND).unwrap_or(i64::MAX).min(600);
    desk.report(
        &RESTORES,
        name,
        &json!({"progress": {"totalItems": items, "itemsRestored": items}}),
    );
    desk.restores.insert(name.to_owned(), run);
    let next = agenda::Step::Restore(name.to_owned(), Step::Finish);
    desk.agenda.add(after(desk.now, seconds).max(ends), next);
}

/// Why the restore fails as a whole; `None` where it does not.
fn failure(desk: &Desk<'_>, restore: &Value, fault: Option<&Fault>) -> Option<String> {
    let own = desk.store.failure(meta::uid(restore)).map(str::to_owned);
    let fault = fault.filter(|fault| matches!(fault.kind, Kind::JobFailed | Kind::AccessDenied));
    let default = "error downloading backup: rpc error: code = Unknown desc = operation error S3: GetObject, \
        https response error StatusCode: 403, api error AccessDenied: Access Denied";
    own.or_else(|| fault.map(|fault| fault.message.clone().unwrap_or_else(|| default.to_owned())))
}
