//! Listing: selectors and pages.

use kube::api::{ListParams, PostParams};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Place, Sandbox, backup, conformance, names, refused};

async fn labelled(place: &Place) {
    for (name, tier) in [("a", Some("db")), ("b", Some("web")), ("c", None)] {
        let mut object = backup(name);
        object.metadata.labels = tier.map(|tier| [("tier".to_owned(), tier.to_owned())].into());
        place.backups().create(&PostParams::default(), &object).await.unwrap();
    }
}

#[tokio::test]
async fn labels_select_by_every_operator() {
    conformance(|place| async move {
        labelled(&place).await;
        for (selector, expected) in [
            ("tier=db", vec!["a"]),
            ("tier==web", vec!["b"]),
            ("tier!=db", vec!["b", "c"]),
            ("tier", vec!["a", "b"]),
            ("!tier", vec!["c"]),
            ("tier in (db, web)", vec!["a", "b"]),
            ("tier notin (db)", vec!["b", "c"]),
            ("tier,tier!=db", vec!["b"]),
        ] {
            let found = place
                .backups()
                .list(&ListParams::default().labels(selector))
                .await
                .unwrap();
            assert_eq!(names(found), expected, "{selector}");
        }
        let status = refused(place.backups().list(&ListParams::default().labels("tier in (db")).await);
        assert_eq!((status.code, status.reason.as_str()), (400, "BadRequest"));
    })
    .await;
}

#[tokio::test]
async fn fields_select_by_name_and_others_are_refused() {
    conformance(|place| async move {
        labelled(&place).await;
        let named = ListParams::default().fields("metadata.name=b");
        assert_eq!(names(place.backups().list(&named).await.unwrap()), ["b"]);
        let unnamed = ListParams::default().fields("metadata.name!=b");
        assert_eq!(names(place.backups().list(&unnamed).await.unwrap()), ["a", "c"]);
        let status = refused(place.backups().list(&ListParams::default().fields("spec.ttl=1h")).await);
        assert_eq!((status.code, status.reason.as_str()), (400, "BadRequest"));
        assert!(
            status.message.contains("field label not supported: spec.ttl"),
            "{}",
            status.message
        );
    })
    .await;
}

#[tokio::test]
async fn all_pages_show_the_moment_of_the_first() {
    conformance(|place| async move {
        for name in ["a", "b", "c", "d", "e"] {
            place.backup(name).await;
        }
        let backups = place.backups();
        let first = backups.list(&ListParams::default().limit(2)).await.unwrap();
        assert_eq!(first.metadata.remaining_item_count, Some(3));
        place.backup("bb").await;
        let deletion = kube::api::DeleteParams::default();
        backups.delete("d", &deletion).await.unwrap();
        let mut seen = names(first.items);
        let mut next = first.metadata.continue_;
        while let Some(token) = next.filter(|token| !token.is_empty()) {
            let page = backups
                .list(&ListParams::default().limit(2).continue_token(&token))
                .await
                .unwrap();
            assert_eq!(page.metadata.resource_version, first.metadata.resource_version);
            next = page.metadata.continue_;
            seen.extend(names(page.items));
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    })
    .await;
}

#[tokio::test]
async fn an_earlier_version_can_be_listed_and_a_later_one_not() {
    conformance(|place| async move {
        place.backup("a").await;
        let then = place
            .backups()
            .list(&ListParams::default())
            .await
            .unwrap()
            .metadata
            .resource_version
            .unwrap();
        place.backup("b").await;
        let exact = ListParams::default().at(&then).matching(kube::api::VersionMatch::Exact);
        assert_eq!(names(place.backups().list(&exact).await.unwrap()), ["a"]);
        let fresh = ListParams::default()
            .at(&then)
            .matching(kube::api::VersionMatch::NotOlderThan);
        assert_eq!(names(place.backups().list(&fresh).await.unwrap()), ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_forgotten_moment_is_gone_with_a_token_to_go_on() {
    let sandbox = Sandbox::start().await;
    let place = sandbox.place();
    for name in ["a", "b", "c"] {
        place.backup(name).await;
    }
    let first = place.backups().list(&ListParams::default().limit(1)).await.unwrap();
    place.backup("d").await;
    sandbox.control(Method::POST, "/clusters/c/compact", Value::Null).await;
    let token = first.metadata.continue_.unwrap();
    let status = refused(
        place
            .backups()
            .list(&ListParams::default().continue_token(&token))
            .await,
    );
    assert_eq!((status.code, status.reason.as_str()), (410, "Expired"));
    let token = status.metadata.unwrap().continue_.unwrap();
    let rest = place
        .backups()
        .list(&ListParams::default().continue_token(&token))
        .await
        .unwrap();
    assert_eq!(names(rest), ["b", "c", "d"]);
    let old = ListParams::default().at("1").matching(kube::api::VersionMatch::Exact);
    assert_eq!(refused(place.backups().list(&old).await).code, 410);
    let future = ListParams::default()
        .at("999999")
        .matching(kube::api::VersionMatch::NotOlderThan);
    let status = sandbox
        .raw(Method::GET, &format!("{}?resourceVersion=999999", place.backups_path()))
        .send()
        .await
        .unwrap();
    assert_eq!(status.status(), 504, "{future:?}");
}

#[tokio::test]
async fn a_table_shows_the_columns_of_the_definition() {
    let sandbox = Sandbox::start().await;
    let made = super::schedule("s", json!({"schedule": "@daily", "template": {}}));
    sandbox
        .place()
        .schedules()
        .create(&PostParams::default(), &made)
        .await
        .unwrap();
    let path = "/apis/velero.io/v1/namespaces/velero/schedules";
    let table = sandbox.raw(Method::GET, path).header(
        "accept",
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    );
    let table: Value = table.send().await.unwrap().json().await.unwrap();
    let columns: Vec<&str> = table["columnDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(columns, ["Name", "Status", "Schedule", "LastBackup", "Age", "Paused"]);
    assert_eq!(table["rows"][0]["cells"][2], "@daily");
    let protobuf = sandbox
        .raw(Method::GET, path)
        .header("accept", "application/vnd.kubernetes.protobuf");
    assert_eq!(protobuf.send().await.unwrap().status(), 406);
}
