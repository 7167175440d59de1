//! Everything about all kinds in two answers, for clients that ask for it.

use serde_json::{Value, json};

use super::super::asked::Asked;
use super::super::kind::{KINDS, Kind};
use super::super::reply::Reply;
use super::VERBS;

const FORM: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Whether the client prefers this form.
pub(super) fn is_wanted(asked: &Asked) -> bool {
    asked.accept.split(',').any(|form| form.trim().starts_with(FORM))
}

/// The groups that pass.
pub(super) fn answer(served: impl Fn(&str) -> bool) -> Reply {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for kind in KINDS.iter().filter(|kind| served(kind.group)) {
        match groups.iter_mut().find(|(group, _)| *group == kind.group) {
            Some((_, versions)) if versions.contains(&kind.version) => {}
            Some((_, versions)) => versions.push(kind.version),
            None => groups.push((kind.group, vec![kind.version])),
        }
    }
    let items: Vec<Value> = groups
        .iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions.iter().map(|version| of_version(group, version)).collect();
            json!({"metadata": {"name": group}, "versions": versions})
        })
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    });
    Reply::json(&list).with_content_type(FORM)
}

fn of_version(group: &str, version: &str) -> Value {
    let kinds = KINDS
        .iter()
        .filter(|kind| kind.group == group && kind.version == version);
    let resources: Vec<Value> = kinds.map(|kind| resource(kind)).collect();
    json!({"version": version, "resources": resources, "freshness": "Current"})
}

fn resource(kind: &Kind) -> Value {
    let response = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    let mut resource = json!({
        "resource": kind.plural,
        "responseKind": response,
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular,
        "verbs": VERBS,
    });
    if !kind.short_names.is_empty() {
        resource["shortNames"] = json!(kind.short_names);
    }
    if kind.status {
        resource["subresources"] =
            json!([{"subresource": "status", "responseKind": response, "verbs": ["get", "patch", "update"]}]);
    }
    resource
}
