//! The copies that a rule asks for, of each recovery point that a run of it makes.

use jiff::Timestamp;

use super::super::copy::{self, Order};
use super::super::job::BackupJob;
use super::super::resource::Resource;
use super::super::state::{Place, State};
use crate::faults::Faults;

/// Starts the copy jobs that follow a backup job which made `point`.
pub(crate) fn copy(
    state: &mut State,
    place: &Place,
    job: &BackupJob,
    (resource, point): (&Resource, &str),
    faults: &Faults,
    at: Timestamp,
) {
    for action in &job.order.copies {
        let order = Order {
            point: point.to_owned(),
            source_vault: job.order.vault.clone(),
            destination_vault: action.destination_backup_vault_arn.clone(),
            resource: resource.clone(),
            role: job.order.role.clone(),
            lifecycle: action.lifecycle.unwrap_or_default(),
            created_by: job.order.created_by.clone(),
            backup_job: Some(job.id.clone()),
            failing: faults.meet_job("backup", "StartCopyJob", Some(&place.account)),
        };
        copy::accept(state, place, order, at);
    }
}
