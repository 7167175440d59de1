//! The JSON API: the shapes that outside programs read.

use std::collections::BTreeSet;

use domain::role::Role;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::github::{answers, issue_body};
use testkit::server::Api;
use testkit::{Portal, TestApp};
use web::{Auth, ROUTES};

use super::{Scene, count, new_change};
use crate::samples::connect;

/// The object has exactly these fields.
fn assert_fields(object: &Value, fields: &[&str]) {
    let has: BTreeSet<&str> = object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(has, fields.iter().copied().collect(), "{object}");
}

fn time(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no time"));
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

const STEP: &[&str] = &[
    "summary",
    "action",
    "component_id",
    "component",
    "account",
    "region",
    "arn",
    "weakens",
];
const PLAN: &[&str] = &[
    "digest",
    "made_at",
    "steps",
    "findings",
    "unchanged",
    "gives_up",
    "retention_full_from",
];
const COMPONENT: &[&str] = &[
    "id",
    "name",
    "kind",
    "environment",
    "workload",
    "owner",
    "engine",
    "version",
    "size_bytes",
    "arn",
];

#[tokio::test]
async fn the_scope_of_work_says_what_is_agreed_where_it_comes_from_and_whether_it_holds() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let api = portal.api(t.token(Role::CustomerViewer, acme));
    let before = api.get("/customers/acme/sow").await.json();
    assert_eq!(
        before,
        json!({ "version": 0, "effective_from": null, "approved_by": [], "items": [] })
    );

    t.protect(acme).await;
    let sow = api.get("/customers/acme/sow").await.json();
    assert_fields(&sow, &["version", "effective_from", "approved_by", "items"]);
    assert_eq!(
        (&sow["version"], &sow["approved_by"]),
        (&json!(1), &json!(["approver@provider.test"]))
    );
    time(&sow["effective_from"]);
    let item = &sow["items"][0];
    assert_fields(
        item,
        &[
            "id",
            "component",
            "in_scope",
            "tier",
            "mechanism",
            "reason",
            "schedule",
            "rpo_seconds",
            "rto_seconds",
            "objectives_committed",
            "window",
            "retention_days",
            "location",
            "value_sources",
            "value_origins",
            "note",
            "deviations",
            "protection",
            "out_decision",
            "encrypted",
            "last_restore_test",
            "stated_restore_test_on",
        ],
    );
    assert_fields(&item["component"], COMPONENT);
    for (field, value) in [
        ("/in_scope", json!(true)),
        ("/component/name", json!("prod-pg")),
        ("/component/kind", json!("rds-instance")),
        ("/component/environment", json!("production")),
        ("/component/arn", json!(acme.prod_pg.aws.as_ref().unwrap().arn)),
        ("/mechanism", json!("native:rds")),
        ("/schedule", json!("daily at 03:00")),
        ("/rpo_seconds", json!(86_400)),
        ("/rto_seconds", Value::Null),
        ("/objectives_committed", json!(false)),
        ("/encrypted", json!(true)),
        ("/last_restore_test", Value::Null),
        ("/window", json!("03:00-04:00")),
        ("/retention_days", json!(35)),
        ("/location", json!("same-account-and-region")),
        ("/value_sources/retention_days", json!("change")),
        ("/value_origins/retention_days/version", json!(1)),
        ("/value_origins/retention_days/change_request_number", json!(1)),
    ] {
        assert_eq!(item.pointer(field), Some(&value), "{field}: {item}");
    }
    let protection = &item["protection"];
    assert_fields(protection, &["state", "newest_recovery_point_at", "observed_at"]);
    assert_eq!(protection["state"], "protected", "{protection}");
    assert!(time(&protection["newest_recovery_point_at"]) <= time(&protection["observed_at"]));

    let listed = &api.get("/customers/acme/components").await.json()["items"][0];
    for field in [
        "rpo_seconds",
        "rto_seconds",
        "objectives_committed",
        "encrypted",
        "last_restore_test",
    ] {
        assert_eq!(listed[field], item[field], "{field}: {listed}");
    }

    let versions = api.get("/customers/acme/sow-versions").await;
    assert_eq!(count(&versions), 1);
    assert_fields(
        &versions.json()["items"][0],
        &[
            "version",
            "effective_from",
            "change_request_id",
            "change_request_number",
            "import_number",
            "decommissioned_component_id",
            "approved_by",
            "lines_changed",
        ],
    );
}

