//! The objects that a backup takes from its cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::select::Scope;
use crate::cluster::kind::{KINDS, Kind, NAMESPACES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES};
use crate::cluster::{Store, meta};

/// Objects with this label stay out.
const EXCLUDED: &str = "velero.io/exclude-from-backup";

/// Those that the scope takes, their namespaces, and the volumes of their claims.
pub(crate) fn collect(store: &Store, scope: &Scope) -> Vec<Arc<Value>> {
    let mut items: Vec<Arc<Value>> = KINDS
        .iter()
        .copied()
        .filter(|kind| *kind != &NAMESPACES && scope.takes_kind(kind))
        .flat_map(|kind| store.list(kind, None).filter(|object| taken(kind, object, scope)))
        .cloned()
        .collect();
    let inhabited: BTreeSet<String> = items.iter().map(|item| meta::namespace(item).to_owned()).collect();
    let mut known: BTreeSet<String> = items.iter().map(|item| meta::uid(item).to_owned()).collect();
    let volumes: Vec<Arc<Value>> = items
        .iter()
        .filter(|item| item["kind"] == PERSISTENT_VOLUME_CLAIMS.kind && !scope.bars_kind(&PERSISTENT_VOLUMES))
        .filter_map(|claim| store.get(&PERSISTENT_VOLUMES, None, claim["spec"]["volumeName"].as_str()?))
        .filter(|volume| !labelled_out(volume))
        .cloned()
        .collect();
    items.extend(
        volumes
            .into_iter()
            .filter(|volume| known.insert(meta::uid(volume).to_owned())),
    );
    if scope.takes_kind(&NAMESPACES) {
        let namespaces = store.list(&NAMESPACES, None).filter(|namespace| {
            let inhabited = inhabited.contains(meta::name(namespace));
            !labelled_out(namespace) && (inhabited || scope.takes_namespace_object(namespace))
        });
        items.extend(namespaces.cloned());
    }
    items
}

fn taken(kind: &Kind, object: &Value, scope: &Scope) -> bool {
    !labelled_out(object)
        && !meta::terminating(object)
        && (!kind.namespaced || scope.takes_namespace(meta::namespace(object)))
        && scope.takes_labels(object)
}

fn labelled_out(object: &Value) -> bool {
    object["metadata"]["labels"][EXCLUDED] == "true"
}
