//! Server-side apply.

use kube::ResourceExt;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::{Place, conformance, refused, schedule};

async fn apply(place: &Place, by: &PatchParams, spec: Value) -> Result<DynamicObject, kube::Error> {
    let config = schedule("s", spec);
    place.schedules().patch("s", by, &Patch::Apply(&config)).await
}

/// Who applied or wrote, with their fields.
fn owners(object: &DynamicObject) -> Vec<(String, String, Value)> {
    let entries = object.managed_fields().iter();
    let mut owners: Vec<_> = entries
        .map(|entry| {
            let fields = serde_json::to_value(&entry.fields_v1).unwrap();
            (entry.manager.clone().unwrap(), entry.operation.clone().unwrap(), fields)
        })
        .collect();
    owners.sort_by(|a, b| a.0.cmp(&b.0));
    owners
}

fn owner(name: &str, operation: &str, fields: Value) -> (String, String, Value) {
    (name.to_owned(), operation.to_owned(), fields)
}

#[tokio::test]
async fn an_apply_creates_and_owns_exactly_what_it_says() {
    conformance(|place| async move {
        let by = PatchParams::apply("one");
        let spec = json!({"schedule": "@daily", "template": {"includedNamespaces": ["a", "b"]}});
        let made = apply(&place, &by, spec.clone()).await.unwrap();
        let fields = json!({"f:spec": {"f:schedule": {}, "f:template": {"f:includedNamespaces": {}}}});
        assert_eq!(owners(&made), [owner("one", "Apply", fields)]);
        let again = apply(&place, &by, spec).await.unwrap();
        assert_eq!(again.resource_version(), made.resource_version());
    })
    .await;
}

#[tokio::test]
async fn a_conflict_names_the_manager_and_the_field() {
    conformance(|place| async move {
        let spec = json!({"schedule": "@daily", "template": {"ttl": "1h0m0s"}});
        apply(&place, &PatchParams::apply("one"), spec).await.unwrap();
        let two = PatchParams::apply("two");
        let status = refused(apply(&place, &two, json!({"schedule": "@hourly", "template": {}})).await);
        assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
        assert_eq!(
            status.message,
            "Apply failed with 1 conflict: conflict with \"one\": .spec.schedule"
        );
        let cause = &status.details.unwrap().causes[0];
        assert_eq!(
            (cause.reason.as_str(), cause.field.as_str()),
            ("FieldManagerConflict", ".spec.schedule")
        );
        let status = refused(
            apply(
                &place,
                &two,
                json!({"schedule": "@hourly", "template": {"ttl": "2h0m0s"}}),
            )
            .await,
        );
        assert_eq!(
            status.message,
            "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.schedule\n- .spec.template.ttl"
        );
        let shared = apply(&place, &two, json!({"schedule": "@daily"})).await.unwrap();
        assert_eq!(owners(&shared).len(), 2, "the same value is shared");
        let taken = apply(&place, &two.force(), json!({"schedule": "@hourly"}))
            .await
            .unwrap();
        let one = owner("one", "Apply", json!({"f:spec": {"f:template": {"f:ttl": {}}}}));
        let two = owner("two", "Apply", json!({"f:spec": {"f:schedule": {}}}));
        assert_eq!(owners(&taken), [one, two]);
    })
    .await;
}

#[tokio::test]
async fn what_a_manager_no_longer_applies_goes_unless_another_owns_it() {
    conformance(|place| async move {
        let one = PatchParams::apply("one");
        let spec = json!({"schedule": "@daily", "paused": true, "template": {"ttl": "1h0m0s", "storageLocation": "x"}});
        apply(&place, &one, spec).await.unwrap();
        let shared = json!({"schedule": "@daily", "template": {"ttl": "1h0m0s"}});
        apply(&place, &PatchParams::apply("two"), shared).await.unwrap();
        let left = apply(&place, &one, json!({"template": {"storageLocation": "x"}}))
            .await
            .unwrap();
        let expected = json!({"schedule": "@daily", "template": {"ttl": "1h0m0s", "storageLocation": "x"}});
        assert_eq!(left.data["spec"], expected);
    })
    .await;
}

