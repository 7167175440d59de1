//! GitHub's webhook: what is not signed leaves no trace, what is signed is stored once and becomes one request.

use domain::role::Role;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row as _;
use testkit::app::WEBHOOK_SECRET;
use testkit::github::{answers, issue_body};
use testkit::server::signature;
use testkit::{Portal, TestApp};

use super::count;
use crate::samples::connect;

/// The largest body that is taken, in bytes.
const MAX_BODY: usize = 25 * 1024 * 1024;

/// Every stored delivery as (id, state), oldest first.
async fn stored(t: &TestApp) -> Vec<(String, String)> {
    let mut owner = connect(&t.database.owner_url()).await;
    let rows = sqlx::query("SELECT delivery_id, state FROM webhook_delivery ORDER BY received_at")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// A signed event about issue 1 of a repository.
fn opened(repository: u64, installation: u64) -> Vec<u8> {
    let event = json!({
        "action": "opened",
        "issue": { "id": 1, "number": 1, "title": "x", "user": null },
        "repository": { "id": repository, "full_name": "somebody/something" },
        "installation": { "id": installation },
        "sender": { "id": 1, "login": "somebody" },
    });
    event.to_string().into_bytes()
}

/// acme's repository and installation, as the sandbox has them.
const ACME: (u64, u64) = (5000, 7000);

#[tokio::test]
async fn a_body_that_github_did_not_sign_is_refused_and_not_stored() {
    // HMAC-SHA-1 of the body under the right secret, from Python's hmac: genuine, and not accepted.
    const BODY: &[u8] = br#"{"zen":"Keep it logically awesome."}"#;
    const SHA1: &str = "sha1=b40a378e82224e2fbcad2f0931d8d60ef4115dd9";
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let right = signature(WEBHOOK_SECRET, BODY);
    let sha1_as_256 = SHA1.replace("sha1", "sha256");
    let other_secret = signature("another customer's secret", BODY);
    let of_nothing = signature(WEBHOOK_SECRET, b"");
    let bare = &right["sha256=".len()..];
    for signed in [
        vec![],
        vec![("x-hub-signature-256", "")],
        vec![("x-hub-signature", SHA1)],
        vec![("x-hub-signature-256", SHA1)],
        vec![("x-hub-signature-256", &sha1_as_256)],
        vec![("x-hub-signature-256", &other_secret)],
        vec![("x-hub-signature-256", &of_nothing)],
        vec![("x-hub-signature-256", bare)],
        vec![("x-hub-signature-256", &right[..right.len() - 2])],
    ] {
        let answer = portal.webhook("one", "ping", BODY, &signed).await;
        assert_eq!(answer.status, 401, "{signed:?}");
    }
    for at in 0..BODY.len() {
        let mut flipped = BODY.to_vec();
        flipped[at] ^= 1;
        let answer = portal
            .webhook("one", "ping", &flipped, &[("x-hub-signature-256", &right)])
            .await;
        assert_eq!(answer.status, 401, "byte {at}");
    }
    assert_eq!(stored(&t).await, []);
    assert_eq!(
        portal.signed_webhook("one", "ping", BODY).await.status,
        202,
        "the right one is taken"
    );
    assert_eq!(stored(&t).await.len(), 1);
}

#[tokio::test]
async fn more_than_25_mib_is_refused_and_not_stored() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let answer = portal.signed_webhook("large", "ping", &vec![b' '; MAX_BODY + 1]).await;
    assert_eq!(answer.status, 413);
    assert_eq!(stored(&t).await, []);
}

#[tokio::test]
async fn what_is_signed_but_no_event_is_kept_for_staff_and_shown_to_no_customer() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let bodies: [&[u8]; 4] = [b"not json", b"{}", b"[1, 2]", b"\xff\x00<script>alert(1)</script>"];
    for (index, body) in bodies.iter().enumerate() {
        let answer = portal.signed_webhook(&format!("strange-{index}"), "issues", body).await;
        assert_eq!(answer.status, 202, "{body:?}: {}", answer.body);
    }
    t.run_jobs().await;
    let states = stored(&t).await;
    assert!(
        states.len() == 4 && states.iter().all(|(_, state)| state == "quarantined"),
        "{states:?}"
    );

    for role in Role::ALL {
        let page = portal.signed_in(role, t.acme()).await.get("/settings").await;
        let sees = matches!(role, Role::Engineer | Role::Approver | Role::Auditor | Role::Admin);
        assert_eq!(page.status, 200, "{role}");
        assert_eq!(
            page.body.matches("strange-").count(),
            if sees { 4 } else { 0 },
            "{role}"
        );
        assert!(!page.body.contains("<script>alert"), "{role}");
    }
}

