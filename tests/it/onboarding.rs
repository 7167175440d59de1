//! What an onboarding document says beside the terms, through the door: where things are, who signed when, what was tested.

use std::fs;

use domain::role::Role;
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::process::run;
use testkit::server::{Answer, Api};
use testkit::{Portal, TestApp};

use crate::samples::connect;

/// Imports what the lines say, as it was shown; what was shown.
async fn import(api: &Api, document: &str, signed_on: &str) -> Value {
    let mut body = json!({ "format": "csv", "document": document, "signed_by": ["Ana Lima"], "signed_on": signed_on });
    let shown = api.post("/customers/acme/imports?dry_run=true", &body).await.json();
    body["digest"] = shown["digest"].clone();
    let made = api.post("/customers/acme/imports", &body).await;
    assert_eq!(made.status, 201, "{shown} {}", made.body);
    shown
}

async fn dry_run(api: &Api, document: &str) -> Value {
    let body = json!({ "format": "csv", "document": document, "signed_by": ["Ana"], "signed_on": "2026-05-01" });
    api.post("/customers/acme/imports?dry_run=true", &body).await.json()
}

const CUSTOMER: &str = r#"
slug = "initech"
name = "Initech"
service_level = "baseline"
approval_rule = "provider"
terms_version = "2026-01"
time_zone = "Europe/Brussels"

[inventory]
file = "inventory.csv"
signed_by = ["Ana Lima"]
signed_on = "2026-05-01"
"#;

#[tokio::test]
async fn the_command_line_takes_a_customer_on_with_its_inventory() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("customer.toml");
    fs::write(&file, CUSTOMER).unwrap();
    let inventory = files.path().join("inventory.csv");
    let head = "name,environment,kind,decision,reason,retention,frequency\n";
    fs::write(
        &inventory,
        format!("{head}erp,production,self-managed-database,in,,,daily\n"),
    )
    .unwrap();
    let arguments = ["admin", "onboard", file.to_str().unwrap()];
    let refused = run(&t, &arguments);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("Retention"), "{said}");
    let api = portal.api(t.token(Role::Admin, t.acme()));
    assert_eq!(api.get("/customers/initech/sow").await.status, 404, "nothing is stored");

    let lines = "erp,production,self-managed-database,in,,35 days,daily\nfiles,staging,file-system,out,rebuilt,,\n";
    fs::write(&inventory, format!("{head}{lines}")).unwrap();
    let done = run(&t, &arguments);
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{said}");
    let sow = api.get("/customers/initech/sow").await.json();
    assert_eq!(
        (&sow["approved_by"], sow["items"].as_array().map(Vec::len)),
        (&json!(["Ana Lima"]), Some(2)),
        "{sow}"
    );
}

#[tokio::test]
async fn a_decision_of_a_document_holds_from_the_day_on_which_it_was_signed() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let manager = portal.api(t.token(Role::AccountManager, t.acme()));
    let document = "name,environment,kind,decision,reason\nfiles,production,file-system,out,rebuilt from source\n";
    import(&manager, document, "2025-03-01").await;
    let overdue = manager.get("/customers/acme/decisions?state=overdue").await.json();
    let decision = &overdue["items"][0]["out_decision"];
    assert_eq!(
        (&decision["signed_on"], &decision["signed_at"], &decision["due_on"]),
        (
            &json!("2025-03-01"),
            &json!("2025-03-01T00:00:00Z"),
            &json!("2026-03-01")
        ),
        "{overdue}"
    );
    let expiring = manager.get("/expiring?kind=out-decision").await.json();
    assert_eq!(
        (&expiring["items"][0]["name"], &expiring["items"][0]["over"]),
        (&json!("files (production)"), &json!(true))
    );
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let id = t.component(t.acme(), "files").await;
    for page in [
        "/customers/acme/decisions".to_owned(),
        format!("/customers/acme/components/{id}"),
    ] {
        assert!(browser.get(&page).await.body.contains("on 1 Mar 2025"), "{page}");
    }
    let csv = browser.get("/customers/acme/decisions?format=csv").await.body;
    assert!(csv.contains("2025-03-01"), "{csv}");
}