#[tokio::test]
async fn a_change_request_has_its_answers_its_plan_and_its_approvals() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let (api, approves) = (
        portal.api(t.token(Role::CustomerViewer, acme)),
        portal.api(t.token(Role::Approver, acme)),
    );
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    let list = api
        .get(&format!(
            "/customers/acme/change-requests?state=planned&github_issue={issue}"
        ))
        .await
        .json();
    assert_fields(&list, &["items", "next"]);
    let change = &list["items"][0];
    let fields = [
        "id",
        "number",
        "title",
        "source",
        "state",
        "requester",
        "fields",
        "missing",
        "plan",
        "approvals",
        "github_issue",
        "github_repository",
        "created_at",
        "updated_at",
        "revision",
    ];
    assert_fields(change, &fields);
    assert_eq!(
        (&change["number"], &change["source"], &change["state"]),
        (&json!(1), &json!("github"), &json!("planned"))
    );
    assert_eq!(
        (&change["github_issue"], &change["github_repository"]),
        (&json!(issue), &json!("acme/platform"))
    );
    assert_eq!(
        (&change["missing"], &change["approvals"], &change["requester"]),
        (&json!([]), &json!([]), &json!("acme-dev"))
    );
    assert_eq!(change["fields"], json!(answers(&[])));
    assert_fields(&change["plan"], PLAN);
    for step in change["plan"]["steps"].as_array().unwrap() {
        assert_fields(step, STEP);
        assert_eq!(
            (&step["component"], &step["weakens"]),
            (&json!("prod-pg"), &json!(false))
        );
    }

    let path = format!("/change-requests/{}", change["id"].as_str().unwrap());
    let one = api.get(&path).await;
    assert_eq!(one.json(), *change, "the list and the single one agree");
    assert_eq!(one.header("etag"), format!("\"{}\"", change["revision"]));
    assert_eq!(api.get(&format!("{path}/plan")).await.json(), change["plan"]);

    let digest = &change["plan"]["digest"];
    let approved = approves
        .post(&format!("{path}/approve"), &json!({ "plan_digest": digest }))
        .await
        .json();
    let approval = &approved["approvals"][0];
    assert_fields(approval, &["side", "by", "plan_digest", "at"]);
    assert_eq!(
        (&approval["side"], &approval["plan_digest"]),
        (&json!("provider"), digest)
    );
    assert_eq!(approved["state"], "approved");
    t.run_jobs().await;
    let applied = api.get(&path).await.json();
    assert_eq!(
        (&applied["state"], &applied["sow_version"]),
        (&json!("applied"), &json!(1))
    );
}

#[tokio::test]
async fn what_is_missing_is_listed_field_by_field() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let api = portal.api(t.token(Role::CustomerRequester, acme));
    t.file_issue(
        acme,
        &acme.requester,
        &issue_body(&answers(&[("retention", "for ever")])),
    )
    .await;
    t.webhooks_sent().await;
    t.run_jobs().await;
    let list = api
        .get("/customers/acme/change-requests?state=needs-information")
        .await
        .json();
    let change = &list["items"][0];
    assert_eq!((&change["fields"], &change["plan"]), (&json!({}), &Value::Null));
    assert_fields(&change["missing"][0], &["field", "label", "given", "why"]);
    assert_eq!(
        (&change["missing"][0]["field"], &change["missing"][0]["given"]),
        (&json!("retention"), &json!("for ever"))
    );

    let refused = api
        .post(
            "/customers/acme/change-requests",
            &new_change(&[("retention", ""), ("scope", "both")]),
        )
        .await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (422, "application/problem+json")
    );
    let problem = refused.json();
    assert_fields(&problem, &["type", "title", "status", "detail", "errors"]);
    let errors: BTreeSet<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(errors, BTreeSet::from(["retention", "scope"]));
    assert_eq!(count(&api.get("/customers/acme/change-requests").await), 1);
}

