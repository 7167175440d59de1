//! The end of a contract.

use app::AppError;
use app::github::Repository;
use domain::role::Role;
use jiff::civil::Date;
use serde_json::{Value, json};
use testkit::github::{answers, issue_body};
use testkit::{Portal, TestApp};

use super::exported;
use crate::samples::connect;

fn today(t: &TestApp) -> Date {
    app::tenant::today(&t.cx, &t.acme().tenant)
}

#[tokio::test]
async fn it_is_announced_handed_over_and_then_nothing_goes_out_any_more() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    let admin = portal.api(t.token(Role::Admin, acme));
    let end = async || admin.post("/customers/acme/offboarding/complete", &Value::Null).await;
    assert_eq!(end().await.status, 409, "not announced");
    let past = json!({ "last_day": "2020-01-31", "reason": "They move on." });
    let refused = admin.post("/customers/acme/offboarding", &past).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["field"]),
        (422, &json!("last_day"))
    );
    let announce = json!({ "last_day": today(&t).to_string(), "reason": "They move on." });
    assert_eq!(
        admin.post("/customers/acme/offboarding", &announce).await.json()["stage"],
        "offboarding"
    );
    assert_eq!(
        admin
            .post("/customers/acme/offboarding/cancel", &Value::Null)
            .await
            .json()["stage"],
        "active"
    );
    assert_eq!(
        admin.post("/customers/acme/offboarding", &announce).await.status,
        200,
        "it was taken back"
    );
    let refused = end().await;
    assert!(
        refused.status == 409 && refused.body.contains("no verified hand-over export"),
        "{}",
        refused.body
    );

    // The approved change is still carried out: everything goes on until the end.
    let export = exported(&t, acme).await;
    assert_eq!(t.request_of(acme, issue).await.request.state.name(), "applied");
    let late = t
        .file_and_plan(acme, &answers(&[("backup_window", "05:00-06:00")]))
        .await;
    t.approve(acme, Role::Approver, &t.request_of(acme, late).await)
        .await
        .unwrap();
    assert_eq!(end().await.json()["stage"], "offboarded");
    t.run_jobs().await;
    worker::tick(&t.cx, jiff::SignedDuration::ZERO).await.unwrap();
    let tail = t.run_jobs().await;
    let state = t.request_of(acme, late).await.request.state;
    assert_eq!(state.name(), "failed", "what was queued says so: {state:?}");
    assert!(t.effects(acme, "ModifyDBInstance").await.len() == 1, "{tail:?}");
    let of_acme = async || {
        let url = format!("{}/_sandbox/calls?tenant={}", t.sandbox.url, acme.account.account);
        let calls: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        calls["items"].as_array().unwrap().len()
    };
    let acmes = of_acme().await;
    let new = t.file_issue(acme, &acme.requester, &issue_body(&answers(&[]))).await;
    t.webhooks_sent().await;
    t.run_jobs().await;
    assert_eq!(of_acme().await, acmes);
    assert!(t.comments(acme, new).await.is_empty());

    // Reading goes on for the customer's people, and the archive is theirs; nothing can be asked for or decided.
    let approver = portal.api(t.token(Role::CustomerApprover, acme));
    assert_eq!(approver.get("/customers/acme/sow").await.status, 200);
    let path = format!("/customers/acme/exports/{}/content", export.id);
    let reader = portal.signed_in(Role::CustomerApprover, acme).await;
    assert_eq!(reader.get(&path).await.status, 200);
    assert!(
        reader
            .get("/customers/acme")
            .await
            .body
            .contains("was offboarded <time")
    );
    let asked = approver
        .post("/customers/acme/change-requests", &json!({ "fields": answers(&[]) }))
        .await;
    assert!(
        asked.status == 403 && asked.body.contains("offboarded"),
        "{}",
        asked.body
    );
    assert_eq!(admin.post("/customers/acme/resume", &Value::Null).await.status, 409);
    assert_eq!(
        admin
            .post("/customers/acme/offboarding/cancel", &Value::Null)
            .await
            .status,
        409
    );
    assert_eq!(
        admin.get("/customers/acme/lifecycle").await.json()["stage"],
        "offboarded"
    );

    // After 30 days the customer's people see nothing; the provider still does.
    let mut owner = connect(&t.database.owner_url()).await;
    sqlx::query("UPDATE tenant SET offboarded_at = offboarded_at - interval '31 days' WHERE slug = 'acme'")
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(approver.get("/customers/acme/sow").await.status, 404);
    assert_eq!(reader.get("/customers/acme").await.status, 404);
    assert_eq!(admin.get("/customers/acme/sow").await.status, 200);
}

