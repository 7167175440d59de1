//! Replacing an object: what is refused, and what the server decides.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kind::{Family, Kind};
use super::meta;
use super::refusal::{Cause, Refusal};

/// Metadata that a writer cannot change.
const SET_BY_SERVER: [&str; 6] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "resourceVersion",
    "uid",
];

/// Refuses a write that was made from another state of the object.
pub(super) fn check(kind: &Kind, live: &Value, object: &Value) -> Result<(), Refusal> {
    let name = meta::name(live);
    let (given, is) = (meta::uid(object), meta::uid(live));
    if !given.is_empty() && given != is {
        let why = format!("Precondition failed: UID in precondition: {given}, UID in object meta: {is}");
        return Err(Refusal::conflict(kind, name, &why));
    }
    let given = meta::text(object, "resourceVersion");
    if given.is_empty() && kind.custom() {
        let cause = Cause::invalid("metadata.resourceVersion", "0", "must be specified for an update");
        return Err(Refusal::invalid(kind, name, &[cause]));
    }
    if !given.is_empty() && given != meta::text(live, "resourceVersion") {
        return Err(Refusal::stale(kind, name));
    }
    if meta::terminating(live) {
        let known: BTreeSet<&str> = meta::finalizers(live).collect();
        let new: Vec<&str> = meta::finalizers(object).filter(|name| !known.contains(name)).collect();
        if !new.is_empty() {
            let why = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                new.iter()
                    .map(|name| format!("{name:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            return Err(Refusal::invalid(
                kind,
                name,
                &[Cause::forbidden("metadata.finalizers", &why)],
            ));
        }
    }
    Ok(())
}

pub(super) fn keep_what_the_server_sets(kind: &Kind, live: &Value, object: &mut Value) {
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.into();
    let metadata = meta::of(object);
    for field in SET_BY_SERVER {
        match &live["metadata"][field] {
            Value::Null => metadata.remove(field),
            value => metadata.insert(field.to_owned(), value.clone()),
        };
    }
}

/// The generation counts changes of what is wanted; where status is no subresource, of status too.
pub(super) fn count_generation(kind: &Kind, live: &Value, object: &mut Value) {
    let Some(generation) = live["metadata"]["generation"].as_u64() else {
        return;
    };
    let wanted = |object: &Value| -> Value {
        let fields = object.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| *name != "metadata" && (*name != "status" || !kind.status))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    if wanted(live) != wanted(object) {
        meta::of(object).insert("generation".to_owned(), (generation + 1).into());
    }
}

/// Whether the write changes nothing; when a manager wrote last does not count.
pub(super) fn same(live: &Value, object: &Value) -> bool {
    live == object
}

impl Kind {
    /// Whether its objects carry `metadata.generation`.
    pub(super) fn counts_generations(&self) -> bool {
        self.family != Family::BuiltIn || matches!(self.group, "apps" | "apiextensions.k8s.io") || self.plural == "pods"
    }
}
