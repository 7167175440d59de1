//! What a store promises its writers.

use serde_json::json;

use super::*;
use crate::cluster::Deletion;
use crate::cluster::delete::Deleted;
use crate::cluster::kind::BACKUPS;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn by() -> Writer<'static> {
    Writer::new("test", now())
}

fn cluster() -> Store {
    let mut store = Store::default();
    let namespace = json!({"metadata": {"name": "velero"}});
    store.create(&NAMESPACES, namespace, &by()).unwrap();
    store
}

fn backup(name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "velero"}, "spec": {"ttl": "1h"}})
}

#[test]
fn a_write_that_changes_nothing_keeps_the_version() {
    let mut store = cluster();
    let made = store.create(&BACKUPS, backup("b"), &by()).unwrap();
    let again = store.update(&BACKUPS, Value::clone(&made), &by()).unwrap();
    assert_eq!(made, again);
    let mut changed = Value::clone(&again);
    changed["spec"]["ttl"] = json!("2h");
    let changed = store.update(&BACKUPS, changed, &by()).unwrap();
    assert!(changed["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]);
    assert_eq!(changed["metadata"]["generation"], 2);
    let stale = store.update(&BACKUPS, Value::clone(&made), &by()).unwrap_err();
    assert_eq!((stale.code, stale.reason), (409, "Conflict"));
}

#[test]
fn finalizers_hold_an_object_until_the_last_is_gone() {
    let mut store = cluster();
    let mut object = backup("b");
    object["metadata"]["finalizers"] = json!(["a/b"]);
    store.create(&BACKUPS, object, &by()).unwrap();
    let delete = |store: &mut Store| store.delete(&BACKUPS, Some("velero"), "b", &Deletion::default(), now());
    let Deleted::Waits(marked) = delete(&mut store).unwrap() else {
        panic!("it has a finalizer")
    };
    assert!(meta::terminating(&marked));
    let mut freed = Value::clone(&marked);
    freed["metadata"]["finalizers"] = json!([]);
    store.update(&BACKUPS, freed, &by()).unwrap();
    assert_eq!(delete(&mut store).unwrap_err().code, 404);
}

#[test]
fn an_earlier_state_can_be_told_until_it_is_forgotten() {
    let mut store = cluster();
    let made = store.create(&BACKUPS, backup("a"), &by()).unwrap();
    let then = store.version();
    store.create(&BACKUPS, backup("b"), &by()).unwrap();
    let removed = store.delete(&BACKUPS, Some("velero"), "a", &Deletion::default(), now());
    assert!(matches!(removed, Ok(Deleted::Gone(_))));
    assert_eq!(store.at(then, &BACKUPS, Some("velero")), Ok(vec![made]));
    store.forget();
    assert!(store.at(then, &BACKUPS, None).is_err());
    assert_eq!(store.at(store.version(), &BACKUPS, None).unwrap().len(), 1);
}

#[test]
fn a_namespace_takes_what_is_in_it_along_and_waits_for_finalizers() {
    let mut store = cluster();
    store.create(&BACKUPS, backup("a"), &by()).unwrap();
    let mut held = backup("held");
    held["metadata"]["finalizers"] = json!(["a/b"]);
    store.create(&BACKUPS, held, &by()).unwrap();
    store
        .delete(&NAMESPACES, None, "velero", &Deletion::default(), now())
        .unwrap();
    assert!(store.get(&BACKUPS, Some("velero"), "a").is_none());
    let refused = store.create(&BACKUPS, backup("c"), &by()).unwrap_err();
    assert_eq!((refused.code, refused.reason), (403, "Forbidden"));
    let mut freed = Value::clone(store.get(&BACKUPS, Some("velero"), "held").unwrap());
    freed["metadata"]["finalizers"] = json!([]);
    store.update(&BACKUPS, freed, &by()).unwrap();
    assert!(store.get(&NAMESPACES, None, "velero").is_none());
}
