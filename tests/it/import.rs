//! Onboarding documents, through the door: shown first, imported as they were shown, all or nothing.

use std::fmt::Write as _;

use domain::role::Role;
use serde_json::{Value, json};
use testkit::server::{Answer, Api};
use testkit::{Portal, TestApp};

const HEAD: &str = "name,environment,kind,workload,size,decision,reason,tier,retention,frequency,note\n";
const THREE: &str = "erp,production,self-managed-database,finance,60 GiB,in,,2,35 days,daily,tier 1 once its WAL is archived\n\
                     files,production,file-system,,,out,rebuilt from source,,,,\n\
                     wiki,staging,self-managed-database,,,,,,,,\n";

fn offered(document: &str) -> Value {
    json!({ "format": "csv", "document": document, "signed_by": ["Ana Lima", "Ben Roth"], "signed_on": "2026-05-01" })
}

async fn dry_run(api: &Api, body: &Value) -> Value {
    let shown = api.post("/customers/acme/imports?dry_run=true", body).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    shown.json()
}

async fn import(api: &Api, body: &Value, digest: &Value) -> Answer {
    let mut body = body.clone();
    body["digest"] = digest.clone();
    api.post("/customers/acme/imports", &body).await
}

async fn components(api: &Api) -> usize {
    let list = api.get("/customers/acme/components").await;
    assert_eq!(list.status, 200, "{}", list.body);
    list.json()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_was_shown_is_imported_and_again_does_nothing() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::AccountManager, t.acme()));
    let body = offered(&format!("{HEAD}{THREE}"));

    let shown = dry_run(&api, &body).await;
    assert_eq!(
        (&shown["new"], &shown["decided"], &shown["refused"]),
        (&json!(3), &json!(2), &json!([]))
    );
    assert_eq!(components(&api).await, 1, "a dry run changes nothing");
    assert_eq!(
        import(&api, &body, &json!("0".repeat(64))).await.status,
        409,
        "another digest"
    );
    assert_eq!(components(&api).await, 1);

    let made = import(&api, &body, &shown["digest"]).await;
    assert_eq!(
        (made.status, made.location()),
        (201, "/api/v1/customers/acme/imports/1"),
        "{}",
        made.body
    );
    assert_eq!(made.json()["sow_version"], 1);
    assert_eq!(components(&api).await, 4);
    let sow = api.get("/customers/acme/sow").await.json();
    assert_eq!(sow["approved_by"], json!(["Ana Lima", "Ben Roth"]));
    let items = sow["items"].as_array().unwrap();
    let of = |name: &str| items.iter().find(|item| item["component"]["name"] == name).unwrap();
    assert_eq!(
        (
            &of("erp")["retention_days"],
            &of("erp")["value_sources"]["retention_days"]
        ),
        (&json!(35), &json!("sow"))
    );
    assert_eq!(of("erp")["note"], "tier 1 once its WAL is archived");
    assert_eq!(
        (&of("erp")["mechanism"], &of("erp")["protection"]["state"]),
        (&json!("none"), &json!("unprotected"))
    );
    assert!(of("files")["reason"].as_str().unwrap().contains("rebuilt from source"));

    let turned: Vec<&str> = THREE.lines().rev().collect();
    let turned = format!("{HEAD}{}\n", turned.join("\n"));
    let again = import(&api, &offered(&turned), &shown["digest"]).await;
    assert_eq!(
        (again.status, &again.json()["unchanged"]),
        (200, &json!(3)),
        "{}",
        again.body
    );
    assert_eq!(api.get("/customers/acme/sow").await.json()["version"], 1);

    let viewer = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let kept = viewer.get("/customers/acme/imports/1/document").await;
    assert_eq!(kept.body, format!("{HEAD}{THREE}"));
    let told = api.get("/customers/acme/imports/1/document").await;
    assert_eq!(
        (told.body.as_str(), told.header("content-type")),
        (kept.body.as_str(), "text/plain; charset=utf-8")
    );
    assert!(
        viewer
            .get("/customers/acme/scope")
            .await
            .body
            .contains("/customers/acme/imports/1")
    );
}

