//! A suspended customer: nothing goes out, nothing is lost, everybody is told.

use std::collections::BTreeMap;

use app::AppError;
use domain::change_request::State;
use domain::role::Role;
use jiff::SignedDuration;
use sqlx::Executor as _;
use testkit::github::{answers, issue_body};
use testkit::process::{WorkerProcess, eventually};
use testkit::{Portal, TestApp};

use super::{calls, resume, suspend};
use crate::samples::connect;

#[tokio::test]
async fn an_approved_change_waits_and_is_carried_out_once_after_resuming() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    suspend(&t, acme).await;
    let before = calls(&t, acme).await;
    t.run_jobs().await;
    assert_eq!(calls(&t, acme).await, before, "nothing went out after the suspension");
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Approved { .. }), "{state:?}");
    let portal = Portal::start(&t).await;
    let reads = portal.signed_in(Role::CustomerViewer, acme).await;
    let page = reads.get("/customers/acme/changes/1").await.body;
    assert!(
        page.contains("Held: the customer is suspended") && page.contains("Unpaid invoices."),
        "{page}"
    );

    resume(&t, acme).await;
    t.run_jobs().await;
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Applied { .. }), "{state:?}");
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1);
    assert!(!reads.get("/customers/acme/changes/1").await.body.contains("Held"));
}

#[tokio::test]
async fn what_changed_meanwhile_is_shown_again_instead_of_carried_out() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    suspend(&t, acme).await;
    t.run_jobs().await;
    t.edit_issue(acme, issue, &issue_body(&answers(&[("retention", "20 days")])))
        .await;
    resume(&t, acme).await;
    t.run_jobs().await;
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Planned { .. }), "{state:?}");
    assert!(t.effects(acme, "ModifyDBInstance").await.is_empty());
}

#[tokio::test]
async fn issues_readings_and_comments_wait_and_the_other_customers_do_not() {
    let t = TestApp::new().await;
    let (acme, globex) = (t.acme(), t.globex());
    let waiting = t.file_and_plan(acme, &answers(&[])).await;
    suspend(&t, acme).await;
    // A comment is owed, an issue arrived, a reading is due.
    let requester = t.actor(Role::CustomerRequester, acme).await;
    let view = t.request_of(acme, waiting).await;
    app::change_request::withdraw(&t.cx, &requester, view.request.id)
        .await
        .unwrap();
    let issue = t.file_issue(acme, &acme.requester, &issue_body(&answers(&[]))).await;
    t.deliver(acme, issue, "opened").await;
    let comments = t.comments(acme, waiting).await.len();
    let scope = {
        let scope = domain::tenant::TenantScope::one(acme.tenant.id);
        let mut tx = t.cx.db.begin(&scope).await.unwrap();
        store::account::scope_of_component(&mut tx, acme.tenant.id, acme.prod_pg.id)
            .await
            .unwrap()
            .unwrap()
    };
    app::reconcile::nudge(&t.cx, acme.tenant.id, scope).await.unwrap();
    worker::tick(&t.cx, SignedDuration::from_hours(24)).await.unwrap();
    let before = calls(&t, acme).await;
    app::reconcile::queue_due(&t.cx, acme.tenant.id, SignedDuration::ZERO)
        .await
        .unwrap();
    t.run_jobs().await;
    let acmes = t.effects(acme, "").await;
    let after = calls(&t, acme).await;
    assert!(acmes.is_empty(), "{acmes:?}");

    // What went out was globex' reading, and nothing of acme's.
    let reading = t.file_and_plan(globex, &answers(&[])).await;
    assert!(matches!(
        t.request_of(globex, reading).await.request.state,
        State::Planned { .. }
    ));
    assert_eq!(after, before);
    assert_eq!(t.comments(acme, waiting).await.len(), comments, "nothing was posted");

    resume(&t, acme).await;
    t.run_jobs().await;
    assert_eq!(
        t.comments(acme, waiting).await.len(),
        comments + 1,
        "the end was posted"
    );
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Planned { .. }), "{state:?}");
}

