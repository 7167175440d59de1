//! Instances and clusters: nearly every call about backups exists for both, under two sets of names.

/// The names of one family.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Family {
    /// Element of one instance or cluster; with an `s`, of a list.
    pub(crate) source: &'static str,
    pub(crate) source_id: &'static str,
    pub(crate) source_arn: &'static str,
    pub(crate) source_status: &'static str,
    /// Its part of an ARN.
    pub(crate) source_kind: &'static str,
    pub(crate) source_created: &'static str,
    pub(crate) source_missing: &'static str,
    pub(crate) source_state: &'static str,
    /// Identifier that is never used again.
    pub(crate) resource_id: &'static str,
    /// Element of one snapshot; with an `s`, of a list.
    pub(crate) snapshot: &'static str,
    pub(crate) snapshot_id: &'static str,
    pub(crate) snapshot_arn: &'static str,
    pub(crate) snapshot_kind: &'static str,
    /// What a copy calls the ARN that it was made from.
    pub(crate) snapshot_origin: &'static str,
    pub(crate) snapshot_missing: &'static str,
    pub(crate) snapshot_exists: &'static str,
    pub(crate) snapshot_state: &'static str,
    pub(crate) encrypted: &'static str,
    pub(crate) backup: &'static str,
    pub(crate) backup_arn: &'static str,
    pub(crate) backup_kind: &'static str,
    pub(crate) backup_missing: &'static str,
    pub(crate) backup_state: &'static str,
}

pub(crate) static INSTANCE: Family = Family {
    source: "DBInstance",
    source_id: "DBInstanceIdentifier",
    source_arn: "DBInstanceArn",
    source_status: "DBInstanceStatus",
    source_kind: "db",
    source_created: "InstanceCreateTime",
    source_missing: "DBInstanceNotFound",
    source_state: "InvalidDBInstanceState",
    resource_id: "DbiResourceId",
    snapshot: "DBSnapshot",
    snapshot_id: "DBSnapshotIdentifier",
    snapshot_arn: "DBSnapshotArn",
    snapshot_kind: "snapshot",
    snapshot_origin: "SourceDBSnapshotIdentifier",
    snapshot_missing: "DBSnapshotNotFound",
    snapshot_exists: "DBSnapshotAlreadyExists",
    snapshot_state: "InvalidDBSnapshotState",
    encrypted: "Encrypted",
    backup: "DBInstanceAutomatedBackup",
    backup_arn: "DBInstanceAutomatedBackupsArn",
    backup_kind: "auto-backup:ab",
    backup_missing: "DBInstanceAutomatedBackupNotFound",
    backup_state: "InvalidDBInstanceAutomatedBackupState",
};

pub(crate) static CLUSTER: Family = Family {
    source: "DBCluster",
    source_id: "DBClusterIdentifier",
    source_arn: "DBClusterArn",
    source_status: "Status",
    source_kind: "cluster",
    source_created: "ClusterCreateTime",
    source_missing: "DBClusterNotFoundFault",
    source_state: "InvalidDBClusterStateFault",
    resource_id: "DbClusterResourceId",
    snapshot: "DBClusterSnapshot",
    snapshot_id: "DBClusterSnapshotIdentifier",
    snapshot_arn: "DBClusterSnapshotArn",
    snapshot_kind: "cluster-snapshot",
    snapshot_origin: "SourceDBClusterSnapshotArn",
    snapshot_missing: "DBClusterSnapshotNotFoundFault",
    snapshot_exists: "DBClusterSnapshotAlreadyExistsFault",
    snapshot_state: "InvalidDBClusterSnapshotStateFault",
    encrypted: "StorageEncrypted",
    backup: "DBClusterAutomatedBackup",
    backup_arn: "DBClusterAutomatedBackupsArn",
    backup_kind: "cluster-auto-backup:ab",
    backup_missing: "DBClusterAutomatedBackupNotFoundFault",
    backup_state: "InvalidDBClusterAutomatedBackupStateFault",
};

pub(crate) static FAMILIES: [&Family; 2] = [&INSTANCE, &CLUSTER];

impl Family {
    pub(crate) fn sources(&self) -> String {
        format!("{}s", self.source)
    }

    pub(crate) fn snapshots(&self) -> String {
        format!("{}s", self.snapshot)
    }

    pub(crate) fn is_cluster(&self) -> bool {
        self.source == CLUSTER.source
    }
}
