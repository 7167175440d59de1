//! The objects of one cluster. Pure: no IO, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::history::{Change, Event, Forgotten, History};
use super::kind::{KINDS, Kind, NAMESPACES};
use super::refusal::Refusal;
use super::writer::Writer;
use super::{defaults, meta};

/// Resource version of an empty cluster. What was before is forgotten, so that a reader with a version of another cluster notices.
const FIRST: u64 = 1_000;

/// Name to object.
type Named = BTreeMap<String, Arc<Value>>;

#[derive(Debug)]
pub(crate) struct Store {
    /// Resource version of the last change.
    version: u64,
    /// By [`Kind::key`], then by namespace; objects outside namespaces are in namespace "".
    objects: BTreeMap<(&'static str, &'static str), BTreeMap<String, Named>>,
    history: History,
    /// Uid of an owner to the number of references to it.
    owners: HashMap<String, usize>,
    /// Uid to message, of what is to fail although it was accepted.
    failures: BTreeMap<String, String>,
}

/// What a write will leave, before it is done.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// The object stays as it is.
    Unchanged(Arc<Value>),
    Changed(Value),
    /// Its last finalizer goes, and so does the object.
    Removed(Value),
}

impl Default for Store {
    fn default() -> Self {
        Self {
            version: FIRST,
            objects: BTreeMap::new(),
            history: History::after(FIRST),
            owners: HashMap::new(),
            failures: BTreeMap::new(),
        }
    }
}

impl Store {
    /// Resource version of the last change.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// `namespace` is not looked at for kinds outside namespaces.
    pub(crate) fn get(&self, kind: &'static Kind, namespace: Option<&str>, name: &str) -> Option<&Arc<Value>> {
        self.objects.get(&kind.key())?.get(place(kind, namespace))?.get(name)
    }

    /// By namespace and name; without a namespace those of all.
    pub(crate) fn list(&self, kind: &'static Kind, namespace: Option<&str>) -> impl Iterator<Item = &Arc<Value>> {
        let only = namespace.filter(|_| kind.namespaced);
        self.objects
            .get(&kind.key())
            .into_iter()
            .flatten()
            .filter(move |(place, _)| only.is_none_or(|only| only == *place))
            .flat_map(|(_, named)| named.values())
    }

    /// Changes after `version`, oldest first.
    ///
    /// # Errors
    /// [`Forgotten`] when some of them are no longer known.
    pub(crate) fn since(&self, version: u64) -> Result<impl DoubleEndedIterator<Item = &Event>, Forgotten> {
        self.history.since(version)
    }

    /// Forgets the history, as a compaction does.
    pub(crate) fn forget(&mut self) {
        self.history.forget();
    }

    /// Decides that what this object asks for will fail.
    pub(crate) fn fail(&mut self, uid: &str, message: String) {
        self.failures.insert(uid.to_owned(), message);
    }

    /// Why what this object asks for is to fail; `None` where it is not.
    pub(crate) fn failure(&self, uid: &str) -> Option<&str> {
        self.failures.get(uid).map(String::as_str)
    }

    /// Adds an object; a `generateName` gets its suffix.
    ///
    /// # Errors
    /// It exists, its namespace does not or is being deleted, or it has no name.
    pub(crate) fn create(
        &mut self,
        kind: &'static Kind,
        object: Value,
        by: &Writer<'_>,
    ) -> Result<Arc<Value>, Refusal> {
        let object = self.prepare_create(kind, object, by)?;
        Ok(self.insert(kind, object, Change::Added))
    }

