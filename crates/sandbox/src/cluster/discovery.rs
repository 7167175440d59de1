//! What a client finds out before it asks for objects.

mod aggregated;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::asked::Asked;
use super::kind::{KINDS, Kind};
use super::refusal::Refusal;
use super::reply::Reply;

/// What every kind can.
const VERBS: [&str; 8] = [
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

/// Reviews are created, and nothing else.
const REVIEWS: &[(&str, &str, &str)] = &[
    (
        "authorization.k8s.io",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
    ),
    (
        "authorization.k8s.io",
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
    ),
    ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
];

/// Answers a path without a resource.
///
/// # Errors
/// 404 where nothing is served.
pub(crate) fn answer(asked: &Asked, version: &str) -> Result<Reply, Refusal> {
    if asked.method != "GET" {
        return Err(Refusal::no_such_path());
    }
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    if aggregated::is_wanted(asked) {
        match segments.as_slice() {
            ["api"] => return Ok(aggregated::answer(|group| group.is_empty())),
            ["apis"] => return Ok(aggregated::answer(|group| !group.is_empty())),
            _ => {}
        }
    }
    let found = match segments.as_slice() {
        ["healthz" | "readyz" | "livez", ..] => return Ok(Reply::text("ok")),
        ["version"] => Some(version_info(version)),
        [] => Some(json!({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/version"]})),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})),
        ["apis"] => Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups()})),
        ["api", "v1"] => resources("", "v1"),
        ["apis", group] => groups()
            .into_iter()
            .find(|found| found["name"] == *group)
            .map(|mut found| {
                found["kind"] = json!("APIGroup");
                found["apiVersion"] = json!("v1");
                found
            }),
        ["apis", group, version] => resources(group, version),
        _ => None,
    };
    found.map(|found| Reply::json(&found)).ok_or_else(Refusal::no_such_path)
}

fn version_info(version: &str) -> Value {
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    json!({
        "major": major,
        "minor": minor,
        "gitVersion": version,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": "linux/amd64",
    })
}

fn groups() -> Vec<Value> {
    let mut versions = BTreeMap::<&str, Vec<&str>>::new();
    let all = KINDS.iter().map(|kind| (kind.group, kind.version));
    for (group, version) in all.chain(REVIEWS.iter().map(|(group, ..)| (*group, "v1"))) {
        let versions = versions.entry(group).or_default();
        if !group.is_empty() && !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions.retain(|group, _| !group.is_empty());
    versions
        .into_iter()
        .map(|(group, versions)| {
            let version = |version: &&str| json!({"groupVersion": format!("{group}/{version}"), "version": version});
            let all: Vec<Value> = versions.iter().map(version).collect();
            json!({"name": group, "versions": all, "preferredVersion": all[0]})
        })
        .collect()
}

fn resources(group: &str, version: &str) -> Option<Value> {
    let kinds = KINDS
        .iter()
        .filter(|kind| kind.group == group && kind.version == version);
    let mut resources: Vec<Value> = kinds.flat_map(|kind| resource(kind)).collect();
    let reviews = REVIEWS.iter().filter(|(of, ..)| *of == group && version == "v1");
    resources.extend(reviews.map(|(_, plural, kind)| {
        json!({"name": plural, "singularName": "", "namespaced": false, "kind": kind, "verbs": ["create"]})
    }));
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    (!resources.is_empty()).then(|| {
        json!({
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group_version,
            "resources": resources,
        })
    })
}

fn resource(kind: &Kind) -> Vec<Value> {
    let mut resource = json!({
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": VERBS,
    });
    if !kind.short_names.is_empty() {
        resource["shortNames"] = json!(kind.short_names);
    }
    let status = kind.status.then(|| {
        json!({
            "name": format!("{}/status", kind.plural),
            "singularName": "",
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": ["get", "patch", "update"],
        })
    });
    std::iter::once(resource).chain(status).collect()
}