#[tokio::test]
async fn a_suspension_between_two_steps_stops_before_the_second() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let issue = t.file_and_plan(acme, &answers(&[])).await;
    t.approve(acme, Role::Approver, &t.request_of(acme, issue).await)
        .await
        .unwrap();
    WorkerProcess::start(&t, "step-after-receipt=return").died().await;
    suspend(&t, acme).await;
    let before = calls(&t, acme).await;
    {
        let _second = WorkerProcess::start(&t, "");
        eventually("the job is put aside", async || t.is_idle().await.then_some(())).await;
    }
    assert_eq!(calls(&t, acme).await, before, "nothing went out after the suspension");
    assert!(
        t.effects(acme, "ModifyDBInstance").await.is_empty(),
        "the second step was not made"
    );
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Applying { .. }), "{state:?}");

    resume(&t, acme).await;
    t.run_jobs().await;
    let state = t.request_of(acme, issue).await.request.state;
    assert!(matches!(state, State::Applied { .. }), "{state:?}");
    assert_eq!(t.effects(acme, "ModifyDBInstance").await.len(), 1);
}

#[tokio::test]
async fn an_approved_restore_waits_and_starts_once_after_resuming() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let request = t.ask_restore(acme).await;
    let engineer = t.actor(Role::Engineer, acme).await;
    app::restore::approve(&t.cx, &engineer, request.id, request.digest)
        .await
        .unwrap();
    suspend(&t, acme).await;
    let before = calls(&t, acme).await;
    t.run_jobs().await;
    assert_eq!(
        (calls(&t, acme).await, t.restore_state(acme, request.id).await),
        (before, "approved")
    );
    resume(&t, acme).await;
    t.run_jobs().await;
    assert_eq!(
        (t.restores_at_aws(acme).await, t.restore_state(acme, request.id).await),
        (1, "verifying")
    );
}

#[tokio::test]
async fn what_was_asked_for_waits_without_running_out() {
    let t = TestApp::new().await;
    let acme = t.acme();
    t.protect(acme).await;
    let issue = t.file_and_plan(acme, &answers(&[("retention", "40 days")])).await;
    let restore = t.ask_restore(acme).await;
    suspend(&t, acme).await;
    let mut owner = connect(&t.database.owner_url()).await;
    // Both were asked for in time before the suspension began, ten days and three days ago.
    let mut asked = async |change: i32, restore: i32| {
        let changes =
            "UPDATE change_request SET updated_at = now() - make_interval(days => $1) WHERE state = 'planned'";
        let restores =
            "UPDATE restore_request SET created_at = now() - make_interval(days => $1) WHERE state = 'submitted'";
        for (aged, days) in [(changes, change), (restores, restore)] {
            sqlx::query(aged).bind(days).execute(&mut owner).await.unwrap();
        }
    };
    asked(45, 25).await;
    let mut other = connect(&t.database.owner_url()).await;
    other
        .execute(
            "UPDATE tenant SET lifecycle = jsonb_set(lifecycle, '{suspension,at}', to_jsonb(now() - interval '20 days'))
             WHERE lifecycle->'suspension' <> 'null'",
        )
        .await
        .unwrap();
    let tick = async || worker::tick(&t.cx, SignedDuration::from_hours(24)).await.unwrap();
    let states = async || {
        let change = t.request_of(acme, issue).await.request.state.name();
        (change, t.restore_state(acme, restore.id).await)
    };
    tick().await;
    assert_eq!(states().await, ("planned", "submitted"), "no deadline runs meanwhile");
    resume(&t, acme).await;
    tick().await;
    assert_eq!(states().await, ("planned", "submitted"), "what was left of it is left");
    asked(51, 28).await;
    tick().await;
    assert_eq!(states().await, ("expired", "expired"));
}

