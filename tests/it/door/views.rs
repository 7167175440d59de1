//! The views over many: what they count is what their links list, and each page, cursor and download has what the filter finds.

use app::import::Offered;
use domain::id::HoldId;
use domain::onboarding::Format;
use domain::role::Role;
use domain::tenant::TenantScope;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use sqlx::Executor as _;
use testkit::server::Browser;
use testkit::{Customer, TestApp};

use super::{Scene, count};
use crate::samples::connect;

/// Components of acme that are not decided yet: 60 buckets in staging, of which one is of somebody else's.
const MANY: &str = "INSERT INTO component (tenant_id, id, name, kind, environment, owner)
    SELECT tenant_id, gen_random_uuid(), 'bucket-' || lpad(n::text, 2, '0'), 's3-bucket', 'staging',
      CASE WHEN n = 7 THEN 'Quinn' ELSE 'Robin' END
    FROM tenant, generate_series(1, 60) AS n WHERE slug = 'acme';
    INSERT INTO component_status (tenant_id, component_id, standing, name, environment, kind, search)
    SELECT tenant_id, id, 'undecided', name, environment, kind, lower(name || ' ' || owner) FROM component WHERE kind = 's3-bucket'";

/// Brings the sums in step with rows that no use-case made.
pub(super) async fn sum_up(t: &TestApp, customer: &Customer) {
    let tenant = customer.tenant.id;
    let mut tx = t.cx.db.begin(&TenantScope::one(tenant)).await.unwrap();
    store::rollup::refresh(&mut tx, tenant).await.unwrap();
    tx.commit().await.unwrap();
}

/// Rows of the page's first table.
fn rows(page: &str) -> usize {
    let table = page
        .split("<tbody>")
        .nth(1)
        .and_then(|rest| rest.split("</tbody>").next());
    table.map_or(0, |table| table.matches("<tr>").count())
}

/// The addresses on a page that end in this.
fn link<'a>(page: &'a str, part: &str) -> Option<&'a str> {
    let links = page.split("href=\"").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains(part))
}

async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_list_of_components_is_filtered_by_its_address_and_goes_on_where_the_page_ends() {
    let scene = Scene::new().await;
    let acme = scene.t.acme();
    let mut owner = connect(&scene.t.database.owner_url()).await;
    owner.execute(MANY).await.unwrap();
    sum_up(&scene.t, acme).await;
    let browser = scene.portal.signed_in(Role::CustomerViewer, acme).await;

    for list in ["/customers/acme", "/customers/acme/components"] {
        let first = page(&browser, &format!("{list}?state=undecided&kind=s3-bucket&order=name")).await;
        assert_eq!(rows(&first), 50, "{list}");
        let next = link(&first, "cursor=")
            .expect("another page")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        let second = page(&browser, &next).await;
        assert_eq!(rows(&second), 10, "{list}");
        assert!(second.contains("bucket-60") && !second.contains("bucket-50"), "{list}");
        assert_eq!(link(&second, "cursor="), None, "{list}");

        let csv = page(&browser, &format!("{list}?state=undecided&kind=s3-bucket&format=csv")).await;
        assert_eq!(
            csv.lines().count(),
            61,
            "{list}: all that the filter finds, not one page"
        );
        let found = page(&browser, &format!("{list}?state=undecided&q=QUINN&kind=s3-bucket")).await;
        assert!(rows(&found) == 1 && found.contains("bucket-07"), "{list}");
        let none = page(&browser, &format!("{list}?q=%25")).await;
        assert!(none.contains("No component is like that"), "{list}");
        let refused = browser.get(&format!("{list}?environment=moon")).await;
        assert_eq!(refused.status, 400, "{list}");
        assert!(
            refused.body.contains("environment") && refused.body.contains("staging"),
            "{}",
            refused.body
        );
    }
    let status = page(&browser, "/customers/acme").await;
    assert_eq!(rows(&status), 1, "what is in scope");
    assert!(status.contains("objective, not committed"), "a Baseline contract");
    owner
        .execute("UPDATE tenant SET service_level = 'dr-bc'")
        .await
        .unwrap();
    let status = page(&browser, "/customers/acme").await;
    assert!(status.contains("committed") && !status.contains("not committed"));
}

