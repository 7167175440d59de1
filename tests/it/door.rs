//! Through the HTTP door, over TCP: what people, programs and GitHub can rely on, and what they cannot do.

mod api;
mod contract;
mod decisions;
mod forms;
mod hostile;
mod isolation;
mod resource;
pub(crate) mod routes;
mod schedule;
mod scope;
mod sign_in;
mod terms;
mod views;
mod webhook;
mod work;

use app::import::Offered;
use domain::acknowledgement::Statement;
use domain::change_request::Source;
use domain::onboarding::Format;
use domain::role::Role;
use jiff::civil::Date;
use serde_json::{Value, json};
use testkit::app::PASSWORD;
use testkit::github::answers;
use testkit::server::{Answer, Api, Browser};
use testkit::{Customer, Portal, TestApp};
use uuid::Uuid;

/// At acme, change 1 is applied, change 2 is planned and waits, restore 1 is asked for, and hold 1 on its database;
/// import 1 brought `old-pg` and `older-pg`, the end of `old-pg` is asked for, and bulk change 1 asked for nothing. There
/// is one policy. At globex there is nothing.
pub(crate) struct Scene {
    pub(crate) portal: Portal,
    pub(crate) t: TestApp,
    pub(crate) change: Uuid,
    pub(crate) restore: Uuid,
    pub(crate) hold: Uuid,
    pub(crate) policy: Uuid,
    pub(crate) contacts: [Uuid; 2],
    pub(crate) acknowledgement: Uuid,
    /// A hand-over export of acme that is queued.
    pub(crate) export: Uuid,
    /// Somebody of globex who is there to be managed, with two API tokens.
    pub(crate) managed: Managed,
    /// `old-pg` of acme, whose end was asked for.
    pub(crate) ending: Uuid,
}

/// Somebody who is there to be managed.
pub(crate) struct Managed {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) tokens: [Uuid; 2],
}

impl Managed {
    /// Adds one with that address.
    pub(crate) async fn new(t: &TestApp, email: &str) -> Self {
        let grants = [(Role::CustomerViewer, Some(t.globex().tenant.id))];
        let id = app::user::create(&t.cx, email, email, PASSWORD.into(), &grants)
            .await
            .unwrap();
        for name in ["one", "two"] {
            app::user::create_token(&t.cx, email, name, None).await.unwrap();
        }
        let admin = t.actor(Role::Admin, t.acme()).await;
        let tokens = app::user::tokens(&t.cx, &admin, id).await.unwrap().items;
        Self {
            id: id.0,
            email: email.to_owned(),
            tokens: [tokens[0].id, tokens[1].id],
        }
    }
}

/// The document of import 1 of acme.
pub(crate) const DOCUMENT: &str =
    "name,environment,kind\nold-pg,staging,self-managed-database\nolder-pg,staging,self-managed-database\n";

/// A wish that does not fit `prod-pg`, which has no tier.
pub(crate) const NOT_FOR_PROD_PG: [(&str, &str); 3] = [
    ("scope", "In scope"),
    ("retention", "tier default"),
    ("frequency", "Daily"),
];
/// Name of each of acme's contacts.
pub(crate) const CONTACT: &str = "Ana Ortiz";