#[tokio::test]
async fn a_platform_that_is_not_listed_is_warned_about_and_keeps_nothing_out() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::AccountManager, t.acme()));
    let viewer = portal.signed_in(Role::CustomerViewer, t.acme()).await;
    let unseen = "kubernetes-platform”";
    for (line, warned) in [
        ("shop,production,kubernetes,,,,,,,,\n", true),
        ("cluster,production,kubernetes-platform,,,,,,,,\n", false),
    ] {
        let body = offered(&format!("{HEAD}{line}"));
        let shown = dry_run(&api, &body).await;
        assert_eq!(
            shown["warnings"].as_array().unwrap().len(),
            usize::from(warned),
            "{shown}"
        );
        assert_eq!(import(&api, &body, &shown["digest"]).await.status, 201);
        let scope = viewer.get("/customers/acme/scope").await.body;
        assert_eq!(scope.contains(unseen), warned, "{scope}");
    }
}

#[tokio::test]
async fn one_line_that_is_refused_keeps_all_of_it_out() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    t.protect(t.acme()).await;
    let api = portal.api(t.token(Role::Admin, t.acme()));
    let body = offered(&format!(
        "{HEAD}{THREE}prod-pg,production,rds-instance,,,in,,,7 days,daily,\nodd,mars,msk,,,,,,,,\n"
    ));
    let shown = dry_run(&api, &body).await;
    assert_eq!(
        (&shown["digest"], &shown["refused"][0]["line"]),
        (&Value::Null, &json!(6)),
        "the odd line alone: it is not read further"
    );
    let body = offered(&format!(
        "{HEAD}{THREE}prod-pg,production,rds-instance,,,in,,,7 days,daily,\n"
    ));
    let shown = dry_run(&api, &body).await;
    let refused = shown["refused"].as_array().unwrap();
    assert!(
        refused
            .iter()
            .all(|one| one["line"] == 5 && one["why"].as_str().unwrap().contains("ask for a change")),
        "{refused:?}"
    );
    let answer = import(&api, &body, &json!("0".repeat(64))).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.json()["errors"][0]["field"],
        "line-5.retention",
        "{}",
        answer.body
    );
    assert_eq!(
        (
            components(&api).await,
            &api.get("/customers/acme/sow").await.json()["version"]
        ),
        (1, &json!(1))
    );
    let unsigned = json!({ "format": "csv", "document": format!("{HEAD}{THREE}") });
    let missing: Vec<Value> = dry_run(&api, &unsigned).await["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["column"].clone())
        .collect();
    assert_eq!(missing, [json!("signed_on"), json!("signed_by")]);
}

#[tokio::test]
async fn the_page_shows_first_and_imports_what_it_showed() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::AccountManager, t.acme()).await;
    let page = "/customers/acme/imports";
    let once = "0197a5c2-0000-4000-8000-000000000001";
    let document = format!("{HEAD}{THREE}");
    let signed = [
        ("once", once),
        ("document", &document),
        ("signed_by", "Ana Lima\r\nBen Roth"),
        ("signed_on", "2026-05-01"),
    ];
    let shown = browser.post(page, &[&signed[..], &[("step", "show")]].concat()).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let (_, rest) = shown.body.split_once("name=\"digest\" value=\"").unwrap();
    let digest = &rest[..64];
    let edited = document.replace("35 days", "7 days");
    let other = [
        ("once", once),
        ("document", &edited),
        ("signed_by", "Ana Lima\nBen Roth"),
        ("signed_on", "2026-05-01"),
    ];
    let refused = browser
        .post(page, &[&other[..], &[("step", "import"), ("digest", digest)]].concat())
        .await;
    assert_eq!(refused.status, 409);
    let done = browser
        .post(page, &[&signed[..], &[("step", "import"), ("digest", digest)]].concat())
        .await;
    assert_eq!(
        (done.status, done.location()),
        (303, "/customers/acme/imports/1?done=imported")
    );

    let file = [
        &[0xef, 0xbb, 0xbf][..],
        b"name;environment;kind\r\ncaf\xc3\xa9;staging;msk\r\n",
    ]
    .concat();
    let fields = [
        ("once", once),
        ("document", ""),
        ("format", "yaml"),
        ("signed_by", "Ana"),
        ("signed_on", "2026-05-01"),
        ("step", "show"),
    ];
    let uploaded = browser.post_file(page, &fields, "inventory.csv", file).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.body);
    assert!(uploaded.body.contains("café"));
    let large = vec![b'#'; 11 * 1024 * 1024];
    assert_eq!(
        browser.post_file(page, &fields, "large.csv", large).await.status,
        422,
        "over 10 MiB, said by the page"
    );
    let reader = portal.signed_in(Role::Engineer, t.acme()).await.get(page).await;
    assert!(reader.body.contains("Import 1") && !reader.body.contains("name=\"document\""));
}

