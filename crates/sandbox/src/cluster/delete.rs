//! Deleting: finalizers, owners and namespaces.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::history::Change;
use super::kind::{Kind, NAMESPACES};
use super::meta;
use super::refusal::Refusal;
use super::store::{Store, place};

/// What the caller wants to be sure of, and what becomes of the dependents.
#[derive(Debug, Default)]
pub(crate) struct Deletion {
    pub(crate) uid: Option<String>,
    pub(crate) resource_version: Option<String>,
    /// Dependents stay, without their owner.
    pub(crate) orphan: bool,
}

/// How far a deletion came.
#[derive(Debug, Clone)]
pub(crate) enum Deleted {
    /// Its last state.
    Gone(Arc<Value>),
    /// It waits for finalizers, or for what is in the namespace.
    Waits(Arc<Value>),
}

impl Store {
    /// Deletes an object; one with finalizers is only marked, and goes with the last of them.
    ///
    /// # Errors
    /// It does not exist, or is not the one that was meant.
    pub(crate) fn delete(
        &mut self,
        kind: &'static Kind,
        namespace: Option<&str>,
        name: &str,
        deletion: &Deletion,
        now: Timestamp,
    ) -> Result<Deleted, Refusal> {
        let live = self.check_delete(kind, namespace, name, deletion)?;
        if deletion.orphan {
            self.release_dependents(meta::uid(&live));
        }
        if kind == &NAMESPACES {
            return Ok(self.end_namespace(&live, now));
        }
        let namespace = place(kind, namespace);
        if meta::finalizers(&live).next().is_none() {
            let gone = self.remove(kind, namespace, name, now);
            return Ok(Deleted::Gone(gone.unwrap_or(live)));
        }
        Ok(Deleted::Waits(self.mark(kind, &live, now)))
    }

    /// The object that [`Store::delete`] would delete.
    ///
    /// # Errors
    /// As [`Store::delete`].
    pub(crate) fn check_delete(
        &self,
        kind: &'static Kind,
        namespace: Option<&str>,
        name: &str,
        deletion: &Deletion,
    ) -> Result<Arc<Value>, Refusal> {
        let live = self
            .get(kind, namespace, name)
            .ok_or_else(|| Refusal::not_found(kind, name))?;
        let preconditions = [
            ("UID", &deletion.uid, meta::uid(live)),
            (
                "ResourceVersion",
                &deletion.resource_version,
                meta::text(live, "resourceVersion"),
            ),
        ];
        for (what, wanted, is) in preconditions {
            if let Some(wanted) = wanted
                && wanted != is
            {
                let why = format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {is}");
                return Err(Refusal::conflict(kind, name, &why));
            }
        }
        if kind == &NAMESPACES && matches!(name, "default" | "kube-system") {
            return Err(Refusal::forbidden(kind, name, "this namespace may not be deleted"));
        }
        Ok(live.clone())
    }

    /// Takes the object out, then what it owned, then its namespace if that waited for it.
    pub(super) fn remove(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        now: Timestamp,
    ) -> Option<Arc<Value>> {
        let gone = self.take(kind, namespace, name)?;
        self.collect_dependents(meta::uid(&gone), now);
        if kind.namespaced {
            self.finish_namespace(namespace);
        }
        Some(gone)
    }

    fn mark(&mut self, kind: &'static Kind, live: &Arc<Value>, now: Timestamp) -> Arc<Value> {
        if meta::terminating(live) {
            return live.clone();
        }
        let mut object = Value::clone(live);
        let metadata = meta::of(&mut object);
        metadata.insert("deletionTimestamp".to_owned(), meta::stamp(now));
        metadata.insert("deletionGracePeriodSeconds".to_owned(), json!(0));
        if let Some(generation) = metadata.get("generation").and_then(Value::as_u64) {
            metadata.insert("generation".to_owned(), json!(generation + 1));
        }
        if kind == &NAMESPACES {
            meta::member(&mut object, "status").insert("phase".to_owned(), json!("Terminating"));
        }
        self.insert(kind, object, Change::Modified)
    }

    fn end_namespace(&mut self, live: &Arc<Value>, now: Timestamp) -> Deleted {
        let marked = self.mark(&NAMESPACES, live, now);
        let name = meta::name(&marked);
        let inside: Vec<_> = self
            .all()
            .filter(|(kind, object)| kind.namespaced && meta::namespace(object) == name)
            .map(|(kind, object)| (kind, meta::name(object).to_owned()))
            .collect();
        for (kind, object) in inside {
            // One may have gone with its owner.
            let _gone = self.delete(kind, Some(name), &object, &Deletion::default(), now);
        }
        self.finish_namespace(name);
        Deleted::Waits(marked)
    }

    /// Removes a namespace that is being deleted, once nothing is left in it.
    pub(super) fn finish_namespace(&mut self, name: &str) {
        let waits = self
            .get(&NAMESPACES, None, name)
            .is_some_and(|found| meta::terminating(found) && meta::finalizers(found).next().is_none());
        if waits && self.is_empty(name) {
            self.take(&NAMESPACES, "", name);
        }
    }

    fn dependents(&self, owner: &str) -> Vec<(&'static Kind, Arc<Value>)> {
        if !self.owns(owner) {
            return Vec::new();
        }
        self.all()
            .filter(|(_, object)| meta::owner_references(object).any(|reference| reference["uid"] == owner))
            .map(|(kind, object)| (kind, object.clone()))
            .collect()
    }

    /// Deletes what nobody owns any more.
    fn collect_dependents(&mut self, owner: &str, now: Timestamp) {
        for (kind, dependent) in self.dependents(owner) {
            let others = meta::owner_references(&dependent).any(|reference| self.exists(&reference["uid"]));
            if others {
                self.release(kind, &dependent, owner);
            } else {
                let (namespace, name) = (meta::namespace(&dependent), meta::name(&dependent));
                // One may have gone with another.
                let _gone = self.delete(kind, Some(namespace), name, &Deletion::default(), now);
            }
        }
    }

    fn release_dependents(&mut self, owner: &str) {
        for (kind, dependent) in self.dependents(owner) {
            self.release(kind, &dependent, owner);
        }
    }

    fn release(&mut self, kind: &'static Kind, dependent: &Value, owner: &str) {
        let mut object = dependent.clone();
        let metadata = meta::of(&mut object);
        let left: Vec<Value> = meta::owner_references(dependent)
            .filter(|reference| reference["uid"] != owner)
            .cloned()
            .collect();
        match left.is_empty() {
            true => metadata.remove("ownerReferences"),
            false => metadata.insert("ownerReferences".to_owned(), left.into()),
        };
        self.insert(kind, object, Change::Modified);
    }

    fn exists(&self, uid: &Value) -> bool {
        self.all().any(|(_, object)| object["metadata"]["uid"] == *uid)
    }
}