#[tokio::test]
async fn another_kind_of_write_takes_the_field_from_its_owner() {
    conformance(|place| async move {
        let one = PatchParams::apply("one");
        apply(&place, &one, json!({"schedule": "@daily", "template": {}}))
            .await
            .unwrap();
        let by = PatchParams {
            field_manager: Some("velero-server".to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::Merge(json!({"spec": {"schedule": "@hourly"}}));
        let written = place.schedules().patch("s", &by, &patch).await.unwrap();
        let server = owner("velero-server", "Update", json!({"f:spec": {"f:schedule": {}}}));
        assert_eq!(owners(&written)[1], server);
        let status = refused(apply(&place, &one, json!({"schedule": "@daily", "template": {}})).await);
        assert_eq!(
            status.message,
            "Apply failed with 1 conflict: conflict with \"velero-server\" using velero.io/v1: .spec.schedule"
        );
    })
    .await;
}

#[tokio::test]
async fn lists_of_a_velero_kind_have_one_owner_and_finalizers_have_many() {
    conformance(|place| async move {
        let config = |finalizer: &str, namespaces: Value| {
            let mut config = super::backup("b");
            config.metadata.finalizers = Some(vec![finalizer.to_owned()]);
            config.data["spec"] = json!({"includedNamespaces": namespaces});
            config
        };
        let (one, two) = (PatchParams::apply("one"), PatchParams::apply("two"));
        let first = config("example.org/a", json!(["a"]));
        place.backups().patch("b", &one, &Patch::Apply(first)).await.unwrap();
        let second = config("example.org/b", json!(["a", "b"]));
        let status = refused(place.backups().patch("b", &two, &Patch::Apply(&second)).await);
        assert!(
            status.message.ends_with("\"one\": .spec.includedNamespaces"),
            "{}",
            status.message
        );
        let both = place
            .backups()
            .patch("b", &two.force(), &Patch::Apply(&second))
            .await
            .unwrap();
        assert_eq!(both.data["spec"]["includedNamespaces"], json!(["a", "b"]));
        assert_eq!(both.finalizers(), ["example.org/a", "example.org/b"]);
        let mut without = config("", json!([]));
        without.metadata.finalizers = None;
        without.data["spec"] = json!({});
        let left = place.backups().patch("b", &one, &Patch::Apply(without)).await.unwrap();
        assert_eq!(left.finalizers(), ["example.org/b"]);
        let none = Patch::Merge(json!({"metadata": {"finalizers": null}}));
        place
            .backups()
            .patch("b", &PatchParams::default(), &none)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_of_an_apply_shows_what_it_would_leave() {
    conformance(|place| async move {
        let one = PatchParams::apply("one");
        let shown = apply(
            &place,
            &one.clone().dry_run(),
            json!({"schedule": "@daily", "template": {}}),
        )
        .await
        .unwrap();
        assert_eq!(shown.data["spec"]["schedule"], "@daily");
        assert_eq!(place.schedules().get_opt("s").await.unwrap(), None);
        let made = schedule("s", json!({"schedule": "@daily", "template": {}}));
        let made = place.schedules().create(&PostParams::default(), &made).await.unwrap();
        let force = one.dry_run().force();
        let shown = apply(&place, &force, json!({"schedule": "@hourly", "template": {}}))
            .await
            .unwrap();
        assert_eq!(shown.data["spec"]["schedule"], "@hourly");
        assert_eq!(place.schedules().get("s").await.unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn an_applied_field_that_the_kind_does_not_have_is_refused() {
    conformance(|place| async move {
        let spec = json!({"schedule": "@daily", "template": {}, "pausd": true});
        let status = refused(apply(&place, &PatchParams::apply("one"), spec).await);
        assert_eq!(status.code, 500);
        assert!(
            status.message.ends_with(".spec.pausd: field not declared in schema"),
            "{}",
            status.message
        );
    })
    .await;
}
