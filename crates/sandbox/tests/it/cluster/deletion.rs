//! Deleting: finalizers, owners, preconditions, many at once, and namespaces.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Resource, ResourceExt};
use serde_json::json;

use super::{Place, backup, conformance, names, refused};

async fn owned(place: &Place, name: &str, owner: &kube::api::DynamicObject) {
    let mut object = backup(name);
    object.metadata.owner_references = Some(vec![OwnerReference {
        api_version: "velero.io/v1".to_owned(),
        kind: "Backup".to_owned(),
        name: owner.name_any(),
        uid: owner.uid().unwrap(),
        ..OwnerReference::default()
    }]);
    place.backups().create(&PostParams::default(), &object).await.unwrap();
}

#[tokio::test]
async fn a_deletion_answers_with_what_was_deleted() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        let status = place
            .backups()
            .delete("b", &DeleteParams::default())
            .await
            .unwrap()
            .right()
            .unwrap();
        let details = status.details.unwrap();
        assert_eq!((details.name, Some(details.uid)), ("b".to_owned(), made.uid()));
        assert_eq!(
            refused(place.backups().delete("b", &DeleteParams::default()).await).code,
            404
        );
    })
    .await;
}

#[tokio::test]
async fn finalizers_hold_an_object_until_the_last_is_gone() {
    conformance(|place| async move {
        let backups = place.backups();
        let mut held = backup("b");
        held.metadata.finalizers = Some(vec!["example.org/a".to_owned()]);
        backups.create(&PostParams::default(), &held).await.unwrap();
        let marked = backups
            .delete("b", &DeleteParams::default())
            .await
            .unwrap()
            .left()
            .unwrap();
        assert!(marked.meta().deletion_timestamp.is_some());
        let more = Patch::Merge(json!({"metadata": {"finalizers": ["example.org/a", "example.org/b"]}}));
        let status = refused(backups.patch("b", &PatchParams::default(), &more).await);
        assert_eq!((status.code, status.reason.as_str()), (422, "Invalid"));
        let forbidden = "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted";
        assert!(status.message.contains(forbidden), "{}", status.message);
        let none = Patch::Merge(json!({"metadata": {"finalizers": []}}));
        backups.patch("b", &PatchParams::default(), &none).await.unwrap();
        assert_eq!(backups.get_opt("b").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_owned_goes_with_its_owner_unless_it_is_orphaned() {
    conformance(|place| async move {
        let backups = place.backups();
        let owner = place.backup("owner").await;
        owned(&place, "owned", &owner).await;
        let uid = backups.get("owned").await.unwrap().uid().unwrap();
        backups.delete("owner", &DeleteParams::background()).await.unwrap();
        await_condition(backups.clone(), "owned", conditions::is_deleted(&uid))
            .await
            .unwrap();
        let owner = place.backup("owner").await;
        owned(&place, "orphan", &owner).await;
        let orphan = DeleteParams {
            propagation_policy: Some(PropagationPolicy::Orphan),
            ..DeleteParams::default()
        };
        backups.delete("owner", &orphan).await.unwrap();
        await_condition(backups.clone(), "owner", conditions::is_deleted(&owner.uid().unwrap()))
            .await
            .unwrap();
        assert_eq!(backups.get("orphan").await.unwrap().owner_references(), []);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_can_be_tied_to_one_object() {
    conformance(|place| async move {
        let made = place.backup("b").await;
        let tied = |uid: &str| {
            DeleteParams::default().preconditions(Preconditions {
                uid: Some(uid.to_owned()),
                resource_version: None,
            })
        };
        let status = refused(place.backups().delete("b", &tied("another")).await);
        assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
        let words = format!(
            "Precondition failed: UID in precondition: another, UID in object meta: {}",
            made.uid().unwrap()
        );
        assert!(status.message.ends_with(&words), "{}", status.message);
        place.backups().delete("b", &tied(&made.uid().unwrap())).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_are_deleted_by_their_labels() {
    conformance(|place| async move {
        let backups = place.backups();
        place.backup("kept").await;
        for name in ["a", "b"] {
            let mut object = backup(name);
            object.labels_mut().insert("old".to_owned(), "yes".to_owned());
            backups.create(&PostParams::default(), &object).await.unwrap();
        }
        let old = ListParams::default().labels("old=yes");
        backups.delete_collection(&DeleteParams::default(), &old).await.unwrap();
        assert_eq!(names(backups.list(&ListParams::default()).await.unwrap()), ["kept"]);
    })
    .await;
}

#[tokio::test]
async fn a_namespace_goes_with_what_is_in_it() {
    conformance(|place| async move {
        let namespaces = Api::<Namespace>::all(place.client.clone());
        let inner = Place {
            namespace: format!("{}-x", place.namespace),
            ..place
        };
        let namespace = json!({"metadata": {"name": inner.namespace}});
        let made = namespaces
            .create(&PostParams::default(), &serde_json::from_value(namespace).unwrap())
            .await
            .unwrap();
        assert_eq!(made.status.unwrap().phase.as_deref(), Some("Active"));
        let mut held = backup("b");
        held.metadata.finalizers = Some(vec!["example.org/a".to_owned()]);
        inner.backups().create(&PostParams::default(), &held).await.unwrap();
        namespaces
            .delete(&inner.namespace, &DeleteParams::default())
            .await
            .unwrap();
        let ending = namespaces.get(&inner.namespace).await.unwrap();
        assert_eq!(ending.status.unwrap().phase.as_deref(), Some("Terminating"));
        let status = refused(inner.backups().create(&PostParams::default(), &backup("c")).await);
        assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
        let words = format!(
            "unable to create new content in namespace {} because it is being terminated",
            inner.namespace
        );
        assert!(status.message.ends_with(&words), "{}", status.message);
        let none = Patch::Merge(json!({"metadata": {"finalizers": null}}));
        inner
            .backups()
            .patch("b", &PatchParams::default(), &none)
            .await
            .unwrap();
        let gone = conditions::is_deleted(made.metadata.uid.as_deref().unwrap());
        await_condition(namespaces, &inner.namespace, gone).await.unwrap();
    })
    .await;
}