impl Scene {
    pub(crate) async fn new() -> Self {
        let t = TestApp::new().await;
        let portal = Portal::start(&t).await;
        let acme = t.acme();
        t.protect(acme).await;
        let moved = answers(&[("backup_window", "05:00-06:00")]);
        let issue = t.file_and_plan(acme, &moved).await;
        let change = t.request_of(acme, issue).await.request;
        assert_eq!((change.number, change.state.name()), (2, "planned"));
        let restore = t.ask_restore(acme).await;
        assert_eq!(restore.number, 1);
        let hold = t.ask_hold(acme).await;
        assert_eq!(hold.number, 1);
        let policy = t.make_policy("Bookings").await;
        let (manager, signer) = (
            t.actor(Role::AccountManager, acme).await,
            t.actor(Role::CustomerApprover, acme).await,
        );
        let card = [
            ("name", CONTACT),
            ("email", "ana@customer.test"),
            ("role", "Platform lead"),
        ];
        let card = card.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into();
        let mut contacts = [Uuid::nil(); 2];
        for contact in &mut contacts {
            let added = app::contact::add(&t.cx, &manager, acme.tenant.id, &card, None).await;
            *contact = added.unwrap().id.0;
        }
        let duties = Statement::Duties;
        let version = duties.version("");
        let signed = app::acknowledgement::sign(&t.cx, &signer, &acme.tenant, duties, &version, None).await;
        let admin = t.actor(Role::Admin, acme).await;
        let export = app::export::request(&t.cx, &admin, acme.tenant.id, None).await.unwrap();
        let ending = more(&t).await;
        Self {
            ending,
            contacts,
            acknowledgement: signed.unwrap().id.0,
            change: change.id.0,
            restore: restore.id.0,
            hold: hold.id.0,
            policy: policy.id.0,
            export: export.id.0,
            managed: Managed::new(&t, "managed@customer.test").await,
            portal,
            t,
        }
    }

    /// The program of the person with that role.
    fn api(&self, role: Role, customer: &Customer) -> Api {
        self.portal.api(self.t.token(role, customer))
    }

    /// An engineer of the provider to whom only globex is assigned: signed in, and with a token.
    async fn engineer_of_globex(&self) -> (Browser, Api) {
        let (cx, email) = (&self.t.cx, "assigned@provider.test");
        let grants = [(Role::Engineer, Some(self.t.globex().tenant.id))];
        app::user::create(cx, email, email, PASSWORD.into(), &grants)
            .await
            .unwrap();
        let token = app::user::create_token(cx, email, "test", None).await.unwrap();
        let mut browser = self.portal.browser();
        browser.sign_in(email, PASSWORD).await;
        (browser, self.portal.api(&token))
    }
}

/// Import 1, the end of what it brought, and bulk change 1.
pub(crate) async fn more(t: &TestApp) -> Uuid {
    let acme = t.acme();
    let (cx, tenant) = (&t.cx, &acme.tenant);
    let admin = t.actor(Role::Admin, acme).await;
    let offered = Offered {
        format: Format::Csv,
        bytes: DOCUMENT.into(),
        signed_by: vec!["Ana".to_owned()],
        signed_on: Some(Date::constant(2026, 1, 5)),
    };
    let shown = app::import::preview(cx, &admin, tenant, &offered).await.unwrap();
    app::import::import(cx, &admin, tenant, &offered, shown.digest.unwrap(), None)
        .await
        .unwrap();
    let ending = t.component(acme, "old-pg").await;
    let requester = t.actor(Role::CustomerRequester, acme).await;
    let wish = [
        ("reason", "It moved."),
        ("final_backup", "none"),
        ("recovery_points", "expire"),
    ];
    let fields = |pairs: [(&str, &str); 3]| pairs.map(|(id, text)| (id.to_owned(), text.to_owned())).into();
    app::decommission::ask(cx, &requester, tenant, ending, &fields(wish), None)
        .await
        .unwrap();
    let wish = fields(NOT_FOR_PROD_PG);
    let bulk = app::bulk_change::submit(cx, &requester, tenant.id, Source::Api, &[acme.prod_pg.id], &wish, None).await;
    assert!(bulk.unwrap().items[0].result.is_err());
    ending.0
}

/// The body of a new change request: the form's own examples, and `changed` over them.
fn new_change(changed: &[(&str, &str)]) -> Value {
    json!({ "fields": answers(changed) })
}

/// How many items a list has; it has one page.
fn count(list: &Answer) -> usize {
    let list = list.json();
    assert!(list["next"].is_null(), "{list}");
    list["items"].as_array().expect("a list").len()
}
