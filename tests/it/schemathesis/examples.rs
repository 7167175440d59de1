//! What each operation is first tried with, so that it succeeds once for whoever may call it.

use app::import::Offered;
use app::onboarding::Onboarding;
use domain::account::AwsAccount;
use domain::id::{AwsAccountLinkId, TenantId};
use domain::onboarding::Format;
use domain::role::Role;
use domain::tenant::Tenant;
use jiff::civil::Date;
use serde_json::{Value, json};
use testkit::github::answers;
use uuid::Uuid;

use crate::door::{Managed, Scene};

/// Rows of an operation, the values of its parameters by name, and its `body`.
///
/// An operation needs a row for what can be known only here: ids, digests. `{slug}` is acme where nothing else is
/// said, and a body is the example of its description. What ends something gets something of its own to end.
pub(super) struct Examples(Vec<(&'static str, Value)>);

impl Examples {
    pub(super) async fn of(scene: &Scene) -> Self {
        let change = scene.change;
        let restore = scene.restore;
        let (approve, digest) = planned(scene).await;
        let restored = [restored(scene).await, restored(scene).await];
        let component = scene.t.acme().prod_pg.id.0;
        let to_approve = scene.t.ask_restore(scene.t.acme()).await;
        let left_out = left_out(scene).await;
        let [suspend, resume, announce, keep, end, ended] = customers(scene).await;
        let mut people = Vec::new();
        for name in ["disable", "enable", "reset", "grant", "revoke", "token"] {
            people.push(Managed::new(&scene.t, &format!("{name}@managed.test")).await);
        }
        app::user::disable(&scene.t.cx, &people[1].email).await.unwrap();
        let role = json!({ "role": "customer-viewer", "customer": "globex" });
        let other = json!({ "role": "customer-approver", "customer": "globex" });
        let repository = json!({ "repository": 5000 });
        // The export that the scene asked for is verified by now.
        let export = json!({ "export": scene.export });
        Self(vec![
            ("POST /api/v1/customers/{slug}/suspend", json!({ "slug": suspend })),
            ("POST /api/v1/customers/{slug}/resume", json!({ "slug": resume })),
            (
                "POST /api/v1/customers/{slug}/offboarding",
                json!({ "slug": announce, "body": { "last_day": "2030-01-31", "reason": "They move on." } }),
            ),
            (
                "POST /api/v1/customers/{slug}/offboarding/cancel",
                json!({ "slug": keep }),
            ),
            (
                "POST /api/v1/customers/{slug}/offboarding/complete",
                json!({ "slug": end }),
            ),
            (
                "POST /api/v1/customers/{slug}/accounts/{account}/unlink",
                json!({ "slug": ended, "account": "000000000105" }),
            ),
            ("GET /api/v1/customers/{slug}/exports/{export}", export.clone()),
            ("GET /api/v1/customers/{slug}/exports/{export}/content", export),
            (
                "POST /api/v1/customers/{slug}/repositories/{repository}/unlink",
                json!({ "slug": "globex", "repository": 5001 }),
            ),
            (
                "GET /api/v1/customers/{slug}/repositories/{repository}/people",
                repository.clone(),
            ),
            (
                "POST /api/v1/customers/{slug}/repositories/{repository}/people",
                repository,
            ),
            (
                "POST /api/v1/users",
                json!({ "body": { "email": "new@managed.test", "display_name": "New", "role": "customer-viewer", "customer": "globex" } }),
            ),
            ("GET /api/v1/users/{user}", json!({ "user": scene.managed.id })),
            ("POST /api/v1/users/{user}/disable", json!({ "user": people[0].id })),
            ("POST /api/v1/users/{user}/enable", json!({ "user": people[1].id })),
            (
                "POST /api/v1/users/{user}/reset-password",
                json!({ "user": people[2].id }),
            ),
            (
                "POST /api/v1/users/{user}/roles",
                json!({ "user": people[3].id, "body": other }),
            ),
            (
                "POST /api/v1/users/{user}/roles/revoke",
                json!({ "user": people[4].id, "body": role }),
            ),
            ("GET /api/v1/users/{user}/tokens", json!({ "user": scene.managed.id })),
            (
                "POST /api/v1/users/{user}/tokens/{token}/revoke",
                json!({ "user": people[5].id, "token": people[5].tokens[0] }),
            ),
            ("GET /api/v1/change-requests/{id}", json!({ "id": change })),
            ("GET /api/v1/change-requests/{id}/plan", json!({ "id": change })),
            (
                "POST /api/v1/change-requests/{id}/approve",
                json!({ "id": approve, "body": { "plan_digest": digest } }),
            ),
            (
                "POST /api/v1/change-requests/{id}/reject",
                json!({ "id": planned(scene).await.0 }),
            ),
            (
                "POST /api/v1/change-requests/{id}/withdraw",
                json!({ "id": planned(scene).await.0 }),
            ),
            (
                "POST /api/v1/customers/{slug}/restore-requests",
                json!({ "body": { "component_id": component, "urgency": "critical", "reason": "a bad deploy" } }),
            ),
            ("GET /api/v1/policies/{policy}", json!({ "policy": scene.policy })),
            (
                "PUT /api/v1/policies/{policy}",
                json!({ "policy": scene.policy, "body": { "name": "Bookings, changed", "fields": { "retention": "30 days", "frequency": "Daily" } } }),
            ),
            (
                "POST /api/v1/policies/{policy}/retire",
                json!({ "policy": scene.t.make_policy("To be retired").await.id.0 }),
            ),
            ("GET /api/v1/recovery-point-holds/{id}", json!({ "id": scene.hold })),
            (
                "POST /api/v1/recovery-point-holds/{id}/ask-release",
                json!({ "id": scene.t.ask_hold(scene.t.acme()).await.id.0 }),
            ),
            (
                "POST /api/v1/recovery-point-holds/{id}/keep",
                json!({ "id": release_asked(scene, Role::Engineer).await }),
            ),
            (
                "POST /api/v1/recovery-point-holds/{id}/release",
                json!({ "id": release_asked(scene, Role::CustomerApprover).await }),
            ),
            ("POST /api/v1/customers/{slug}/imports", json!({ "dry_run": true })),
            ("GET /api/v1/customers/{slug}/imports/{number}", json!({ "number": 1 })),
            (
                "GET /api/v1/customers/{slug}/imports/{number}/document",
                json!({ "number": 1 }),
            ),
            (
                "POST /api/v1/customers/{slug}/bulk-changes",
                json!({ "body": { "components": [component], "fields": { "scope": "In scope", "retention": "40 days", "frequency": "Daily" } } }),
            ),
            (
                "GET /api/v1/customers/{slug}/bulk-changes/{number}",
                json!({ "number": 1 }),
            ),
            (
                "POST /api/v1/customers/{slug}/bulk-changes/{number}/approve",
                json!({ "number": 1 }),
            ),
            (
                "GET /api/v1/customers/{slug}/components/{id}/decommission",
                json!({ "id": scene.ending }),
            ),
            (
                "POST /api/v1/customers/{slug}/components/{id}/decommission",
                json!({ "id": scene.t.component(scene.t.acme(), "older-pg").await.0 }),
            ),
            (
                "POST /api/v1/customers/{slug}/components/{id}/decommission/confirm",
                json!({ "id": to_end(scene).await, "body": { "confirm": "to-end" } }),
            ),
            (
                "POST /api/v1/customers/{slug}/components/{id}/decommission/withdraw",
                json!({ "id": scene.ending }),
            ),
            (
                "GET /api/v1/customers/{slug}/contacts/{id}",
                json!({ "id": scene.contacts[0] }),
            ),
            (
                "PUT /api/v1/customers/{slug}/contacts/{id}",
                json!({ "id": scene.contacts[0] }),
            ),
            (
                "DELETE /api/v1/customers/{slug}/contacts/{id}",
                json!({ "id": scene.contacts[1] }),
            ),
            (
                "POST /api/v1/customers/{slug}/acknowledgements/{id}/withdraw",
                json!({ "id": scene.acknowledgement }),
            ),
            (
                "GET /api/v1/customers/{slug}/components/{id}",
                json!({ "id": component }),
            ),
            (
                "PATCH /api/v1/customers/{slug}/components/{id}",
                json!({ "id": component }),
            ),
            (
                "GET /api/v1/customers/{slug}/sow-versions/{number}",
                json!({ "number": 1 }),
            ),
            (
                "POST /api/v1/customers/{slug}/decisions/{component}/attest",
                json!({ "component": left_out.0, "body": { "scope_item_id": left_out.1 } }),
            ),
            (
                "PUT /api/v1/customers/{slug}/responsibilities/{duty}",
                json!({ "duty": "check-calendar" }),
            ),
            ("GET /api/v1/restore-requests/{id}", json!({ "id": restore })),
            (
                "POST /api/v1/restore-requests/{id}/approve",
                json!({ "id": to_approve.id.0, "body": { "plan_digest": to_approve.digest } }),
            ),
            (
                "POST /api/v1/restore-requests/{id}/reject",
                json!({ "id": asked(scene).await }),
            ),
            (
                "POST /api/v1/restore-requests/{id}/cancel",
                json!({ "id": asked(scene).await }),
            ),
            (
                "POST /api/v1/restore-requests/{id}/verify",
                json!({ "id": restored[0] }),
            ),
            (
                "POST /api/v1/restore-requests/{id}/dispute",
                json!({ "id": restored[1] }),
            ),
        ])
    }

    /// Writes them into the description, as examples.
    ///
    /// # Panics
    /// When the description has no such operation, parameter or body.
    pub(super) fn write_into(&self, document: &mut Value) {
        for (path, item) in document["paths"].as_object_mut().unwrap() {
            for operation in item.as_object_mut().unwrap().values_mut() {
                if path.contains("{slug}") {
                    parameter(operation, "slug")["example"] = json!("acme");
                }
            }
        }
        for (name, values) in &self.0 {
            let (method, path) = name.split_once(' ').unwrap();
            let operation = &mut document["paths"][path][method.to_lowercase()];
            assert!(operation.is_object(), "{name} is described");
            for (name, value) in values.as_object().unwrap() {
                let described = if name == "body" {
                    &mut operation["requestBody"]["content"]["application/json"]
                } else {
                    parameter(operation, name)
                };
                described["example"] = value.clone();
            }
        }
    }
}

/// Customers of their own, each on another stage of its way; the last with its account.
async fn customers(scene: &Scene) -> [Value; 6] {
    let (t, acme) = (&scene.t, scene.t.acme());
    let mut made = Vec::new();
    for (number, slug) in ["to-suspend", "to-resume", "to-announce", "to-keep", "to-end", "ended"]
        .into_iter()
        .enumerate()
    {
        let id = TenantId::at(t.cx.now());
        let tenant = Tenant {
            id,
            slug: slug.to_owned(),
            ..acme.tenant.clone()
        };
        let account = AwsAccount {
            id: AwsAccountLinkId::at(t.cx.now()),
            tenant: id,
            account: format!("00000000010{number}").parse().unwrap(),
            ..acme.account.clone()
        };
        let document = Onboarding {
            tenant,
            account: Some(account),
            repository: None,
            entitlements: Vec::new(),
            components: Vec::new(),
            signed_by: Vec::new(),
            inventory: None,
        };
        app::onboarding::onboard(&t.cx, &document).await.unwrap();
        made.push(id);
    }
    let admin = t.actor(Role::Admin, acme).await;
    let today = app::tenant::today(&t.cx, &acme.tenant);
    app::lifecycle::suspend(&t.cx, &admin, made[1], "x").await.unwrap();
    for id in &made[3..] {
        app::lifecycle::announce(&t.cx, &admin, *id, today, "x").await.unwrap();
        app::export::request(&t.cx, &admin, *id, None).await.unwrap();
    }
    t.run_jobs().await;
    app::lifecycle::end(&t.cx, &admin, made[5]).await.unwrap();
    ["to-suspend", "to-resume", "to-announce", "to-keep", "to-end", "ended"].map(Value::from)
}

fn parameter<'a>(operation: &'a mut Value, name: &str) -> &'a mut Value {
    let mut parameters = operation["parameters"].as_array_mut().unwrap().iter_mut();
    parameters.find(|parameter| parameter["name"] == name).unwrap()
}

