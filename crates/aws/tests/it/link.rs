//! Linking an account: the roles as installed pass, unsafe ones do not.

use mechanism::{Mechanism, ObserveError};

use crate::fixture::EXTERNAL_ID;
use crate::ministack::Customer;

#[tokio::test]
async fn the_roles_of_the_template_are_a_safe_link() {
    let customer = Customer::new().await;
    customer.mechanism.verify_link(&customer.account).await.unwrap();
}

#[tokio::test]
async fn a_role_that_needs_no_external_id_is_refused_in_the_customers_words() {
    for role in ["observe", "restore"] {
        let customer = Customer::new().await;
        customer
            .trust(role, |trust| {
                trust
                    .replace("StringEquals", "StringNotEquals")
                    .replace(EXTERNAL_ID, "x-none")
            })
            .await;
        let Err(ObserveError::Refused { reason }) = customer.mechanism.verify_link(&customer.account).await else {
            panic!("{role} passed")
        };
        assert!(reason.contains(&format!("role/holdfast/{role}")), "{reason}");
        assert!(
            reason.contains("without the ExternalId") && reason.contains(EXTERNAL_ID),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_role_that_takes_any_external_id_is_refused() {
    let customer = Customer::new().await;
    customer
        .trust("tune", |trust| {
            trust.replace("StringEquals", "StringLike").replace(EXTERNAL_ID, "*")
        })
        .await;
    let Err(ObserveError::Refused { reason }) = customer.mechanism.verify_link(&customer.account).await else {
        panic!("passed")
    };
    assert!(reason.contains("with any ExternalId"), "{reason}");
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_named() {
    let customer = Customer::new().await;
    let mut other = customer.account.clone();
    other.external_id = "hf-of-another-link".to_owned();
    let Err(ObserveError::Denied { reason }) = customer.mechanism.verify_link(&other).await else {
        panic!("assumed with another link's ExternalId")
    };
    assert!(
        reason.contains("role/holdfast/observe") && reason.contains("trust policy"),
        "{reason}"
    );

    let mut missing = customer.account.clone();
    missing.roles.restore = format!("arn:aws:iam::{}:role/holdfast/absent", missing.account)
        .parse()
        .unwrap();
    let Err(ObserveError::Denied { reason }) = customer.mechanism.verify_link(&missing).await else {
        panic!("assumed a role that does not exist")
    };
    assert!(reason.contains("role/holdfast/absent"), "{reason}");
}