    /// What [`Store::create`] would add, but for its resource version.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub(crate) fn prepare_create(
        &self,
        kind: &'static Kind,
        mut object: Value,
        by: &Writer<'_>,
    ) -> Result<Value, Refusal> {
        if !meta::text(&object, "resourceVersion").is_empty() {
            return Err(Refusal::internal(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        let name = self.name_for(kind, &object)?;
        if kind.namespaced {
            self.check_namespace(kind, meta::namespace(&object), &name)?;
        }
        if self.get(kind, Some(meta::namespace(&object)), &name).is_some() {
            return Err(Refusal::already_exists(kind, &name));
        }
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.kind.into();
        let metadata = meta::of(&mut object);
        metadata.insert("name".to_owned(), name.into());
        metadata.insert("uid".to_owned(), Uuid::new_v4().to_string().into());
        metadata.insert("creationTimestamp".to_owned(), meta::stamp(by.now));
        for set_by_server in [
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "generation",
        ] {
            metadata.remove(set_by_server);
        }
        if kind.counts_generations() {
            metadata.insert("generation".to_owned(), 1.into());
        }
        if !kind.namespaced {
            metadata.remove("namespace");
        }
        defaults::fill(kind, &mut object);
        by.track(kind, None, &mut object);
        Ok(object)
    }

    /// Replaces an object. One that is being deleted goes with its last finalizer.
    ///
    /// # Errors
    /// It does not exist, or was changed since it was read (`resourceVersion`), or is another one (`uid`).
    pub(crate) fn update(
        &mut self,
        kind: &'static Kind,
        object: Value,
        by: &Writer<'_>,
    ) -> Result<Arc<Value>, Refusal> {
        let prepared = self.prepare_update(kind, object, by)?;
        Ok(self.commit(kind, prepared, by.now))
    }

    /// What [`Store::update`] would leave, but for its resource version.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub(crate) fn prepare_update(
        &self,
        kind: &'static Kind,
        mut object: Value,
        by: &Writer<'_>,
    ) -> Result<Prepared, Refusal> {
        let name = meta::name(&object);
        let live = self
            .get(kind, Some(meta::namespace(&object)), name)
            .ok_or_else(|| Refusal::not_found(kind, name))?;
        super::update::check(kind, live, &object)?;
        super::update::keep_what_the_server_sets(kind, live, &mut object);
        by.track(kind, Some(live), &mut object);
        super::update::count_generation(kind, live, &mut object);
        Ok(if super::update::same(live, &object) {
            Prepared::Unchanged(live.clone())
        } else if meta::terminating(&object) && meta::finalizers(&object).next().is_none() && kind != &NAMESPACES {
            Prepared::Removed(object)
        } else {
            Prepared::Changed(object)
        })
    }

    /// Does a prepared write.
    pub(crate) fn commit(&mut self, kind: &'static Kind, prepared: Prepared, now: Timestamp) -> Arc<Value> {
        match prepared {
            Prepared::Unchanged(object) => object,
            Prepared::Changed(object) => {
                let object = self.insert(kind, object, Change::Modified);
                if kind == &NAMESPACES && meta::terminating(&object) {
                    self.finish_namespace(meta::name(&object));
                }
                object
            }
            Prepared::Removed(object) => {
                let (namespace, name) = (meta::namespace(&object).to_owned(), meta::name(&object).to_owned());
                self.remove(kind, &namespace, &name, now)
                    .unwrap_or_else(|| Arc::new(object))
            }
        }
    }

    /// The state at an earlier version, of one kind.
    ///
    /// # Errors
    /// [`Forgotten`] when the changes since are no longer known.
    pub(crate) fn at(
        &self,
        version: u64,
        kind: &'static Kind,
        namespace: Option<&str>,
    ) -> Result<Vec<Arc<Value>>, Forgotten> {
        let key = |object: &Value| (meta::namespace(object).to_owned(), meta::name(object).to_owned());
        let mut objects: BTreeMap<_, _> = self
            .list(kind, namespace)
            .map(|object| (key(object), object.clone()))
            .collect();
        let only = namespace.filter(|_| kind.namespaced);
        let undone = self
            .since(version)?
            .rev()
            .filter(|event| event.kind == kind && only.is_none_or(|only| only == meta::namespace(&event.object)));
        for event in undone {
            match &event.before {
                Some(before) => objects.insert(key(before), before.clone()),
                None => objects.remove(&key(&event.object)),
            };
        }
        Ok(objects.into_values().collect())
    }

    /// The name asked for, or one from `generateName` that is free.
    fn name_for(&self, kind: &'static Kind, object: &Value) -> Result<String, Refusal> {
        let prefix = meta::text(object, "generateName");
        match (meta::name(object), prefix) {
            ("", "") => Err(defaults::nameless(kind)),
            ("", prefix) => {
                let mut name = defaults::generated(prefix);
                while self.get(kind, Some(meta::namespace(object)), &name).is_some() {
                    name = defaults::generated(prefix);
                }
                Ok(name)
            }
            (name, _) => Ok(name.to_owned()),
        }
    }

    fn check_namespace(&self, kind: &'static Kind, namespace: &str, name: &str) -> Result<(), Refusal> {
        match self.get(&NAMESPACES, None, namespace) {
            None => Err(Refusal::not_found(&NAMESPACES, namespace)),
            Some(found) if meta::terminating(found) => Err(defaults::ending(kind, namespace, name)),
            Some(_) => Ok(()),
        }
    }

    /// Stores an object under the next version.
    pub(super) fn insert(&mut self, kind: &'static Kind, mut object: Value, change: Change) -> Arc<Value> {
        self.version += 1;
        meta::of(&mut object).insert("resourceVersion".to_owned(), self.version.to_string().into());
        let object = Arc::new(object);
        let before = self
            .objects
            .entry(kind.key())
            .or_default()
            .entry(meta::namespace(&object).to_owned())
            .or_default()
            .insert(meta::name(&object).to_owned(), object.clone());
        self.count_owners(Some(&object), before.as_deref());
        self.history.push(Event {
            version: self.version,
            kind,
            change,
            object: object.clone(),
            before,
        });
        object
    }

    /// Takes an object out under the next version; `None` where it is not there.
    pub(super) fn take(&mut self, kind: &'static Kind, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let places = self.objects.get_mut(&kind.key())?;
        let named = places.get_mut(namespace)?;
        let before = named.remove(name)?;
        if named.is_empty() {
            places.remove(namespace);
        }
        self.version += 1;
        self.failures.remove(meta::uid(&before));
        self.count_owners(None, Some(&before));
        let mut last = Value::clone(&before);
        meta::of(&mut last).insert("resourceVersion".to_owned(), self.version.to_string().into());
        let last = Arc::new(last);
        self.history.push(Event {
            version: self.version,
            kind,
            change: Change::Deleted,
            object: last.clone(),
            before: Some(before),
        });
        Some(last)
    }

    fn count_owners(&mut self, after: Option<&Value>, before: Option<&Value>) {
        let owners = |object: Option<&Value>| -> Vec<String> {
            let references = object.into_iter().flat_map(meta::owner_references);
            references
                .filter_map(|reference| reference["uid"].as_str().map(str::to_owned))
                .collect()
        };
        for owner in owners(after) {
            *self.owners.entry(owner).or_default() += 1;
        }
        for owner in owners(before) {
            if let Some(count) = self.owners.get_mut(&owner) {
                *count -= 1;
                if *count == 0 {
                    self.owners.remove(&owner);
                }
            }
        }
    }

    /// Whether any object names this one as its owner.
    pub(super) fn owns(&self, uid: &str) -> bool {
        self.owners.contains_key(uid)
    }

    /// Whether a namespace has no objects in it.
    pub(super) fn is_empty(&self, namespace: &str) -> bool {
        !self.objects.values().any(|places| places.contains_key(namespace))
    }

    /// Every object, with its kind.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static Kind, &Arc<Value>)> {
        KINDS
            .iter()
            .flat_map(|kind| self.list(kind, None).map(|object| (*kind, object)))
    }
}

/// The namespace that objects of this kind are kept under.
pub(super) fn place<'a>(kind: &Kind, namespace: Option<&'a str>) -> &'a str {
    namespace.filter(|_| kind.namespaced).unwrap_or_default()
}

#[cfg(test)]
mod tests;
