//! Access policies of vaults.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rest::Exception;
use super::desk::{Desk, Reply};
use super::vault;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    policy: Option<String>,
}

pub(crate) fn put(desk: &mut Desk<'_>) -> Reply {
    let asked: Put = desk.ask.body()?;
    let policy = asked.policy.ok_or_else(|| Exception::missing_parameter("Policy"))?;
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.policy = Some(policy);
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
        "Policy": policy,
    }))
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    vault::named_mut(desk.region(), name)?.policy = None;
    Ok(Value::Null)
}