#[tokio::test]
async fn a_filter_that_does_not_exist_is_refused_with_those_there_are() {
    let scene = Scene::new().await;
    let browser = scene.portal.signed_in(Role::Admin, scene.t.acme()).await;
    for (path, allowed) in [
        ("/settings/people?role=boss", "engineer"),
        ("/settings/people?state=gone", "disabled"),
        ("/settings/policies?state=gone", "retired"),
        ("/retention?state=suspended", "needy"),
        ("/customers/acme/holds?state=gone", "release-asked-by-customer"),
        ("/customers/acme/decommissions?state=gone", "withdrawn"),
    ] {
        let refused = browser.get(path).await;
        assert_eq!(refused.status, 400, "{path}");
        assert!(refused.body.contains(allowed), "{path}: {}", refused.body);
    }
    assert_eq!(browser.get("/settings/people?customer=nobody").await.status, 404);
    assert_eq!(
        browser.get("/settings/people?q=&role=&customer=&state=").await.status,
        200
    );
}

#[tokio::test]
async fn what_waits_is_counted_and_each_number_leads_to_what_it_counts() {
    let scene = Scene::new().await;
    let mut owner = connect(&scene.t.database.owner_url()).await;
    owner
        .execute(
            "INSERT INTO change_request (tenant_id, id, number, title, source, requester_name, request_digest, state, state_body,
               approvals, created_at, updated_at, revision)
             SELECT tenant_id, gen_random_uuid(), 100 + n, 'Long ago', 'web', 'somebody', repeat('0', 64), 'failed',
               jsonb_build_object('state', 'failed', 'reason', 'x'), '[]', at, at, 1
             FROM tenant, (VALUES (1, now()), (2, now() - interval '30 days')) AS failed (n, at) WHERE slug = 'acme';
             UPDATE reconcile_scope SET observed_at = now() + interval '1 day';
             UPDATE tenant SET contract_until = current_date - 3 WHERE slug = 'acme'",
        )
        .await
        .unwrap();
    let engineer = scene.portal.signed_in(Role::Engineer, scene.t.acme()).await;
    let fleet = page(&engineer, "/").await;
    for (words, part) in [
        ("1 restore to decide", "restores?state=submitted"),
        ("1 change to decide", "changes?state=planned"),
        ("1 change failed this week", "changes?state=failed"),
    ] {
        assert!(fleet.contains(words), "{words}: {fleet}");
        let href = link(&fleet, part).unwrap().replace("&#38;", "&").replace("&amp;", "&");
        assert_eq!(rows(&page(&engineer, &href).await), 1, "{href}");
    }
    for (words, href) in [
        ("1 contract past its last day", "/customers/acme/contract"),
        ("2 statements to be signed", "/customers/acme/contract#acknowledgements"),
        ("2 components to be decided", "/customers/acme?state=undecided"),
        (
            "3 statements to be signed",
            "/customers/globex/contract#acknowledgements",
        ),
        ("1 component to be decided", "/customers/globex?state=undecided"),
    ] {
        let leads = format!("href=\"{href}\">{words}</a>").replace('#', "&#35;");
        let leads = [leads.clone(), leads.replace("&#35;", "#")];
        assert!(leads.iter().any(|link| fleet.contains(link)), "{words}: {fleet}");
        page(&engineer, href.split('#').next().unwrap_or(href)).await;
    }
    assert_eq!(
        rows(&page(&engineer, "/?state=needy").await),
        2,
        "something waits at both"
    );
    assert_eq!(
        rows(&page(&engineer, "/customers?state=needy").await),
        0,
        "all is as contracted"
    );
    owner
        .execute(
            "INSERT INTO acknowledgement (tenant_id, id, statement, text_version, signed_by_id, signed_by, signed_at, until)
             SELECT t.tenant_id, gen_random_uuid(), what, CASE what WHEN 'terms' THEN t.terms_version ELSE a.text_version END,
               a.signed_by_id, 'Ada', now(), now() + interval '1 year'
             FROM tenant t, acknowledgement a, unnest(ARRAY['terms', 'duties', 'independent-copies']) AS what WHERE t.slug = 'globex';
             UPDATE tenant_summary s SET out_of_scope = undecided, undecided = 0 FROM tenant t
             WHERE t.tenant_id = s.tenant_id AND t.slug = 'globex'",
        )
        .await
        .unwrap();
    let needy = page(&engineer, "/?state=needy").await;
    assert!(needy.contains("/customers/acme") && !needy.contains("href=\"/customers/globex\""));
    assert_eq!(rows(&page(&engineer, "/?q=GLOB").await), 1);
    assert_eq!(rows(&page(&engineer, "/?state=suspended").await), 0);
    assert_eq!(page(&engineer, "/?format=csv").await.lines().count(), 3);

    let manager = scene.portal.signed_in(Role::AccountManager, scene.t.acme()).await;
    let retention = page(&manager, "/retention").await;
    assert!(
        retention.contains("35 days") && retention.contains("All is kept as contracted."),
        "{retention}"
    );
    assert_eq!(rows(&retention), 1, "only acme has something in scope");
    assert_eq!(rows(&page(&manager, "/retention?state=needy").await), 0);
    let program = scene.api(Role::AccountManager, scene.t.acme());
    let listed = program.get("/retention?q=ACM").await.json();
    let (acme, whole) = (&listed["items"][0], json!({ "least": 35, "most": 35 }));
    assert_eq!(
        (&acme["customer"], &acme["contracted"], &acme["too_short"]),
        (&json!("acme"), &whole, &json!(0)),
        "{listed}"
    );
    assert_eq!(count(&program.get("/retention").await), 1);
    assert_eq!(count(&program.get("/retention?state=needy").await), 0);
    assert_eq!(program.get("/retention?state=protected").await.status, 400);
}

