//! The end of a component, through the door: a last backup seen, four eyes, and nothing deleted at AWS.

use app::sow::LineFilter;
use domain::role::Role;
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::server::{Answer, Api};
use testkit::{Portal, TestApp};

use crate::samples::connect;

fn wish(final_backup: &str) -> Value {
    json!({ "reason": "It moved.", "final_backup": final_backup, "recovery_points": "keep-until", "keep_until": "2099-01-31" })
}

struct Ending {
    t: TestApp,
    portal: Portal,
    path: String,
}

impl Ending {
    /// Of `prod-pg` at acme, which is protected.
    async fn new() -> Self {
        let t = TestApp::new().await;
        let portal = Portal::start(&t).await;
        t.protect(t.acme()).await;
        let path = format!("/customers/acme/components/{}/decommission", t.acme().prod_pg.id);
        Self { t, portal, path }
    }

    fn api(&self, role: Role) -> Api {
        self.portal.api(self.t.token(role, self.t.acme()))
    }

    async fn ask(&self, role: Role, final_backup: &str) -> Answer {
        self.api(role).post(&self.path, &wish(final_backup)).await
    }

    async fn confirm(&self, role: Role, typed: &str) -> Answer {
        let path = format!("{}/confirm", self.path);
        self.api(role).post(&path, &json!({ "confirm": typed })).await
    }

    /// Both sides confirm.
    async fn confirm_all(&self) -> Answer {
        let first = self.confirm(Role::CustomerApprover, "prod-pg").await;
        assert_eq!(
            (first.status, &first.json()["state"]),
            (200, &json!("asked")),
            "{}",
            first.body
        );
        self.confirm(Role::Approver, "prod-pg").await
    }
}

fn detail(answer: &Answer) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn it_waits_for_the_last_backup_then_ends_and_stays_readable() {
    let ending = Ending::new().await;
    let (t, viewer) = (&ending.t, ending.api(Role::CustomerViewer));
    let changes = t.effects(t.acme(), "ModifyDBInstance").await.len();
    assert_eq!(ending.ask(Role::CustomerRequester, "awaited").await.status, 201);
    let early = ending.confirm(Role::CustomerApprover, "prod-pg").await;
    assert_eq!(early.status, 409);
    assert!(
        detail(&early).contains("no recovery point newer than the asking"),
        "{}",
        early.body
    );

    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute("UPDATE recovery_point SET at = now() + interval '1 minute' WHERE granularity = 'continuous'")
        .await
        .unwrap();
    let mistyped = ending.confirm(Role::CustomerApprover, "prod").await;
    assert_eq!(
        (mistyped.status, detail(&mistyped).contains("not the component's")),
        (409, true)
    );
    let done = ending.confirm_all().await;
    assert_eq!(
        (done.status, &done.json()["sow_version"]),
        (200, &json!(2)),
        "{}",
        done.body
    );
    assert!(done.json()["final_recovery_point_id"].is_string());
    assert_eq!(done.json()["hold"], 1);
    let holds = viewer.get("/customers/acme/recovery-point-holds").await.json();
    let hold = &holds["items"][0];
    assert_eq!(
        (&hold["until"], &hold["state"], hold["recovery_point"].is_null()),
        (&json!("2099-01-31"), &json!("standing"), true),
        "{holds}"
    );
    assert!(
        hold["reason"].as_str().unwrap().contains("prod-pg was decommissioned"),
        "{holds}"
    );

    assert_eq!(
        viewer.get("/customers/acme/components").await.json()["items"],
        json!([])
    );
    assert_eq!(viewer.get("/customers/acme/sow").await.json()["items"], json!([]));
    let actor = t.actor(Role::CustomerViewer, t.acme()).await;
    let everything = LineFilter::default();
    let before = app::sow::batch(&t.cx, &actor, t.acme().tenant.id, 1, false, &everything, None)
        .await
        .unwrap();
    assert_eq!(before[0].item.component.name, "prod-pg", "the old version still has it");
    assert_ne!(
        viewer.get("/customers/acme/recovery-points").await.json()["items"],
        json!([])
    );
    let asked = json!({ "component_id": t.acme().prod_pg.id.0, "urgency": "critical", "reason": "x" });
    let restore = ending
        .api(Role::CustomerRequester)
        .post("/customers/acme/restore-requests", &asked)
        .await;
    assert_eq!(restore.status, 201, "its points can be restored: {}", restore.body);
    let change = json!({ "fields": testkit::github::answers(&[]) });
    let refused = ending
        .api(Role::CustomerRequester)
        .post("/customers/acme/change-requests", &change)
        .await;
    assert_eq!(
        (refused.status, refused.body.contains("decommissioned")),
        (422, true),
        "{}",
        refused.body
    );
    t.run_jobs().await;
    assert_eq!(
        t.effects(t.acme(), "ModifyDBInstance").await.len(),
        changes,
        "nothing was changed at AWS"
    );
    assert_eq!(t.effects(t.acme(), "DeleteDBInstance").await.len(), 0);

    let browser = ending.portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let page = browser.get(&ending.path).await;
    assert!(
        page.body.contains("Confirmed by")
            && page.body.contains("/customers/acme/holds/1\"")
            && page.body.contains("No mechanism enforces a hold yet"),
        "{}",
        page.body
    );
    let list = browser.get("/customers/acme/decommissions?state=decommissioned").await;
    assert!(list.body.contains("prod-pg"));
    let ends = "/customers/acme/decommissions";
    let listed = viewer.get(ends).await.json();
    let one = viewer.get(&ending.path).await.json();
    assert_eq!(listed, json!({ "items": [one], "next": null }));
    let waiting = viewer.get(&format!("{ends}?state=asked")).await.json();
    assert_eq!(waiting["items"], json!([]));
}

