//! What waits for somebody, and what no longer does: signatures, ends of contracts, customers that were offboarded.

use domain::acknowledgement::Statement;
use domain::id::HoldId;
use domain::role::Role;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::server::{Api, Browser};
use testkit::{Customer, TestApp};

use super::{Scene, count};
use crate::samples::connect;

async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

/// The customer, one of the list.
async fn customer(api: &Api, slug: &str) -> Value {
    let list = api.get(&format!("/customers?q={slug}")).await;
    assert_eq!(count(&list), 1, "{}", list.body);
    list.json()["items"][0].clone()
}

/// The contract of acme ends on that day from today, and notice is given so many days before.
async fn contract_ends(t: &TestApp, on: i32, notice_days: i32) {
    let mut owner = connect(&t.database.owner_url()).await;
    let sql = format!(
        "UPDATE tenant SET contract_until = current_date + {on} WHERE slug = 'acme';
         UPDATE contract_version SET body = jsonb_set(body, '{{notice_days}}', '{notice_days}')"
    );
    owner.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

fn today(t: &TestApp) -> Date {
    app::tenant::today(&t.cx, &t.acme().tenant)
}

/// It is announced, handed over and closed.
async fn offboard(t: &TestApp, customer: &Customer) {
    t.run_jobs().await;
    let (admin, id) = (t.actor(Role::Admin, customer).await, customer.tenant.id);
    app::lifecycle::announce(&t.cx, &admin, id, today(t), "They move on.")
        .await
        .unwrap();
    app::export::request(&t.cx, &admin, id, None).await.unwrap();
    t.run_jobs().await;
    app::lifecycle::end(&t.cx, &admin, id).await.unwrap();
}

#[tokio::test]
async fn nothing_waits_at_an_offboarded_customer_which_can_still_be_found() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let requester = t.actor(Role::CustomerRequester, acme).await;
    app::hold::ask_release(&t.cx, &requester, HoldId(scene.hold), "It is settled.")
        .await
        .unwrap();
    contract_ends(t, -3, 0).await;
    let approver = scene.portal.signed_in(Role::Approver, acme).await;
    let program = scene.api(Role::AccountManager, acme);
    let expiring = format!("/expiring?q=acme&until={}", today(t) + 500.days());
    let approvals = page(&approver, "/approvals").await;
    for waits in ["Restore prod-pg", "Release hold 1", "changes/2"] {
        assert!(approvals.contains(waits), "{waits}: {approvals}");
    }
    assert_eq!(count(&program.get(&expiring).await), 2, "the contract and a signature");
    assert_eq!(count(&program.get("/retention").await), 1);
    assert_eq!(count(&program.get("/customers?state=protected").await), 1);
    assert_eq!(
        customer(&program, "acme").await["waiting"]["contracts_past_last_day"],
        1
    );

    offboard(t, acme).await;
    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute(
            "UPDATE reconcile_scope s SET observed_at = now() + CASE slug WHEN 'acme' THEN interval '-3 days' ELSE interval '1 hour' END
             FROM tenant t WHERE t.tenant_id = s.tenant_id;
             UPDATE tenant_summary SET read_first = now() - interval '3 days', read_last = now() - interval '3 days'",
        )
        .await
        .unwrap();
    let approvals = page(&approver, "/approvals").await;
    assert!(approvals.contains("Nothing waits for a decision"), "{approvals}");
    assert_eq!(count(&program.get(&expiring).await), 0);
    assert_eq!(count(&program.get("/retention").await), 0);
    let fleet = page(&approver, "/").await;
    assert!(
        fleet.contains("Nothing is in scope yet") && fleet.contains("Offboarded"),
        "{fleet}"
    );
    for gone in ["too old", "to decide\"", "to confirm", "past its last day"] {
        assert!(!fleet.contains(gone), "{gone}: {fleet}");
    }
    let row = r#"class="title" href="/customers/acme""#;
    let globex = fleet.find(r#"class="title" href="/customers/globex""#).unwrap();
    assert!(fleet.find(row).unwrap() > globex, "it comes last: {fleet}");
    for (state, found) in [("needy", false), ("unknown", false), ("suspended", true)] {
        let fleet = page(&approver, &format!("/?state={state}")).await;
        assert_eq!(fleet.contains(row), found, "{state}: {fleet}");
        let list = program.get(&format!("/customers?state={state}&q=acme")).await;
        assert_eq!(count(&list), usize::from(found), "{state}: {}", list.body);
    }
    let waiting = customer(&program, "acme").await["waiting"].clone();
    let numbers = waiting.as_object().unwrap();
    assert!(numbers.values().all(|number| number == 0), "{waiting}");
    for own in [
        "",
        "/contract",
        "/restores/1",
        "/holds/1",
        "/decisions",
        "/decommissions",
    ] {
        page(&approver, &format!("/customers/acme{own}")).await;
    }
}

#[tokio::test]
async fn an_unlinked_account_has_no_reading_that_could_be_too_old() {
    let scene = Scene::new().await;
    let mut owner = connect(&scene.t.database.owner_url()).await;
    let program = scene.api(Role::Engineer, scene.t.acme());
    owner
        .execute("UPDATE reconcile_scope SET observed_at = now() - interval '3 days'")
        .await
        .unwrap();
    assert_eq!(customer(&program, "acme").await["waiting"]["readings_too_old"], 1);
    owner
        .execute("UPDATE reconcile_scope SET problem = 'AWS denies it.'")
        .await
        .unwrap();
    assert_eq!(customer(&program, "acme").await["waiting"]["accounts_unreadable"], 1);
    owner
        .execute("UPDATE aws_account SET unlinked_at = now()")
        .await
        .unwrap();
    let waiting = customer(&program, "acme").await["waiting"].clone();
    assert_eq!(
        (&waiting["readings_too_old"], &waiting["accounts_unreadable"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_signature_that_is_taken_back_is_owed_again_whatever_was_signed_before() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let program = scene.api(Role::CustomerApprover, acme);
    let path = "/customers/acme/acknowledgements";
    let duties = async || {
        let list = program.get(path).await.json();
        let owed = list["owed"].as_array().unwrap();
        let duties = owed.iter().find(|one| one["kind"] == "duties").unwrap();
        (duties["state"].clone(), duties["until"].is_null())
    };
    let expiring = format!("/expiring?kind=acknowledgement&until={}", today(t) + 500.days());
    let manager = scene.api(Role::AccountManager, acme);
    let unsigned = async || customer(&manager, "acme").await["waiting"]["statements_to_be_signed"].clone();
    assert_eq!((duties().await, unsigned().await), ((json!("signed"), false), json!(2)));

    let sign = json!({ "kind": "duties", "text_version": Statement::Duties.version("") });
    let renewed = program.post(path, &sign).await;
    assert_eq!(renewed.status, 201, "{}", renewed.body);
    assert_eq!(count(&manager.get(&expiring).await), 1);
    let withdraw = format!("{path}/{}/withdraw", renewed.json()["id"].as_str().unwrap());
    assert_eq!(program.post(&withdraw, &Value::Null).await.status, 200);
    assert_eq!((duties().await, unsigned().await), ((json!("missing"), true), json!(3)));
    assert_eq!(
        count(&manager.get(&expiring).await),
        0,
        "the one before does not come back"
    );
    let browser = scene.portal.signed_in(Role::Engineer, acme).await;
    let fleet = page(&browser, "/").await;
    assert!(fleet.contains("3 statements to be signed"), "{fleet}");
    assert!(
        page(&browser, "/customers/acme")
            .await
            .contains("3 acknowledgements are missing")
    );

    assert_eq!(program.post(path, &sign).await.status, 201);
    assert_eq!(duties().await, (json!("signed"), false), "it is signed anew");
    let first = format!("{path}/{}/withdraw", scene.acknowledgement);
    assert_eq!(program.post(&first, &Value::Null).await.status, 200);
    assert_eq!(duties().await, (json!("signed"), false), "the last one decides");
}

#[tokio::test]
async fn a_contract_is_listed_from_the_last_day_on_which_notice_can_be_given() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let manager = scene.api(Role::AccountManager, acme);
    let browser = scene.portal.signed_in(Role::AccountManager, acme).await;
    let list = "/expiring?kind=contract";
    contract_ends(t, 400, 0).await;
    assert_eq!(count(&manager.get(list).await), 0);
    contract_ends(t, 400, 390).await;
    let listed = manager.get(list).await.json();
    let contract = &listed["items"][0];
    let day = |field: &str| contract[field].as_str().unwrap().parse::<Date>().unwrap();
    let (notice, ends) = (day("notice_by"), day("ends_on"));
    assert_eq!(
        (notice + 390.days(), &contract["over"]),
        (ends, &json!(false)),
        "{listed}"
    );
    let said = |day: Date| day.strftime("%-d %b %Y").to_string();
    let shown = page(&browser, list).await;
    assert!(
        shown.contains(&said(ends)) && shown.contains(&format!("notice until {}", said(notice))),
        "{shown}"
    );
    assert!(shown.contains("give notice in time"), "{shown}");
    let csv = page(&browser, &format!("{list}&format=csv")).await;
    assert!(
        csv.contains(&format!("\"{ends}\"")) && csv.contains(&format!("\"{notice}\"")),
        "{csv}"
    );
    let all = manager.get("/expiring").await.json();
    assert_eq!(
        all["items"][0]["kind"], "contract",
        "the earlier of its days counts: {all}"
    );

    contract_ends(t, 100, 150).await;
    let shown = page(&browser, list).await;
    assert!(
        shown.contains("Too late for notice") && !shown.contains("in time"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_ends_is_searched_by_customer_and_filtered_by_kind() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    contract_ends(t, 20, 0).await;
    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute(
            "UPDATE tenant SET contract_until = current_date + 30 WHERE slug = 'globex';
             UPDATE api_token SET expires_at = now() + interval '10 days'
             WHERE user_id IN (SELECT user_id FROM role_grant WHERE tenant_id IS NULL)",
        )
        .await
        .unwrap();
    let manager = scene.api(Role::AccountManager, acme);
    let browser = scene.portal.signed_in(Role::AccountManager, acme).await;
    let names = async |query: &str| {
        let listed = manager.get(&format!("/expiring?{query}")).await.json();
        let items = listed["items"].as_array().unwrap().clone();
        let name = |one: &Value| one["customer"].as_str().map(str::to_owned);
        let mut names: Vec<_> = items.iter().map(name).collect();
        names.dedup();
        names
    };
    let named = |slug: &str| vec![Some(slug.to_owned())];
    assert_eq!(names("q=ACM&kind=contract").await, named("acme"));
    assert_eq!(
        names("q=globex").await,
        named("globex"),
        "what is the provider's has no customer"
    );
    assert_eq!(names("q=nobody").await, Vec::<Option<String>>::new());
    assert!(names("").await.contains(&None), "an API token of the provider's");

    let shown = page(&browser, "/expiring?q=globex&kind=contract").await;
    assert!(shown.contains("/customers/globex/contract\"") && !shown.contains("/customers/acme/contract\""));
    assert!(
        shown.contains("value=\"globex\"") && shown.contains("q=globex&#38;kind=contract&#38;format=csv"),
        "{shown}"
    );
    let csv = page(&browser, "/expiring?q=globex&kind=contract&format=csv").await;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    let refused = browser.get("/expiring?kind=everything").await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("out-decision"), "{}", refused.body);
    assert_eq!(manager.get("/expiring?kind=everything").await.status, 400);
}

#[tokio::test]
async fn the_api_lists_customers_by_what_they_need_with_what_waits_there() {
    let scene = Scene::new().await;
    let program = scene.api(Role::Engineer, scene.t.acme());
    let acme = customer(&program, "acme").await;
    let waiting = &acme["waiting"];
    for (what, many) in [
        ("restores_to_decide", 1),
        ("changes_to_decide", 1),
        ("decommissionings_to_confirm", 1),
        ("statements_to_be_signed", 2),
        ("changes_failed_this_week", 0),
    ] {
        assert_eq!(waiting[what], many, "{what}: {acme}");
    }
    assert_eq!(program.get("/customers/acme").await.json(), acme);
    assert_eq!(count(&program.get("/customers?state=needy").await), 2);
    let protected = program.get("/customers?state=protected").await.json();
    assert_eq!(protected["items"], json!([acme]));
    assert_eq!(count(&program.get("/customers?state=suspended").await), 0);
    assert_eq!(program.get("/customers?state=fine").await.status, 400);
}
