//! Who may agree to what, and posts that are sent twice.

use domain::role::Role;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::github::answers;
use testkit::server::Answer;
use testkit::{Portal, TestApp};
use uuid::Uuid;

use super::{Scene, count, new_change};

const CHANGES: &str = "/customers/acme/change-requests";

#[tokio::test]
async fn only_the_plan_that_stands_can_be_approved() {
    let scene = Scene::new().await;
    let api = scene.api(Role::Approver, scene.t.acme());
    let path = format!("/change-requests/{}", scene.change);
    let digest = api.get(&path).await.json()["plan"]["digest"].clone();
    let other = json!({ "plan_digest": "0".repeat(64) });
    assert_eq!(api.post(&format!("{path}/approve"), &other).await.status, 409);
    for misshapen in [json!({ "plan_digest": "x" }), json!({}), json!({ "plan_digest": null })] {
        assert_eq!(
            api.post(&format!("{path}/approve"), &misshapen).await.status,
            422,
            "{misshapen}"
        );
    }
    let change = api.get(&path).await.json();
    assert_eq!(
        (&change["state"], &change["approvals"]),
        (&json!("planned"), &json!([]))
    );

    let right = json!({ "plan_digest": digest });
    assert_eq!(api.post(&format!("{path}/approve"), &right).await.status, 200);
    let again = api.post(&format!("{path}/approve"), &right).await;
    assert_eq!(again.status, 409, "once is enough: {}", again.body);
}

#[tokio::test]
async fn an_engineer_cannot_agree_to_give_up_protection_and_an_approver_can() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let issue = t.file_and_plan(acme, &answers(&[("retention", "7 days")])).await;
    let weaker = t.request_of(acme, issue).await.request;
    let (engineer, approver) = (scene.api(Role::Engineer, acme), scene.api(Role::Approver, acme));
    let path = format!("/change-requests/{}", weaker.id);
    let change = engineer.get(&path).await.json();
    let weakens = change["plan"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .any(|step| step["weakens"] == true);
    assert!(weakens, "{change}");
    let digest = change["plan"]["digest"].as_str().unwrap();
    let body = json!({ "plan_digest": digest });
    assert_eq!(engineer.post(&format!("{path}/approve"), &body).await.status, 403);

    let page = format!("/customers/acme/changes/{}", weaker.number);
    let form = format!("{page}/approve");
    let operates = scene.portal.signed_in(Role::Engineer, acme).await;
    assert!(
        !operates.get(&page).await.body.contains("name=\"plan_digest\""),
        "no button"
    );
    let named = [("plan_digest", digest), ("confirm", "prod-pg")];
    assert_eq!(operates.post(&form, &named).await.status, 403);
    let decides = scene.portal.signed_in(Role::Approver, acme).await;
    for unconfirmed in [&named[..1], &[("plan_digest", digest), ("confirm", "prod")]] {
        assert_eq!(
            decides.post(&form, unconfirmed).await.status,
            422,
            "the name has to be typed"
        );
    }
    assert_eq!(approver.get(&path).await.json()["state"], "planned");
    assert_eq!(
        approver.post(&format!("{path}/approve"), &body).await.json()["state"],
        "approved"
    );
    t.run_jobs().await;
    assert_eq!(approver.get(&path).await.json()["state"], "applied");
}

#[tokio::test]
async fn nobody_approves_what_they_asked_for() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    for role in [Role::CustomerApprover, Role::Engineer, Role::Approver] {
        let (api, browser) = (scene.api(role, acme), scene.portal.signed_in(role, acme).await);
        let made = api
            .post(CHANGES, &new_change(&[("backup_window", "06:00-07:00")]))
            .await
            .json();
        t.run_jobs().await;
        let path = format!("/change-requests/{}", made["id"].as_str().unwrap());
        let digest = api.get(&path).await.json()["plan"]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        let own = api
            .post(&format!("{path}/approve"), &json!({ "plan_digest": digest }))
            .await;
        assert_eq!(own.status, 409, "{role}: {}", own.body);
        let page = format!("/customers/acme/changes/{}", made["number"]);
        assert!(
            !browser.get(&page).await.body.contains("name=\"plan_digest\""),
            "{role}: no button"
        );
        assert_eq!(
            browser
                .post(&format!("{page}/approve"), &[("plan_digest", &digest)])
                .await
                .status,
            409,
            "{role}"
        );
        assert_eq!(api.get(&path).await.json()["state"], "planned", "{role}");
    }
    let engineer = scene.api(Role::Engineer, acme);
    let restore = engineer
        .post(
            "/customers/acme/restore-requests",
            &json!({ "component_id": acme.prod_pg.id.0 }),
        )
        .await
        .json();
    let path = format!("/restore-requests/{}", restore["id"].as_str().unwrap());
    let body = json!({ "plan_digest": restore["plan"]["digest"] });
    assert_eq!(engineer.post(&format!("{path}/approve"), &body).await.status, 409);
    assert_eq!(
        scene
            .api(Role::Approver, acme)
            .post(&format!("{path}/approve"), &body)
            .await
            .json()["state"],
        "approved"
    );
}