#[tokio::test]
async fn releases_ends_and_decisions_that_wait_are_counted_where_they_are_listed() {
    let scene = Scene::new().await;
    let (t, acme) = (&scene.t, scene.t.acme());
    let requester = t.actor(Role::CustomerRequester, acme).await;
    app::hold::ask_release(&t.cx, &requester, HoldId(scene.hold), "It is settled.")
        .await
        .unwrap();
    let manager = t.actor(Role::AccountManager, acme).await;
    let offered = Offered {
        format: Format::Csv,
        bytes: b"name,environment,kind,decision,reason\nscratch,staging,msk,out,rebuilt\nnew,staging,msk,out,rebuilt\n"
            .into(),
        signed_by: vec!["Ana".to_owned()],
        signed_on: Some(Date::constant(2024, 1, 5)),
    };
    let shown = app::import::preview(&t.cx, &manager, &acme.tenant, &offered)
        .await
        .unwrap();
    app::import::import(&t.cx, &manager, &acme.tenant, &offered, shown.digest.unwrap(), None)
        .await
        .unwrap();
    // Both are overdue; one of them is attested.
    let signs = scene.portal.api(t.token(Role::CustomerApprover, acme));
    let decisions = signs.get("/customers/acme/decisions?state=overdue").await.json();
    let of_new = |item: &&serde_json::Value| item["component"]["name"] == "new";
    let new = decisions["items"].as_array().unwrap().iter().find(of_new).unwrap();
    let attested = signs
        .post(
            &format!(
                "/customers/acme/decisions/{}/attest",
                new["component"]["id"].as_str().unwrap()
            ),
            &json!({ "scope_item_id": new["out_decision"]["scope_item_id"] }),
        )
        .await;
    assert_eq!(attested.status, 200, "{}", attested.body);
    let engineer = scene.portal.signed_in(Role::Engineer, acme).await;
    let fleet = page(&engineer, "/").await;
    for (words, part) in [
        (
            "1 release of a hold to confirm",
            "holds?state=release-asked-by-customer",
        ),
        ("1 decommissioning to confirm", "decommissions?state=asked"),
        ("1 out-decision overdue", "decisions?state=overdue"),
    ] {
        assert!(fleet.contains(words), "{words}: {fleet}");
        let href = link(&fleet, part).unwrap();
        assert_eq!(rows(&page(&engineer, href).await), 1, "{href}");
    }
    let other = page(&engineer, "/customers/acme/holds?state=release-asked-by-provider").await;
    assert_eq!(rows(&other), 0, "nothing waits for the customer");
    let approver = scene.portal.signed_in(Role::Approver, acme).await;
    assert!(page(&approver, "/approvals").await.contains("Release hold 1"));
    assert!(
        !page(&engineer, "/approvals").await.contains("Release hold 1"),
        "not theirs to confirm"
    );
    let customer = scene.portal.signed_in(Role::CustomerApprover, acme).await;
    assert!(
        !page(&customer, "/approvals").await.contains("Release hold 1"),
        "it asked itself"
    );
}

