//! Merge patch, JSON patch and strategic merge patch.

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::json;

use super::{Place, Sandbox, conformance, refused};

async fn patch<T: serde::Serialize + std::fmt::Debug>(
    place: &Place,
    patch: Patch<T>,
) -> Result<serde_json::Value, kube::Error> {
    let patched = place.backups().patch("b", &PatchParams::default(), &patch).await;
    patched.map(|object| object.data)
}

#[tokio::test]
async fn a_merge_patch_sets_fields_and_null_takes_them_away() {
    conformance(|place| async move {
        place.backup("b").await;
        let merge = Patch::Merge(json!({"spec": {"ttl": null, "storageLocation": "x", "includedNamespaces": ["a"]}}));
        let patched = patch(&place, merge).await.unwrap();
        assert_eq!(
            patched["spec"],
            json!({"storageLocation": "x", "includedNamespaces": ["a"]})
        );
        let merge = Patch::Merge(json!({"spec": {"includedNamespaces": ["b"]}}));
        let patched = patch(&place, merge).await.unwrap();
        assert_eq!(
            patched["spec"]["includedNamespaces"],
            json!(["b"]),
            "a list is replaced"
        );
    })
    .await;
}

#[tokio::test]
async fn a_patch_from_an_old_reading_is_a_conflict() {
    conformance(|place| async move {
        let first = place.backup("b").await;
        patch(&place, Patch::Merge(json!({"spec": {"ttl": "2h0m0s"}})))
            .await
            .unwrap();
        let version = first.metadata.resource_version.unwrap();
        let stale = json!({"metadata": {"resourceVersion": version}, "spec": {"ttl": "3h0m0s"}});
        let status = refused(patch(&place, Patch::Merge(stale)).await);
        assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
    })
    .await;
}

#[tokio::test]
async fn a_json_patch_is_done_whole_or_not_at_all() {
    conformance(|place| async move {
        place.backup("b").await;
        let steps = |value: serde_json::Value| Patch::<()>::Json(serde_json::from_value(value).unwrap());
        let done = steps(json!([
            {"op": "test", "path": "/spec/ttl", "value": "1h0m0s"},
            {"op": "replace", "path": "/spec/ttl", "value": "2h0m0s"},
            {"op": "add", "path": "/spec/storageLocation", "value": "x"},
        ]));
        let patched = patch(&place, done).await.unwrap();
        assert_eq!(patched["spec"], json!({"ttl": "2h0m0s", "storageLocation": "x"}));
        let failing = steps(json!([
            {"op": "remove", "path": "/spec/ttl"},
            {"op": "test", "path": "/spec/storageLocation", "value": "y"},
        ]));
        let status = refused(patch(&place, failing).await);
        assert_eq!((status.code, status.reason.as_str()), (422, "Invalid"));
        assert_eq!(place.backups().get("b").await.unwrap().data["spec"]["ttl"], "2h0m0s");
    })
    .await;
}

#[tokio::test]
async fn strategic_merge_is_for_built_in_kinds() {
    conformance(|place| async move {
        place.backup("b").await;
        let status = refused(patch(&place, Patch::Strategic(json!({"spec": {}}))).await);
        assert_eq!((status.code, status.reason.as_str()), (415, "UnsupportedMediaType"));
        let pods = Api::<Pod>::namespaced(place.client.clone(), &place.namespace);
        let pod = json!({"metadata": {"name": "p", "labels": {"a": "1"}}, "spec": {
            "nodeSelector": {"none": "such"}, "containers": [{"name": "x", "image": "1"}, {"name": "y", "image": "1"}]}});
        let pod = serde_json::from_value(pod).unwrap();
        pods.create(&PostParams::default(), &pod).await.unwrap();
        let strategic = Patch::Strategic(json!({"metadata": {"labels": {"b": "2"}}, "spec": {"containers": [{"name": "y", "image": "2"}]}}));
        let patched = pods.patch("p", &PatchParams::default(), &strategic).await.unwrap();
        assert_eq!(patched.metadata.labels.unwrap().len(), 2);
        let images: Vec<_> = patched.spec.unwrap().containers.into_iter().map(|container| container.image.unwrap()).collect();
        assert_eq!(images, ["1", "2"]);
    })
    .await;
}

#[tokio::test]
async fn a_patch_that_copies_what_it_copied_is_stopped() {
    let sandbox = Sandbox::start().await;
    let place = sandbox.place_in("default");
    place.backup("b").await;
    let copies: Vec<_> = (0..40)
        .map(|n| json!({"op": "copy", "from": "/spec", "path": format!("/spec/x{n}")}))
        .collect();
    let bomb = Patch::<()>::Json(serde_json::from_value(json!(copies)).unwrap());
    let patched = place.backups().patch("b", &PatchParams::default(), &bomb).await;
    assert_eq!(refused(patched).code, 422);
    assert!(place.backups().get("b").await.is_ok());
}
