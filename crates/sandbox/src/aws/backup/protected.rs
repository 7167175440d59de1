//! Protected resources: whatever has a recovery point.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::rest::{self, Exception};
use super::desk::{Desk, Reply, present, time};
use super::recovery_point::RecoveryPoint;
use super::state::Place;
use super::vault::{self, Vault};

/// A resource's newest recovery point, with its vault.
type Newest<'a> = (&'a Vault, &'a RecoveryPoint);

/// By ARN of the resource.
fn newest<'a>(vaults: impl Iterator<Item = &'a Vault>) -> BTreeMap<&'a str, Newest<'a>> {
    let mut newest: BTreeMap<&str, Newest<'_>> = BTreeMap::new();
    for vault in vaults {
        for point in vault.points.values() {
            let there = newest.entry(&point.resource.arn).or_insert((vault, point));
            if point.created > there.1.created {
                *there = (vault, point);
            }
        }
    }
    newest
}

fn shown(place: &Place, (vault, point): Newest<'_>) -> Value {
    json!({
        "ResourceArn": point.resource.arn,
        "ResourceType": point.resource.kind.name(),
        "ResourceName": point.resource.name,
        "LastBackupTime": time(point.created),
        "LastBackupVaultArn": vault.arn(place),
        "LastRecoveryPointArn": point.arn,
    })
}

pub(crate) fn describe(desk: &mut Desk<'_>) -> Reply {
    let arn = desk.ask.path("resourceArn");
    let all = newest(desk.read().vaults.values());
    let found = all
        .get(arn)
        .ok_or_else(|| Exception::not_found(format!("Resource {arn} is not protected by AWS Backup")))?;
    Ok(present(shown(&desk.place, *found)))
}

pub(crate) fn list(desk: &mut Desk<'_>) -> Reply {
    page(desk, newest(desk.read().vaults.values()))
}

pub(crate) fn list_by_vault(desk: &mut Desk<'_>) -> Reply {
    let vault = vault::named(desk.read(), desk.ask.path("backupVaultName"))?;
    page(desk, newest(std::iter::once(vault)))
}

fn page(desk: &Desk<'_>, all: BTreeMap<&str, Newest<'_>>) -> Reply {
    let items = all.into_iter().map(|(arn, newest)| (arn.to_owned(), newest));
    let page = rest::page(&desk.ask, ("maxResults", "nextToken"), "Results", items, |newest| {
        shown(&desk.place, newest)
    })?;
    Ok(page.into())
}
