//! One wish for many components, through the door: a change for each, a result for each.

use app::import::Offered;
use domain::onboarding::Format;
use domain::role::Role;
use jiff::civil::Date;
use serde_json::{Value, json};
use testkit::server::Api;
use testkit::{Portal, TestApp};

/// Two databases of acme in scope, of which only the first has a tier, and one that nobody decided about.
async fn three(t: &TestApp) -> Vec<String> {
    let acme = t.acme();
    let admin = t.actor(Role::Admin, acme).await;
    let offered = Offered {
        format: Format::Csv,
        bytes: "name,environment,kind,decision,tier,retention,frequency\n\
                a,production,self-managed-database,in,2,30 days,daily\n\
                b,production,self-managed-database,in,,30 days,daily\n\
                c,production,self-managed-database,,,,\n"
            .into(),
        signed_by: vec!["Ana".to_owned()],
        signed_on: Some(Date::constant(2026, 1, 5)),
    };
    let shown = app::import::preview(&t.cx, &admin, &acme.tenant, &offered)
        .await
        .unwrap();
    app::import::import(&t.cx, &admin, &acme.tenant, &offered, shown.digest.unwrap(), None)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(t.component(acme, name).await.to_string());
    }
    ids
}

fn states(bulk: &Value) -> Vec<&str> {
    let items = bulk["items"].as_array().unwrap().iter();
    items.map(|item| item["state"].as_str().unwrap()).collect()
}

async fn read(api: &Api) -> Value {
    api.get("/customers/acme/bulk-changes/1").await.json()
}

#[tokio::test]
async fn each_component_gets_a_change_or_hears_why_not_and_is_approved_as_it_was_shown() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let ids = three(&t).await;
    let asks = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let body = json!({ "components": ids, "fields": { "scope": "In scope", "retention": "tier default", "frequency": "Hourly" } });
    let key = [("idempotency-key", "once")];
    let made = asks.post_with("/customers/acme/bulk-changes", &body, &key).await;
    assert_eq!(
        (made.status, made.location()),
        (201, "/api/v1/customers/acme/bulk-changes/1"),
        "{}",
        made.body
    );
    assert_eq!(states(&made.json()), ["submitted", "refused", "refused"]);
    assert_eq!(made.json()["items"][1]["problems"][0]["field"], "retention");
    let again = asks.post_with("/customers/acme/bulk-changes", &body, &key).await;
    assert_eq!(again.json()["number"], 1, "carried out once");

    let body =
        json!({ "components": ids, "fields": { "scope": "In scope", "retention": "40 days", "frequency": "Hourly" } });
    assert_eq!(
        asks.post("/customers/acme/bulk-changes", &body).await.json()["number"],
        2
    );
    t.run_jobs().await;
    let decides = portal.api(t.token(Role::Engineer, t.acme()));
    let bulk = decides.get("/customers/acme/bulk-changes/2").await.json();
    assert_eq!(states(&bulk), ["planned", "planned", "planned"]);
    let one = |index: usize, digest: Option<&str>| {
        let item = &bulk["items"][index];
        json!({ "change_request_id": item["change_request_id"], "plan_digest": digest.unwrap_or(item["plan_digest"].as_str().unwrap()) })
    };
    let foreign = json!({ "change_request_id": read(&decides).await["items"][0]["change_request_id"], "plan_digest": "0".repeat(64) });
    let approvals = json!({ "approvals": [one(0, None), one(1, Some(&"0".repeat(64))), one(2, None), foreign] });
    let results = decides
        .post("/customers/acme/bulk-changes/2/approve", &approvals)
        .await
        .json();
    let approved: Vec<_> = results["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["approved"].as_bool().unwrap())
        .collect();
    assert_eq!(approved, [true, false, true, false], "{results}");
    t.run_jobs().await;
    let bulk = decides.get("/customers/acme/bulk-changes/2").await.json();
    assert_eq!(states(&bulk), ["applied", "planned", "applied"]);
    let newest = decides.get("/customers/acme/bulk-changes").await.json();
    let told = newest["items"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .map(|one| [&one["number"], &one["components"], &one["refused"]])
        .collect();
    assert_eq!(json!(told), json!([[2, 3, 0], [1, 3, 2]]), "{newest}");
    let older = decides.get("/customers/acme/bulk-changes?cursor=2").await.json();
    assert_eq!(json!([older["items"][0]["number"], older["next"]]), json!([1, null]));
    let browser = portal.signed_in(Role::Engineer, t.acme()).await;
    let page = browser.get("/customers/acme/changes/bulk/2").await;
    assert_eq!(page.body.matches("name=\"approve\"").count(), 1, "what still waits");
    let list = browser.get("/customers/acme/bulk-changes").await;
    assert!(
        list.body.contains("href=\"/customers/acme/changes/bulk/1\""),
        "{}",
        list.body
    );
    let results = browser.get("/customers/acme/changes/bulk/1?format=csv").await.body;
    let states: Vec<_> = results
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap())
        .collect();
    assert_eq!(states, ["\"planned\"", "\"refused\"", "\"refused\""], "{results}");
}

#[tokio::test]
async fn what_gives_up_protection_is_not_approved_in_passing() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let ids = three(&t).await;
    let asks = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let body = json!({ "components": ids[..2], "fields": { "scope": "In scope", "retention": "7 days", "frequency": "Daily" } });
    asks.post("/customers/acme/bulk-changes", &body).await;
    t.run_jobs().await;
    let decides = portal.api(t.token(Role::Approver, t.acme()));
    let bulk = read(&decides).await;
    let approvals: Vec<_> = bulk["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!({ "change_request_id": item["change_request_id"], "plan_digest": item["plan_digest"] }))
        .collect();
    let results = decides
        .post(
            "/customers/acme/bulk-changes/1/approve",
            &json!({ "approvals": approvals }),
        )
        .await
        .json();
    assert!(
        results["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["why"].as_str().unwrap().contains("gives up protection")),
        "{results}"
    );
    assert_eq!(states(&read(&decides).await), ["planned", "planned"]);
    let page = portal
        .signed_in(Role::Approver, t.acme())
        .await
        .get("/customers/acme/changes/bulk/1")
        .await;
    assert_eq!(page.body.matches("name=\"approve\"").count(), 0, "{}", page.body);
}

#[tokio::test]
async fn a_wish_that_fits_nothing_is_refused_whole_and_kept_on_the_page() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let ids = three(&t).await;
    let browser = portal.signed_in(Role::CustomerRequester, t.acme()).await;
    let listed = browser
        .get("/customers/acme/changes/bulk?kind=self-managed-database")
        .await;
    assert_eq!(
        (listed.status, listed.body.matches("name=\"components\"").count()),
        (200, 3)
    );
    let once = "0197a5c2-0000-4000-8000-000000000003";
    let form = [
        ("once", once),
        ("components", ids[0].as_str()),
        ("components", ids[1].as_str()),
        ("scope", "In scope"),
        ("retention", "soon"),
    ];
    let refused = browser.post("/customers/acme/changes/bulk", &form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("value=\"soon\"") && refused.body.matches(" checked").count() == 2,
        "{}",
        refused.body
    );
    let api = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let theirs = t.globex().prod_pg.id.to_string();
    for (components, field) in [(json!([]), "components"), (json!([theirs]), "components")] {
        let body = json!({ "components": components, "fields": { "scope": "Out of scope", "further_needs": "They are rebuilt." } });
        let refused = api.post("/customers/acme/bulk-changes", &body).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (422, &json!(field))
        );
    }
    assert_eq!(
        api.get("/customers/acme/change-requests").await.json()["items"],
        json!([])
    );
}
