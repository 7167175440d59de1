//! What is asked about recovery points, and how they come and go.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::events::Event;
use super::super::ministack::Ministack;
use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, present, time};
use super::recovery_point::{Lifecycle, RecoveryPoint, Status};
use super::state::{Place, Region, State, Task};
use super::vault::Vault;
use super::{Backup, limits, resource, vault, vault_lock};

/// Puts a recovery point into its vault, with its end planned.
pub(crate) fn keep(
    state: &mut State,
    place: &Place,
    vault: &str,
    point: RecoveryPoint,
    tags: BTreeMap<String, String>,
) {
    let (arn, expires, at) = (point.arn.clone(), point.expires(), point.completed);
    let region = state.region(place);
    let Some(vault) = region.vaults.get_mut(vault) else {
        return;
    };
    let event = event(place, vault, &point, at);
    let name = vault.name.clone();
    vault.points.insert(arn.clone(), point);
    if !tags.is_empty() {
        region.tags.insert(arn.clone(), tags);
    }
    state.tell(place, event);
    if let Some(expires) = expires {
        state.plan(
            expires,
            place,
            Task::Expire {
                vault: name,
                point: arn,
            },
        );
    }
}

fn event(place: &Place, vault: &Vault, point: &RecoveryPoint, at: Timestamp) -> Event {
    Event {
        source: "aws.backup",
        detail_type: "Recovery Point State Change",
        resources: vec![point.arn.clone()],
        detail: present(json!({
            "backupVaultName": vault.name,
            "backupVaultArn": vault.arn(place),
            "creationDate": point.created.to_string(),
            "completionDate": point.completed.to_string(),
            "iamRoleArn": point.role,
            "resourceType": point.resource.kind.name(),
            "resourceArn": point.resource.arn,
            "status": point.status.name(),
            "isEncrypted": point.resource.encrypted,
            "storageClass": "WARM",
            "backupSizeInBytes": point.resource.bytes,
            "encryptionKeyArn": point.key,
        })),
        at,
    }
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    let (vault, point) = asked(desk.read(), &desk.ask)?;
    let mut shown = point.shown(&desk.place, vault);
    shown["StorageClass"] = point.storage_class(desk.now).into();
    Ok(shown)
}

pub(crate) fn list_by_vault(desk: &mut Desk<'_>) -> Reply {
    let ask = &desk.ask;
    let vault = vault::named(desk.read(), ask.path("backupVaultName"))?;
    let filter = limits::JobFilter::read(ask)?;
    let plan = ask.query("backupPlanId");
    let wanted = |point: &&RecoveryPoint| {
        let by = point.created_by.as_ref();
        plan.is_none_or(|plan| by.is_some_and(|by| by.backup_plan_id == plan))
            && filter.matches(&limits::JobFacts {
                account: &desk.place.account,
                resource: &point.resource.arn,
                state: point.status.name(),
                vault: Some(&vault.name),
                created: point.created,
                completed: Some(point.completed),
                parent: None,
                message: None,
            })
    };
    let points = vault.points.values().filter(wanted);
    let items = points.map(|point| (rest::newest_first(point.created, &point.arn), point));
    let page = rest::page(ask, ("maxResults", "nextToken"), "RecoveryPoints", items, |point| {
        point.shown(&desk.place, vault)
    })?;
    Ok(page.into())
}

pub(crate) fn list_by_resource(desk: &mut Desk<'_>) -> Reply {
    let resource = desk.ask.path("resourceArn");
    let vaults = desk.read().vaults.values();
    let points = vaults.flat_map(|vault| vault.points.values().map(move |point| (vault, point)));
    let items = points
        .filter(|(_, point)| point.resource.arn == resource)
        .map(|(vault, point)| (rest::newest_first(point.created, &point.arn), (vault, point)));
    let shown = |(vault, point): (&Vault, &RecoveryPoint)| {
        json!({
            "RecoveryPointArn": point.arn,
            "CreationDate": time(point.created),
            "Status": point.status.name(),
            "EncryptionKeyArn": point.key,
            "BackupSizeBytes": point.resource.bytes,
            "BackupVaultName": vault.name,
            "IsParent": false,
            "ResourceName": point.resource.name,
            "VaultType": vault.kind.name(),
        })
    };
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "RecoveryPoints", items, shown)?;
    Ok(page.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    #[serde(default)]
    lifecycle: Lifecycle,
}