#[tokio::test]
async fn what_ends_next_quarter_is_listed_in_time() {
    let scene = Scene::new().await;
    let mut owner = connect(&scene.t.database.owner_url()).await;
    owner
        .execute(
            "UPDATE tenant SET contract_until = current_date + 20 WHERE slug = 'acme';
             UPDATE tenant SET contract_until = current_date + 400 WHERE slug = 'globex';
             UPDATE api_token SET expires_at = now() + interval '10 days'
             WHERE user_id = (SELECT id FROM app_user WHERE email LIKE 'customer-viewer-%' LIMIT 1)",
        )
        .await
        .unwrap();
    let manager = scene.api(Role::AccountManager, scene.t.acme());
    let listed = manager.get("/expiring?kind=contract").await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed["items"][0]["customer"], "acme");
    assert_eq!(listed["items"][0]["over"], json!(false));
    let today = scene.t.cx.now().to_zoned(TimeZone::UTC).date();
    let later = today + 500.days();
    let listed = manager
        .get(&format!("/expiring?kind=contract&until={later}"))
        .await
        .json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "{listed}");
    let all = manager.get("/expiring").await.json();
    assert_eq!(all["items"][0]["kind"], "api-token", "the first to end is first: {all}");

    // What was signed anew does not end; what was taken back is owed, and ends no more.
    owner
        .execute(
            "INSERT INTO acknowledgement (tenant_id, id, statement, text_version, signed_by_id, signed_by, signed_at, until)
             SELECT tenant_id, '00000000-0000-7000-8000-000000000001', statement, text_version, signed_by_id, 'Ada',
               signed_at - interval '1 year', now() + interval '5 days'
             FROM acknowledgement WHERE statement = 'duties'",
        )
        .await
        .unwrap();
    let signed = manager.get("/expiring?kind=acknowledgement").await.json();
    assert_eq!(signed["items"], json!([]));
    let signed = manager
        .get(&format!("/expiring?kind=acknowledgement&until={later}"))
        .await
        .json();
    assert_eq!(signed["items"].as_array().map(Vec::len), Some(1), "{signed}");
    assert_eq!(signed["items"][0]["customer"], "acme");
    owner
        .execute(
            "UPDATE acknowledgement SET withdrawn_at = now(), withdrawn_by = 'Ben'
             WHERE until > now() + interval '300 days'",
        )
        .await
        .unwrap();
    let signed = manager.get("/expiring?kind=acknowledgement").await.json();
    assert_eq!(
        signed["items"],
        json!([]),
        "an earlier one does not come back: {signed}"
    );

    // A hold that has ended or was released holds nothing.
    owner
        .execute(
            r#"INSERT INTO recovery_point_hold (tenant_id, id, number, case_name, reason, until, asked, released, revision)
               SELECT tenant_id, gen_random_uuid(), n, 'Case ' || n, 'x', current_date + days, asked, CASE WHEN n = 12 THEN asked END, 1
               FROM tenant, (VALUES (11, 12), (12, 12), (13, -2)) AS held (n, days),
                 (SELECT jsonb_build_object('by', gen_random_uuid(), 'name', 'Ana', 'side', 'customer', 'at', now()) AS asked) said
               WHERE slug = 'acme'"#,
        )
        .await
        .unwrap();
    let held = manager.get("/expiring?kind=hold").await.json();
    assert_eq!(held["items"].as_array().map(Vec::len), Some(1), "{held}");
    assert_eq!(held["items"][0]["name"], "Case 11");

    let refused = manager.get("/expiring?until=2000-01-01").await;
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["field"].clone()),
        (422, json!("until"))
    );
    let browser = scene.portal.signed_in(Role::AccountManager, scene.t.acme()).await;
    assert!(page(&browser, "/expiring?until=").await.contains("API token"));
    let customers = manager.get("/customers?q=ACM").await.json();
    assert_eq!(customers["items"][0]["tally"]["protected"], json!(1), "{customers}");
    let components = manager
        .get("/customers/acme/components?state=protected&environment=production")
        .await
        .json();
    assert_eq!(components["items"][0]["name"], "prod-pg", "{components}");
    assert_eq!(components["items"][0]["protection"]["state"], "protected");
}
