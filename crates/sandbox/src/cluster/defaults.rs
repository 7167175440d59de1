//! What the API server adds to a new object, and why it cannot take one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kind::{Kind, NAMESPACES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SECRETS};
use super::meta;
use super::refusal::{Cause, Refusal};

/// Letters and digits that neither look alike nor spell words.
const SUFFIX: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Longest prefix of a generated name.
const MAX_PREFIX: usize = 58;

/// `generateName` with five random characters.
pub(super) fn generated(prefix: &str) -> String {
    let prefix: String = prefix.chars().take(MAX_PREFIX).collect();
    let random = Uuid::new_v4();
    let suffix = random.as_bytes().iter().take(5);
    let suffix: String = suffix
        .map(|byte| char::from(SUFFIX[usize::from(*byte) % SUFFIX.len()]))
        .collect();
    prefix + &suffix
}

pub(super) fn nameless(kind: &Kind) -> Refusal {
    let cause = Cause::required("metadata.name", "name or generateName is required");
    Refusal::invalid(kind, "", &[cause])
}

/// Nothing is created in a namespace that is being deleted.
pub(super) fn ending(kind: &Kind, namespace: &str, name: &str) -> Refusal {
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    Refusal::forbidden(kind, name, &why).with_causes(&[Cause {
        reason: "NamespaceTerminating",
        message: format!("namespace {namespace} is being terminated"),
        field: "metadata.namespace".to_owned(),
    }])
}

/// Fills in what a reader of these kinds relies on.
pub(super) fn fill(kind: &Kind, object: &mut Value) {
    if kind == &NAMESPACES {
        let name = meta::name(object).to_owned();
        object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name.into();
        meta::member(object, "spec").insert("finalizers".to_owned(), json!(["kubernetes"]));
        absent(object, "status", "phase", "Active");
    } else if kind == &PODS || kind == &PERSISTENT_VOLUME_CLAIMS || kind == &PERSISTENT_VOLUMES {
        absent(object, "status", "phase", "Pending");
    } else if kind == &SECRETS {
        fill_secret(object);
    }
}

fn absent(object: &mut Value, member: &str, name: &str, value: &str) {
    meta::member(object, member).entry(name).or_insert_with(|| value.into());
}

/// A secret has a type, and what it was given as text is kept as base64.
pub(super) fn fill_secret(object: &mut Value) {
    if object["type"].as_str().unwrap_or_default().is_empty() {
        object["type"] = "Opaque".into();
    }
    let text = object.as_object_mut().and_then(|object| object.remove("stringData"));
    if let Some(Value::Object(text)) = text {
        let data = meta::member(object, "data");
        for (name, value) in text {
            let value = STANDARD.encode(value.as_str().unwrap_or_default());
            data.insert(name, value.into());
        }
    }
}