#[tokio::test]
async fn nobody_confirms_what_they_asked_for_and_it_can_be_taken_back() {
    let ending = Ending::new().await;
    let own = ending.ask(Role::CustomerApprover, "none").await;
    assert_eq!((own.status, own.header("etag")), (201, "\"1\""), "{}", own.body);
    assert_eq!(
        ending.ask(Role::CustomerRequester, "none").await.status,
        409,
        "asked already"
    );
    let refused = ending.confirm(Role::CustomerApprover, "prod-pg").await;
    assert_eq!(
        (refused.status, detail(&refused).contains("Nobody confirms")),
        (409, true),
        "{}",
        refused.body
    );
    let withdraw = format!("{}/withdraw", ending.path);
    let requester = ending.api(Role::CustomerRequester);
    let stale = requester
        .post_with(&withdraw, &Value::Null, &[("if-match", "\"7\"")])
        .await;
    assert_eq!(stale.status, 412);
    assert_eq!(
        requester.post(&withdraw, &Value::Null).await.json()["state"],
        "withdrawn"
    );
    assert_eq!(
        requester.get("/customers/acme/sow").await.json()["version"],
        1,
        "the component stays as it is"
    );
    assert_eq!(
        ending.ask(Role::CustomerRequester, "none").await.status,
        201,
        "it can be asked for anew"
    );
}

