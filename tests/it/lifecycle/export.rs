//! A hand-over export: everything of one customer, nothing of another, no secret, and the same as the records.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use domain::acknowledgement::Statement;
use domain::export::State;
use domain::role::Role;
use serde_json::Value;
use testkit::process::{WorkerProcess, eventually};
use testkit::{Portal, TestApp};
use zip::ZipArchive;

use super::exported;
use crate::samples::connect;

/// The files of an archive.
fn files(archive: &[u8]) -> BTreeMap<String, String> {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

async fn content(t: &TestApp, role: Role, export: &domain::export::Export) -> Vec<u8> {
    let actor = t.actor(role, t.acme()).await;
    let mut download = app::export::download(&t.cx, &actor, export.tenant, export.id)
        .await
        .unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await.unwrap() {
        bytes.extend(piece);
    }
    bytes
}

#[tokio::test]
async fn it_has_every_row_of_the_customer_and_no_other() {
    let t = TestApp::new().await;
    let (acme, globex) = (t.acme(), t.globex());
    t.protect(acme).await;
    let approver = t.actor(Role::CustomerApprover, acme).await;
    let terms = &acme.tenant.contract.terms_version;
    app::acknowledgement::sign(&t.cx, &approver, &acme.tenant, Statement::Terms, terms, None)
        .await
        .unwrap();
    let hold = [("case", "Dispute 7"), ("reason", "It is asked for.")];
    let hold = hold.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into();
    app::hold::ask(&t.cx, &approver, acme.tenant.id, None, &hold, None)
        .await
        .unwrap();
    let export = exported(&t, acme).await;
    assert_eq!(export.state, State::Verified, "{:?}", export.problem);
    let archive = content(&t, Role::CustomerApprover, &export).await;
    assert_eq!(export.size_bytes, Some(archive.len() as i64));
    let files = files(&archive);

    let mut owner = connect(&t.database.owner_url()).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    for table in tables.iter().filter(|table| *table != "export_piece") {
        let name = format!("tables/{table}.ndjson");
        let lines: Vec<Value> = files[&name]
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(manifest["files"][&name]["rows"], lines.len(), "{name}");
        for line in &lines {
            assert_eq!(line["tenant_id"], acme.tenant.id.to_string(), "{name}");
        }
    }
    for table in [
        "audit_event",
        "change_request",
        "component",
        "plan",
        "receipt",
        "recovery_point",
        "role_grant",
        "scope_item",
        "tenant",
    ] {
        assert_ne!(
            manifest["files"][format!("tables/{table}.ndjson")]["rows"],
            0,
            "{table}"
        );
    }
    let about = &manifest["files"]["tables/recovery_point.ndjson"]["columns"];
    assert!(
        about
            .to_string()
            .contains("When a complete reading no longer showed it"),
        "{about}"
    );

    let hash: String = sqlx::query_scalar("SELECT password_hash FROM app_user LIMIT 1")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    for (name, text) in &files {
        assert!(
            !text.contains("argon2") && !text.contains(&hash),
            "{name} has a password's hash"
        );
        assert!(
            !text.contains("hf_") && !text.contains("token_hash"),
            "{name} has a token"
        );
        for foreign in [
            globex.tenant.id.to_string(),
            globex.account.account.to_string(),
            globex.account.external_id.clone(),
        ] {
            assert!(!text.contains(&foreign), "{name} has something of globex");
        }
    }

    assert!(files["inventory.csv"].contains("\"prod-pg\"") && files["people.csv"].contains("customer-approver"));
    assert!(files["scope-of-work.csv"].contains("\"native:rds\"") && files["changes.csv"].contains("\"applied\""));
    assert!(files["recovery-points.csv"].lines().count() > 1);
    let heads = [
        (
            "inventory.csv",
            "\"workload\",\"owner\",\"version\",\"decommissioned_at\"",
        ),
        ("scope-of-work.csv", "\"workload\",\"note\""),
        ("contacts.csv", "\"entitlements\""),
        ("acknowledgements.csv", "\"statement\""),
        ("out-decisions.csv", "\"due_on\""),
        ("holds.csv", "\"case\""),
        ("restores.csv", "\"restored_as\""),
    ];
    for (sheet, head) in heads {
        assert!(
            files[sheet].lines().next().unwrap().contains(head),
            "{sheet}: {}",
            files[sheet]
        );
    }
    assert!(files["acknowledgements.csv"].contains("\"terms\""));
    assert!(files["holds.csv"].contains("\"Dispute 7\""));
    let remains = &files["what-remains.csv"];
    for expected in [
        "role/holdfast/observe",
        &acme.account.external_id,
        "holdfast:",
        "acme/platform",
        "recovery point (",
        "retention that goes on",
    ] {
        assert!(remains.contains(expected), "{expected}: {remains}");
        let readme = &files["README.txt"];
        assert!(
            expected.contains('(') || expected.contains("that goes") || readme.contains(expected),
            "{expected}: {readme}"
        );
    }
}

#[tokio::test]
async fn what_a_restore_made_is_handed_over_as_it_was_last_known() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    t.protect(acme).await;
    let approver = t.actor(Role::Approver, acme).await;
    let asked = t.ask_restore(acme).await;
    let program = portal.api(t.token(Role::AccountManager, acme));
    let remaining = "/customers/acme/remaining";
    assert_eq!(
        program.get(remaining).await.json()["restored"],
        Value::Array(Vec::new())
    );
    app::restore::approve(&t.cx, &approver, asked.id, asked.digest)
        .await
        .unwrap();
    t.run_jobs().await;
    let name = &asked.target.name;
    let arn = format!("arn:aws:rds:{}:{}:db:{name}", acme.account.region, acme.account.account);
    let made = program.get(remaining).await.json()["restored"][0].clone();
    assert_eq!(
        (&made["name"], &made["arn"], &made["restore"]),
        (&name.as_str().into(), &arn.as_str().into(), &1.into())
    );
    assert!(
        made["made_at"].is_string() && made["account_id"] == acme.account.account.to_string(),
        "{made}"
    );
    let browser = portal.signed_in(Role::AccountManager, acme).await;
    let page = browser.get("/customers/acme/hand-over").await.body;
    assert!(
        page.contains(&arn) && page.contains("made by restore 1 of prod-pg"),
        "{page}"
    );

    let export = exported(&t, acme).await;
    let files = files(&content(&t, Role::Admin, &export).await);
    for file in ["README.txt", "what-remains.csv", "what-remains.json"] {
        assert!(files[file].contains(&arn), "{file}: {}", files[file]);
    }
    assert!(files["README.txt"].contains("as last known"), "{}", files["README.txt"]);

    // Whether AWS made it is not known where its answer was never stored.
    let mut owner = connect(&t.database.owner_url()).await;
    sqlx::raw_sql("DELETE FROM receipt; UPDATE restore_request SET state = 'executing', state_body = '{\"state\": \"executing\"}'")
        .execute(&mut owner)
        .await
        .unwrap();
    let page = browser.get("/customers/acme/hand-over").await.body;
    assert!(
        page.contains(name) && page.contains("look whether it is there"),
        "{page}"
    );
}

