//! Watching.

use futures::{StreamExt, TryStreamExt};
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::watcher::{self, Event};
use kube::{Api, ResourceExt};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Place, Sandbox, backup, conformance};

/// The first events of a watch, each as its type with the name of the object.
async fn events(backups: &Api<DynamicObject>, params: &WatchParams, since: &str, count: usize) -> Vec<String> {
    let watch = backups.watch(params, since).await.unwrap();
    let events: Vec<_> = watch.take(count).try_collect().await.unwrap();
    events
        .iter()
        .map(|event| match event {
            WatchEvent::Added(object) => format!("ADDED {}", object.name_any()),
            WatchEvent::Modified(object) => format!("MODIFIED {}", object.name_any()),
            WatchEvent::Deleted(object) => format!("DELETED {}", object.name_any()),
            WatchEvent::Bookmark(bookmark) => {
                let initial = bookmark.metadata.annotations.get("k8s.io/initial-events-end");
                format!("BOOKMARK {}", initial.map_or("", String::as_str))
            }
            WatchEvent::Error(status) => format!("ERROR {} {}", status.code, status.reason),
        })
        .collect()
}

async fn label(place: &Place, value: Value) {
    let patch = Patch::Merge(json!({"metadata": {"labels": {"on": value}}}));
    place
        .backups()
        .patch("b", &PatchParams::default(), &patch)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_watch_tells_every_change_since_a_version() {
    conformance(|place| async move {
        let first = place.backup("a").await.resource_version().unwrap();
        place.backup("b").await;
        label(&place, json!("yes")).await;
        place.backups().delete("b", &DeleteParams::default()).await.unwrap();
        let told = events(&place.backups(), &WatchParams::default(), &first, 3).await;
        assert_eq!(told, ["ADDED b", "MODIFIED b", "DELETED b"]);
        let all = events(&place.backups(), &WatchParams::default(), "0", 1).await;
        assert_eq!(all, ["ADDED a"]);
    })
    .await;
}

#[tokio::test]
async fn a_change_reaches_a_watch_that_waits() {
    conformance(|place| async move {
        let since = place.backup("a").await.resource_version().unwrap();
        let mut watch = place
            .backups()
            .watch(&WatchParams::default(), &since)
            .await
            .unwrap()
            .boxed();
        place.backup("b").await;
        let event = watch.try_next().await.unwrap().unwrap();
        assert!(matches!(event, WatchEvent::Added(object) if object.name_any() == "b"));
    })
    .await;
}

#[tokio::test]
async fn an_object_that_ceases_to_match_is_deleted_for_the_watch() {
    conformance(|place| async move {
        let since = place.backup("b").await.resource_version().unwrap();
        label(&place, json!("yes")).await;
        label(&place, json!("still")).await;
        label(&place, Value::Null).await;
        let selected = WatchParams::default().labels("on");
        let told = events(&place.backups(), &selected, &since, 3).await;
        assert_eq!(told, ["ADDED b", "MODIFIED b", "DELETED b"]);
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_version_is_gone() {
    conformance(|place| async move {
        place.backup("b").await;
        let told = events(&place.backups(), &WatchParams::default(), "1", 1).await;
        assert_eq!(told, ["ERROR 410 Expired"]);
    })
    .await;
}

#[tokio::test]
async fn a_streamed_list_ends_with_a_bookmark() {
    conformance(|place| async move {
        place.backup("a").await;
        place.backup("b").await;
        let streamed = WatchParams::default().initial_events();
        let told = events(&place.backups(), &streamed, "0", 3).await;
        assert_eq!(told, ["ADDED a", "ADDED b", "BOOKMARK true"]);
    })
    .await;
}

#[tokio::test]
async fn the_runtime_follows_a_cluster_by_lists_and_by_streams() {
    conformance(|place| async move {
        place.backup("a").await;
        for config in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
            let mut follows = watcher::watcher(place.backups(), config).boxed();
            let mut told = Vec::new();
            while told.last().is_none_or(|last| last != "done") {
                told.push(match follows.try_next().await.unwrap().unwrap() {
                    Event::Init => "init".to_owned(),
                    Event::InitApply(object) => object.name_any(),
                    Event::InitDone => "done".to_owned(),
                    other => panic!("{other:?}"),
                });
            }
            assert_eq!(told, ["init", "a", "done"]);
            place.backup("b").await;
            let event = follows.try_next().await.unwrap().unwrap();
            assert!(matches!(event, Event::Apply(object) if object.name_any() == "b"));
            place.backups().delete("b", &DeleteParams::default()).await.unwrap();
            let event = follows.try_next().await.unwrap().unwrap();
            assert!(matches!(event, Event::Delete(object) if object.name_any() == "b"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_watch_ends_at_its_time_with_a_bookmark() {
    let sandbox = Sandbox::start().await;
    // Where no Velero changes what is written.
    let place = sandbox.place_in("default");
    let since = place.backup("a").await.resource_version().unwrap();
    let told = events(&place.backups(), &WatchParams::default().timeout(1), &since, 9).await;
    assert_eq!(told, ["BOOKMARK "]);
}

#[tokio::test]
async fn a_compaction_forgets_and_a_removed_cluster_ends_its_watches() {
    let sandbox = Sandbox::start().await;
    // Where no Velero changes what is written.
    let place = sandbox.place_in("default");
    let since = place.backup("a").await.resource_version().unwrap();
    place
        .backups()
        .create(&PostParams::default(), &backup("b"))
        .await
        .unwrap();
    sandbox.control(Method::POST, "/clusters/c/compact", Value::Null).await;
    let told = events(&place.backups(), &WatchParams::default(), &since, 9).await;
    assert_eq!(told, ["ERROR 410 Expired"]);
    let now = place.backup("c").await.resource_version().unwrap();
    let watch = place.backups().watch(&WatchParams::default(), &now).await.unwrap();
    sandbox.control(Method::DELETE, "/clusters/c", Value::Null).await;
    assert_eq!(watch.try_collect::<Vec<_>>().await.unwrap().len(), 0);
    assert!(place.backups().get("a").await.is_err());
}
