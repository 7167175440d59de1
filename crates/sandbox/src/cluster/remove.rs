//! Deleting one object or many.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::asked::parse;
use super::delete::{Deleted, Deletion};
use super::kind::Kind;
use super::meta;
use super::refusal::Refusal;
use super::reply::Reply;
use super::selector::Selector;
use super::turn::Turn;
use super::view::{Page, View};

/// Built-in kinds whose deletion answers with the object.
const ANSWERED_WITH_OBJECT: [&str; 8] = [
    "pods",
    "persistentvolumes",
    "persistentvolumeclaims",
    "services",
    "serviceaccounts",
    "storageclasses",
    "csinodes",
    "volumeattachments",
];

/// What a client may say of a deletion; other members are for finer things that have no effect here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    preconditions: Preconditions,
    propagation_policy: Option<String>,
    orphan_dependents: Option<bool>,
    dry_run: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Preconditions {
    uid: Option<String>,
    resource_version: Option<String>,
}

impl Options {
    fn of(turn: &Turn<'_>) -> Result<Self, Refusal> {
        let mut options = match turn.asked.body.is_empty() {
            true => Self::default(),
            false => parse::<Option<Self>>(&turn.asked.body)?.unwrap_or_default(),
        };
        if let Some(policy) = turn.asked.param("propagationPolicy") {
            options.propagation_policy = Some(policy.to_owned());
        }
        if turn.asked.dry_run()? {
            options.dry_run = vec!["All".to_owned()];
        }
        match options.propagation_policy.as_deref() {
            None | Some("Orphan" | "Background" | "Foreground") => Ok(options),
            Some(other) => {
                let message = format!(
                    "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: {other:?}: supported values: \"Background\", \"Foreground\", \"Orphan\""
                );
                Err(Refusal::new(422, "Invalid", message))
            }
        }
    }

    fn deletion(&self) -> Deletion {
        let orphan = self.propagation_policy.as_deref() == Some("Orphan") || self.orphan_dependents == Some(true);
        Deletion {
            uid: self.preconditions.uid.clone(),
            resource_version: self.preconditions.resource_version.clone(),
            orphan,
        }
    }
}

pub(crate) fn delete(turn: &Turn<'_>, name: &str) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    let options = Options::of(turn)?;
    let deletion = options.deletion();
    let deleted = turn.cluster.write(|store| match options.dry_run.is_empty() {
        true => store.delete(kind, turn.namespace(), name, &deletion, turn.now),
        false => store
            .check_delete(kind, turn.namespace(), name, &deletion)
            .map(Deleted::Gone),
    })?;
    Ok(match deleted {
        Deleted::Gone(object) if !answers_with_object(kind) => Reply::success(json!({
            "name": name,
            "group": kind.group,
            "kind": kind.plural,
            "uid": meta::uid(&object),
        })),
        Deleted::Gone(object) | Deleted::Waits(object) => {
            Reply::bytes(view.object(kind, &object)).with_status(StatusCode::OK)
        }
    })
}

fn answers_with_object(kind: &Kind) -> bool {
    !kind.custom() && ANSWERED_WITH_OBJECT.contains(&kind.plural)
}

/// Answers with what was deleted, or marked.
pub(crate) fn delete_many(turn: &Turn<'_>) -> Result<Reply, Refusal> {
    let view = View::of(&turn.asked.accept)?;
    let kind = turn.resource.kind;
    let options = Options::of(turn)?;
    let deletion = options.deletion();
    let selector = Selector::of(turn.asked, kind)?;
    let page = turn.cluster.write(|store| {
        let objects: Vec<_> = store
            .list(kind, turn.namespace())
            .filter(|object| selector.matches(object))
            .cloned()
            .collect();
        if options.dry_run.is_empty() {
            for object in &objects {
                // One may have gone with its owner.
                let (namespace, name) = (meta::namespace(object), meta::name(object));
                let _gone = store.delete(kind, Some(namespace), name, &deletion, turn.now);
            }
        }
        Page {
            objects,
            metadata: json!({"resourceVersion": store.version().to_string()}),
        }
    });
    Ok(Reply::bytes(view.page(kind, &page)))
}