#[tokio::test]
async fn a_restore_request_says_what_comes_back_from_when_and_how_far_it_is() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Engineer, acme),
    );
    let points = asks.get("/customers/acme/recovery-points").await.json();
    let point = &points["items"][0];
    assert_fields(
        point,
        &[
            "id",
            "component_id",
            "component",
            "provider_id",
            "granularity",
            "at",
            "earliest",
            "encrypted",
            "expires_at",
            "expiry",
            "holds",
        ],
    );
    let body = json!({ "component_id": acme.prod_pg.id.0, "recovery_point_id": point["id"], "urgency": "business-hours", "reason": "lost" });
    let made = asks.post("/customers/acme/restore-requests", &body).await;
    let restore = made.json();
    assert_eq!(
        (made.status, &restore["state"], &restore["number"]),
        (201, &json!("submitted"), &json!(2)),
        "{restore}"
    );
    assert_eq!(
        made.location(),
        format!("/api/v1/restore-requests/{}", restore["id"].as_str().unwrap())
    );
    let fields = [
        "id",
        "number",
        "state",
        "component",
        "recovery_point",
        "target",
        "urgency",
        "reason",
        "requester",
        "respond_by",
        "steps",
        "plan",
        "approvals",
        "created_at",
        "updated_at",
        "revision",
    ];
    assert_fields(&restore, &fields);
    assert_fields(&restore["component"], COMPONENT);
    assert_fields(&restore["plan"], PLAN);
    assert_fields(&restore["steps"][0], STEP);
    assert_eq!(
        (&restore["recovery_point"]["id"], &restore["urgency"]),
        (&point["id"], &json!("business-hours"))
    );
    assert_ne!(restore["target"], "prod-pg");
    assert!(time(&restore["respond_by"]) > time(&restore["created_at"]));

    let path = format!("/restore-requests/{}", restore["id"].as_str().unwrap());
    let approve = json!({ "plan_digest": restore["plan"]["digest"] });
    assert_eq!(
        decides.post(&format!("{path}/approve"), &approve).await.json()["state"],
        "approved"
    );
    t.run_jobs().await;
    assert_eq!(asks.get(&path).await.json()["state"], "verifying");
    assert_eq!(
        asks.post(&format!("{path}/verify"), &Value::Null).await.json()["state"],
        "closed"
    );
    let closed = asks.get("/customers/acme/restore-requests?state=closed").await;
    assert_eq!(count(&closed), 1);
    assert_eq!(t.restores_at_aws(acme).await, 1);
}

