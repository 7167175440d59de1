//! Values that the tests share.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{AccessKey, AwsMechanism, AwsSettings};
use domain::account::{AccountRoles, AwsAccount, AwsAccountId};
use domain::clock::Clock;
use domain::id::{AwsAccountLinkId, ComponentId, ReconcileScopeId, TenantId};
use domain::observation::BackupScope;
use domain::plan::{IdempotencyKey, Step, StepAction};
use jiff::Timestamp;
use mechanism::Authority;
use uuid::Uuid;

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const EXTERNAL_ID: &str = "hf-6b1f0c0a9d5e4c7f8b2a";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        noon()
    }
}

/// The time of every test.
pub(crate) fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) async fn mechanism(endpoint: &str, principal: &str) -> AwsMechanism {
    let settings = AwsSettings {
        region: REGION.parse().unwrap(),
        endpoint: Some(endpoint.to_owned()),
        principal: Some(AccessKey {
            id: principal.to_owned(),
            secret: "test".into(),
        }),
    };
    AwsMechanism::connect(settings, Arc::new(Noon)).await
}

/// A linked account with this number.
pub(crate) fn account(number: &str) -> AwsAccount {
    let role = |name: &str| format!("arn:aws:iam::{number}:role/holdfast/{name}").parse().unwrap();
    AwsAccount {
        id: AwsAccountLinkId(Uuid::from_u128(1)),
        tenant: TenantId(Uuid::from_u128(2)),
        account: number.parse().unwrap(),
        region: REGION.parse().unwrap(),
        external_id: EXTERNAL_ID.to_owned(),
        roles: AccountRoles {
            observe: role("observe"),
            configure: role("configure"),
            tune: role("tune"),
            restore: role("restore"),
        },
    }
}

/// The ARN of an instance in the account.
pub(crate) fn arn(account: &AwsAccount, name: &str) -> String {
    format!("arn:aws:rds:{}:{}:db:{name}", account.region, account.account)
}

/// A scope with these instances.
pub(crate) fn scope(account: &AwsAccount, names: &[&str]) -> BackupScope {
    BackupScope {
        id: ReconcileScopeId(Uuid::from_u128(3)),
        account: account.clone(),
        resources: names.iter().map(|name| arn(account, name)).collect(),
    }
}

pub(crate) fn authority(account: &AwsAccount) -> Authority {
    Authority {
        tenant: account.tenant,
        source: "cr-17".to_owned(),
    }
}

pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey("plan/0".to_owned())
}

/// A step on the instance `prod-pg`.
pub(crate) fn step(account: &AwsAccount, action: StepAction) -> Step {
    Step {
        component: ComponentId(Uuid::from_u128(4)),
        component_name: "prod-pg".to_owned(),
        account: account.account.clone(),
        region: account.region.clone(),
        arn: arn(account, "prod-pg"),
        action,
        weakens: false,
    }
}

pub(crate) fn backups(retention: u16, window: &str) -> StepAction {
    StepAction::SetAutomatedBackups {
        retention_before: 1,
        retention_after: retention,
        window_before: None,
        window_after: Some(window.parse().unwrap()),
    }
}

pub(crate) fn restore_of(snapshot: &str) -> StepAction {
    StepAction::RestoreSnapshot {
        snapshot: snapshot.to_owned(),
        target: TARGET.to_owned(),
        tags: restore_tags(),
    }
}

pub(crate) fn restore_to(to: Timestamp) -> StepAction {
    StepAction::RestorePointInTime {
        to,
        target: TARGET.to_owned(),
        tags: restore_tags(),
    }
}

pub(crate) const TARGET: &str = "holdfast-restore-prod-pg-0123456789ab";

pub(crate) fn restore_tags() -> BTreeMap<String, String> {
    domain::restore::tags(
        TenantId(Uuid::from_u128(2)),
        domain::id::RestoreRequestId(Uuid::from_u128(5)),
    )
}

/// A twelve-digit number that no other test uses.
pub(crate) fn fresh_account() -> AwsAccountId {
    format!("{:012}", Uuid::new_v4().as_u128() % 900_000_000_000 + 100_000_000_000)
        .parse()
        .unwrap()
}
