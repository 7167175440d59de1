//! What is another customer's looks like what does not exist, and parents and children cannot be mixed.

use domain::id::TenantId;
use domain::role::Role;
use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::server::Answer;
use uuid::Uuid;

use super::routes::{Caller, Names, cases};
use super::{Scene, count, new_change};

#[tokio::test]
async fn a_foreign_thing_and_a_thing_that_does_not_exist_get_the_same_answer() {
    let scene = Scene::new().await;
    let globex = Caller::with_role(&scene, Role::CustomerApprover, scene.t.globex()).await;
    let foreign = Names::of(&scene);
    let nothing = || Uuid::now_v7();
    let absent = Names {
        slug: "nobody",
        change: (99, nothing()),
        restore: (99, nothing()),
        hold: (99, nothing()),
        policy: nothing(),
        component: nothing(),
        version: 99,
        contacts: [nothing(), nothing()],
        acknowledgement: nothing(),
        export: nothing(),
        account: "000000000000".to_owned(),
        repository: 1,
        ending: nothing(),
        ..Names::of(&scene)
    };
    // The own customer, with acme's numbers and component.
    let own_foreign = Names {
        slug: "globex",
        ..Names::of(&scene)
    };
    let own_absent = Names {
        slug: "globex",
        change: (99, nothing()),
        restore: (99, nothing()),
        hold: (99, nothing()),
        policy: nothing(),
        component: nothing(),
        version: 99,
        ending: nothing(),
        contacts: [nothing(), nothing()],
        acknowledgement: nothing(),
        ..Names::of(&scene)
    };
    for case in cases().iter().filter(|case| case.is_of_a_customer()) {
        let (one, other) = (globex.call(case, &foreign).await, globex.call(case, &absent).await);
        assert_eq!(one.status, 404, "{:?}", case.route);
        assert_eq!(one.comparable(), other.comparable(), "{:?}", case.route);
        let named = case.route.path.contains("{number}") || case.route.path.ends_with("restore-requests");
        if named && case.route.path.contains("{slug}") && case.route.method == "POST"
            || case.route.path.contains("{number}")
            || names_a_component(case.route.path)
        {
            let (one, other) = (
                globex.call(case, &own_foreign).await,
                globex.call(case, &own_absent).await,
            );
            assert_eq!(one.status, 404, "{:?}", case.route);
            assert_eq!(one.comparable(), other.comparable(), "{:?}", case.route);
        }
        if case.route.path.contains("{slug}") && case.route.path.contains("{id}") {
            let (one, other) = (
                globex.call(case, &own_foreign).await,
                globex.call(case, &own_absent).await,
            );
            assert!(matches!(one.status, 403 | 404), "{:?}: {}", case.route, one.status);
            assert_eq!(one.comparable(), other.comparable(), "{:?}", case.route);
        }
    }
}

/// Whether a path names a component of a customer.
fn names_a_component(path: &str) -> bool {
    path.contains("components/{id}") || path.contains("{component}")
}

#[tokio::test]
async fn who_sees_both_customers_still_cannot_reach_ones_things_through_the_other() {
    let scene = Scene::new().await;
    let approver = Caller::with_role(&scene, Role::Approver, scene.t.acme()).await;
    let swapped = Names {
        slug: "globex",
        ..Names::of(&scene)
    };
    let within = |path: &str| path.contains("{number}") || names_a_component(path);
    for case in cases().iter().filter(|case| within(case.route.path)) {
        let answer = approver.call(case, &swapped).await;
        if case.route.path.ends_with("/attest") || case.route.path.ends_with("/confirm") {
            assert!(
                matches!(answer.status, 403 | 404),
                "the provider attests and confirms nothing"
            );
            continue;
        }
        assert_eq!(answer.status, 404, "{:?}: {}", case.route, answer.body);
    }
    let change = approver
        .api
        .get(&format!("/change-requests/{}", scene.change))
        .await
        .json();
    assert_eq!(change["state"], "planned", "nothing was decided");
}

