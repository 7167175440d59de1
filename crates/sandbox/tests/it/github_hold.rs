//! Deliveries out of order, twice, or lost.

use serde_json::{Value, json};

use crate::support::{APP, World, kinds};

/// Ids of the held deliveries, in the order of their events.
async fn held(w: &World) -> Vec<u64> {
    let held = w.control("GET", "/github/held", None).await.body;
    let items = held["items"].as_array().unwrap().iter();
    items.map(|delivery| delivery["id"].as_u64().unwrap()).collect()
}

fn titles(events: &[(String, Value)]) -> Vec<&str> {
    events
        .iter()
        .map(|(_, payload)| payload["issue"]["title"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn held_deliveries_go_out_as_ordered_twice_or_not_at_all() {
    let mut w = World::start().await;
    assert_eq!(w.control("POST", "/github/hold", None).await.status, 204);
    for title in ["one", "two", "three"] {
        w.issue(title).await;
    }
    assert_eq!(w.events().await, [], "held back");
    let ids = held(&w).await;
    let order = json!({"order": [ids[2], ids[0], ids[2]]});
    assert_eq!(w.control("POST", "/github/release", Some(order)).await.status, 204);
    let received = w.received().await;
    let guid = |index: usize| received[index].0["x-github-delivery"].clone();
    let sent: Vec<&Value> = received.iter().map(|(_, payload)| &payload["issue"]["title"]).collect();
    assert_eq!(sent, ["three", "one", "three"]);
    assert!(guid(0) == guid(2) && guid(0) != guid(1), "a duplicate keeps its GUID");

    let jwt = w.jwt(APP, 300);
    let listed = w.get("/app/hook/deliveries", &jwt).await.body;
    let lost: Vec<&Value> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|delivery| delivery["status"] != "OK")
        .collect();
    assert_eq!((lost.len(), &lost[0]["id"]), (1, &json!(ids[1])));
    let again = format!("/app/hook/deliveries/{}/attempts", ids[1]);
    assert_eq!(w.call("POST", &again, &jwt, None).await.status, 202);
    assert_eq!(titles(&w.events().await), ["two"]);

    w.issue("four").await;
    w.issue("five").await;
    assert_eq!(titles(&w.events().await), ["four", "five"], "the holding has ended");
}

#[tokio::test]
async fn an_order_that_names_something_else_releases_nothing() {
    let mut w = World::start().await;
    w.control("POST", "/github/hold", None).await;
    w.issue("one").await;
    let ids = held(&w).await;
    let wrong = json!({"order": [ids[0], 1]});
    assert_eq!(w.control("POST", "/github/release", Some(wrong)).await.status, 404);
    assert_eq!(held(&w).await, ids);
    w.control("POST", "/github/release", Some(json!({"order": ids}))).await;
    assert_eq!(kinds(&w.events().await), ["issues.opened"]);
}
