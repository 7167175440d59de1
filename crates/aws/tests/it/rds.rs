//! RDS steps against ministack: what is made is there, once.

use domain::observation::Completeness;
use mechanism::{ApplyError, Mechanism, Progress, contract};

use crate::fixture::{TARGET, arn, authority, backups, key, restore_of, restore_tags, scope, step};
use crate::ministack::Customer;

#[tokio::test]
async fn automated_backups_are_set_once_and_then_observed() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    let account = &customer.account;
    let step = step(account, backups(14, "01:00-02:00"));
    contract::applies_once(&customer.mechanism, account, &authority(account), &step, &key()).await;

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
    let progress = customer.mechanism.progress(account, &step, &key()).await.unwrap();
    assert!(matches!(progress, Progress::Failed { .. }), "{progress:?}");
}

#[tokio::test]
async fn without_the_roles_permissions_a_change_says_which_role_lacks_them() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    customer
        .iam("DeleteRolePolicy", &[("RoleName", "tune"), ("PolicyName", "tune")])
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

/// ministack drops the tags of a restore. Here that is of use: what is not marked as ours is not claimed.
#[tokio::test]
async fn a_snapshot_is_restored_once_and_claimed_only_with_our_tag() {
    let customer = Customer::new().await;
    customer.create_instance().await;
    customer.create_snapshot("by-hand").await;
    let account = &customer.account;
    let (holdfast, authority) = (&customer.mechanism, authority(account));
    let step = step(account, restore_of("by-hand"));
    assert_eq!(
        holdfast.progress(account, &step, &key()).await.unwrap(),
        Progress::NotStarted
    );

    let receipt = holdfast.apply(account, &authority, &step, &key()).await.unwrap();
    assert_eq!(receipt.provider_ref, arn(account, TARGET));
    let seen = holdfast.observe(&scope(account, &[TARGET])).await.unwrap();
    assert_eq!(seen.resources[&arn(account, TARGET)].status, "available");
    let again = holdfast.apply(account, &authority, &step, &key()).await;
    assert!(matches!(again, Err(ApplyError::Rejected { .. })), "{again:?}");

    customer.tag(&arn(account, TARGET), &restore_tags()).await;
    assert_eq!(
        holdfast.apply(account, &authority, &step, &key()).await.unwrap(),
        receipt
    );
    let progress = holdfast.progress(account, &step, &key()).await.unwrap();
    assert_eq!(progress, Progress::Done(receipt));
}