#[tokio::test]
async fn its_links_stay_its_own_until_an_administrator_takes_them_back() {
    let t = TestApp::new().await;
    let (acme, globex) = (t.acme(), t.globex());
    let admin = t.actor(Role::Admin, acme).await;
    let repository = Repository {
        tenant: globex.tenant.id,
        repository_id: 5000,
        installation_id: 7000,
        full_name: acme.repository.clone(),
    };
    let account = &acme.account.account;
    let early = app::lifecycle::unlink_account(&t.cx, &admin, acme.tenant.id, account, None).await;
    assert!(matches!(early, Err(AppError::NotNow(_))), "{early:?}");
    app::lifecycle::announce(&t.cx, &admin, acme.tenant.id, today(&t), "x")
        .await
        .unwrap();
    exported(&t, acme).await;
    app::lifecycle::end(&t.cx, &admin, acme.tenant.id).await.unwrap();

    let taken = app::github::link(&t.cx, &admin, &repository, None).await;
    assert!(matches!(taken, Err(AppError::Invalid(_))), "{taken:?}");
    app::github::unlink(&t.cx, &admin, acme.tenant.id, 5000, None)
        .await
        .unwrap();
    app::github::link(&t.cx, &admin, &repository, None).await.unwrap();
    let mut owner = connect(&t.database.owner_url()).await;
    let link = format!(
        "INSERT INTO aws_account SELECT '{}', gen_random_uuid(), account_id, region, external_id, observe_role, configure_role,
           tune_role, restore_role FROM aws_account WHERE account_id = '{account}' LIMIT 1",
        globex.tenant.id
    );
    let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(link.clone()))
        .execute(&mut owner)
        .await;
    assert!(refused.is_err(), "the account is acme's");
    let portal = Portal::start(&t).await;
    let program = portal.api(t.token(Role::Admin, acme));
    let unlink = format!("/customers/acme/accounts/{account}/unlink");
    for _ in 0..2 {
        let key = [("idempotency-key", "once")];
        assert_eq!(program.post_with(&unlink, &Value::Null, &key).await.status, 204);
    }
    assert_eq!(program.post(&unlink, &Value::Null).await.status, 404, "it is unlinked");
    sqlx::raw_sql(sqlx::AssertSqlSafe(link))
        .execute(&mut owner)
        .await
        .unwrap();

    // What they let in is still there at the customer: it stays on the list, marked, and is in a later export.
    let remaining = app::export::remaining(&t.cx, &admin, acme.tenant.id).await.unwrap();
    assert!(remaining.accounts[0].unlinked_at.is_some() && remaining.accounts[0].roles.len() == 4);
    assert!(remaining.repositories[0].unlinked_at.is_some());
    let page = portal
        .signed_in(Role::Admin, acme)
        .await
        .get("/customers/acme/hand-over")
        .await;
    assert_eq!(page.body.matches("unlinked on").count(), 2, "{}", page.body);
    assert!(!page.body.contains("Unlink AWS account"), "{}", page.body);
    let api = portal
        .api(t.token(Role::Admin, acme))
        .get("/customers/acme/remaining")
        .await
        .json();
    assert!(api["accounts"][0]["unlinked_at"].is_string(), "{api}");

    // What came through the links stays readable.
    let auditor = t.actor(Role::Auditor, acme).await;
    assert!(
        app::account::list(&t.cx, &auditor, acme.tenant.id, None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let events = app::audit::list(&t.cx, &auditor, acme.tenant.id, None)
        .await
        .unwrap()
        .items;
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    for action in [
        "account.unlinked",
        "github.repository-unlinked",
        "tenant.offboarded",
        "export.verified",
        "tenant.offboarding",
    ] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
}

#[tokio::test]
async fn unlinking_asks_for_the_typed_name() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.signed_in(Role::Admin, acme).await;
    let person = t.actor(Role::Admin, acme).await;
    let unlink = "/customers/acme/repositories/5000/unlink";
    for typed in ["", "acme/platfrom"] {
        let refused = admin.post(unlink, &[("confirm", typed)]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains(&format!("value=\"{typed}\"")), "{}", refused.body);
        assert!(refused.body.contains("nothing was unlinked: acme/platform is expected"));
    }
    let linked = app::github::list(&t.cx, &person, acme.tenant.id).await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!(admin.post(unlink, &[("confirm", "acme/platform")]).await.status, 303);
    let linked = app::github::list(&t.cx, &person, acme.tenant.id).await.unwrap();
    assert!(linked.is_empty());

    app::lifecycle::announce(&t.cx, &person, acme.tenant.id, today(&t), "x")
        .await
        .unwrap();
    exported(&t, acme).await;
    app::lifecycle::end(&t.cx, &person, acme.tenant.id).await.unwrap();
    let account = acme.account.account.as_str();
    let unlink = format!("/customers/acme/hand-over/accounts/{account}/unlink");
    let refused = admin.post(&unlink, &[("confirm", "123")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("value=\"123\"") && refused.body.contains("Nothing was unlinked"));
    assert_eq!(admin.post(&unlink, &[("confirm", account)]).await.status, 303);
    assert_eq!(admin.post(&unlink, &[("confirm", account)]).await.status, 404);
}

#[tokio::test]
async fn who_may_approve_stands_beside_who_may_ask() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let page = portal
        .signed_in(Role::Admin, acme)
        .await
        .get("/customers/acme/repositories")
        .await;
    let approver = t.actor(Role::CustomerApprover, acme).await;
    let line = page
        .body
        .lines()
        .find(|line| line.contains("Who may approve for the customer"));
    let line = line.unwrap_or_else(|| panic!("{}", page.body));
    assert!(line.contains(&approver.email) && !line.contains("nobody yet"), "{line}");
    let requester = t.actor(Role::CustomerRequester, acme).await;
    assert!(!line.contains(&requester.email), "{line}");
}
