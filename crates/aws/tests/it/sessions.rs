//! Sessions: narrow, attributed, and in the right account.

use std::collections::BTreeMap;

use domain::plan::StepAction;
use mechanism::{ApplyError, Authority, Mechanism, ObserveError};

use crate::fixture::{EXTERNAL_ID, account, authority, backups, key, noon, restore_of, restore_to, scope, step};
use crate::stub::{CUSTOMER, OWN, Stub, error};

#[tokio::test]
async fn each_session_is_short_narrow_and_attributed() {
    let stub = Stub::new().await;
    stub.answer("DescribeDBInstances", 404, &error("DBInstanceNotFound"))
        .await;
    let account = account(CUSTOMER);
    let tags = BTreeMap::from([("holdfast:tenant".to_owned(), "x".to_owned())]);
    let longest = restore_of(&"s".repeat(255));
    for action in [
        StepAction::Tag { tags },
        backups(14, "01:00-02:00"),
        longest,
        restore_to(noon()),
    ] {
        // What the call itself is answered does not matter here.
        let _ = stub
            .mechanism
            .apply(&account, &authority(&account), &step(&account, action), &key())
            .await;
    }
    let sessions = stub.calls("AssumeRole").await;
    let roles: Vec<_> = sessions
        .iter()
        .map(|s| s["RoleArn"].rsplit('/').next().unwrap())
        .collect();
    assert_eq!(roles, ["configure", "observe", "tune", "restore", "restore"]);
    for session in sessions {
        let role = session["RoleArn"].rsplit('/').next().unwrap();
        let source = if role == "observe" { "observe" } else { "cr-17" };
        assert_eq!(session["SourceIdentity"], source);
        assert_eq!(session["ExternalId"], EXTERNAL_ID);
        assert_eq!(session["DurationSeconds"], "900");
        assert_eq!(
            (&session["Tags.member.1.Key"], &session["Tags.member.1.Value"]),
            (&"holdfast:tenant".to_owned(), &account.tenant.to_string())
        );
        assert_eq!(
            (
                session["Tags.member.2.Key"].as_str(),
                session["Tags.member.2.Value"].as_str()
            ),
            ("holdfast:source", source)
        );
        let policy = &session["Policy"];
        assert!(policy.len() <= 2048, "{}", policy.len());
        assert!(policy.matches("arn:").count() <= 10, "{policy}");
        assert!(!policy.contains("rds:*"), "{policy}");
        if role != "observe" {
            assert!(
                policy.contains(&format!("arn:aws:rds:eu-west-1:{CUSTOMER}:")),
                "{policy}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_is_kept_and_shared_only_between_equal_grants() {
    let stub = Stub::new().await;
    stub.holds("", "").await;
    let account = account(CUSTOMER);
    for _ in 0..3 {
        stub.mechanism.observe(&scope(&account, &[])).await.unwrap();
    }
    assert_eq!(stub.calls("AssumeRole").await.len(), 1);
    let mut other_tenant = account.clone();
    other_tenant.tenant = domain::id::TenantId(uuid::Uuid::from_u128(77));
    stub.mechanism.observe(&scope(&other_tenant, &[])).await.unwrap();
    assert_eq!(stub.calls("AssumeRole").await.len(), 2);
}

#[tokio::test]
async fn a_session_that_aws_has_forgotten_is_opened_anew() {
    let stub = Stub::new().await;
    stub.holds("", "").await;
    let scope = scope(&account(CUSTOMER), &[]);
    stub.mechanism.observe(&scope).await.unwrap();
    stub.answer_once("DescribeDBInstances", 403, &error("InvalidClientTokenId"))
        .await;
    let lost = stub.mechanism.observe(&scope).await;
    assert!(matches!(lost, Err(ObserveError::Unavailable { .. })), "{lost:?}");
    stub.mechanism.observe(&scope).await.unwrap();
    assert_eq!(stub.calls("AssumeRole").await.len(), 2);
}

#[tokio::test]
async fn a_session_in_another_account_than_the_registered_is_not_used() {
    let stub = Stub::with_sessions_in("444455556666").await;
    stub.holds("", "").await;
    let seen = stub.mechanism.observe(&scope(&account(CUSTOMER), &["prod-pg"])).await;
    let Err(ObserveError::Refused { reason }) = seen else {
        panic!("{seen:?}")
    };
    assert!(reason.contains("444455556666") && reason.contains(CUSTOMER), "{reason}");
    assert!(stub.calls("DescribeDBInstances").await.is_empty());
}

#[tokio::test]
async fn our_own_account_and_roles_elsewhere_are_refused_before_any_session() {
    let stub = Stub::new().await;
    let own = stub.mechanism.observe(&scope(&account(OWN), &[])).await;
    assert!(matches!(own, Err(ObserveError::Refused { .. })), "{own:?}");
    let mut elsewhere = account(CUSTOMER);
    elsewhere.roles.observe = "arn:aws:iam::444455556666:role/holdfast/observe".parse().unwrap();
    let seen = stub.mechanism.observe(&scope(&elsewhere, &[])).await;
    assert!(matches!(seen, Err(ObserveError::Refused { .. })), "{seen:?}");
    assert!(stub.calls("AssumeRole").await.is_empty());
}

#[tokio::test]
async fn a_step_of_another_account_region_or_tenant_makes_no_call() {
    let stub = Stub::new().await;
    let account = account(CUSTOMER);
    let sound = step(&account, backups(14, "01:00-02:00"));
    let mut other_arn = sound.clone();
    other_arn.arn = sound.arn.replace(CUSTOMER, "444455556666");
    let mut other_region = sound.clone();
    other_region.region = "us-east-1".parse().unwrap();
    let stranger = Authority {
        tenant: domain::id::TenantId(uuid::Uuid::from_u128(77)),
        ..authority(&account)
    };
    for (step, authority) in [
        (&other_arn, &authority(&account)),
        (&other_region, &authority(&account)),
        (&sound, &stranger),
    ] {
        let made = stub.mechanism.apply(&account, authority, step, &key()).await;
        assert!(matches!(made, Err(ApplyError::Rejected { .. })), "{made:?}");
    }
    assert!(stub.calls("AssumeRole").await.is_empty());
}