/// A component of acme in scope whose end waits for both sides.
async fn to_end(scene: &Scene) -> Uuid {
    let acme = scene.t.acme();
    import(
        scene,
        "name,environment,kind,decision,retention,frequency\nto-end,staging,self-managed-database,in,30 days,daily\n",
    )
    .await;
    let component = scene.t.component(acme, "to-end").await;
    let requester = scene.t.actor(Role::CustomerRequester, acme).await;
    let wish = [
        ("reason", "replaced"),
        ("final_backup", "none"),
        ("recovery_points", "expire"),
    ];
    let wish = wish.map(|(field, answer)| (field.to_owned(), answer.to_owned())).into();
    app::decommission::ask(&scene.t.cx, &requester, &acme.tenant, component, &wish, None)
        .await
        .unwrap();
    component.0
}

/// A component of acme that an onboarding document left out of scope, and the line that says so.
async fn left_out(scene: &Scene) -> (Uuid, Uuid) {
    let (cx, acme) = (&scene.t.cx, scene.t.acme());
    let admin = scene.t.actor(Role::Admin, acme).await;
    import(
        scene,
        "name,environment,kind,decision,reason\nleft-out,staging,self-managed-database,out,rebuilt from source\n",
    )
    .await;
    let (_, page) = app::attestation::page(cx, &admin, &acme.tenant, None, None)
        .await
        .unwrap();
    let mut decisions = page.items.into_iter();
    let listed = decisions.find(|listed| listed.component.name == "left-out").unwrap();
    (listed.component.id.0, listed.decision.out.unwrap().item.0)
}