#[tokio::test]
async fn it_is_the_customers_and_says_how_far_it_is() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let manager = portal.api(t.token(Role::AccountManager, acme));
    let key = [("idempotency-key", "once")];
    let made = manager.post_with("/customers/acme/exports", &Value::Null, &key).await;
    assert_eq!((made.status, &made.json()["state"]), (202, &Value::from("queued")));
    let path = format!("/customers/acme/exports/{}", made.json()["id"].as_str().unwrap());
    let again = manager.post_with("/customers/acme/exports", &Value::Null, &key).await;
    let other = manager.post("/customers/acme/exports", &Value::Null).await;
    assert_eq!(
        (&again.json()["id"], &other.json()["id"]),
        (&made.json()["id"], &made.json()["id"]),
        "one is under way"
    );
    assert_eq!(
        manager.get(&format!("{path}/content")).await.status,
        409,
        "not before it is verified"
    );
    t.run_jobs().await;
    let done = manager.get(&path).await.json();
    assert_eq!(done["state"], "verified", "{done}");
    assert!(
        done["files_done"] == done["files_total"] && done["rows"].as_i64().unwrap() > 10,
        "{done}"
    );

    for (role, status) in [
        (Role::CustomerApprover, 200),
        (Role::Admin, 200),
        (Role::CustomerViewer, 403),
        (Role::Engineer, 403),
    ] {
        let answer = portal.signed_in(role, acme).await.get(&format!("{path}/content")).await;
        assert_eq!(answer.status, status, "{role}");
        assert_eq!(
            answer.header("content-type") == "application/zip",
            status == 200,
            "{role}"
        );
    }
    let globex = portal.api(t.token(Role::CustomerApprover, t.globex()));
    assert_eq!(globex.get(&format!("{path}/content")).await.status, 404);
    let through_own = path.replace("acme", "globex");
    assert_eq!(globex.get(&through_own).await.status, 404);

    // After 30 days its content is gone, and the page says so.
    let mut owner = connect(&t.database.owner_url()).await;
    sqlx::query("UPDATE export SET ended_at = ended_at - interval '31 days'")
        .execute(&mut owner)
        .await
        .unwrap();
    worker::tick(&t.cx, jiff::SignedDuration::from_hours(1)).await.unwrap();
    assert_eq!(manager.get(&path).await.json()["state"], "expired");
    assert_eq!(manager.get(&format!("{path}/content")).await.status, 409);
    let pieces: i64 = sqlx::query_scalar("SELECT count(*) FROM export_piece")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(pieces, 0);
}

/// Dies at `point` while an export is made; another worker makes it.
async fn export_survives(point: &str) {
    let t = TestApp::new().await;
    let acme = t.acme();
    let admin = t.actor(Role::Admin, acme).await;
    let made = app::export::request(&t.cx, &admin, acme.tenant.id, None).await.unwrap();
    WorkerProcess::start(&t, point).died().await;
    let _second = WorkerProcess::start(&t, "");
    let state = async || {
        app::export::get(&t.cx, &admin, acme.tenant.id, made.id)
            .await
            .unwrap()
            .state
    };
    eventually("the export is verified", async || {
        (state().await == State::Verified).then_some(())
    })
    .await;
    let all = app::export::list(&t.cx, &admin, acme.tenant.id, None)
        .await
        .unwrap()
        .items;
    assert_eq!(all.len(), 1, "one export: {all:?}");
    assert!(files(&content(&t, Role::Admin, &all[0]).await).contains_key("manifest.json"));
}

#[tokio::test]
async fn a_death_before_it_is_stored_begins_again() {
    export_survives("export-before-pieces=return").await;
}

#[tokio::test]
async fn a_death_after_it_is_stored_begins_again() {
    export_survives("export-after-pieces=return").await;
}

#[tokio::test]
async fn a_death_before_it_is_called_verified_begins_again() {
    export_survives("export-before-verified=return").await;
}