#[tokio::test]
async fn what_goes_out_of_scope_by_it_needs_the_providers_approver_as_well() {
    let ending = Ending::new().await;
    let (t, acme) = (&ending.t, ending.t.acme());
    let asked = ending.ask(Role::Approver, "none").await.json();
    assert_eq!(asked["outstanding"], json!(["customer", "provider"]), "{asked}");
    let own = ending.confirm(Role::Approver, "prod-pg").await;
    assert_eq!(
        (own.status, detail(&own).contains("Nobody confirms")),
        (409, true),
        "{}",
        own.body
    );
    let withdraw = format!("{}/withdraw", ending.path);
    ending.api(Role::Approver).post(&withdraw, &Value::Null).await;

    assert_eq!(ending.ask(Role::CustomerRequester, "none").await.status, 201);
    let first = ending.confirm(Role::CustomerApprover, "prod-pg").await;
    let said = first.json();
    assert_eq!(
        (&said["state"], &said["outstanding"], &said["confirmed_by"]),
        (&json!("asked"), &json!(["provider"]), &Value::Null),
        "{said}"
    );
    let customer = testkit::app::email(Role::CustomerApprover, Some(acme.tenant.id));
    assert_eq!(
        (&said["confirmations"][0]["side"], &said["confirmations"][0]["by"]),
        (&json!("customer"), &json!(customer)),
        "{said}"
    );
    let viewer = ending.api(Role::CustomerViewer);
    assert_eq!(
        viewer.get("/customers/acme/sow").await.json()["version"],
        1,
        "the component stays until the provider has confirmed"
    );
    let listed = viewer.get("/customers/acme/decommissions?state=asked").await.json();
    assert_eq!(listed["items"][0], said);
    let again = ending.confirm(Role::CustomerApprover, "prod-pg").await;
    assert_eq!(
        (
            again.status,
            detail(&again).contains("the other side needs another person")
        ),
        (409, true),
        "{}",
        again.body
    );
    assert_eq!(
        ending.confirm(Role::Engineer, "prod-pg").await.status,
        403,
        "for the provider only the role approver may"
    );
    let page = ending.portal.signed_in(Role::Approver, acme).await;
    let shown = page.get(&ending.path).await.body;
    assert!(
        shown.contains(&format!("{customer}, for the customer")) && shown.contains("somebody for the provider"),
        "{shown}"
    );
    let confirmed = page
        .post(&format!("{}/confirm", ending.path), &[("confirm", "prod-pg")])
        .await;
    assert_eq!(confirmed.status, 303, "{}", confirmed.body);

    let provider = testkit::app::email(Role::Approver, None);
    let done = viewer.get(&ending.path).await.json();
    assert_eq!(
        (&done["state"], &done["confirmed_by"], &done["outstanding"]),
        (
            &json!("decommissioned"),
            &json!(format!("{customer}, {provider}")),
            &json!([])
        ),
        "{done}"
    );
    let sow = viewer.get("/customers/acme/sow").await.json();
    assert_eq!(
        (&sow["version"], &sow["approved_by"]),
        (&json!(2), &json!([customer, provider])),
        "{sow}"
    );
    let auditor = t.actor(Role::Auditor, acme).await;
    let events = app::audit::list(&t.cx, &auditor, acme.tenant.id, None).await.unwrap();
    let confirmed = events
        .items
        .iter()
        .filter(|event| event.action == "component.decommission-confirmed");
    let sides: Vec<_> = confirmed.map(|event| event.detail["side"].clone()).collect();
    assert_eq!(sides, ["provider", "customer"], "the newest first");
}

#[tokio::test]
async fn what_is_not_in_scope_the_customer_ends_alone() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let globex = t.globex();
    let path = format!("/customers/globex/components/{}/decommission", globex.prod_pg.id);
    let gone = json!({ "reason": "It moved.", "final_backup": "none", "recovery_points": "expire" });
    let asked = portal
        .api(t.token(Role::CustomerRequester, globex))
        .post(&path, &gone)
        .await;
    assert_eq!(asked.json()["outstanding"], json!(["customer"]), "{}", asked.body);
    let confirm = async |role: Role| {
        portal
            .api(t.token(role, globex))
            .post(&format!("{path}/confirm"), &json!({ "confirm": "prod-pg" }))
            .await
    };
    let provider = confirm(Role::Approver).await;
    assert_eq!(
        (
            provider.status,
            detail(&provider).contains("only an approver of the customer")
        ),
        (409, true),
        "{}",
        provider.body
    );
    let done = confirm(Role::CustomerApprover).await.json();
    assert_eq!(
        (&done["state"], &done["sow_version"]),
        (&json!("decommissioned"), &Value::Null),
        "{done}"
    );
}