#[tokio::test]
async fn a_decision_on_what_changed_since_it_was_read_is_refused() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Approver, acme),
    );
    let made = asks
        .post(CHANGES, &new_change(&[("backup_window", "06:00-07:00")]))
        .await
        .json();
    let change = format!("/change-requests/{}", made["id"].as_str().unwrap());
    let restore = format!("/restore-requests/{}", scene.restore);
    let submitted = [&change, &restore].map(|path| decides.get(path));
    let [read_change, read_restore] = join_all(submitted).await.try_into().expect("two answers");
    let digest = |read: &Answer| json!({ "plan_digest": read.json()["plan"]["digest"] });
    let approved = decides
        .post(&format!("{restore}/approve"), &digest(&read_restore))
        .await;
    assert_eq!(approved.json()["state"], "approved");
    t.run_jobs().await;

    // The change is planned by now, and the restored data is there to be looked at.
    let reason = json!({ "reason": "x" });
    for (path, read, verbs) in [
        (
            &change,
            &read_change,
            &[("approve", &decides), ("reject", &decides), ("withdraw", &asks)][..],
        ),
        (
            &restore,
            &read_restore,
            &[
                ("approve", &decides),
                ("reject", &decides),
                ("cancel", &asks),
                ("verify", &asks),
                ("dispute", &asks),
            ],
        ),
    ] {
        let stands = decides.get(path).await;
        for (verb, api) in verbs {
            let body = match *verb {
                "approve" => digest(&stands),
                "reject" | "dispute" => reason.clone(),
                _ => Value::Null,
            };
            let old = [("if-match", read.header("etag"))];
            let refused = api.post_with(&format!("{path}/{verb}"), &body, &old).await;
            assert_eq!(
                (refused.status, refused.header("content-type")),
                (412, "application/problem+json"),
                "{path} {verb}"
            );
            assert_eq!(refused.json()["title"], "This changed while you were reading it");
        }
        assert_eq!(decides.get(path).await.comparable(), stands.comparable());
    }

    let now = decides.get(&change).await;
    let tag = [("if-match", now.header("etag"))];
    let approved = decides
        .post_with(&format!("{change}/approve"), &digest(&now), &tag)
        .await;
    assert_eq!(approved.json()["state"], "approved");
    let now = asks.get(&restore).await;
    let tag = [("if-match", now.header("etag"))];
    let verified = asks.post_with(&format!("{restore}/verify"), &Value::Null, &tag).await;
    assert_eq!(verified.json()["state"], "closed");
}

#[tokio::test]
async fn a_post_that_is_sent_again_under_its_key_is_carried_out_once() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let (api, colleague) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::CustomerApprover, acme),
    );
    let restore = json!({ "component_id": acme.prod_pg.id.0, "reason": "x" });
    let other_restore = json!({ "component_id": acme.prod_pg.id.0, "reason": "y" });
    for (path, before, body, other) in [
        (CHANGES, 2, new_change(&[]), new_change(&[("retention", "20 days")])),
        ("/customers/acme/restore-requests", 1, restore, other_restore),
    ] {
        let key = Uuid::new_v4().to_string();
        let keyed = [("idempotency-key", key.as_str())];
        let first = api.post_with(path, &body, &keyed).await;
        assert_eq!(first.status, 201, "{path}: {}", first.body);
        let again = api.post_with(path, &body, &keyed).await;
        assert_eq!(
            (again.status, &again.json()["id"]),
            (201, &first.json()["id"]),
            "{path}"
        );
        assert_eq!(
            api.post_with(path, &other, &keyed).await.status,
            422,
            "{path}: another body"
        );
        assert_eq!(count(&api.get(path).await), before + 1, "{path}");
        let theirs = colleague.post_with(path, &body, &keyed).await;
        assert_eq!(theirs.status, 201, "{path}: a key is one person's");
        assert_ne!(theirs.json()["id"], first.json()["id"], "{path}");
        for misshapen in ["", &"k".repeat(201), "\u{e9}"] {
            assert_eq!(
                api.post_with(path, &body, &[("idempotency-key", misshapen)])
                    .await
                    .status,
                400,
                "{misshapen:?}"
            );
        }
    }
    let elsewhere = [("idempotency-key", "one")];
    let staff = scene.api(Role::Engineer, acme);
    assert_eq!(staff.post_with(CHANGES, &new_change(&[]), &elsewhere).await.status, 201);
    let other_customer = staff
        .post_with("/customers/globex/change-requests", &new_change(&[]), &elsewhere)
        .await;
    assert_eq!(
        other_customer.status, 422,
        "the same key at another customer is another request"
    );
}