/// Imports the document for acme.
async fn import(scene: &Scene, document: &str) {
    let (cx, acme) = (&scene.t.cx, scene.t.acme());
    let admin = scene.t.actor(Role::Admin, acme).await;
    let offered = Offered {
        format: Format::Csv,
        bytes: document.as_bytes().to_vec(),
        signed_by: vec!["Ana".to_owned()],
        signed_on: Some(Date::constant(2026, 1, 5)),
    };
    let shown = app::import::preview(cx, &admin, &acme.tenant, &offered).await.unwrap();
    app::import::import(cx, &admin, &acme.tenant, &offered, shown.digest.unwrap(), None)
        .await
        .unwrap();
}

/// A change of acme that waits for approval, and the digest of its plan.
async fn planned(scene: &Scene) -> (Uuid, Value) {
    let acme = scene.t.acme();
    let moved = answers(&[("backup_window", "05:00-06:00")]);
    let issue = scene.t.file_and_plan(acme, &moved).await;
    let view = scene.t.request_of(acme, issue).await;
    (view.request.id.0, json!(view.plan.unwrap().digest))
}

/// A restore of acme that waits for approval.
async fn asked(scene: &Scene) -> Uuid {
    scene.t.ask_restore(scene.t.acme()).await.id.0
}

/// A restore of acme that is done and waits for the customer to look at it.
async fn restored(scene: &Scene) -> Uuid {
    let (t, acme) = (&scene.t, scene.t.acme());
    let asked = t.ask_restore(acme).await;
    let approver = t.actor(Role::Approver, acme).await;
    app::restore::approve(&t.cx, &approver, asked.id, asked.digest)
        .await
        .unwrap();
    t.run_jobs().await;
    asked.id.0
}

/// A hold of acme whose release somebody with that role has asked for.
async fn release_asked(scene: &Scene, role: Role) -> Uuid {
    let (t, acme) = (&scene.t, scene.t.acme());
    let hold = t.ask_hold(acme).await;
    let actor = t.actor(role, acme).await;
    app::hold::ask_release(&t.cx, &actor, hold.id, "settled").await.unwrap();
    hold.id.0
}
