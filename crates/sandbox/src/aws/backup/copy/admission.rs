//! Whether the destination takes a copy, in the words that AWS has for a job that it does not.

use super::super::super::authority::{Context, Principal, Request, Verdict};
use super::super::resource::{self, Kind};
use super::super::state::{Place, State};
use super::super::vault::{self, Vault};
use super::super::vault_lock;
use super::CopyJob;

/// Every account of the sandbox is a member of this organisation.
const ORGANISATION: &str = "o-sandbox0001";

/// As AWS says it of a vault in another account that is not there, or that the caller may not copy into.
const DENIED: &str = "Access Denied trying to call AWS Backup service";

const OUT_OF_RANGE: &str = "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault.";

/// The destination, where it may be copied to.
///
/// # Errors
/// The message of the job that fails.
pub(crate) fn admitted<'a>(state: &'a State, place: &Place, job: &'a CopyJob) -> Result<(Place, &'a Vault), String> {
    let order = &job.order;
    let missing = || format!("Backup vault {} does not exist.", order.destination_vault);
    let (destination, name) = Place::of_vault(&order.destination_vault).ok_or_else(missing)?;
    let other_account = destination.account != place.account;
    let vault = state.read(&destination).vaults.get(name);
    let vault = vault.ok_or_else(|| if other_account { DENIED.to_owned() } else { missing() })?;
    let source = state.read(place).vaults.get(&order.source_vault);
    let into = verdict(
        place,
        job,
        Some(vault),
        "backup:CopyIntoBackupVault",
        &order.destination_vault,
    );
    let from = verdict(place, job, source, "backup:CopyFromBackupVault", &order.point);
    // A vault takes nothing from another account unless its policy says so.
    if into.max(from) == Verdict::Deny || (other_account && into != Verdict::Allow) {
        return Err(DENIED.to_owned());
    }
    if other_account {
        check_keys(job, vault)?;
    }
    vault_lock::check_retention(vault.lock.as_ref(), order.lifecycle).map_err(|_| OUT_OF_RANGE.to_owned())?;
    Ok((destination, vault))
}

/// What a vault's policy says of the job's role.
fn verdict(place: &Place, job: &CopyJob, vault: Option<&Vault>, action: &str, resource: &str) -> Verdict {
    let Some(policy) = vault.and_then(|vault| vault.policy.as_ref()) else {
        return Verdict::Nothing;
    };
    let (account, role) = (&place.account, &job.order.role);
    let principal = Principal::Session {
        account: account.clone(),
        role: role.clone(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{}/AWSBackup", resource::id(role)),
    };
    let context = Context::default()
        .with("aws:PrincipalOrgID", ORGANISATION)
        .with("aws:PrincipalAccount", account.as_str())
        .with("aws:PrincipalArn", role.as_str())
        .with("backup:CopyTargets", job.order.destination_vault.as_str());
    policy.parsed.verdict(&Request {
        principal: &principal,
        action,
        resource,
        context: &context,
    })
}

/// Resources whose backups stay in their own service are shared to be copied, which a key of AWS's own does not allow.
fn check_keys(job: &CopyJob, vault: &Vault) -> Result<(), String> {
    let resource = &job.order.resource;
    if !matches!(resource.kind, Kind::Rds | Kind::Aurora | Kind::Ebs | Kind::Ec2) {
        return Ok(());
    }
    if vault.kind == vault::Kind::Backup && vault.key.ends_with(":key/aws/backup") {
        return Err(
            "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed key. \
             The contents of this vault cannot be copied. Only the contents of a Backup vault encrypted by an AWS KMS key may be copied."
                .to_owned(),
        );
    }
    if resource.encrypted && resource.key.is_none() {
        return Err(
            "Snapshots encrypted with the AWS managed key can't be shared. Specify another snapshot.".to_owned(),
        );
    }
    Ok(())
}
