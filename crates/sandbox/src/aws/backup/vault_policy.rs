//! Access policies of vaults.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::authority::{Kind, Policy};
use super::super::request::Call;
use super::super::rest::{Ask, Exception};
use super::desk::{Desk, Reply};
use super::state::Region;
use super::vault::{self, Vault};

/// Who may do what with a vault and its recovery points.
#[derive(Debug, Clone)]
pub(crate) struct AccessPolicy {
    /// As it was put.
    text: String,
    pub(crate) parsed: Arc<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    policy: Option<String>,
}

pub(crate) fn put(desk: &mut Desk<'_>) -> Reply {
    let asked: Put = desk.ask.body()?;
    let policy = asked.policy.ok_or_else(|| Exception::missing_parameter("Policy"))?;
    let parsed = Policy::parse(&policy, Kind::Resource)
        .map_err(|error| Exception::invalid_parameter(format!("The specified policy is not valid: {error}")))?;
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.policy = Some(AccessPolicy {
        text: policy,
        parsed: Arc::new(parsed),
    });
    Ok(Value::Null)
}

pub(crate) fn get(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    let vault = vault::named(desk.read(), name)?;
    let policy = vault
        .policy
        .as_ref()
        .ok_or_else(|| Exception::not_found(format!("Backup vault {name} does not have an access policy")))?;
    Ok(json!({
        "BackupVaultName": name,
        "BackupVaultArn": vault.arn(&desk.place),
        "Policy": policy.text,
    }))
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.policy = None;
    Ok(Value::Null)
}

/// The policy on the vault that a call names, or that holds the recovery point which it names.
pub(crate) fn on(region: &Region, call: &Call) -> Option<Arc<Policy>> {
    let asked = Ask::new(call).described();
    let names = ["backupVaultName", "BackupVaultName", "SourceBackupVaultName"];
    let named = names.iter().find_map(|name| region.vaults.get(asked[name].as_str()?));
    let holds = |vault: &&Vault| {
        let point = asked["RecoveryPointArn"].as_str();
        point.is_some_and(|point| vault.points.contains_key(point))
    };
    let vault = named.or_else(|| region.vaults.values().find(holds))?;
    Some(vault.policy.as_ref()?.parsed.clone())
}