#[tokio::test]
async fn nothing_new_can_be_asked_for_and_the_reason_is_said() {
    let t = TestApp::new().await;
    let acme = t.acme();
    suspend(&t, acme).await;
    let portal = Portal::start(&t).await;
    let asks = portal.api(t.token(Role::CustomerRequester, acme));
    let change = serde_json::json!({ "fields": answers(&[]) });
    let refused = asks.post("/customers/acme/change-requests", &change).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("suspended since") && refused.body.contains("Unpaid invoices"),
        "{}",
        refused.body
    );
    let restore = serde_json::json!({ "component_id": acme.prod_pg.id.0 });
    assert_eq!(
        asks.post("/customers/acme/restore-requests", &restore).await.status,
        409
    );
    let end = format!("/customers/acme/components/{}/decommission", acme.prod_pg.id);
    let wish = serde_json::json!({ "reason": "It moved.", "final_backup": "none", "recovery_points": "expire" });
    assert_eq!(asks.post(&end, &wish).await.status, 409);
    let wish = [("scope", "In scope"), ("retention", "40 days"), ("frequency", "Daily")];
    let bulk = serde_json::json!({ "components": [acme.prod_pg.id.0], "fields": BTreeMap::from(wish) });
    let refused = asks.post("/customers/acme/bulk-changes", &bulk).await;
    assert!(
        refused.status == 409 && refused.body.contains("Unpaid invoices"),
        "{}",
        refused.body
    );
    let once = uuid::Uuid::new_v4().to_string();
    let component = acme.prod_pg.id.to_string();
    let form = wish
        .into_iter()
        .chain([("once", once.as_str()), ("components", &component)]);
    let browser = portal.signed_in(Role::CustomerRequester, acme).await;
    let refused = browser
        .post("/customers/acme/changes/bulk", &form.collect::<Vec<_>>())
        .await;
    assert!(
        refused.status == 409 && refused.body.contains("Unpaid invoices"),
        "{}",
        refused.body
    );
    let changes = asks.get("/customers/acme/change-requests").await.json();
    assert_eq!(changes["items"], serde_json::json!([]), "nothing was asked for");

    let browser = portal.signed_in(Role::CustomerViewer, acme).await;
    for page in [
        "",
        "/scope",
        "/components",
        "/changes",
        "/restores",
        "/recovery-points",
        "/accounts",
    ] {
        let answer = browser.get(&format!("/customers/acme{page}")).await;
        assert!(
            answer.status == 200 && answer.body.contains("Unpaid invoices."),
            "{page} is readable and says so"
        );
    }
}

#[tokio::test]
async fn two_administrators_at_once_the_second_is_told() {
    let t = TestApp::new().await;
    let acme = t.acme();
    let portal = Portal::start(&t).await;
    let admin = portal.api(t.token(Role::Admin, acme));
    let read = admin.get("/customers/acme/lifecycle").await;
    let tag = read.header("etag").to_owned();
    let reason = serde_json::json!({ "reason": "Unpaid invoices." });
    let post = async |what: &str, tag: &str| {
        admin
            .post_with(&format!("/customers/acme/{what}"), &reason, &[("if-match", tag)])
            .await
            .status
    };
    assert_eq!(post("suspend", &tag).await, 200);
    assert_eq!(post("suspend", &tag).await, 412, "it is not what was read any more");
    let now = admin.get("/customers/acme/lifecycle").await;
    assert_eq!(now.json()["suspension"]["reason"], "Unpaid invoices.");
    assert_eq!(post("suspend", now.header("etag")).await, 409, "once is enough");
    let none = serde_json::json!({ "reason": " " });
    assert_eq!(
        admin.post("/customers/acme/suspend", &none).await.status,
        422,
        "the reason is needed"
    );
    let resumed = admin.post("/customers/acme/resume", &serde_json::Value::Null).await;
    assert_eq!(
        (resumed.status, &resumed.json()["suspension"]),
        (200, &serde_json::Value::Null)
    );

    let page = portal.signed_in(Role::Admin, acme).await;
    let form = [("confirm", "acm"), ("reason", "x"), ("revision", "2")];
    let again = page.post("/customers/acme/hand-over/suspend", &form).await;
    assert_eq!(again.status, 422, "the name has to be typed");
    assert!(
        again.body.contains("value=\"acm\"")
            && again.body.contains("Nothing was done: acme is expected")
            && again.body.contains(">x</textarea>"),
        "what was typed is still there: {}",
        again.body
    );
    let again = page.post("/customers/acme/hand-over/announce", &form).await;
    assert!(
        again.status == 422
            && again
                .body
                .contains("id=\"announce-confirm\" name=\"confirm\" value=\"acm\""),
        "{}",
        again.body
    );
    let long = "x".repeat(2001);
    let refused = admin
        .post("/customers/acme/suspend", &serde_json::json!({ "reason": long }))
        .await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["given"]),
        (422, &serde_json::json!(long[..80]))
    );
    let engineer = t.actor(Role::Engineer, acme).await;
    let refused = app::lifecycle::suspend(&t.cx, &engineer, acme.tenant.id, "x").await;
    assert!(matches!(refused, Err(AppError::Forbidden(_))), "{refused:?}");
}
