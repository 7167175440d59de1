//! Schedules: explained before they are asked for, agreed in words, and shown where they count.

use domain::role::Role;
use serde_json::{Value, json};
use testkit::{Portal, TestApp};

use super::new_change;

const EXPLAIN: &str = "/schedule?text=";

#[tokio::test]
async fn a_program_hears_what_a_schedule_means_or_why_it_means_nothing() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::CustomerViewer, t.acme()));
    let brussels = api
        .get(&format!("{EXPLAIN}CRON_TZ%3DEurope/Brussels%200%203%20*%20*%201"))
        .await;
    assert_eq!(brussels.status, 200, "{}", brussels.body);
    let meaning = brussels.json();
    assert_eq!(meaning["interval_seconds"], 7 * 24 * 3600 + 3600);
    assert_eq!(meaning["zone"], "Europe/Brussels");
    assert_eq!(
        meaning["aws"],
        json!({ "expression": "cron(0 3 ? * MON *)", "zone": "Europe/Brussels", "why_not": null })
    );
    assert_eq!(meaning["next_runs"].as_array().map(Vec::len), Some(5));
    let words = meaning["velero"]["expression"].as_str().unwrap();
    assert_eq!(words, "CRON_TZ=Europe/Brussels 0 3 * * 1");

    let fortnight = api
        .get(&format!("{EXPLAIN}every%20two%20weeks%20at%2000:00"))
        .await
        .json();
    assert_eq!(fortnight["schedule"], "every two weeks on Sunday at 00:00");
    assert_eq!(fortnight["aws"]["expression"], Value::Null);
    assert!(
        fortnight["aws"]["why_not"]
            .as_str()
            .unwrap()
            .contains("Holdfast starts")
    );

    let often = api.get(&format!("{EXPLAIN}every%2015%20minutes")).await.json();
    assert!(
        often["advice"]
            .as_str()
            .unwrap()
            .contains("shortest interval is one hour")
    );

    let daily = api.get(&format!("{EXPLAIN}daily")).await.json();
    assert_eq!(daily["next_runs"], json!([]));
    assert!(daily["left_to_provider"].is_string());

    let never = api.get(&format!("{EXPLAIN}0%200%2030%202%20*")).await;
    assert_eq!(
        (never.status, never.header("content-type")),
        (422, "application/problem+json")
    );
    let errors = &never.json()["errors"];
    assert_eq!(errors[0]["field"], "text");
    assert!(errors[0]["why"].as_str().unwrap().contains("it never runs"), "{errors}");
    assert_eq!(api.get("/schedule").await.status, 400);
}

#[tokio::test]
async fn a_schedule_is_asked_for_planned_agreed_and_shown_in_words() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let api = portal.api(t.token(Role::CustomerRequester, acme));
    let changed = [("schedule", "cron(15 1 * * ? *)"), ("backup_window", "")];
    let asked = api.post("/customers/acme/change-requests", &new_change(&changed)).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    assert_eq!(asked.json()["fields"]["schedule"], "daily at 01:15");
    assert_eq!(asked.json()["fields"]["frequency"], "Daily");
    t.run_jobs().await;

    let browser = portal.signed_in(Role::CustomerRequester, acme).await;
    let page = browser.get("/customers/acme/changes/1").await.body;
    assert!(
        page.contains("daily at 01:15") && page.contains("01:15-01:45"),
        "{page}"
    );
    assert_eq!(page.matches(r#"data-exact="run""#).count(), 5);
}

#[tokio::test]
async fn what_contradicts_the_frequency_is_asked_back_beside_the_field_with_what_was_typed() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let refused = api
        .post(
            "/customers/acme/change-requests",
            &new_change(&[("frequency", "Weekly")]),
        )
        .await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let why = refused.json()["errors"][0]["why"].as_str().unwrap().to_owned();
    assert!(why.contains("Weekly") && why.contains("daily at 03:00"), "{why}");

    let browser = portal.signed_in(Role::CustomerRequester, t.acme()).await;
    let body = new_change(&[("frequency", "Weekly"), ("schedule", "daily at 4 o'clock")]);
    let fields = body["fields"].as_object().unwrap();
    let once = uuid::Uuid::new_v4().to_string();
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str().unwrap()))
        .collect();
    form.push(("once", &once));
    let page = browser.post("/customers/acme/changes/new", &form).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains(r#"value="daily at 4 o&#39;clock""#), "{}", page.body);

    form.push(("check", "schedule"));
    let checked = browser.post("/customers/acme/changes/new", &form).await;
    assert_eq!(checked.status, 200);
    assert!(checked.body.contains("Not understood yet"), "{}", checked.body);
    assert_eq!(
        api.get("/customers/acme/change-requests").await.json()["items"],
        json!([]),
        "a check asks for nothing"
    );
}

#[tokio::test]
async fn the_page_explains_what_is_typed_and_repeats_it_inertly() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let page = browser
        .get("/schedule?schedule=daily%20at%2002:30%20Europe/Brussels")
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("02:30 in Europe/Brussels"), "{}", page.body);
    let hostile = browser
        .get("/schedule?schedule=%3Cscript%3Ealert(1)%3C/script%3E")
        .await
        .body;
    assert!(hostile.contains("Not understood yet") && !hostile.contains("<script>alert"));
}
