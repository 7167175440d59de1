//! The scope of work over time, what is not backed up and who signed that, and one component with all that is known of it.

use app::onboarding::{Onboarding, onboard};
use domain::component::{Component, ComponentKind, Environment};
use domain::id::{ComponentId, TenantId};
use domain::role::Role;
use domain::sow::{MechanismChoice, MechanismName, Scope};
use domain::tenant::{Tenant, TenantScope};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use testkit::github::answers;
use testkit::server::Api;
use testkit::{Customer, Portal, TestApp};

use super::views::sum_up;
use super::{count, new_change};
use crate::samples::connect;

/// Files the form, plans, approves and applies it; the change's number.
async fn carry_out(t: &TestApp, customer: &Customer, changed: &[(&str, &str)]) -> i32 {
    let issue = t.file_and_plan(customer, &answers(changed)).await;
    let planned = t.request_of(customer, issue).await;
    t.approve(customer, Role::Approver, &planned).await.unwrap();
    t.run_jobs().await;
    let request = t.request_of(customer, issue).await.request;
    assert_eq!(request.state.name(), "applied", "{:?}", request.state);
    request.number
}

async fn items(api: &Api, path: &str) -> Vec<Value> {
    let answer = api.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_version_says_what_it_changed_who_agreed_and_what_was_in_force_on_any_day() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    let api = portal.api(t.token(Role::CustomerViewer, acme));
    t.protect(acme).await;
    let shorter = carry_out(&t, acme, &[("retention", "20 days"), ("tier", "Tier 2")]).await;
    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute("UPDATE sow_version SET effective_from = timestamptz '2026-05-01T22:00:00Z' + (version - 1) * interval '1 day'")
        .await
        .unwrap();

    let diff = api.get("/customers/acme/sow-versions/2").await.json();
    assert_eq!(diff["change_request_number"], shorter);
    assert_eq!(diff["approvals"][0]["by"], "approver@provider.test");
    assert_eq!(
        diff["items"][0]["fields"],
        json!([
            { "field": "retention_days", "before": "35", "after": "20" },
            { "field": "tier", "before": null, "after": "2" },
        ])
    );
    assert_eq!(diff["items"][0]["change"], "changed");
    assert_eq!(api.get("/customers/acme/sow-versions/3").await.status, 404);

    // Version 1 came into force on 2 May, 00:00 in Brussels.
    for (query, version, days) in [
        ("", 2, json!(20)),
        ("?version=1", 1, json!(35)),
        ("?on=2026-05-01", 0, Value::Null),
        ("?on=2026-05-02", 1, json!(35)),
        ("?on=2026-05-03", 2, json!(20)),
        ("?on=9999-12-31", 2, json!(20)),
    ] {
        let sow = api.get(&format!("/customers/acme/sow{query}")).await.json();
        assert_eq!(
            (&sow["version"], &sow["items"][0]["retention_days"]),
            (&json!(version), &days),
            "{query}"
        );
        let live = sow["items"][0]["protection"].is_object();
        assert_eq!(live, version == 2, "{query}: only what is in force is protected or not");
    }
    for (query, status) in [
        ("?version=7", 404),
        ("?version=1&on=2026-05-01", 400),
        ("?on=yesterday", 400),
    ] {
        assert_eq!(
            api.get(&format!("/customers/acme/sow{query}")).await.status,
            status,
            "{query}"
        );
    }

    let browser = portal.signed_in(Role::CustomerViewer, acme).await;
    let page = browser.get("/customers/acme/scope/versions/2").await.body;
    assert!(page.contains("<del>35 days</del> → <ins>20 days</ins>"), "{page}");
    let page = browser.get("/customers/acme/scope").await.body;
    assert!(
        page.contains(&format!(r#"asked for in <a href="/customers/acme/changes/{shorter}">"#)),
        "{page}"
    );
    assert!(page.contains("none: unproven"), "{page}");
    let page = browser.get("/customers/acme/scope?on=2026-05-02").await.body;
    assert!(page.contains("This is version 1") && page.contains("35 days"), "{page}");
    for (query, rows) in [
        ("", 2),
        ("&q=PROD", 2),
        ("&q=nothing", 1),
        ("&state=out", 1),
        ("&version=1", 2),
    ] {
        let csv = browser
            .get(&format!("/customers/acme/scope?format=csv{query}"))
            .await
            .body;
        assert_eq!(csv.lines().count(), rows, "{query}: {csv}");
    }
}

#[tokio::test]
async fn an_out_decision_holds_for_a_year_and_the_customer_attests_the_one_that_stands() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    let viewer = portal.api(t.token(Role::CustomerViewer, acme));
    let undecided = items(&viewer, "/customers/acme/decisions").await;
    assert_eq!(
        (&undecided[0]["state"], &undecided[0]["out_decision"]),
        (&json!("undecided"), &Value::Null)
    );

    t.protect(acme).await;
    assert_eq!(
        count(&viewer.get("/customers/acme/decisions").await),
        0,
        "in scope: nothing to decide"
    );
    carry_out(
        &t,
        acme,
        &[("scope", "Out of scope"), ("further_needs", "It is going away.")],
    )
    .await;
    let signed = items(&viewer, "/customers/acme/decisions").await;
    assert_eq!(
        (&signed[0]["state"], &signed[0]["out_decision"]["reason"]),
        (&json!("signed"), &json!("It is going away."))
    );
    assert_eq!(
        signed[0]["out_decision"]["signed_by"],
        json!(["approver@provider.test"])
    );

    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute("UPDATE sow_version SET effective_from = effective_from - interval '13 months'")
        .await
        .unwrap();
    let overdue = items(&viewer, "/customers/acme/decisions?state=overdue").await;
    assert_eq!(overdue[0]["out_decision"]["overdue"], true);
    let sow = items(&viewer, "/customers/acme/sow").await;
    assert_eq!(sow[0]["out_decision"]["overdue"], true, "never silently valid");
    let browser = portal.signed_in(Role::CustomerApprover, acme).await;
    let component = format!("/customers/acme/components/{}", acme.prod_pg.id);
    for page in [
        "/customers/acme/scope",
        "/customers/acme/components",
        "/customers/acme/decisions",
        &component,
    ] {
        assert!(browser.get(page).await.body.contains("Decision overdue"), "{page}");
    }

    let manager = portal.api(t.token(Role::AccountManager, acme));
    let expiring = items(&manager, "/expiring?kind=out-decision").await;
    assert_eq!(
        (&expiring[0]["name"], &expiring[0]["over"]),
        (&json!("prod-pg (production)"), &json!(true))
    );

    let item = overdue[0]["out_decision"]["scope_item_id"].clone();
    let path = format!("/customers/acme/decisions/{}/attest", acme.prod_pg.id);
    let approver = portal.api(t.token(Role::CustomerApprover, acme));
    let engineer = portal.api(t.token(Role::Engineer, acme));
    let (body, other) = (
        json!({ "scope_item_id": item }),
        json!({ "scope_item_id": acme.prod_pg.id.0 }),
    );
    assert_eq!(engineer.post(&path, &body).await.status, 403, "the customer signs");
    let refused = approver.post(&path, &other).await;
    assert_eq!(refused.status, 409, "what was read has to stand");
    let stands = "out of scope since version 2, by change 2, signed by approver@provider.test";
    assert!(refused.body.contains(stands), "{}", refused.body);
    assert_eq!(count(&viewer.get("/customers/acme/decisions?state=overdue").await), 1);

    // The page attests what is checked, each with its result, and once however often it is sent.
    let checked = format!("{}/{}", acme.prod_pg.id, item.as_str().unwrap());
    let stale = format!("{}/{}", acme.prod_pg.id, acme.prod_pg.id);
    let once = uuid::Uuid::new_v4().to_string();
    let form = [
        ("once", once.as_str()),
        ("item", checked.as_str()),
        ("item", stale.as_str()),
    ];
    for _ in 0..2 {
        let page = browser.post("/customers/acme/decisions/attest", &form).await.body;
        assert!(page.contains("stays out of scope; to be attested again by"), "{page}");
        assert!(page.contains("another decision stands by now"), "{page}");
    }
    assert_eq!(count(&manager.get("/expiring?kind=out-decision").await), 0);
    let attested = items(&viewer, "/customers/acme/decisions?state=signed").await;
    assert_eq!(
        attested[0]["out_decision"]["attested_by"],
        json!(testkit::app::email(Role::CustomerApprover, Some(acme.tenant.id)))
    );
    assert_eq!(approver.post(&path, &body).await.json()["state"], "signed");
    let attestations: i64 = sqlx::query_scalar("SELECT count(*) FROM attestation")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(attestations, 1, "what holds that long already is not signed again");
    let audit = items(&approver, "/customers/acme/audit").await;
    assert!(audit.iter().any(|event| event["action"] == "out-decision.attested"));
}

#[tokio::test]
async fn the_database_and_the_domain_agree_until_when_a_decision_holds() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    carry_out(
        &t,
        acme,
        &[("scope", "Out of scope"), ("further_needs", "It is rebuilt.")],
    )
    .await;
    let mut owner = connect(&t.database.owner_url()).await;
    let zone = jiff::tz::TimeZone::get(&acme.tenant.contract.time_zone).unwrap();
    for signed in [
        "2026-03-01T22:59:59Z",
        "2026-03-01T23:00:00Z",
        "2028-02-29T10:00:00Z",
        "2026-10-25T00:30:00Z",
    ] {
        sqlx::query("UPDATE sow_version SET effective_from = $1::text::timestamptz")
            .bind(signed)
            .execute(&mut owner)
            .await
            .unwrap();
        let due: String = sqlx::query_scalar("SELECT due_on::text FROM scope_decision WHERE scope_item_id IS NOT NULL")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        let expected = domain::attestation::due_on(signed.parse().unwrap(), &zone);
        assert_eq!(due, expected.to_string(), "{signed}");
    }
}