#[tokio::test]
async fn a_decision_that_is_sent_again_under_its_key_gets_the_same_answer() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Approver, acme),
    );
    let made = asks.post(CHANGES, &new_change(&[])).await.json();
    let withdrawn = format!("/change-requests/{}", made["id"].as_str().unwrap());
    let change = format!("/change-requests/{}", scene.change);
    let restore = format!("/restore-requests/{}", scene.restore);
    let read = decides.get(&change).await;
    let digest = json!({ "plan_digest": read.json()["plan"]["digest"] });

    let refused = json!({ "plan_digest": "0".repeat(64) });
    let keyed = [("idempotency-key", "approve")];
    let path = format!("{change}/approve");
    assert_eq!(
        decides.post_with(&path, &refused, &keyed).await.status,
        409,
        "a refusal uses up no key"
    );
    for (api, path, body, state) in [
        (&decides, &path, &digest, "approved"),
        (
            &decides,
            &format!("{restore}/reject"),
            &json!({ "reason": "x" }),
            "rejected",
        ),
        (&asks, &format!("{withdrawn}/withdraw"), &Value::Null, "withdrawn"),
    ] {
        let verb = path.rsplit('/').next().unwrap();
        let noun = path.strip_suffix(verb).unwrap().trim_end_matches('/');
        let stood = api.get(noun).await;
        let headers = [("idempotency-key", verb), ("if-match", stood.header("etag"))];
        for time in 1..=2 {
            let answer = api.post_with(path, body, &headers).await;
            assert_eq!(answer.status, 200, "{path}, time {time}: {}", answer.body);
            assert_eq!(answer.json()["state"], state, "{path}, time {time}");
        }
        let without = api.post(path, body).await;
        assert_eq!(without.status, 409, "{path}: another post is another decision");
    }
    let elsewhere = decides
        .post_with(&format!("{change}/reject"), &json!({ "reason": "x" }), &keyed)
        .await;
    assert_eq!(elsewhere.status, 422, "the key was another post's");

    let audit = decides.get("/customers/acme/audit").await.json();
    let deeds = |name: &str| {
        let events = audit["items"].as_array().unwrap().iter();
        events.filter(|event| event["action"] == name).count()
    };
    // The first change of the scene was approved too.
    assert_eq!(deeds("change-request.approved"), 2, "{audit}");
    assert_eq!(deeds("restore-request.rejected"), 1);
    assert_eq!(deeds("change-request.withdrawn"), 1);
}

#[tokio::test]
async fn the_same_post_many_times_at_once_makes_one_request() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::CustomerRequester, t.acme()));
    let body = new_change(&[]);
    let answers = join_all((0..20).map(|_| api.post_with(CHANGES, &body, &[("idempotency-key", "one")]))).await;
    let list = api.get(CHANGES).await;
    assert_eq!(count(&list), 1);
    // 409: the first one was still being carried out.
    assert!(
        answers.iter().all(|answer| matches!(answer.status, 201 | 409)),
        "{answers:?}"
    );
    let made: Vec<Value> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["id"].clone())
        .collect();
    assert!(
        !made.is_empty() && made.iter().all(|id| *id == list.json()["items"][0]["id"]),
        "{made:?}"
    );
}

#[tokio::test]
async fn a_form_that_is_sent_twice_asks_once() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::CustomerRequester, t.acme()).await;
    let page = browser.get("/customers/acme/changes/new").await.body;
    let once = page
        .split("name=\"once\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let fields = answers(&[]);
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(id, answer)| (id.as_str(), answer.as_str()))
        .collect();
    form.push(("once", once));
    for _ in 0..2 {
        let sent = browser.post("/customers/acme/changes/new", &form).await;
        assert_eq!(
            (sent.status, sent.location()),
            (303, "/customers/acme/changes/1?done=asked")
        );
    }
    assert_eq!(
        count(
            &portal
                .api(t.token(Role::CustomerRequester, t.acme()))
                .get(CHANGES)
                .await
        ),
        1
    );
}

#[tokio::test]
async fn closing_the_issue_takes_the_request_back() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let path = format!("/change-requests/{}", scene.change);
    let api = scene.api(Role::CustomerViewer, acme);
    let issue = &api.get(&path).await.json()["github_issue"];
    let at_github = format!("/repos/{}/issues/{issue}", acme.repository);
    t.github(
        &acme.requester,
        Method::PATCH,
        &at_github,
        Some(json!({ "state": "closed" })),
    )
    .await;
    t.webhooks_sent().await;
    t.run_jobs().await;
    assert_eq!(api.get(&path).await.json()["state"], "withdrawn");
}