#[tokio::test]
async fn a_hold_is_said_before_the_end_is_confirmed_and_outlives_it() {
    let ending = Ending::new().await;
    let acme = ending.t.acme();
    let asked = json!({ "component_id": acme.prod_pg.id.0, "reason": "The figures are disputed." });
    let api = ending.api(Role::CustomerRequester);
    let held = api.post("/customers/acme/recovery-point-holds", &asked).await;
    assert_eq!(held.status, 201, "{}", held.body);
    let gone = json!({ "reason": "It moved.", "final_backup": "none", "recovery_points": "expire" });
    assert_eq!(api.post(&ending.path, &gone).await.status, 201);
    let approver = ending.portal.signed_in(Role::CustomerApprover, acme).await;
    let page = approver.get(&ending.path).await.body;
    assert!(
        page.contains("under hold") && page.contains("/customers/acme/holds/1\""),
        "{page}"
    );
    let done = ending.confirm_all().await;
    assert_eq!(
        (done.status, &done.json()["hold"]),
        (200, &Value::Null),
        "{}",
        done.body
    );
    let holds = api.get("/customers/acme/recovery-point-holds?stands=true").await.json();
    assert_eq!(
        holds["items"].as_array().unwrap().len(),
        1,
        "nothing to keep, nothing released"
    );
}

#[tokio::test]
async fn what_is_open_keeps_it_and_is_named() {
    let ending = Ending::new().await;
    let t = &ending.t;
    let moved = testkit::github::answers(&[("retention", "40 days")]);
    t.file_and_plan(t.acme(), &moved).await;
    t.ask_restore(t.acme()).await;
    let refused = ending.ask(Role::CustomerRequester, "none").await;
    assert_eq!(refused.status, 409);
    assert!(detail(&refused).contains("change 2 and restore 1"), "{}", refused.body);
    let wrong =
        json!({ "reason": "", "final_backup": "soon", "recovery_points": "keep-until", "keep_until": "2020-01-01" });
    let problems = ending.api(Role::CustomerRequester).post(&ending.path, &wrong).await;
    let problems = problems.json();
    let fields: Vec<&str> = problems["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["reason", "final_backup", "keep_until"]);
}

#[tokio::test]
async fn nothing_is_to_be_kept_beyond_the_contracts_greatest_retention() {
    let ending = Ending::new().await;
    let manager = ending.api(Role::AccountManager);
    let standing = manager.get("/customers/acme/contract").await.json();
    let mut agreement = standing["agreement"].clone();
    agreement["retention_maximum_days"] = json!(400);
    agreement["regulation"] = json!("Data protection");
    let body = json!({ "agreement": agreement });
    let made = manager.put("/customers/acme/contract", &body, &[]).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let refused = ending.ask(Role::CustomerRequester, "none").await;
    let problem = &refused.json()["errors"][0];
    assert_eq!(
        (refused.status, &problem["field"], &problem["given"]),
        (422, &json!("keep_until"), &json!("2099-01-31")),
        "{}",
        refused.body
    );
    let why = problem["why"].as_str().unwrap();
    assert!(
        why.contains("no backup is kept for more than 400 days") && why.contains("Data protection"),
        "{why}"
    );
}

#[tokio::test]
async fn nobody_waits_for_a_backup_that_no_mechanism_makes() {
    let ending = Ending::new().await;
    let (t, acme) = (&ending.t, ending.t.acme());
    let mut owner = connect(&t.database.owner_url()).await;
    owner
        .execute(
            "UPDATE scope_item SET mechanism = 'none', reason = 'No mechanism serves it yet.'; DELETE FROM observation",
        )
        .await
        .unwrap();
    let refused = ending.ask(Role::CustomerRequester, "awaited").await;
    let problem = &refused.json()["errors"][0];
    let why = problem["why"].as_str().unwrap_or_default();
    assert_eq!(
        (refused.status, &problem["field"]),
        (422, &json!("final_backup")),
        "{}",
        refused.body
    );
    assert!(
        why.contains("in vain. No mechanism serves it yet. Choose one that exists, or none."),
        "{why}"
    );
    let browser = ending.portal.signed_in(Role::CustomerRequester, acme).await;
    let form = browser.get(&ending.path).await.body;
    assert!(
        form.contains("in vain") && !form.contains("value=\"awaited\""),
        "{form}"
    );
    assert_eq!(ending.ask(Role::CustomerRequester, "none").await.status, 201);
}
