//! What each operation is first tried with, so that it succeeds once for whoever may call it.

use domain::role::Role;
use serde_json::{Value, json};
use testkit::github::answers;
use uuid::Uuid;

use crate::door::Scene;

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
        Self(vec![
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

fn parameter<'a>(operation: &'a mut Value, name: &str) -> &'a mut Value {
    let mut parameters = operation["parameters"].as_array_mut().unwrap().iter_mut();
    parameters.find(|parameter| parameter["name"] == name).unwrap()
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
