//! Vaults: made, shown, deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, present, time};
use super::recovery_point::RecoveryPoint;
use super::state::{Place, Region};
use super::tags;
use super::vault_lock::Lock;
use super::vault_notifications::Notifications;
use super::vault_policy::AccessPolicy;

/// What a vault is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Backup,
    /// Holds copies only, and is locked for ever.
    AirGapped,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Backup => "BACKUP_VAULT",
            Self::AirGapped => "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) created: Timestamp,
    pub(crate) creator_request: Option<String>,
    pub(crate) key: String,
    pub(crate) lock: Option<Lock>,
    pub(crate) policy: Option<AccessPolicy>,
    pub(crate) notifications: Option<Notifications>,
    /// By ARN.
    pub(crate) points: BTreeMap<String, RecoveryPoint>,
}

impl Vault {
    pub(crate) fn arn(&self, place: &Place) -> String {
        place.arn(&format!("backup-vault:{}", self.name))
    }

    /// # Errors
    /// `InvalidParameterValueException` of a vault that takes copies alone.
    pub(crate) fn check_takes_backups(&self) -> Result<(), Exception> {
        match self.kind {
            Kind::Backup => Ok(()),
            Kind::AirGapped => Err(Exception::invalid_parameter(format!(
                "Backup vault {} is logically air-gapped: it takes copies alone",
                self.name
            ))),
        }
    }

    /// A new one, empty.
    pub(crate) fn new(
        name: &str,
        kind: Kind,
        creator_request: Option<String>,
        key: String,
        created: Timestamp,
    ) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            created,
            creator_request,
            key,
            lock: None,
            policy: None,
            notifications: None,
            points: BTreeMap::new(),
        }
    }

    fn shown(&self, place: &Place) -> Value {
        let lock = self.lock.as_ref();
        present(json!({
            "BackupVaultName": self.name,
            "BackupVaultArn": self.arn(place),
            "VaultType": self.kind.name(),
            "VaultState": "AVAILABLE",
            "EncryptionKeyArn": self.key,
            "EncryptionKeyType": "AWS_OWNED_KMS_KEY",
            "CreationDate": time(self.created),
            "CreatorRequestId": self.creator_request,
            "NumberOfRecoveryPoints": self.points.len(),
            "Locked": lock.is_some(),
            "MinRetentionDays": lock.and_then(|lock| lock.min_days),
            "MaxRetentionDays": lock.and_then(|lock| lock.max_days),
            "LockDate": lock.and_then(|lock| lock.fixed_from).map(time),
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    #[serde(default)]
    backup_vault_tags: BTreeMap<String, String>,
    encryption_key_arn: Option<String>,
    creator_request_id: Option<String>,
}

pub(crate) fn create(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName").to_owned();
    check_name(&name)?;
    let asked: Create = desk.ask.body()?;
    check_request_id(asked.creator_request_id.as_deref())?;
    let (place, now) = (desk.place.clone(), desk.now);
    let vaults = &mut desk.region().vaults;
    if let Some(there) = vaults.get(&name) {
        // The same request again gets the same answer.
        if asked.creator_request_id.is_some() && there.creator_request == asked.creator_request_id {
            return Ok(made(there, &place));
        }
        return Err(
            Exception::already_exists("Backup vault with the same name already exists")
                .with("CreatorRequestId", there.creator_request.clone())
                .with("Arn", there.arn(&place)),
        );
    }
    if vaults.len() >= 300 {
        return Err(Exception::new(
            400,
            "LimitExceededException",
            "Backup vault limit exceeded",
        ));
    }
    let key = asked.encryption_key_arn.unwrap_or_else(|| default_key(&place));
    let vault = Vault::new(&name, Kind::Backup, asked.creator_request_id, key, now);
    let (answer, arn) = (made(&vault, &place), vault.arn(&place));
    vaults.insert(name, vault);
    tags::put(desk, &arn, asked.backup_vault_tags);
    Ok(answer)
}

/// The key of a vault that names none.
pub(crate) fn default_key(place: &Place) -> String {
    format!("arn:aws:kms:{}:{}:key/aws/backup", place.region, place.account)
}

pub(crate) fn made(vault: &Vault, place: &Place) -> Value {
    json!({
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn(place),
        "CreationDate": time(vault.created),
    })
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    Ok(named(desk.read(), desk.ask.path("backupVaultName"))?.shown(&desk.place))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    const KINDS: [&str; 3] = [
        "BACKUP_VAULT",
        "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        "RESTORE_ACCESS_BACKUP_VAULT",
    ];
    let kind = desk.ask.query("vaultType");
    if let Some(unknown) = kind.filter(|kind| !KINDS.contains(kind)) {
        return Err(Exception::invalid_parameter(format!(
            "Invalid value for vaultType: {unknown}"
        )));
    }
    let vaults = desk.read().vaults.values();
    let items = vaults
        // Nobody shares a vault here.
        .filter(|_| desk.ask.query("shared") != Some("true"))
        .filter(|vault| kind.is_none_or(|kind| vault.kind.name() == kind))
        .map(|vault| (vault.name.clone(), vault));
    let page = rest::page(
        &desk.ask,
        ("maxResults", "nextToken"),
        "BackupVaultList",
        items,
        |vault| vault.shown(&desk.place),
    )?;
    Ok(page.into())
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let name = desk.ask.path("backupVaultName");
    if !named(desk.read(), name)?.points.is_empty() {
        return Err(Exception::invalid_request(
            "Backup vault cannot be deleted because it contains recovery points.",
        ));
    }
    let arn = desk.place.arn(&format!("backup-vault:{name}"));
    let region = desk.region();
    region.vaults.remove(name);
    region.tags.remove(&arn);
    Ok(Value::Null)
}

/// The refusal of a name that another vault has.
pub(crate) fn taken(there: &Vault, place: &Place) -> Exception {
    let refusal =
        Exception::already_exists("Backup vault with the same name already exists").with("Arn", there.arn(place));
    match &there.creator_request {
        Some(request) => refusal.with("CreatorRequestId", request.as_str()),
        None => refusal,
    }
}

/// The vault of that name, to be read.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(crate) fn named<'a>(region: &'a Region, name: &str) -> Result<&'a Vault, Exception> {
    region.vaults.get(name).ok_or_else(|| no_vault(name))
}

/// The vault of that name, to be changed.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(crate) fn named_mut<'a>(region: &'a mut Region, name: &str) -> Result<&'a mut Vault, Exception> {
    region.vaults.get_mut(name).ok_or_else(|| no_vault(name))
}

fn no_vault(name: &str) -> Exception {
    Exception::not_found(format!("Backup Vault {name} does not exist")).with("Type", "Client")
}

/// 1 to 50 letters, digits and `-_.`, where it is given.
pub(crate) fn check_request_id(id: Option<&str>) -> Result<(), Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match id {
        Some(id) if !(1..=50).contains(&id.len()) || !id.bytes().all(allowed) => {
            Err(Exception::invalid_parameter("Invalid value for CreatorRequestId"))
        }
        _ => Ok(()),
    }
}

/// 2 to 50 letters, digits, hyphens and underscores.
pub(crate) fn check_name(name: &str) -> Result<(), Exception> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (2..=50).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Exception::invalid_parameter(format!(
            "Invalid backup vault name: {name}. It must match ^[a-zA-Z0-9\\-\\_]{{2,50}}$"
        )))
    }
}
