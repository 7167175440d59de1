//! RDS steps against ministack: what is made is there, once.

use std::collections::BTreeMap;

use domain::observation::Completeness;
use domain::plan::StepAction;
use mechanism::{ApplyError, Mechanism, Progress, contract};

use crate::fixture::{TARGET, arn, authority, backups, key, restore_of, restore_tags, scope, step};
use crate::ministack::{Customer, front};

#[tokio::test]
async fn automated_backups_are_set_once_and_then_observed() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    let account = &customer.account;
    let step = step(account, backups(14, "01:00-02:00"));
    contract::applies_once(
        &customer.mechanism,
        account,
        &authority(account),
        &step,
        &key(),
    )
    .await;

    let seen = customer
        .mechanism
        .observe(&scope(account, &["prod-pg", "gone"]))
        .await
        .unwrap();
    assert_eq!(seen.completeness, Completeness::Complete);
    let db = &seen.resources[&arn(account, "prod-pg")];
    assert_eq!(db.automated_retention_days, 14);
    assert_eq!(db.window, Some("01:00-02:00".parse().unwrap()));
    assert_eq!(seen.resources.len(), 1);
}

#[tokio::test]
async fn a_change_to_an_instance_that_is_gone_fails_for_good() {
    let customer = Customer::new().await;
    let account = &customer.account;
    let step = step(account, backups(14, "01:00-02:00"));
    let made = customer
        .mechanism
        .apply(account, &authority(account), &step, &key())
        .await;
    assert!(matches!(made, Err(ApplyError::Rejected { .. })), "{made:?}");
    let progress = customer
        .mechanism
        .progress(account, &step, &key())
        .await
        .unwrap();
    assert!(matches!(progress, Progress::Failed { .. }), "{progress:?}");
}

#[tokio::test]
async fn without_the_roles_permissions_a_change_says_which_role_lacks_them() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    customer
        .iam(
            "DeleteRolePolicy",
            &[("RoleName", "tune"), ("PolicyName", "tune")],
        )
        .await;
    let account = &customer.account;
    let step = step(account, backups(14, "01:00-02:00"));
    let made = customer
        .mechanism
        .apply(account, &authority(account), &step, &key())
        .await;
    let Err(ApplyError::Rejected { reason }) = made else {
        panic!("{made:?}")
    };
    assert!(reason.contains("role/holdfast/tune"), "{reason}");
}

/// ministack drops the tags of a restore, so what it made never becomes ours there: the sandbox, which
/// keeps them, runs this one to its end.
#[tokio::test]
async fn a_snapshot_is_restored_under_the_requests_name_once() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    customer
        .rds(
            "CreateDBSnapshot",
            &[
                ("DBInstanceIdentifier", "prod-pg"),
                ("DBSnapshotIdentifier", "by-hand"),
            ],
        )
        .await;
    let account = &customer.account;
    let step = step(account, restore_of("by-hand"));
    if front().is_some() {
        contract::applies_once(
            &customer.mechanism,
            account,
            &authority(account),
            &step,
            &key(),
        )
        .await;
        return;
    }
    let receipt = customer
        .mechanism
        .apply(account, &authority(account), &step, &key())
        .await
        .unwrap();
    assert_eq!(receipt.provider_ref, arn(account, TARGET));
    let seen = customer
        .mechanism
        .observe(&scope(account, &[TARGET]))
        .await
        .unwrap();
    assert_eq!(seen.resources[&arn(account, TARGET)].status, "available");
    // Without the tag it is not known as ours, and a second restore must not claim it.
    let again = customer
        .mechanism
        .apply(account, &authority(account), &step, &key())
        .await;
    assert!(
        matches!(again, Err(ApplyError::Rejected { .. })),
        "{again:?}"
    );
    // With it, it is.
    customer.tag(&arn(account, TARGET), &restore_tags()).await;
    assert_eq!(
        customer
            .mechanism
            .apply(account, &authority(account), &step, &key())
            .await
            .unwrap(),
        receipt
    );
    let progress = customer
        .mechanism
        .progress(account, &step, &key())
        .await
        .unwrap();
    assert_eq!(progress, Progress::Done(receipt));
}

/// ministack judges AddTagsToResource without its ARN, so a session that is held to one ARN is denied
/// there: against the sandbox the tag is set, against bare ministack the denial names the role.
#[tokio::test]
async fn an_instance_is_tagged_under_the_configure_role() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    let account = &customer.account;
    let tags = BTreeMap::from([("holdfast:tenant".to_owned(), account.tenant.to_string())]);
    let step = step(account, StepAction::Tag { tags: tags.clone() });
    if front().is_some() {
        contract::applies_once(
            &customer.mechanism,
            account,
            &authority(account),
            &step,
            &key(),
        )
        .await;
        return;
    }
    let made = customer
        .mechanism
        .apply(account, &authority(account), &step, &key())
        .await;
    let Err(ApplyError::Rejected { reason }) = made else {
        panic!("{made:?}")
    };
    assert!(reason.contains("role/holdfast/configure"), "{reason}");
    assert_eq!(
        customer
            .mechanism
            .progress(account, &step, &key())
            .await
            .unwrap(),
        Progress::NotStarted
    );
    customer.tag(&arn(account, "prod-pg"), &tags).await;
    let progress = customer
        .mechanism
        .progress(account, &step, &key())
        .await
        .unwrap();
    assert!(matches!(progress, Progress::Done(_)), "{progress:?}");
}