#[tokio::test]
async fn two_who_edit_a_component_at_once_hear_of_each_other() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    t.protect(acme).await;
    let path = format!("/customers/acme/components/{}", acme.prod_pg.id);
    let requester = portal.api(t.token(Role::CustomerRequester, acme));
    let read = requester.get(&path).await;
    let tag = read.header("etag").to_owned();
    let component = read.json();
    assert_eq!(
        (&component["decision"], &component["terms"]["retention_days"]),
        (&json!("in"), &json!(35))
    );
    assert_eq!(component["terms"]["objectives_committed"], false, "a Baseline contract");
    assert_eq!(component["history"][0]["requester"], json!("acme-dev"));
    assert_eq!(
        (&component["last_restore_test"], &component["encrypted"]),
        (&Value::Null, &json!(true))
    );

    let facts = json!({ "owner": "Ana", "size_bytes": 1024 });
    let edited = requester.patch(&path, &facts, &[("if-match", &tag)]).await;
    assert_eq!((edited.status, &edited.json()["owner"]), (200, &json!("Ana")));
    assert_eq!(edited.json()["engine"], "PostgreSQL 16", "what is not named stays");
    let late = requester
        .patch(&path, &json!({ "owner": "Ben" }), &[("if-match", &tag)])
        .await;
    assert_eq!(late.status, 412, "{}", late.body);
    let errors = json!([{ "field": "owner", "given": "Ana", "why": "by now it is “Ana”; you wrote “Ben”" }]);
    assert_eq!(late.json()["errors"], errors);
    for (wrong, field) in [
        (json!({ "owner": "a\nb" }), "owner"),
        (json!({ "size_bytes": -1 }), "size_bytes"),
    ] {
        let refused = requester.patch(&path, &wrong, &[]).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (422, &json!(field))
        );
    }
    assert_eq!(
        requester.patch(&path, &json!({ "role": "admin" }), &[]).await.status,
        422
    );
    let taken_back = requester.patch(&path, &json!({ "owner": null }), &[]).await;
    assert_eq!(taken_back.json()["owner"], Value::Null);

    let browser = portal.signed_in(Role::Engineer, acme).await;
    let page = format!("{path}/facts");
    assert!(browser.get(&page).await.body.contains(r#"name="revision" value="3""#));
    let late = browser.post(&page, &[("revision", "2"), ("owner", "Ben")]).await;
    assert_eq!(late.status, 412);
    assert!(
        late.body.contains("by now it is empty; you wrote “Ben”") && late.body.contains(r#"value="Ben""#),
        "{}",
        late.body
    );
    let done = browser
        .post(&page, &[("revision", "3"), ("owner", "Ben"), ("size_bytes", "2 KiB")])
        .await;
    assert_eq!(done.status, 303, "{}", done.body);
    let shown = browser.get(&path).await.body;
    assert!(shown.contains("<bdi>Ben</bdi>") && shown.contains("2 KiB"), "{shown}");
}

/// A customer without an account: a platform that nobody decided about, and a bucket that is out of scope since onboarding.
async fn customer_with_a_platform(t: &TestApp) -> (TenantId, ComponentId) {
    let now = t.cx.now();
    let tenant = Tenant {
        id: TenantId::at(now),
        slug: "initech".to_owned(),
        name: "Initech".to_owned(),
        ..t.acme().tenant.clone()
    };
    let component = |name: &str, kind| Component {
        id: ComponentId::at(now),
        tenant: tenant.id,
        name: name.to_owned(),
        kind,
        engine: None,
        aws: None,
        environment: Environment::Production,
        ..t.acme().prod_pg.clone()
    };
    let platform = component("cluster", ComponentKind::KubernetesPlatform);
    let out = MechanismChoice {
        mechanism: MechanismName::None,
        reason: "Not in scope: no mechanism is configured.".to_owned(),
    };
    let document = Onboarding {
        account: None,
        repository: None,
        entitlements: Vec::new(),
        components: vec![
            (platform.clone(), None),
            (
                component("thumbnails", ComponentKind::S3Bucket),
                Some((Scope::Out, out)),
            ),
        ],
        signed_by: vec!["Ana".to_owned()],
        inventory: None,
        tenant: tenant.clone(),
    };
    onboard(&t.cx, &document).await.unwrap();
    (tenant.id, platform.id)
}

#[tokio::test]
async fn a_platform_is_always_on_and_only_its_retention_can_be_set() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let (tenant, platform) = customer_with_a_platform(&t).await;
    let engineer = portal.api(t.token(Role::Engineer, t.acme()));
    let path = format!("/customers/initech/components/{platform}");
    let undecided = engineer.get(&path).await.json();
    assert_eq!(
        (&undecided["decision"], &undecided["protection"]["state"]),
        (&json!("in"), &json!("unprotected"))
    );
    assert_eq!(
        (&undecided["terms"]["retention_days"], &undecided["terms"]["schedule"]),
        (&json!(14), &json!("daily"))
    );
    assert_eq!(undecided["terms"]["value_sources"]["retention_days"], "default");
    assert_eq!(
        undecided["terms"]["value_origins"]["retention_days"]["version"],
        Value::Null
    );
    let decisions = items(&engineer, "/customers/initech/decisions").await;
    assert_eq!(decisions.len(), 1, "nobody has to decide about a platform");
    assert_eq!(decisions[0]["out_decision"]["signed_by"], json!(["Ana"]));
    assert_eq!(decisions[0]["out_decision"]["reason"], "");
    let browser = portal.signed_in(Role::Engineer, t.acme()).await;
    assert!(
        browser
            .get("/customers/initech/decisions")
            .await
            .body
            .contains("no reason given")
    );
    let page = browser.get(&path).await.body;
    assert!(
        page.contains("Persistent volumes") && page.contains("There is no mechanism yet"),
        "{page}"
    );

    let ask = async |changed: &[(&str, &str)]| {
        let of_platform = [
            ("component", "cluster"),
            ("backup_window", ""),
            ("schedule", ""),
            ("further_needs", "It is built again."),
        ];
        let changed: Vec<_> = of_platform.iter().chain(changed).copied().collect();
        engineer
            .post("/customers/initech/change-requests", &new_change(&changed))
            .await
    };
    for (changed, field) in [
        (("scope", "Out of scope"), "scope"),
        (("frequency", "Hourly"), "frequency"),
        (("tier", "Tier 1"), "tier"),
        (("location", "Another region"), "location"),
        (("backup_window", "03:00-04:00"), "backup_window"),
    ] {
        let refused = ask(&[changed]).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (422, &json!(field)),
            "{}",
            refused.body
        );
    }
    assert_eq!(
        count(&engineer.get("/customers/initech/change-requests").await),
        0,
        "nothing is half-stored"
    );

    let asked = ask(&[("retention", "7 days")]).await.json();
    t.run_jobs().await;
    let path_of_change = format!("/change-requests/{}", asked["id"].as_str().unwrap());
    let planned = engineer.get(&path_of_change).await.json();
    assert_eq!(
        planned["plan"]["gives_up"],
        json!(["cluster"]),
        "7 days are less than the default: {planned}"
    );
    let approver = portal.api(t.token(Role::Approver, t.acme()));
    let digest = json!({ "plan_digest": planned["plan"]["digest"] });
    assert_eq!(
        approver
            .post(&format!("{path_of_change}/approve"), &digest)
            .await
            .status,
        200
    );
    t.run_jobs().await;
    let set = engineer.get(&path).await.json();
    assert_eq!(set["terms"]["retention_days"], 7, "{set}");
    assert_eq!(set["terms"]["value_origins"]["retention_days"]["version"], 2);
    let mut tx = t.cx.db.begin(&TenantScope::one(tenant)).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM component_status WHERE contracted_days = 7")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(rows, 1);
}