#[tokio::test]
async fn a_customer_who_finds_the_restored_data_wrong_says_what_is_wrong() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Engineer, acme),
    );
    let path = format!("/restore-requests/{}", scene.restore);
    let wrong = json!({ "reason": "The newest orders are missing." });
    let early = asks.post(&format!("{path}/dispute"), &wrong).await;
    assert_eq!(early.status, 409, "nothing is restored yet");

    let digest = asks.get(&path).await.json()["plan"]["digest"].clone();
    let approve = json!({ "plan_digest": digest });
    decides.post(&format!("{path}/approve"), &approve).await;
    scene.t.run_jobs().await;
    let disputed = asks.post(&format!("{path}/dispute"), &wrong).await.json();
    assert_eq!(disputed["state"], "failed");
    let failure = disputed["failure"].as_str().unwrap();
    assert!(failure.contains("The newest orders are missing."), "{failure}");
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_each_item_once() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let changes = "/customers/acme/change-requests";
    let ask = async || {
        let asked = api.post(changes, &new_change(&[])).await;
        assert_eq!(asked.status, 201);
    };
    for _ in 0..50 {
        ask().await;
    }
    assert_eq!(count(&api.get(changes).await), 50, "and no empty page follows");
    ask().await;
    let numbers = all(&api, changes, "number").await;
    assert_eq!(
        numbers,
        (1..=51).rev().map(Value::from).collect::<Vec<_>>(),
        "newest first"
    );

    // Three at each moment.
    sqlx::query(
        "INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, encrypted, last_seen_at)
         SELECT $1, gen_random_uuid(), $2, 'rds:' || n, 'snapshot', now() - n / 3 * interval '1 day', false, now()
         FROM generate_series(0, 119) n",
    )
    .bind(t.acme().tenant.id.0)
    .bind(t.acme().prod_pg.id.0)
    .execute(&mut connect(&t.database.owner_url()).await)
    .await
    .unwrap();
    let path = "/customers/acme/recovery-points";
    let (moments, names) = (all(&api, path, "at").await, all(&api, path, "provider_id").await);
    assert!(moments.is_sorted_by(|a, b| a.as_str() >= b.as_str()), "newest first");
    let once: BTreeSet<_> = names.iter().map(Value::to_string).collect();
    assert_eq!((names.len(), once.len()), (120, 120));
    let held = r#"INSERT INTO recovery_point_hold (tenant_id, id, number, case_name, reason, asked, revision)
        SELECT $1, gen_random_uuid(), n, 'Case ' || n, 'x',
          jsonb_build_object('by', gen_random_uuid(), 'name', 'Ana', 'side', 'customer', 'at', now()), 1
        FROM generate_series(1, 60) n"#;
    sqlx::query(held)
        .bind(t.acme().tenant.id.0)
        .execute(&mut connect(&t.database.owner_url()).await)
        .await
        .unwrap();
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let page = browser.get(path).await.body;
    let next = page.split("?cursor=").nth(1).and_then(|rest| rest.split('"').next());
    let next = browser.get(&format!("{path}?cursor={}", next.unwrap())).await;
    assert!(next.body.contains("rds:60") && !next.body.contains("rds:6<"));

    for (list, rows) in [
        ("changes", 51),
        ("changes?state=submitted", 51),
        ("recovery-points", 120),
        ("holds?state=standing", 60),
    ] {
        let format = if list.contains('?') {
            "&format=csv"
        } else {
            "?format=csv"
        };
        let download = browser.get(&format!("/customers/acme/{list}{format}")).await;
        assert_eq!(download.header("content-type"), "text/csv; charset=utf-8");
        let lines: Vec<&str> = download.body.lines().collect();
        let once: BTreeSet<&str> = lines.iter().copied().collect();
        assert_eq!(
            (lines.len(), once.len()),
            (1 + rows, 1 + rows),
            "{list}: the head and every row"
        );
    }
}

/// A field of each item of a list, page by page.
async fn all(api: &Api, path: &str, field: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut query = String::new();
    loop {
        let page = api.get(&format!("{path}{query}")).await.json();
        all.extend(page["items"].as_array().unwrap().iter().map(|item| item[field].clone()));
        let Some(next) = page["next"].as_str() else { return all };
        query = format!("?cursor={next}");
    }
}

#[tokio::test]
async fn the_description_lists_every_call_that_there_is() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let document = portal.api("").get("/openapi.json").await.json();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let there = ROUTES.iter().filter(|route| route.auth == Auth::Bearer);
    let there: BTreeSet<_> = there
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(described, there);
    let page = portal.browser().get("/api/docs").await;
    for (_, path) in &there {
        assert!(page.body.contains(path.as_str()), "{path}");
    }
}
