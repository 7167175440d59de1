//! People as an administrator manages them, through the door.

use domain::role::Role;
use serde_json::{Value, json};
use testkit::app::{PASSWORD, email};
use testkit::server::Api;
use testkit::{Portal, TestApp};

/// The person with that address, as the administrator's program sees them.
async fn user(api: &Api, address: &str) -> Value {
    let list = api.get(&format!("/users?q={address}")).await.json();
    let people = list["items"].as_array().unwrap();
    assert_eq!(people.len(), 1, "{list}");
    people[0].clone()
}

#[tokio::test]
async fn a_new_person_gets_a_password_once_and_signs_in_with_it() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.api(t.token(Role::Admin, acme));
    let ana =
        json!({ "email": "Ana@example.com", "display_name": "Ana", "role": "customer-viewer", "customer": "acme" });
    let key = [("idempotency-key", "ana")];
    let made = admin.post_with("/users", &ana, &key).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let password = made.json()["password"].as_str().unwrap().to_owned();
    let again = admin.post_with("/users", &ana, &key).await;
    assert_eq!(
        (again.status, &again.json()["password"]),
        (201, &Value::Null),
        "it is shown once"
    );
    let twice = admin.post("/users", &ana).await;
    assert_eq!(
        (twice.status, &twice.json()["errors"][0]["field"]),
        (422, &json!("email"))
    );
    let mut browser = portal.browser();
    assert_eq!(browser.sign_in("ana@example.com", &password).await.status, 303);
    assert_eq!(browser.get("/customers/acme").await.status, 200);
    assert_eq!(browser.get("/customers/globex").await.status, 404);

    for (wrong, field) in [
        (
            json!({ "email": "no address", "display_name": "x", "role": "engineer" }),
            "email",
        ),
        (
            json!({ "email": "b@example.com", "display_name": " ", "role": "engineer" }),
            "display_name",
        ),
        (
            json!({ "email": "b@example.com", "display_name": "x", "role": "customer-viewer" }),
            "customer",
        ),
        (
            json!({ "email": "b@example.com", "display_name": "x", "role": "engineer", "customer": "nobody" }),
            "customer",
        ),
    ] {
        let refused = admin.post("/users", &wrong).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (422, &json!(field)),
            "{wrong}"
        );
    }
    let page = portal.signed_in(Role::Admin, acme).await;
    let once = uuid::Uuid::new_v4().to_string();
    let form = [
        ("once", once.as_str()),
        ("email", "bob@example.com"),
        ("display_name", "Bob"),
        ("role", "engineer"),
        ("customer", ""),
    ];
    let shown = page.post("/settings/people/new", &form).await;
    assert!(
        shown.status == 200 && shown.body.contains("shown this once"),
        "{}",
        shown.body
    );
    let again = page.post("/settings/people/new", &form).await;
    assert!(again.body.contains("the password was shown then"), "{}", again.body);
}

#[tokio::test]
async fn a_changed_role_ends_every_session_and_holds_at_once() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.api(t.token(Role::Admin, acme));
    let address = email(Role::CustomerViewer, Some(acme.tenant.id));
    let (viewer, program) = (
        portal.signed_in(Role::CustomerViewer, acme).await,
        portal.api(t.token(Role::CustomerViewer, acme)),
    );
    let person = user(&admin, &address).await;
    let path = format!("/users/{}", person["id"].as_str().unwrap());
    let role = json!({ "role": "customer-approver", "customer": "acme" });
    assert_eq!(program.get("/customers/acme/audit").await.status, 403);
    let stale = admin
        .post_with(&format!("{path}/roles"), &role, &[("if-match", "\"99\"")])
        .await;
    assert_eq!(stale.status, 412);
    let granted = admin.post(&format!("{path}/roles"), &role).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    assert_eq!(viewer.get("/customers/acme").await.status, 303, "the session is dead");
    assert_eq!(program.get("/customers/acme/audit").await.status, 200);
    assert_eq!(
        admin.post(&format!("{path}/roles"), &role).await.status,
        409,
        "they have it"
    );
    let again = portal.signed_in(Role::CustomerViewer, acme).await;
    assert_eq!(admin.post(&format!("{path}/roles/revoke"), &role).await.status, 200);
    assert_eq!(again.get("/customers/acme").await.status, 303);
    assert_eq!(program.get("/customers/acme/audit").await.status, 403);

    // The customer sees it in its own log, the provider in the one of people.
    let own = admin.get("/customers/acme/audit").await.json();
    assert_eq!(own["items"][0]["action"], "user.role-revoked");
    let log = portal
        .api(t.token(Role::Auditor, acme))
        .get("/audit?q=role-granted")
        .await
        .json();
    assert!(log["items"][0]["detail"].to_string().contains(&address), "{log}");
}

#[tokio::test]
async fn somebody_is_always_left_who_can_manage_people() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.api(t.token(Role::Admin, acme));
    let me = user(&admin, &email(Role::Admin, None)).await;
    let path = format!("/users/{}", me["id"].as_str().unwrap());
    let own_role = admin
        .post(&format!("{path}/roles"), &json!({ "role": "approver" }))
        .await;
    assert!(
        own_role.status == 409 && own_role.body.contains("Nobody gives themselves a role"),
        "{}",
        own_role.body
    );
    let role = json!({ "role": "admin" });
    let last = admin.post(&format!("{path}/roles/revoke"), &role).await;
    assert!(
        last.status == 409 && last.body.contains("the last administrator"),
        "{}",
        last.body
    );
    assert_eq!(admin.post(&format!("{path}/disable"), &Value::Null).await.status, 409);

    // With a second one either may go, not both: they remove each other at once.
    let engineer = user(&admin, &email(Role::Engineer, None)).await;
    let second = format!("/users/{}", engineer["id"].as_str().unwrap());
    assert_eq!(admin.post(&format!("{second}/roles"), &role).await.status, 200);
    let other = portal.api(t.token(Role::Engineer, acme));
    let paths = [format!("{second}/disable"), format!("{path}/disable")];
    let (one, two) = tokio::join!(admin.post(&paths[0], &Value::Null), other.post(&paths[1], &Value::Null));
    let statuses = [one.status, two.status];
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}: {} {}",
        one.body,
        two.body
    );
}

