//! Forms that other sites send, and text that would like to be more than text.

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::github::{answers, issue_body};
use testkit::{Portal, TestApp};
use uuid::Uuid;

use super::{Scene, count, new_change};

/// A script, marks that turn text around, and quotes that would end an attribute.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}gnp\u{2066}\"'><img src=x onerror=alert(1)>";

/// The page shows the text, and the browser runs none of it.
fn assert_inert(page: &str) {
    assert!(
        !page.contains("<script>alert") && !page.contains("<img src=x"),
        "{page}"
    );
    assert!(page.contains("&#60;script&#62;alert(1)"), "it is shown: {page}");
    assert!(!page.contains('\0'), "{page}");
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing_whatever_the_browser_sends_with_it() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::CustomerRequester, t.acme()).await;
    let program = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let own = portal.url.as_str();
    let mut taken = 0;
    for site in [
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
        Some("none"),
        None,
    ] {
        for origin in [Some(own), Some("https://evil.example"), Some("null"), None] {
            let once = Uuid::new_v4().to_string();
            let mut form: Vec<(&str, &str)> = vec![("once", &once)];
            let fields = answers(&[]);
            form.extend(fields.iter().map(|(id, answer)| (id.as_str(), answer.as_str())));
            let from: Vec<_> = [("sec-fetch-site", site), ("origin", origin)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            let answer = browser.post_from("/customers/acme/changes/new", &form, &from).await;
            let ours = site == Some("same-origin") || (site.is_none() && origin == Some(own));
            assert_eq!(answer.status, if ours { 303 } else { 403 }, "{from:?}");
            taken += usize::from(ours);
            let made = program.get("/customers/acme/change-requests").await;
            assert_eq!(count(&made), taken, "{from:?}");
        }
    }
    assert_eq!(taken, 5);
    for path in ["/login", "/logout"] {
        let answer = browser.post_from(path, &[], &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(browser.get("/customers").await.status, 200, "still signed in");
}

#[tokio::test]
async fn a_hostile_issue_is_shown_as_the_text_that_it_is() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let needs = format!("{HOSTILE}\0{}", "x".repeat(60_000));
    for answers in [
        answers(&[("further_needs", &needs)]),
        answers(&[("component", HOSTILE)]),
    ] {
        let issue = json!({ "title": format!("{HOSTILE}\0"), "body": issue_body(&answers) });
        let path = format!("/repos/{}/issues", acme.repository);
        t.github(&acme.requester, Method::POST, &path, Some(issue)).await;
    }
    t.webhooks_sent().await;
    t.run_jobs().await;

    let browser = portal.signed_in(Role::Approver, acme).await;
    for (number, said) in [(1, "Approve this plan"), (2, "we need to know")] {
        let page = browser.get(&format!("/customers/acme/changes/{number}")).await;
        assert_eq!(page.status, 200);
        assert_inert(&page.body);
        assert!(
            page.body.contains("<h1><bdi>&#60;script"),
            "a title's marks turn nothing outside of it"
        );
        assert!(page.body.contains(said), "{number}: {}", page.body);
    }
    for path in ["/customers/acme/changes", "/approvals"] {
        assert_inert(&browser.get(path).await.body);
    }
}

#[tokio::test]
async fn hostile_text_through_the_api_is_shown_as_the_text_that_it_is() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Approver, acme),
    );
    let text = format!("{HOSTILE}\0");
    let made = asks
        .post(
            "/customers/acme/change-requests",
            &new_change(&[("further_needs", &text)]),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let restore = json!({ "component_id": acme.prod_pg.id.0, "reason": text });
    let restore = asks.post("/customers/acme/restore-requests", &restore).await;
    assert_eq!(restore.status, 201, "{}", restore.body);
    for path in [
        format!("/change-requests/{}/reject", scene.change),
        format!("/restore-requests/{}/reject", scene.restore),
    ] {
        let rejected = decides.post(&path, &json!({ "reason": text })).await;
        assert_eq!(
            (rejected.status, &rejected.json()["state"]),
            (200, &json!("rejected")),
            "{path}"
        );
    }

    let browser = scene.portal.signed_in(Role::CustomerViewer, acme).await;
    let restored = |answer: &Value| answer["number"].to_string();
    for path in [
        "changes/2".to_owned(),
        format!("changes/{}", restored(&made.json())),
        "restores/1".to_owned(),
        format!("restores/{}", restored(&restore.json())),
    ] {
        let page = browser.get(&format!("/customers/acme/{path}")).await;
        assert_eq!(page.status, 200, "{path}");
        assert_inert(&page.body);
    }
}

#[tokio::test]
async fn a_nul_anywhere_is_refused_or_replaced_but_no_fault_of_ours() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    let api = portal.api(t.token(Role::Approver, acme));
    for path in [
        "/customers/ac%00me",
        "/customers/acme/change-requests?state=%00",
        "/change-requests/%00",
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    let mut browser = portal.signed_in(Role::Approver, acme).await;
    for path in [
        "/customers/ac%00me",
        "/customers/acme/changes?state=%00",
        "/customers/acme/changes/new?component=%00",
        "/login?next=%00",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    assert_eq!(browser.sign_in("a\0@provider.test", "x\0").await.status, 401);
}
