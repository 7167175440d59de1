//! What the API server does not accept, and in which words.

use kube::api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams, ValidationDirective};
use kube::{Api, ResourceExt};
use serde_json::json;

use super::{backup, conformance, object, refused, schedule};

#[tokio::test]
async fn what_is_not_there_is_named() {
    conformance(|place| async move {
        let status = refused(place.backups().get("none").await);
        assert_eq!((status.code, status.reason.as_str()), (404, "NotFound"));
        assert_eq!(status.message, "backups.velero.io \"none\" not found");
        let details = status.details.unwrap();
        assert_eq!(
            (details.name.as_str(), details.group.as_str(), details.kind.as_str()),
            ("none", "velero.io", "backups")
        );
    })
    .await;
}

#[tokio::test]
async fn what_exists_is_not_created_again() {
    conformance(|place| async move {
        place.backup("b").await;
        let status = refused(place.backups().create(&PostParams::default(), &backup("b")).await);
        assert_eq!((status.code, status.reason.as_str()), (409, "AlreadyExists"));
        assert_eq!(status.message, "backups.velero.io \"b\" already exists");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_created_in_a_namespace_that_does_not_exist() {
    conformance(|place| async move {
        let resource =
            ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("velero.io", "v1", "Backup"), "backups");
        let elsewhere = Api::<DynamicObject>::namespaced_with(place.client.clone(), "no-such-namespace", &resource);
        let status = refused(elsewhere.create(&PostParams::default(), &backup("b")).await);
        assert_eq!((status.code, status.reason.as_str()), (404, "NotFound"));
        assert_eq!(status.message, "namespaces \"no-such-namespace\" not found");
    })
    .await;
}

#[tokio::test]
async fn each_wrong_field_is_a_cause() {
    conformance(|place| async move {
        let schedules = place.schedules();
        let incomplete = schedule("s", json!({"paused": true}));
        let status = refused(schedules.create(&PostParams::default(), &incomplete).await);
        assert_eq!((status.code, status.reason.as_str()), (422, "Invalid"));
        assert!(
            status.message.starts_with("Schedule.velero.io \"s\" is invalid: ["),
            "{}",
            status.message
        );
        let mut causes: Vec<(String, String)> = status.details.unwrap().causes.into_iter().map(|cause| (cause.field, cause.reason)).collect();
        causes.sort();
        let required = "FieldValueRequired".to_owned();
        assert_eq!(
            causes,
            [
                ("spec.schedule".to_owned(), required.clone()),
                ("spec.template".to_owned(), required)
            ]
        );
        let mistyped = schedule("s", json!({"schedule": 5, "template": {}}));
        let status = refused(schedules.create(&PostParams::default(), &mistyped).await);
        assert_eq!(
            status.message,
            "Schedule.velero.io \"s\" is invalid: spec.schedule: Invalid value: \"integer\": spec.schedule in body must \
             be of type string: \"integer\""
        );
        let location = object(json!({"apiVersion": "velero.io/v1", "kind": "BackupStorageLocation",
            "metadata": {"name": "l"}, "spec": {"provider": "aws", "accessMode": "None", "objectStorage": {"bucket": "b"}}}));
        let locations = place.velero("backupstoragelocations", "BackupStorageLocation");
        let status = refused(locations.create(&PostParams::default(), &location).await);
        assert_eq!(
            status.message,
            "BackupStorageLocation.velero.io \"l\" is invalid: spec.accessMode: Unsupported value: \"None\": supported \
             values: \"ReadOnly\", \"ReadWrite\""
        );
    })
    .await;
}

#[tokio::test]
async fn names_and_labels_follow_the_rules() {
    conformance(|place| async move {
        let status = refused(place.backups().create(&PostParams::default(), &backup("B_1")).await);
        assert_eq!((status.code, status.reason.as_str()), (422, "Invalid"));
        let start = "Backup.velero.io \"B_1\" is invalid: metadata.name: Invalid value: \"B_1\": a lowercase RFC 1123 subdomain must consist of";
        assert!(status.message.starts_with(start), "{}", status.message);
        let mut labelled = backup("b");
        labelled.labels_mut().insert("velero.io/schedule-name".to_owned(), "x".repeat(64));
        let status = refused(place.backups().create(&PostParams::default(), &labelled).await);
        let cause = &status.details.unwrap().causes[0];
        assert_eq!((status.code, cause.field.as_str()), (422, "metadata.labels"));
    })
    .await;
}

#[tokio::test]
async fn unknown_fields_are_dropped_or_refused_as_the_caller_wants() {
    conformance(|place| async move {
        let path = place.backups_path();
        let body =
            json!({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": "b"}, "spec": {"tll": "1h"}});
        let strict = place
            .send("POST", &format!("{path}?fieldValidation=Strict"), &body)
            .await;
        let status = refused(strict);
        assert_eq!((status.code, status.reason.as_str()), (400, "BadRequest"));
        assert_eq!(
            status.message,
            "Backup in version \"v1\" cannot be handled as a Backup: strict decoding error: unknown field \"spec.tll\""
        );
        let made = place.send("POST", &path, &body).await.unwrap();
        assert_eq!(made["spec"], json!({}));
        let patch = Patch::Merge(json!({"spec": {"tll": "1h"}}));
        let strict = PatchParams {
            field_validation: Some(ValidationDirective::Strict),
            ..PatchParams::default()
        };
        assert_eq!(refused(place.backups().patch("b", &strict, &patch).await).code, 400);
    })
    .await;
}

#[tokio::test]
async fn velero_kinds_have_no_status_subresource() {
    conformance(|place| async move {
        place.backup("b").await;
        let patch = Patch::Merge(json!({"status": {"phase": "Completed"}}));
        let status = refused(place.backups().patch_status("b", &PatchParams::default(), &patch).await);
        assert_eq!((status.code, status.reason.as_str()), (404, "NotFound"));
        let patched = place
            .backups()
            .patch("b", &PatchParams::default(), &patch)
            .await
            .unwrap();
        assert_eq!(patched.data["status"]["phase"], "Completed");
    })
    .await;
}

#[tokio::test]
async fn what_the_path_and_the_object_say_must_agree() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        let other = refused(place.backups().replace("c", &PostParams::default(), &made).await);
        assert_eq!(other.code, 400);
        let mut unversioned = made.clone();
        unversioned.metadata.resource_version = None;
        let status = refused(place.backups().replace("b", &PostParams::default(), &unversioned).await);
        assert_eq!(status.code, 422);
        assert!(
            status
                .message
                .contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
            "{}",
            status.message
        );
        let mut versioned = backup("d");
        versioned.metadata.resource_version = made.resource_version();
        let status = refused(place.backups().create(&PostParams::default(), &versioned).await);
        assert!(
            status
                .message
                .ends_with("resourceVersion should not be set on objects to be created"),
            "{}",
            status.message
        );
    })
    .await;
}