#[tokio::test]
async fn an_admin_takes_a_customer_on_without_a_shell() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let browser = portal.signed_in(Role::Admin, t.acme()).await;
    let once = "0197a5c2-0000-4000-8000-000000000002";
    let mut form = vec![
        ("once", once),
        ("slug", "acme"),
        ("name", "Initech"),
        ("service_level", "baseline"),
        ("approval_rule", "both"),
        ("terms_version", "2026-01"),
        ("time_zone", "Europe/Brussels"),
        ("contract_until", ""),
    ];
    let taken = browser.post("/customers/new", &form).await;
    assert_eq!(taken.status, 422);
    assert!(taken.body.contains("a customer has this name in addresses already") && taken.body.contains("Initech"));
    form[1].1 = "initech";
    let done = browser.post("/customers/new", &form).await;
    assert_eq!(
        (done.status, done.location()),
        (303, "/customers/initech/imports?done=created")
    );
    assert_eq!(browser.get("/customers/initech/imports").await.status, 200);
    let api = portal.api(t.token(Role::Admin, t.acme()));
    let contract = api.get("/customers/initech/contract").await;
    assert_eq!(
        (contract.header("etag"), &contract.json()["approval_rule"]),
        ("\"1\"", &json!("both"))
    );
    let versions = api.get("/customers/initech/contract-versions").await.json();
    assert_eq!(
        (
            versions["items"].as_array().unwrap().len(),
            &versions["items"][0]["made_by"]
        ),
        (1, &json!(testkit::app::email(Role::Admin, None))),
        "the first version names who made it: {versions}"
    );
}

#[tokio::test]
async fn a_customer_is_not_taken_on_under_a_contract_that_could_not_be_read() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::Admin, t.acme()));
    let terms = "x".repeat(121);
    let customer = |terms: &str, zone: &str| {
        json!({ "slug": "initech", "name": "Initech", "service_level": "baseline", "approval_rule": "both",
            "terms_version": terms, "time_zone": zone })
    };
    let refused = api.post("/customers", &customer(&terms, "Etc/Unknown")).await;
    let errors = refused.json()["errors"].clone();
    assert_eq!(
        (
            refused.status,
            &errors[0]["field"],
            &errors[0]["given"],
            &errors[1]["field"],
            &errors[1]["given"]
        ),
        (
            422,
            &json!("terms_version"),
            &json!(terms[..80]),
            &json!("time_zone"),
            &json!("Etc/Unknown")
        ),
        "{}",
        refused.body
    );
    assert!(
        errors[0]["why"].as_str().unwrap().contains("at most 120 characters")
            && errors[1]["why"].as_str().unwrap().contains("IANA time zone"),
        "{errors}"
    );
    assert_eq!(api.get("/customers/initech").await.status, 404, "nothing was stored");
    assert_eq!(
        api.post("/customers", &customer(&terms[..120], "UTC")).await.status,
        201
    );
    let browser = portal.signed_in(Role::Admin, t.acme()).await;
    assert_eq!(browser.get("/customers/initech/contract").await.status, 200);
}

#[tokio::test]
async fn ten_thousand_components_come_in_one_document() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    let api = portal.api(t.token(Role::Admin, t.acme()));
    let mut document = HEAD.to_owned();
    for number in 0..10_000 {
        writeln!(
            document,
            "db-{number},production,self-managed-database,shop,20 GiB,in,,2,35 days,daily,"
        )
        .unwrap();
    }
    let body = offered(&document);
    let shown = dry_run(&api, &body).await;
    let made = import(&api, &body, &shown["digest"]).await;
    assert_eq!(
        (made.status, &made.json()["new"]),
        (201, &json!(10_000)),
        "{}",
        made.body
    );
    let sow = api.get("/customers/acme/sow").await.json();
    let of_document = |item: &&Value| item["component"]["name"].as_str().unwrap().starts_with("db-");
    assert_eq!(
        sow["items"].as_array().unwrap().iter().filter(of_document).count(),
        10_000
    );
}