#[tokio::test]
async fn an_issue_of_a_repository_that_is_nobodys_is_taken_and_ignored() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme_elsewhere = opened(ACME.0, 7001);
    for (id, body) in [("unknown", opened(1, 2)), ("other-installation", acme_elsewhere)] {
        assert_eq!(portal.signed_webhook(id, "issues", &body).await.status, 202);
    }
    t.run_jobs().await;
    let states: Vec<_> = stored(&t).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["ignored", "ignored"]);
    for customer in [t.acme(), t.globex()] {
        let list = portal.api(t.token(Role::Auditor, customer));
        assert_eq!(
            count(
                &list
                    .get(&format!("/customers/{}/change-requests", customer.tenant.slug))
                    .await
            ),
            0
        );
    }
}

#[tokio::test]
async fn an_issue_that_is_filed_becomes_a_planned_change_by_github_itself() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let issue = t.file_issue(acme, &acme.requester, &issue_body(&answers(&[]))).await;
    t.webhooks_sent().await;
    assert_eq!(stored(&t).await.len(), 1, "stored before it was answered");
    t.run_jobs().await;

    let api = portal.api(t.token(Role::CustomerViewer, acme));
    let found = api
        .get(&format!("/customers/acme/change-requests?github_issue={issue}"))
        .await
        .json();
    let change = &found["items"][0];
    assert_eq!(
        (&change["state"], &change["source"]),
        (&json!("planned"), &json!("github")),
        "{change}"
    );
    let digest = change["plan"]["digest"].as_str().unwrap();
    assert!(
        t.comments(acme, issue).await[0].contains(digest),
        "the comment names the same digest"
    );
    assert_eq!(stored(&t).await[0].1, "done");
}

#[tokio::test]
async fn an_outage_of_github_delays_what_it_delivered_and_loses_nothing() {
    let t = TestApp::new().await;
    let _portal = Portal::start(&t).await;
    let acme = t.acme();
    let issue = t.file_issue(acme, &acme.requester, &issue_body(&answers(&[]))).await;
    t.webhooks_sent().await;
    let outage = json!({ "service": "github", "kind": "error", "times": 50 });
    t.fault(outage).await;
    let ran = t.run_jobs().await;
    let attempts = ran.iter().map(|ran| ran.attempt).max();
    assert_eq!(attempts, Some(51), "some two hours by the queue's back-off");
    assert_eq!(t.request_of(acme, issue).await.request.state.name(), "planned");
    assert_eq!(t.comments(acme, issue).await.len(), 1);
}

#[tokio::test]
async fn one_event_makes_one_request_however_often_and_under_whatever_id_it_comes() {
    let t = TestApp::new().await;
    let acme = t.acme();
    // Filed before GitHub knows whom to tell: what comes below is all that Holdfast hears.
    t.file_issue(acme, &acme.requester, &issue_body(&answers(&[]))).await;
    let portal = Portal::start(&t).await;
    let body = opened(ACME.0, ACME.1);
    let same = join_all((0..100).map(|_| portal.signed_webhook("one", "issues", &body))).await;
    assert!(same.iter().all(|answer| answer.status == 202));
    assert_eq!(stored(&t).await.len(), 1);
    t.run_jobs().await;
    let replayed = join_all((0..10).map(async |replay| {
        let id = format!("replay-{replay}");
        portal.signed_webhook(&id, "issues", &body).await
    }))
    .await;
    assert!(replayed.iter().all(|answer| answer.status == 202));
    assert_eq!(
        portal.signed_webhook("one", "issues", &body).await.status,
        202,
        "sent again after it was dealt with"
    );
    t.run_jobs().await;

    let list = portal
        .api(t.token(Role::Auditor, acme))
        .get("/customers/acme/change-requests")
        .await;
    assert_eq!(count(&list), 1, "{}", list.body);
    assert_eq!(t.comments(acme, 1).await.len(), 1, "the plan is told once");
    let path = format!("/repos/{}/issues/1", acme.repository);
    let issue: Value = t.github("stranger", Method::GET, &path, None).await;
    assert_eq!(issue["state"], "open");
}