pub(crate) fn update_lifecycle(desk: &mut Desk<'_>) -> Reply {
    let lifecycle = desk.ask.body::<Update>()?.lifecycle;
    limits::check_lifecycle(lifecycle)?;
    let (vault, point) = asked(desk.read(), &desk.ask)?;
    if vault.lock.is_some() {
        return Err(locked(vault));
    }
    if point.continuous_since.is_some() && lifecycle.delete_after_days.is_none_or(|days| days > 35) {
        return Err(Exception::invalid_parameter(
            "The lifecycle of a continuous backup must have DeleteAfterDays between 1 and 35",
        ));
    }
    vault_lock::check_retention(vault.lock.as_ref(), lifecycle).map_err(Exception::invalid_parameter)?;
    let (vault, arn, place) = (vault.name.clone(), point.arn.clone(), desk.place.clone());
    let point = desk
        .region()
        .vaults
        .get_mut(&vault)
        .and_then(|vault| vault.points.get_mut(&arn));
    let Some(point) = point else { return Err(no_point(&arn)) };
    point.lifecycle = lifecycle;
    let (expires, shown) = (point.expires(), lifecycle);
    let point = point.clone();
    if let Some(expires) = expires {
        let expire = Task::Expire {
            vault: vault.clone(),
            point: arn.clone(),
        };
        desk.state.plan(expires, &place, expire);
    }
    let calculated = vault::named(desk.read(), &vault)?;
    let calculated = point.shown(&place, calculated)["CalculatedLifecycle"].clone();
    Ok(json!({
        "BackupVaultArn": place.arn(&format!("backup-vault:{vault}")),
        "RecoveryPointArn": arn,
        "Lifecycle": shown,
        "CalculatedLifecycle": calculated,
    }))
}

pub(crate) fn delete(desk: &mut Desk<'_>) -> Reply {
    let (vault, point) = asked(desk.read(), &desk.ask)?;
    if vault.lock.is_some() {
        return Err(locked(vault));
    }
    if desk.read().held(&vault.name, point) {
        return Err(Exception::invalid_request(format!(
            "Recovery point {} cannot be deleted: it is under a legal hold.",
            point.arn
        )));
    }
    let (vault, arn) = (vault.name.clone(), point.arn.clone());
    let (place, now) = (desk.place.clone(), desk.now);
    set_status(desk.region(), &vault, &arn, Status::Deleting);
    desk.state.plan(now, &place, Task::Delete { vault, point: arn });
    Ok(Value::Null)
}

/// A continuous backup is given up: what it can restore to ends with its retention.
pub(crate) fn disassociate(desk: &mut Desk<'_>) -> Reply {
    let (_, point) = asked(desk.read(), &desk.ask)?;
    if point.continuous_since.is_none() {
        return Err(Exception::invalid_request(format!(
            "Recovery point {} is not a continuous backup.",
            point.arn
        )));
    }
    delete(desk)
}

/// Recovery points of several volumes or resources, which have others as their parts, are not made here.
pub(crate) fn disassociate_from_parent(desk: &mut Desk<'_>) -> Reply {
    let (_, point) = asked(desk.read(), &desk.ask)?;
    Err(Exception::invalid_request(format!(
        "Recovery point {} is not part of another recovery point.",
        point.arn
    )))
}

/// A recovery point's time is over.
pub(crate) async fn expire(
    backup: &Backup,
    ministack: Option<&Ministack>,
    place: &Place,
    (vault, arn): (&str, &str),
    at: Timestamp,
) {
    {
        let mut state = backup.lock();
        let region = state.region(place);
        let point = region.vaults.get(vault).and_then(|vault| vault.points.get(arn));
        let over = point.is_some_and(|point| point.expires().is_some_and(|expires| expires <= at));
        if !over {
            return;
        }
        if point.is_some_and(|point| region.held(vault, point)) {
            set_status(region, vault, arn, Status::Expired);
            return;
        }
    }
    remove(backup, ministack, place, (vault, arn)).await;
}

/// Takes a recovery point out of its vault, with what it is made of.
pub(crate) async fn remove(backup: &Backup, ministack: Option<&Ministack>, place: &Place, (vault, arn): (&str, &str)) {
    resource::forget(ministack, place, arn).await;
    let mut state = backup.lock();
    let region = state.region(place);
    region.tags.remove(arn);
    if let Some(vault) = region.vaults.get_mut(vault) {
        vault.points.remove(arn);
    }
}

fn set_status(region: &mut Region, vault: &str, arn: &str, status: Status) {
    if let Some(point) = region.vaults.get_mut(vault).and_then(|vault| vault.points.get_mut(arn)) {
        point.status = status;
    }
}

/// The recovery point that the path names, with its vault.
pub(crate) fn asked<'a>(region: &'a Region, ask: &rest::Ask<'_>) -> Result<(&'a Vault, &'a RecoveryPoint), Exception> {
    let arn = ask.path("recoveryPointArn");
    let vault = vault::named(region, ask.path("backupVaultName"))?;
    let point = vault.points.get(arn).ok_or_else(|| no_point(arn))?;
    Ok((vault, point))
}

pub(crate) fn no_point(arn: &str) -> Exception {
    Exception::not_found(format!("Recovery point {arn} does not exist."))
}

fn locked(vault: &Vault) -> Exception {
    Exception::invalid_request(format!(
        "Recovery points of backup vault {} cannot be changed: the vault is locked.",
        vault.name
    ))
}