#[tokio::test]
async fn disabling_and_a_revoked_token_hold_at_once() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.api(t.token(Role::Admin, acme));
    let person = user(&admin, &email(Role::Engineer, None)).await;
    let path = format!("/users/{}", person["id"].as_str().unwrap());
    let (browser, program) = (
        portal.signed_in(Role::Engineer, acme).await,
        portal.api(t.token(Role::Engineer, acme)),
    );
    let page = portal.signed_in(Role::Admin, acme).await;
    let address = format!("/settings/people/{}/disable", person["id"].as_str().unwrap());
    let refused = page.post(&address, &[("confirm", "somebody")]).await;
    assert_eq!(refused.status, 422, "the address has to be typed");
    assert!(
        refused.body.contains("value=\"somebody\"") && refused.body.contains("is expected, as it is shown"),
        "what was typed stays beside what is wrong with it: {}",
        refused.body
    );
    assert_eq!(
        page.post(&address, &[("confirm", person["email"].as_str().unwrap())])
            .await
            .status,
        303
    );
    assert_eq!(
        (browser.get("/").await.status, program.get("/customers").await.status),
        (303, 401)
    );
    assert_eq!(admin.post(&format!("{path}/enable"), &Value::Null).await.status, 200);
    assert_eq!(program.get("/customers").await.status, 200);

    let tokens = admin.get(&format!("{path}/tokens")).await.json();
    assert_eq!(tokens["items"][0]["name"], "test", "by name, never by text: {tokens}");
    let revoke = format!("{path}/tokens/{}/revoke", tokens["items"][0]["id"].as_str().unwrap());
    assert_eq!(admin.post(&revoke, &Value::Null).await.status, 204);
    assert_eq!(program.get("/customers").await.status, 401);
    assert_eq!(admin.post(&revoke, &Value::Null).await.status, 404);

    let mut old = portal.browser();
    let reset = admin.post(&format!("{path}/reset-password"), &Value::Null).await.json();
    let password = reset["password"].as_str().unwrap();
    assert_eq!(old.sign_in(&email(Role::Engineer, None), PASSWORD).await.status, 401);
    assert_eq!(old.sign_in(&email(Role::Engineer, None), password).await.status, 303);
}

#[tokio::test]
async fn who_may_ask_on_github_is_said_by_number_and_by_one_editor_at_a_time() {
    let t = TestApp::new().await;
    let (acme, portal) = (t.acme(), Portal::start(&t).await);
    let admin = portal.api(t.token(Role::Admin, acme));
    let path = "/customers/acme/repositories/5000/people";
    let approver = email(Role::CustomerApprover, Some(acme.tenant.id));
    let listed = admin.get(path).await.json();
    assert_eq!(
        (&listed["items"][0]["login"], &listed["items"][0]["approves"]),
        (&json!("acme-dev"), &json!(false))
    );
    let said = json!({ "github_user_id": 77, "login": "ana-dev", "person": approver, "may_request": true, "may_restore": false });
    assert_eq!(admin.post_with(path, &said, &[("if-match", "\"0\"")]).await.status, 204);
    let other = json!({ "github_user_id": 77, "login": "ana-dev", "may_request": true, "may_restore": true });
    let late = admin.post_with(path, &other, &[("if-match", "\"0\"")]).await;
    let told: Vec<_> = late.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].clone())
        .collect();
    assert_eq!((late.status, told), (412, vec![json!("person"), json!("may_restore")]));
    assert!(
        late.body.contains("by now it is “no”; you wrote “yes”"),
        "{}",
        late.body
    );
    let listed = admin.get(path).await.json();
    let ana = &listed["items"][1];
    assert_eq!(
        (&ana["person"], &ana["approves"]),
        (&json!(approver), &json!(true)),
        "{listed}"
    );
    let stranger = json!({ "github_user_id": 78, "login": "x", "person": "nobody@nowhere.test", "may_request": true, "may_restore": false });
    let refused = admin.post(path, &stranger).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["field"]),
        (422, &json!("person"))
    );

    let taken = json!({ "repository_id": 5001, "installation_id": 1, "full_name": "acme/other" });
    let refused = admin.post("/customers/acme/repositories", &taken).await;
    assert!(
        refused.status == 422 && !refused.body.contains("globex"),
        "{}",
        refused.body
    );
    let page = portal.signed_in(Role::Admin, acme).await;
    let shown = page.get("/customers/acme/repositories").await.body;
    assert!(
        shown.contains("ana-dev") && shown.contains("may approve for the customer"),
        "{shown}"
    );

    // The second editor sees both values, and what was typed stands in the form of that account.
    let once = uuid::Uuid::new_v4().to_string();
    let typed = [
        ("once", once.as_str()),
        ("revision", "0"),
        ("github_user_id", "77"),
        ("login", "ana-dev"),
        ("person", ""),
        ("may_request", "on"),
    ];
    let late = page.post("/customers/acme/repositories/people", &typed).await;
    let stands = format!("by now it is “{approver}”; you left it empty");
    assert!(late.status == 412 && late.body.contains(&stands), "{}", late.body);
    assert!(
        late.body
            .contains(r#"id="person-77" name="person" type="email" value="""#)
    );
}
