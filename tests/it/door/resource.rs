//! A resource at AWS that another one replaced, and one that was made again after its component ended.

use domain::role::Role;
use serde_json::json;
use sqlx::Executor as _;
use testkit::{Portal, TestApp};

use super::new_change;
use crate::samples::connect;

#[tokio::test]
async fn an_engineer_says_which_resource_has_replaced_the_one_that_a_component_was() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    t.protect(acme).await;
    let path = format!("/customers/acme/components/{}", acme.prod_pg.id);
    let old = acme.prod_pg.aws.as_ref().unwrap().arn.clone();
    let new = old.replace(":db:prod-pg", ":db:prod-pg-restored");
    let engineer = portal.api(t.token(Role::Engineer, acme));
    let requester = portal.api(t.token(Role::CustomerRequester, acme));
    let read = engineer.get(&path).await;
    let tag = read.header("etag").to_owned();
    assert_eq!(read.json()["protection"]["state"], "protected");
    let stating = |arn: &str| json!({ "arn": arn });
    let refused = requester.patch(&path, &stating(&new), &[]).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    for (arn, why) in [
        ("prod-pg", "the ARN of a RDS instance is expected"),
        (
            "arn:aws:rds:eu-west-1:999922223333:db:prod-pg",
            "is not linked for this customer",
        ),
        (
            &old.replace("eu-west-1", "us-east-1"),
            "is not linked for this customer",
        ),
        ("", "give its ARN"),
    ] {
        let refused = engineer.patch(&path, &stating(arn), &[]).await;
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (refused.status, &error["field"]),
            (422, &json!("arn")),
            "{arn}: {}",
            refused.body
        );
        assert!(error["why"].as_str().unwrap().contains(why), "{error}");
    }

    let stated = engineer.patch(&path, &stating(&new), &[("if-match", &tag)]).await;
    assert_eq!(stated.status, 200, "{}", stated.body);
    let component = stated.json();
    assert_eq!(
        (&component["arn"], &component["mechanism"]),
        (&json!(new), &json!("native:rds"))
    );
    assert_eq!(
        component["protection"]["state"], "unknown",
        "the new one was never read"
    );
    let late = engineer.patch(&path, &stating(&old), &[("if-match", &tag)]).await;
    assert_eq!(late.status, 412);
    let audit = engineer.get("/customers/acme/audit").await.json();
    let replaced = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["action"] == "component.resource-replaced");
    let detail = &replaced.unwrap()["detail"];
    assert_eq!(
        (&detail["before"]["arn"], &detail["after"]["arn"]),
        (&json!(old), &json!(new))
    );
    t.run_jobs().await;
    let read = engineer.get(&path).await.json();
    assert_eq!(read["protection"]["state"], "unprotected", "it is not there: {read}");

    let admin = portal.signed_in(Role::Admin, acme).await;
    let page = admin.get(&format!("{path}/facts")).await.body;
    assert!(page.contains("prod-pg-restored"), "{page}");
    let of_customer = portal.signed_in(Role::CustomerRequester, acme).await;
    assert!(
        !of_customer
            .get(&format!("{path}/facts"))
            .await
            .body
            .contains("name=\"arn\"")
    );
    let revision = read["revision"].to_string();
    let back = admin
        .post(&format!("{path}/facts"), &[("revision", &revision), ("arn", &old)])
        .await;
    assert_eq!(back.status, 303, "{}", back.body);
    t.run_jobs().await;
    assert_eq!(engineer.get(&path).await.json()["protection"]["state"], "protected");
}

#[tokio::test]
async fn a_resource_that_was_made_again_is_another_component() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    t.protect(acme).await;
    let arn = &acme.prod_pg.aws.as_ref().unwrap().arn;
    let manager = portal.api(t.token(Role::AccountManager, acme));
    let document = format!("name,environment,kind,arn\nprod-pg-2,production,rds-instance,{arn}\n");
    let mut body = json!({ "format": "csv", "document": document, "signed_by": ["Ana"], "signed_on": "2026-05-01" });
    let shown = manager.post("/customers/acme/imports?dry_run=true", &body).await.json();
    assert!(
        shown["refused"][0]["why"]
            .as_str()
            .unwrap()
            .starts_with("prod-pg (production) has this ARN"),
        "{shown}"
    );
    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute("UPDATE component SET decommissioned_at = now() - interval '1 day' WHERE name = 'prod-pg'")
        .await
        .unwrap();
    let shown = manager.post("/customers/acme/imports?dry_run=true", &body).await.json();
    body["digest"] = shown["digest"].clone();
    assert_eq!(
        manager.post("/customers/acme/imports", &body).await.status,
        201,
        "{shown}"
    );

    let changed = [("component", "prod-pg-2")];
    let asked = portal.api(t.token(Role::CustomerRequester, acme));
    let asked = asked
        .post("/customers/acme/change-requests", &new_change(&changed))
        .await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    t.run_jobs().await;
    let points =
        |component: domain::id::ComponentId| format!("/customers/acme/recovery-points?component_id={component}");
    let of_new = manager.get(&points(t.component(acme, "prod-pg-2").await)).await.json();
    assert_ne!(of_new["items"], json!([]), "what is there now is the new one's");
    let of_old = manager.get(&points(acme.prod_pg.id)).await.json();
    assert_eq!(of_old["items"], json!([]), "nothing there was made before its end");
}