/// More lines than are read at once.
const MANY: u32 = 1_100;

#[tokio::test]
async fn a_scope_of_work_of_any_length_is_told_whole_and_in_order() {
    let t = TestApp::new().await;
    let (portal, globex) = (Portal::start(&t).await, t.globex());
    let mut owner = connect(&t.database.owner_url()).await;
    let seed = format!(
        r#"INSERT INTO sow_version SELECT tenant_id, 1, now(), NULL, '{{Ana}}' FROM tenant WHERE slug = 'globex';
        INSERT INTO component (tenant_id, id, name, kind, environment)
          SELECT tenant_id, gen_random_uuid(), 'bucket-' || lpad(n::text, 6, '0'), 's3-bucket', 'staging'
          FROM tenant, generate_series(1, {MANY}) AS n WHERE slug = 'globex';
        INSERT INTO scope_item (tenant_id, id, component_id, from_version, scope, mechanism, reason)
          SELECT tenant_id, gen_random_uuid(), id, 1, '{{"decision": "out"}}', 'none', 'Not in scope.' FROM component WHERE kind = 's3-bucket';
        INSERT INTO component_status (tenant_id, component_id, standing, name, environment, kind, search)
          SELECT tenant_id, id, 'out', name, environment, kind, name FROM component WHERE kind = 's3-bucket'"#
    );
    sqlx::raw_sql(AssertSqlSafe(seed)).execute(&mut owner).await.unwrap();
    sum_up(&t, globex).await;
    let api = portal.api(t.token(Role::CustomerViewer, globex));
    let sow = items(&api, "/customers/globex/sow").await;
    let names: Vec<_> = sow
        .iter()
        .map(|item| item["component"]["name"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (1..=MANY).map(|n| format!("bucket-{n:06}")).collect();
    assert_eq!(names, expected);
    assert!(
        sow.iter()
            .all(|item| item["out_decision"]["signed_by"] == json!(["Ana"]))
    );

    let listed = async |filter: &str| items(&api, &format!("/customers/globex/sow?{filter}")).await.len();
    for (filter, lines) in [
        ("q=BUCKET-0011", 1),
        ("decision=out&environment=staging&kind=s3-bucket", expected.len()),
        ("decision=in", 0),
        ("version=1&tier=1", 0),
    ] {
        assert_eq!(listed(filter).await, lines, "{filter}");
    }

    let browser = portal.signed_in(Role::CustomerViewer, globex).await;
    let csv = browser
        .get("/customers/globex/scope?format=csv&state=out&order=name")
        .await
        .body;
    let listed: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| line.split('"').nth(1).unwrap())
        .collect();
    assert_eq!(listed, expected);
    let diff = api.get("/customers/globex/sow-versions/1").await.json();
    assert_eq!(diff["items"].as_array().unwrap().len(), 50);
    let page = browser
        .get("/customers/globex/scope?q=bucket-0011&order=name")
        .await
        .body;
    assert!(
        page.contains("bucket-001100") && !page.contains("bucket-001000"),
        "{page}"
    );
}
