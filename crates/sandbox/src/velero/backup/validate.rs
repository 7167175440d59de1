//! What Velero fills into a backup before it starts, and what it finds wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::cluster::kind::{BACKUP_STORAGE_LOCATIONS, NAMESPACES, VOLUME_SNAPSHOT_LOCATIONS};
use crate::cluster::meta;
use crate::velero::desk::{Desk, set_status};
use crate::velero::filters::Filters;
use crate::velero::{duration, labels, location};

const DAYS_30: SignedDuration = SignedDuration::from_hours(720);

/// Completes the spec, labels, annotations and status; returns the validation errors in Velero's words and order.
pub(super) fn complete(desk: &Desk<'_>, backup: &mut Value) -> Vec<String> {
    let spec = meta::member(backup, "spec");
    let ttl = at_least(spec.entry("ttl").or_insert(Value::Null), DAYS_30);
    let default = |spec: &mut serde_json::Map<String, Value>, name: &str, value: Value| {
        if spec.get(name).is_none_or(|is| is.is_null() || *is == "") {
            spec.insert(name.to_owned(), value);
        }
    };
    default(spec, "volumeGroupSnapshotLabelKey", json!("velero.io/volume-group"));
    at_least(
        spec.entry("csiSnapshotTimeout").or_insert(Value::Null),
        SignedDuration::from_mins(10),
    );
    at_least(
        spec.entry("itemOperationTimeout").or_insert(Value::Null),
        SignedDuration::from_hours(4),
    );
    if spec.get("defaultVolumesToRestic") == Some(&Value::Bool(true)) {
        spec.insert("defaultVolumesToFsBackup".to_owned(), json!(true));
    }
    default(spec, "defaultVolumesToFsBackup", json!(false));
    default(spec, "snapshotMoveData", json!(false));
    default(spec, "hooks", json!({}));
    default(spec, "metadata", json!({}));

    let expiration = desk.now.checked_add(ttl).unwrap_or(jiff::Timestamp::MAX);
    let status = json!({"version": 1, "formatVersion": "1.1.0", "expiration": meta::stamp(expiration)});
    set_status(backup, &status);

    let mut wrong = storage_location(desk, backup);
    wrong.extend(snapshot_locations(desk, backup));
    annotate(desk, backup);
    exclude_labelled_namespaces(desk, backup);
    wrong.extend(filters(backup));
    wrong
}

/// Writes the default where there is no duration, or one of zero; returns what holds.
fn at_least(written: &mut Value, default: SignedDuration) -> SignedDuration {
    let given = written.as_str().and_then(|text| duration::parse(text).ok());
    given.filter(|given| !given.is_zero()).unwrap_or_else(|| {
        *written = duration::text(default).into();
        default
    })
}

