//! Logically air-gapped vaults: locked in compliance mode from the start, filled by copies alone.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::rest::Exception;
use super::desk::{Desk, Reply};
use super::tags;
use super::vault::{self, Kind, Vault};
use super::vault_lock::Lock;

/// Shortest retention that such a vault may have, in days.
const LEAST_DAYS: i64 = 7;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    min_retention_days: Option<i64>,
    max_retention_days: Option<i64>,
    creator_request_id: Option<String>,
    encryption_key_arn: Option<String>,
    #[serde(default)]
    backup_vault_tags: BTreeMap<String, String>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    vault::check_name(name)?;
    let asked: Create = desk.ask.body()?;
    vault::check_request_id(asked.creator_request_id.as_deref())?;
    let needed = |days: Option<i64>, name| days.ok_or_else(|| Exception::missing_parameter(name));
    let min = needed(asked.min_retention_days, "MinRetentionDays")?;
    let max = needed(asked.max_retention_days, "MaxRetentionDays")?;
    if min < LEAST_DAYS || max < min {
        return Err(Exception::invalid_parameter(format!(
            "MinRetentionDays must be at least {LEAST_DAYS} and not greater than MaxRetentionDays"
        )));
    }
    let (place, now) = (desk.place.clone(), desk.now);
    if let Some(there) = desk.read().vaults.get(name) {
        let again = asked.creator_request_id.is_some() && there.creator_request == asked.creator_request_id;
        return if again {
            Ok(made(there, desk))
        } else {
            Err(vault::taken(there, &place))
        };
    }
    let key = asked.encryption_key_arn.unwrap_or_else(|| vault::default_key(&place));
    let mut vault = Vault::new(name, Kind::AirGapped, asked.creator_request_id, key, now);
    vault.lock = Some(Lock {
        min_days: Some(min),
        max_days: Some(max),
        fixed_from: Some(now),
    });
    let (answer, arn) = (made(&vault, desk), vault.arn(&place));
    desk.region().vaults.insert(name.to_owned(), vault);
    tags::put(desk, &arn, asked.backup_vault_tags);
    Ok(answer)
}

fn made(vault: &Vault, desk: &Desk<'_>) -> Value {
    let mut made = vault::made(vault, &desk.place);
    made["VaultState"] = "AVAILABLE".into();
    made
}
