//! Every page of the route table, for each kind of reader, with much to show and with nothing
//! (design of the drive: `tests/browser/every_page.mjs`).

use std::time::Duration;

use app::onboarding::{Onboarding, onboard};
use app::restore::approve;
use app::sow::LineFilter;
use domain::component::{Component, ComponentKind, Environment};
use domain::id::{ComponentId, TenantId};
use domain::role::Role;
use domain::tenant::Tenant;
use serde_json::{Value, json};
use testkit::app::{PASSWORD, email};
use testkit::github::{answers, issue_body};
use testkit::{Portal, TestApp};
use uuid::Uuid;
use web::{Auth, ROUTES};

use super::drive;
use crate::samples::connect;

const PATIENCE: Duration = Duration::from_secs(600);

/// What a person's browser gets but does not show as a page.
const NO_PAGES: [&str; 6] = [
    "/healthz",
    "/readyz",
    "/api/v1/openapi.json",
    "/customers/{slug}/events",
    "/customers/{slug}/exports/{export}/content",
    "/customers/{slug}/imports/{number}/document",
];

/// Who reads where there is nothing.
const WITH_NOTHING: [Role; 3] = [Role::Engineer, Role::CustomerApprover, Role::Admin];

/// Who reads.
const READERS: [Role; 6] = [
    Role::Engineer,
    Role::AccountManager,
    Role::CustomerApprover,
    Role::CustomerViewer,
    Role::Auditor,
    Role::Admin,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_passes_for_every_reader_with_much_data_and_with_none() {
    let t = TestApp::new().await;
    let portal = Portal::start(&t).await;
    much(&t, &portal).await;
    let nothing = nothing(&t).await;
    let mut people = Vec::new();
    for role in READERS {
        let tenant = (!role.is_staff()).then_some(t.acme().tenant.id);
        people.push(json!({ "who": role.to_string(), "email": email(role, tenant) }));
    }
    for role in WITH_NOTHING {
        people.push(reader_of_nothing(&t, role, nothing).await);
    }
    let pages = ROUTES.iter().filter(|route| {
        let for_people = matches!(route.auth, Auth::SignedIn | Auth::Public);
        for_people && route.method == "GET" && !NO_PAGES.contains(&route.path)
    });
    let pages: Vec<&str> = pages.map(|route| route.path).collect();
    let world = json!({ "url": portal.url, "password": PASSWORD, "people": people, "pages": pages });
    drive("every_page.mjs", &world, PATIENCE).await;
}

/// Requests and restores in most of their states, more than a page of each list, long names, and what went wrong.
async fn much(t: &TestApp, portal: &Portal) {
    let acme = t.acme();
    t.protect(acme).await;
    many_components(t).await;
    let weaker = answers(&[("retention", "7 days")]);
    t.file_and_plan(acme, &weaker).await;
    let moved = answers(&[("backup_window", "05:00-06:00")]);
    t.file_and_plan(acme, &moved).await;
    let unclear = issue_body(&answers(&[("retention", "as long as <b>the law</b> says")]));
    t.file_issue(acme, &acme.requester, &unclear).await;
    for customer in &t.customers {
        t.file_issue(customer, &customer.requester, &issue_body(&answers(&[])))
            .await;
    }
    t.webhooks_sent().await;
    let signed = portal.signed_webhook("strange", "issues", b"not json").await;
    assert_eq!(signed.status, 202);
    let restored = t.ask_restore(acme).await;
    let approver = t.actor(Role::Approver, acme).await;
    approve(&t.cx, &approver, restored.id, restored.digest).await.unwrap();
    t.run_jobs().await;
    t.ask_restore(acme).await;
    t.ask_hold(acme).await;
    t.make_policy("Orders and payments").await;
    crate::door::more(t).await;
    let manager = t.actor(Role::AccountManager, acme).await;
    let card = [
        ("name", "Ana Ortiz"),
        ("email", "ana@customer.test"),
        ("role", "Platform lead"),
    ];
    let card = card.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into();
    app::contact::add(&t.cx, &manager, acme.tenant.id, &card, None)
        .await
        .unwrap();
    let api = portal.api(t.token(Role::CustomerRequester, acme));
    for _ in 0..52 {
        let asked = api
            .post("/customers/acme/change-requests", &json!({ "fields": answers(&[]) }))
            .await;
        assert_eq!(asked.status, 201);
    }
    sqlx::query(
        "INSERT INTO recovery_point (tenant_id, id, component_id, provider_id, granularity, at, encrypted, last_seen_at)
         SELECT $1, gen_random_uuid(), $2, 'rds:' || repeat('a-long-name-', 15) || n, 'snapshot', now() - n * interval '1 day', false, now()
         FROM generate_series(1, 60) n",
    )
    .bind(acme.tenant.id.0)
    .bind(acme.prod_pg.id.0)
    .execute(&mut connect(&t.database.owner_url()).await)
    .await
    .unwrap();
}

/// A customer with more than a page of components; of half of them nobody has decided.
async fn many_components(t: &TestApp) {
    let acme = t.acme();
    let engineer = t.actor(Role::Engineer, acme).await;
    let everything = LineFilter::default();
    let lines = app::sow::batch(&t.cx, &engineer, acme.tenant.id, 1, false, &everything, None)
        .await
        .unwrap();
    let decided = (lines[0].item.scope.clone(), lines[0].item.choice.clone());
    let tenant = tenant(
        t,
        "umbra",
        "Umbra, the customer whose name is a good deal longer than anybody would like it",
    );
    let components = (0..120).map(|number| {
        let component = Component {
            id: ComponentId(Uuid::now_v7()),
            tenant: tenant.id,
            name: format!("{number}{}", "-orders-and-invoices".repeat(number % 7)),
            kind: ComponentKind::ALL[number % ComponentKind::ALL.len()],
            environment: Environment::ALL[number % Environment::ALL.len()],
            aws: None,
            ..acme.prod_pg.clone()
        };
        (component, (number % 2 == 0).then(|| decided.clone()))
    });
    let document = Onboarding {
        components: components.collect(),
        signed_by: vec!["Ada Umbra".to_owned()],
        ..bare(tenant)
    };
    onboard(&t.cx, &document).await.unwrap();
}

/// A customer of whom nothing is known.
async fn nothing(t: &TestApp) -> TenantId {
    onboard(&t.cx, &bare(tenant(t, "hooli", "Hooli"))).await.unwrap()
}

fn tenant(t: &TestApp, slug: &str, name: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::now_v7()),
        slug: slug.to_owned(),
        name: name.to_owned(),
        ..t.globex().tenant.clone()
    }
}

const fn bare(tenant: Tenant) -> Onboarding {
    Onboarding {
        tenant,
        account: None,
        repository: None,
        entitlements: Vec::new(),
        components: Vec::new(),
        signed_by: Vec::new(),
        inventory: None,
    }
}

/// Somebody with that role who may see this customer only.
async fn reader_of_nothing(t: &TestApp, role: Role, tenant: TenantId) -> Value {
    let email = format!("{role}@nothing.test");
    app::user::create(&t.cx, &email, &email, PASSWORD.into(), &[(role, Some(tenant))])
        .await
        .unwrap();
    json!({ "who": format!("{role} with nothing"), "email": email })
}