#[tokio::test]
async fn a_restore_names_a_component_and_a_recovery_point_of_its_own_customer() {
    let scene = Scene::new().await;
    let (t, acme, globex) = (&scene.t, scene.t.acme(), scene.t.globex());
    let engineer = scene.api(Role::Engineer, acme);
    let points = engineer.get("/customers/acme/recovery-points").await.json();
    let point = points["items"][0]["id"].as_str().unwrap().to_owned();
    let ask = async |slug: &str, component: Value, point: Value| -> Answer {
        let body = json!({ "component_id": component, "recovery_point_id": point, "reason": "x" });
        engineer
            .post(&format!("/customers/{slug}/restore-requests"), &body)
            .await
    };
    let (ours, theirs, absent) = (acme.prod_pg.id.0, globex.prod_pg.id.0, Uuid::now_v7());

    let foreign = ask("acme", json!(theirs), Value::Null).await;
    assert_eq!(foreign.status, 404, "globex's component in acme's restore");
    assert_eq!(
        foreign.comparable(),
        ask("acme", json!(absent), Value::Null).await.comparable()
    );
    assert_eq!(
        ask("globex", json!(ours), json!(point)).await.status,
        404,
        "acme's component under globex"
    );
    let foreign = ask("globex", json!(theirs), json!(point)).await;
    assert_eq!(
        foreign.status, 422,
        "acme's recovery point in globex's restore: {}",
        foreign.body
    );
    assert_eq!(count(&engineer.get("/customers/globex/restore-requests").await), 0);
    assert_eq!(count(&engineer.get("/customers/acme/restore-requests").await), 1);

    let form = scene.portal.signed_in(Role::Engineer, globex).await;
    let page = form
        .get(&format!("/customers/globex/restores/new?from={ours}%2F{point}"))
        .await;
    assert_eq!(page.status, 200);
    assert!(
        !page.body.contains(&point) && !page.body.contains(&ours.to_string()),
        "{}",
        page.body
    );
    assert_eq!(t.restores_at_aws(acme).await, 0);
}

#[tokio::test]
async fn fields_that_the_api_does_not_have_are_refused() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let (asks, decides) = (
        scene.api(Role::CustomerRequester, acme),
        scene.api(Role::Approver, acme),
    );
    let digest = json!({ "plan_digest": "0".repeat(64) });
    let bodies = [
        (&asks, "/customers/acme/change-requests".to_owned(), new_change(&[])),
        (
            &asks,
            "/customers/acme/restore-requests".to_owned(),
            json!({ "component_id": acme.prod_pg.id.0 }),
        ),
        (
            &decides,
            format!("/change-requests/{}/approve", scene.change),
            digest.clone(),
        ),
        (
            &decides,
            format!("/change-requests/{}/reject", scene.change),
            json!({ "reason": "x" }),
        ),
        (&decides, format!("/restore-requests/{}/approve", scene.restore), digest),
        (
            &decides,
            format!("/restore-requests/{}/reject", scene.restore),
            json!({ "reason": "x" }),
        ),
    ];
    let more: [(&str, Value); 4] = [
        ("tenant_id", json!(TenantId::at(Timestamp::UNIX_EPOCH).0)),
        ("role", json!("admin")),
        ("approved_by", json!("me")),
        ("state", json!("approved")),
    ];
    for (api, path, body) in &bodies {
        for (field, value) in &more {
            let mut body = body.clone();
            body[field] = value.clone();
            let answer = api.post(path, &body).await;
            assert_eq!(answer.status, 422, "{path}, {field}: {}", answer.body);
        }
    }
    for (field, value) in &more {
        let mut body = new_change(&[]);
        body["fields"][field] = json!(value.to_string());
        let answer = asks.post("/customers/acme/change-requests", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["errors"][0]["field"]),
            (422, &json!(field))
        );
        let list = asks.get(&format!("/customers/acme/change-requests?{field}=x")).await;
        assert_eq!(list.status == 400, *field != "state", "{field}: {}", list.body);
    }
    assert_eq!(count(&asks.get("/customers/acme/change-requests").await), 2);
    assert_eq!(count(&asks.get("/customers/acme/restore-requests").await), 1);
    let change = asks.get(&format!("/change-requests/{}", scene.change)).await.json();
    assert_eq!(change["state"], "planned");
}