fn storage_location(desk: &Desk<'_>, backup: &mut Value) -> Vec<String> {
    let asked = backup["spec"]["storageLocation"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let name = if asked.is_empty() {
        let default = desk
            .list(&BACKUP_STORAGE_LOCATIONS)
            .find(|location| location["spec"]["default"] == true);
        default.map_or_else(|| "default".to_owned(), |location| meta::name(location).to_owned())
    } else {
        asked.clone()
    };
    backup["spec"]["storageLocation"] = name.clone().into();
    backup["metadata"]["labels"]["velero.io/storage-location"] = labels::fitting(&name).into();
    let Some(found) = desk.get(&BACKUP_STORAGE_LOCATIONS, &name) else {
        let (which, missing) = match asked.is_empty() {
            true => ("server default", "does not exist"),
            false => ("default", "was not found"),
        };
        let error = not_found("BackupStorageLocation", &name);
        return vec![format!(
            "an existing backup storage location was not specified at backup creation time and the {which} {name} {missing}. \
             Please address this issue (see `velero backup-location -h` for options) and create a new backup. Error: {error}"
        )];
    };
    let mut wrong = Vec::new();
    if location::read_only(&found) {
        wrong.push(format!(
            "backup can't be created because backup storage location {name} is currently in read-only mode"
        ));
    }
    if !location::available(&found) {
        wrong.push(format!(
            "backup can't be created because BackupStorageLocation {name} is in Unavailable status."
        ));
    }
    wrong
}

fn not_found(kind: &str, name: &str) -> String {
    format!("{kind}.velero.io {name:?} not found")
}

/// One location for each provider: those that are named, and the only ones of the other providers.
fn snapshot_locations(desk: &Desk<'_>, backup: &mut Value) -> Vec<String> {
    let provider = |location: &Value| location["spec"]["provider"].as_str().unwrap_or_default().to_owned();
    let named: Vec<String> = backup["spec"]["volumeSnapshotLocations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let (mut chosen, mut wrong) = (BTreeMap::<String, String>::new(), Vec::new());
    for name in named {
        let Some(location) = desk.get(&VOLUME_SNAPSHOT_LOCATIONS, &name) else {
            let error = not_found("VolumeSnapshotLocation", &name);
            wrong.push(format!(
                "a VolumeSnapshotLocation CRD for the location {name} with the name specified in the backup spec needs to be created \
                 before this snapshot can be executed. Error: {error}"
            ));
            continue;
        };
        let provider = provider(&location);
        match chosen.get(&provider) {
            Some(other) if *other != name => wrong.push(format!(
                "more than one VolumeSnapshotLocation name specified for provider {provider}: {name}; unexpected name was {other}"
            )),
            _ => {
                chosen.insert(provider, name);
            }
        }
    }
    let mut others = BTreeMap::<String, Vec<Arc<Value>>>::new();
    for location in desk.list(&VOLUME_SNAPSHOT_LOCATIONS) {
        others.entry(provider(location)).or_default().push(location.clone());
    }
    others.retain(|provider, _| !chosen.contains_key(provider));
    if !wrong.is_empty() {
        return wrong;
    }
    for (provider, locations) in others {
        if let [only] = locations.as_slice() {
            chosen.insert(provider, meta::name(only).to_owned());
        } else {
            wrong.push(format!(
                "provider {provider} has more than one possible volume snapshot location, and none were specified explicitly or as a default"
            ));
        }
    }
    if wrong.is_empty() && !chosen.is_empty() {
        backup["spec"]["volumeSnapshotLocations"] = chosen.into_values().collect();
    }
    wrong
}

fn annotate(desk: &Desk<'_>, backup: &mut Value) {
    let annotations = &mut backup["metadata"]["annotations"];
    let version = desk.kubernetes_version;
    let mut numbers = version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next(), numbers.next());
    annotations["velero.io/source-cluster-k8s-gitversion"] = version.into();
    annotations["velero.io/source-cluster-k8s-major-version"] = major.into();
    annotations["velero.io/source-cluster-k8s-minor-version"] = minor.into();
    annotations["velero.io/resource-timeout"] = "10m0s".into();
}

fn exclude_labelled_namespaces(desk: &Desk<'_>, backup: &mut Value) {
    let excluded: Vec<Value> = desk
        .store
        .list(&NAMESPACES, None)
        .filter(|namespace| namespace["metadata"]["labels"]["velero.io/exclude-from-backup"] == "true")
        .map(|namespace| meta::name(namespace).into())
        .collect();
    if excluded.is_empty() {
        return;
    }
    let list = &mut backup["spec"]["excludedNamespaces"];
    let mut all = list.as_array().cloned().unwrap_or_default();
    all.extend(excluded);
    *list = all.into();
}

/// Validates the filters, and writes back what Velero excludes by itself.
fn filters(backup: &mut Value) -> Vec<String> {
    let mut filters: Filters = match serde_json::from_value(backup["spec"].clone()) {
        Ok(filters) => filters,
        Err(error) => return vec![format!("error decoding backup spec: {error}")],
    };
    let wrong = filters.complete_for_backup();
    for (name, list) in [
        ("includedResources", filters.included_resources),
        ("excludedResources", filters.excluded_resources),
        (
            "includedClusterScopedResources",
            filters.included_cluster_scoped_resources,
        ),
        (
            "excludedClusterScopedResources",
            filters.excluded_cluster_scoped_resources,
        ),
        (
            "includedNamespaceScopedResources",
            filters.included_namespace_scoped_resources,
        ),
        (
            "excludedNamespaceScopedResources",
            filters.excluded_namespace_scoped_resources,
        ),
    ] {
        let spec = meta::member(backup, "spec");
        if list.is_empty() {
            spec.remove(name);
        } else {
            spec.insert(name.to_owned(), list.into());
        }
    }
    wrong
}