#[tokio::test]
async fn a_restore_test_is_told_as_the_customer_states_it_apart_from_what_is_proven() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let manager = portal.api(t.token(Role::AccountManager, t.acme()));
    let head = "name,environment,kind,decision,retention,frequency,last_restore_test\n";
    let document = format!("{head}erp,production,self-managed-database,in,35 days,daily,2026-03-02\n");
    import(&manager, &document, "2026-05-01").await;
    let id = t.component(t.acme(), "erp").await;
    let component = manager.get(&format!("/customers/acme/components/{id}")).await.json();
    let of = |list: &Answer| {
        let items = list.json()["items"].as_array().unwrap().clone();
        let is_erp = |item: &Value| item["name"] == "erp" || item["component"]["name"] == "erp";
        items.into_iter().find(is_erp).unwrap()
    };
    let listed = of(&manager.get("/customers/acme/components").await);
    let line = of(&manager.get("/customers/acme/sow").await);
    for told in [component, listed, line] {
        assert_eq!(
            (&told["stated_restore_test_on"], &told["last_restore_test"]),
            (&json!("2026-03-02"), &Value::Null),
            "{told}"
        );
    }
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    for page in [
        format!("/customers/acme/components/{id}"),
        "/customers/acme/scope".to_owned(),
    ] {
        let body = browser.get(&page).await.body;
        let stated = body.contains("2026-03-02") && body.contains("as stated by the customer, not proven");
        assert!(stated && body.contains("none: unproven"), "{page}: {body}");
    }
    let csv = browser.get("/customers/acme/scope?format=csv").await.body;
    let head = csv.lines().next().unwrap();
    assert!(head.contains("stated_restore_test_on"), "{head}");
    assert!(
        csv.lines()
            .any(|row| row.contains("none: unproven") && row.contains("2026-03-02")),
        "{csv}"
    );
}

#[tokio::test]
async fn a_line_is_served_from_the_import_on_that_names_its_resource() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let manager = portal.api(t.token(Role::AccountManager, t.acme()));
    let head = "name,environment,kind,arn,decision,retention,frequency\n";
    import(
        &manager,
        &format!("{head}reports,staging,rds-instance,,in,7 days,daily\n"),
        "2026-05-01",
    )
    .await;
    let line = async || manager.get("/customers/acme/sow").await.json();
    assert_eq!(line().await["items"][0]["mechanism"], "none");

    let arn = format!("arn:aws:rds:eu-west-1:{}:db:reports", t.acme().account.account);
    let learnt = format!("{head}reports,staging,rds-instance,{arn},,,\n");
    let shown = import(&manager, &learnt, "2026-05-02").await;
    let facts = shown["changes"][0]["facts"].as_array().unwrap();
    let chosen = facts.iter().find(|fact| fact["column"] == "mechanism").unwrap();
    assert!(
        chosen["before"]
            .as_str()
            .unwrap()
            .contains("no linked AWS resource yet"),
        "{chosen}"
    );
    assert!(chosen["after"].as_str().unwrap().starts_with("native:rds"), "{chosen}");
    assert_eq!(
        (&shown["decided"], &shown["changes"][0]["decision"]),
        (&json!(0), &Value::Null)
    );
    let sow = line().await;
    let item = &sow["items"][0];
    assert_eq!((&sow["version"], &item["mechanism"]), (&json!(2), &json!("native:rds")));
    assert_eq!(
        (
            &item["retention_days"],
            &item["value_origins"]["retention_days"]["version"]
        ),
        (&json!(7), &json!(1)),
        "version 1 decided it: {item}"
    );
    let made = manager.get("/customers/acme/sow-versions/2").await.json();
    assert_eq!(
        (&made["import_number"], &made["items"][0]["fields"][0]["field"]),
        (&json!(2), &json!("mechanism"))
    );
    assert_eq!(dry_run(&manager, &learnt).await["unchanged"], 1);
}

#[tokio::test]
async fn a_contract_that_is_tightened_binds_the_import_that_follows() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let manager = portal.api(t.token(Role::AccountManager, t.acme()));
    let mut owner = connect(&t.database.owner_url()).await;
    let head = "name,environment,kind,region,decision,retention,frequency\n";
    let elsewhere = format!("{head}erp,production,self-managed-database,us-east-1,in,35 days,daily\n");
    assert_eq!(dry_run(&manager, &elsewhere).await["refused"], json!([]));
    owner
        .execute(r#"UPDATE contract_version SET body = jsonb_set(body, '{residency}', '["eu-west-1"]')"#)
        .await
        .unwrap();
    let refused = &dry_run(&manager, &elsewhere).await["refused"][0];
    assert!(
        refused["why"]
            .as_str()
            .unwrap()
            .contains("keeps data in eu-west-1 only"),
        "{refused}"
    );

    let unknown = elsewhere.replace("us-east-1", "");
    let warned = dry_run(&manager, &unknown).await;
    assert!(
        warned["warnings"][0]["words"]
            .as_str()
            .unwrap()
            .contains("residency is not proven"),
        "{warned}"
    );
    import(&manager, &unknown, "2026-05-01").await;
    let path = format!("/customers/acme/components/{}", t.component(t.acme(), "erp").await);
    let component = manager.get(&path).await.json();
    let finding = component["findings"][0]["message"].as_str().unwrap_or_default();
    assert!(
        finding.starts_with("Its region is unknown: residency is not proven."),
        "{component}"
    );
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    assert!(browser.get(&path).await.body.contains("residency is not proven"));

    let stated = format!("{head}erp,production,self-managed-database,eu-west-1,,,\n");
    import(&manager, &stated, "2026-05-02").await;
    let component = manager.get(&path).await.json();
    assert_eq!(
        (&component["region"], &component["findings"]),
        (&json!("eu-west-1"), &json!([]))
    );
}
