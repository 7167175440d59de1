//! Notes, policies, expiry and holds, as people and programs meet them.

use domain::role::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Portal, TestApp};

use super::{Scene, new_change};

/// Asks for a change of `prod-pg`, and gives it once it is planned.
async fn planned(t: &TestApp, portal: &Portal, changed: &[(&str, &str)]) -> Value {
    let acme = t.acme();
    let asks = portal.api(t.token(Role::CustomerRequester, acme));
    let made = asks.post("/customers/acme/change-requests", &new_change(changed)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    t.run_jobs().await;
    asks.get(&format!("/change-requests/{}", made.json()["id"].as_str().unwrap()))
        .await
        .json()
}

async fn apply(t: &TestApp, portal: &Portal, change: &Value) {
    let approves = portal.api(t.token(Role::Approver, t.acme()));
    let path = format!("/change-requests/{}/approve", change["id"].as_str().unwrap());
    let digest = json!({ "plan_digest": change["plan"]["digest"] });
    assert_eq!(approves.post(&path, &digest).await.status, 200);
    t.run_jobs().await;
}

#[tokio::test]
async fn a_line_that_is_not_its_tiers_says_so_and_keeps_its_note() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::CustomerViewer, t.acme()));
    let note = "RPO 24 h until binlogs <b>stream</b>";
    let terms = [("tier", "Tier 2"), ("retention", "14 days"), ("further_needs", note)];
    let change = planned(&t, &portal, &terms).await;
    let browser = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let page = browser
        .get(&format!("/customers/acme/changes/{}", change["number"]))
        .await;
    assert!(page.body.contains("the objective of 1 h is not met"), "{}", page.body);
    apply(&t, &portal, &change).await;

    let item = api.get("/customers/acme/sow").await.json()["items"][0].clone();
    assert_eq!(item["note"], note);
    let deviations = item["deviations"].as_array().unwrap();
    let said: Vec<_> = deviations
        .iter()
        .map(|one| (one["field"].as_str().unwrap(), one["direction"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("retention_days", "short"), ("schedule", "short")]);
    let component = format!("/customers/acme/components/{}", t.acme().prod_pg.id);
    for path in ["/customers/acme/scope", &component] {
        let page = browser.get(path).await.body;
        let told = page.contains("RPO 24 h until binlogs &#60;b&#62;stream") && page.contains("16 days less");
        assert!(told, "{path}: {page}");
    }

    // It stays while it explains what is still so, and goes with it.
    let again = [("tier", "Tier 2"), ("retention", "20 days")];
    apply(&t, &portal, &planned(&t, &portal, &again).await).await;
    assert_eq!(api.get("/customers/acme/sow").await.json()["items"][0]["note"], note);
    let as_the_tier = [
        ("retention", "tier default"),
        ("frequency", "Tier default"),
        ("schedule", ""),
    ];
    apply(&t, &portal, &planned(&t, &portal, &as_the_tier).await).await;
    let item = api.get("/customers/acme/sow").await.json()["items"][0].clone();
    assert_eq!((&item["note"], &item["deviations"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_recovery_point_says_when_it_goes_and_a_hold_on_it_never_claims_to_keep_it() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let acme = t.acme();
    t.protect(acme).await;
    let (asks, viewer) = (
        portal.api(t.token(Role::CustomerRequester, acme)),
        portal.signed_in(Role::CustomerRequester, acme).await,
    );
    let points = asks
        .get("/customers/acme/recovery-points?granularity=snapshot")
        .await
        .json();
    let point = &points["items"][0];
    assert!(point["provider_id"].as_str().unwrap().starts_with("rds:"), "{point}");
    let at = |field: &str| point[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(at("expires_at") - SignedDuration::from_hours(35 * 24), at("at"));
    assert_eq!((&point["expiry"], &point["holds"]), (&json!("dated"), &json!([])));
    let continuous = asks
        .get("/customers/acme/recovery-points?granularity=continuous")
        .await
        .json();
    assert_eq!(continuous["items"][0]["expiry"], "rolling");

    let hold = json!({ "recovery_point_id": point["id"], "case": "Dispute 2026/17", "reason": "a court asked" });
    let made = asks.post("/customers/acme/recovery-point-holds", &hold).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(
        (&made.json()["state"], &made.json()["enforced"]),
        (&json!("standing"), &json!(false))
    );
    let held = asks.get("/customers/acme/recovery-points?held=true").await.json();
    assert_eq!(
        (held["items"].as_array().unwrap().len(), &held["items"][0]["holds"]),
        (1, &json!([1]))
    );
    let component = format!("/customers/acme/components/{}", acme.prod_pg.id);
    for path in ["/customers/acme/recovery-points?show=held", &component] {
        let page = viewer.get(path).await.body;
        assert!(
            page.contains("asked for, not enforced: no mechanism yet"),
            "{path}: {page}"
        );
    }
    let page = viewer.get("/customers/acme/holds/1").await.body;
    assert!(page.contains("Asked for, not enforced"), "{page}");
    let csv = viewer.get("/customers/acme/recovery-points?format=csv").await.body;
    assert_eq!(csv.lines().count(), 1 + 2, "all of them: {csv}");

    let everything = json!({ "reason": "x" });
    let refused = asks.post("/customers/acme/recovery-point-holds", &everything).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["field"]),
        (422, &json!("case"))
    );

    let restore = json!({ "component_id": acme.prod_pg.id.0, "recovery_point_id": point["id"], "reason": "x" });
    let restore = asks.post("/customers/acme/restore-requests", &restore).await.json();
    let warned = restore["plan"]["findings"].to_string();
    assert!(
        warned.contains("under hold 1, which no mechanism enforces yet"),
        "{warned}"
    );

    let shorter = planned(&t, &portal, &[("retention", "7 days")]).await;
    let findings = shorter["plan"]["findings"].to_string();
    assert!(findings.contains(point["provider_id"].as_str().unwrap()), "{findings}");
    assert_eq!(shorter["plan"]["gives_up"], json!(["prod-pg"]));
}

#[tokio::test]
async fn it_takes_one_person_of_each_side_to_release_a_hold() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let of = |role| scene.api(role, acme);
    let path = format!("/recovery-point-holds/{}", scene.hold);
    let settled = json!({ "reason": "settled" });
    let release = format!("{path}/release");
    assert_eq!(
        of(Role::Approver).post(&release, &Value::Null).await.status,
        409,
        "nobody asked"
    );
    let seen = of(Role::CustomerRequester).get(&path).await;
    let tag = [("if-match", seen.header("etag"))];
    let asked = of(Role::CustomerRequester)
        .post_with(&format!("{path}/ask-release"), &settled, &tag)
        .await;
    assert_eq!(asked.json()["state"], "release-asked", "{}", asked.body);
    let stale = of(Role::Approver).post_with(&release, &Value::Null, &tag).await;
    assert_eq!(stale.status, 412, "it is not what was read");
    let same_side = of(Role::CustomerApprover).post(&release, &Value::Null).await;
    assert_eq!(same_side.status, 409, "{}", same_side.body);
    assert_eq!(of(Role::Engineer).post(&release, &Value::Null).await.status, 403);
    let released = of(Role::Approver).post(&release, &Value::Null).await.json();
    assert_eq!(
        (
            &released["state"],
            &released["release"]["asked"]["side"],
            &released["released"]["side"]
        ),
        (&json!("released"), &json!("customer"), &json!("provider"))
    );
    let points = of(Role::CustomerViewer)
        .get("/customers/acme/recovery-points?held=true")
        .await;
    assert_eq!(points.json()["items"], json!([]));
    let page = scene
        .portal
        .signed_in(Role::CustomerViewer, acme)
        .await
        .get("/customers/acme/holds/1")
        .await
        .body;
    assert!(page.contains("Released by the other side") && !page.contains("Confirm the release"));
}

#[tokio::test]
async fn a_policy_fills_the_form_in_for_the_kinds_that_it_fits_and_changes_nothing_by_itself() {
    let scene = Scene::new().await;
    let (acme, policy) = (scene.t.acme(), scene.policy);
    let requester = scene.portal.signed_in(Role::CustomerRequester, acme).await;
    let form = "/customers/acme/changes/new?component=prod-pg&environment=production";
    let offered = requester.get(form).await.body;
    assert!(offered.contains("Bookings") && offered.contains("RDS: 35 days") && !offered.contains("ElastiCache: off"));
    let filled = requester.get(&format!("{form}&policy={policy}")).await.body;
    assert!(
        filled.contains(r#"name="retention" value="35 days""#) && filled.contains(r#"value="prod-pg""#),
        "{filled}"
    );
    let preset = requester.get(&format!("{form}&policy=tier-2")).await.body;
    assert!(
        preset.contains("<option selected>Tier 2</option>")
            && preset.contains("<option selected>Tier default</option>")
    );

    let approver = scene.api(Role::Approver, acme);
    let sow = approver.get("/customers/acme/sow").await.json();
    let path = format!("/policies/{policy}");
    let tag = approver.get(&path).await.header("etag").to_owned();
    let body = |days: &str| json!({ "name": "Bookings", "fields": { "retention": days, "frequency": "Daily" } });
    let changed = approver.put(&path, &body("30 days"), &[("if-match", &tag)]).await;
    assert_eq!(
        (changed.status, &changed.json()["fields"]["retention"]),
        (200, &json!("30 days"))
    );
    let late = approver.put(&path, &body("7 days"), &[("if-match", &tag)]).await;
    let errors =
        json!([{ "field": "retention", "given": "30 days", "why": "by now it is “30 days”; you wrote “7 days”" }]);
    assert_eq!((late.status, &late.json()["errors"]), (412, &errors));
    let refused = approver.put(&path, &body("for ever"), &[]).await;
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["field"]),
        (422, &json!("retention"))
    );
    assert_eq!(
        approver.get("/customers/acme/sow").await.json()["items"],
        sow["items"],
        "no line changed"
    );

    // The second editor sees both values, and what was typed is not lost.
    let admin = scene.portal.signed_in(Role::Admin, acme).await;
    let once = uuid::Uuid::new_v4().to_string();
    let typed = [
        ("once", once.as_str()),
        ("revision", "1"),
        ("name", "Bookings"),
        ("retention", "14 days"),
        ("frequency", "Daily"),
    ];
    let overtaken = admin.post(&format!("/settings/policies/{policy}"), &typed).await;
    assert_eq!(overtaken.status, 412);
    assert!(
        overtaken
            .body
            .contains("Retention: <bdi>by now it is “30 days”; you wrote “14 days”</bdi>")
    );
    assert!(overtaken.body.contains(r#"name="retention" value="14 days""#));

    let taken = approver.post("/policies", &body("30 days")).await;
    assert_eq!(
        (taken.status, &taken.json()["errors"][0]["field"]),
        (422, &json!("name"))
    );
    assert_eq!(approver.post(&format!("{path}/retire"), &Value::Null).await.status, 200);
    assert!(!requester.get(form).await.body.contains("Bookings"));
    assert_eq!(
        approver.post("/policies", &body("30 days")).await.status,
        201,
        "the name is free again"
    );
    let revisions = admin.get(&format!("/settings/policies/{policy}")).await.body;
    assert!(revisions.contains("1, made") && revisions.contains("2, changed") && revisions.contains("3, retired"));
}

#[tokio::test]
async fn what_goes_out_of_scope_has_a_reason_and_a_note_goes_by_a_line_of_the_plan() {
    let t = TestApp::new().await;
    let (portal, acme) = (Portal::start(&t).await, t.acme());
    let requester = portal.api(t.token(Role::CustomerRequester, acme));
    let out = [("scope", "Out of scope")];
    let fields = json!({ "scope": "Out of scope" });
    for refused in [
        requester
            .post("/customers/acme/change-requests", &new_change(&out))
            .await,
        requester
            .post(
                "/customers/acme/bulk-changes",
                &json!({ "components": [acme.prod_pg.id.0], "fields": fields }),
            )
            .await,
    ] {
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (refused.status, &error["field"]),
            (422, &json!("further_needs")),
            "{}",
            refused.body
        );
        assert!(
            error["why"].as_str().unwrap().contains("the reason is missing"),
            "{error}"
        );
    }
    let issue = t.file_and_plan(acme, &testkit::github::answers(&out)).await;
    assert_eq!(
        t.request_of(acme, issue).await.request.state.name(),
        "needs-information"
    );

    let carry_out = async |changed: &[(&str, &str)]| {
        let change = planned(&t, &portal, changed).await;
        apply(&t, &portal, &change).await;
        let sow = requester.get("/customers/acme/sow").await.json();
        (change["plan"]["findings"].to_string(), sow["items"][0]["note"].clone())
    };
    let short = [("tier", "Tier 3"), ("retention", "7 days")];
    let (_, note) = carry_out(&[&short[..], &[("further_needs", "until the archive is moved")]].concat()).await;
    assert_eq!(note, "until the archive is moved");
    let (findings, note) = carry_out(&[short[0], ("retention", "8 days")]).await;
    assert_eq!(note, "until the archive is moved", "nobody said another");
    assert!(!findings.contains("Its note"), "{findings}");
    let back = [("retention", "tier default"), ("further_needs", "thank you")];
    let (findings, note) = carry_out(&back).await;
    assert_eq!(note, Value::Null, "it is what its tier stands for");
    assert!(
        findings.contains("Its note “until the archive is moved” goes."),
        "{findings}"
    );
}
