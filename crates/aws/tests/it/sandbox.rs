//! The steps that ministack alone cannot show: it judges AddTagsToResource and point-in-time restores
//! without their ARNs, and drops the tags of a restore.

use std::collections::BTreeMap;

use domain::plan::StepAction;
use mechanism::{Mechanism, contract};

use crate::fixture::{arn, authority, key, restore_of, restore_to, scope, step};
use crate::ministack::Customer;

async fn applies_once(customer: &Customer, action: StepAction) {
    let account = &customer.account;
    let step = step(account, action);
    contract::applies_once(&customer.mechanism, account, &authority(account), &step, &key()).await;
}

#[tokio::test]
async fn an_instance_is_tagged_once() {
    let customer = Customer::behind_the_sandbox().await;
    customer.create_instance().await;
    let tags = BTreeMap::from([("holdfast:scope-item".to_owned(), "7".to_owned())]);
    applies_once(&customer, StepAction::Tag { tags }).await;
}

#[tokio::test]
async fn a_snapshot_is_restored_once() {
    let customer = Customer::behind_the_sandbox().await;
    customer.create_instance().await;
    customer.create_snapshot("by-hand").await;
    applies_once(&customer, restore_of("by-hand")).await;
}

#[tokio::test]
async fn a_moment_is_restored_once() {
    let customer = Customer::behind_the_sandbox().await;
    customer.create_instance().await;
    let account = &customer.account;
    let seen = customer.mechanism.observe(&scope(account, &["prod-pg"])).await.unwrap();
    let latest = seen.resources[&arn(account, "prod-pg")].newest().unwrap().at;
    applies_once(&customer, restore_to(latest)).await;
}
