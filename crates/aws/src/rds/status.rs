//! The words of RDS for an instance's state.

/// What a state means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Usable, and at rest.
    Available,
    /// RDS is at it.
    Busy,
    /// RDS gave up, or somebody has to act.
    Broken,
}

/// `None`: not one of the states that RDS documents, so nothing is known.
pub(super) fn phase(status: &str) -> Option<Phase> {
    Some(match status {
        "available" => Phase::Available,
        "backing-up"
        | "configuring-associated-roles"
        | "configuring-enhanced-monitoring"
        | "configuring-iam-database-auth"
        | "configuring-log-exports"
        | "converting-to-vpc"
        | "creating"
        | "delete-precheck"
        | "deleting"
        | "maintenance"
        | "modifying"
        | "moving-to-vpc"
        | "rebooting"
        | "renaming"
        | "resetting-master-credentials"
        | "starting"
        | "stopping"
        | "storage-config-upgrade"
        | "storage-initialization"
        | "storage-optimization"
        | "upgrading" => Phase::Busy,
        "failed"
        | "inaccessible-encryption-credentials"
        | "inaccessible-encryption-credentials-recoverable"
        | "incompatible-create"
        | "incompatible-network"
        | "incompatible-option-group"
        | "incompatible-parameters"
        | "incompatible-restore"
        | "insufficient-capacity"
        | "restore-error"
        | "stopped"
        | "storage-full" => Phase::Broken,
        _ => return None,
    })
}
