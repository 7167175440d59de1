//! The kinds that a cluster serves.

use super::schema::{Field, METADATA, Type};
use super::{core_schema as core, velero_schema as velero};

/// One kind in its one served version.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Empty for the core kinds.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) namespaced: bool,
    pub(crate) short_names: &'static [&'static str],
    /// Beside `apiVersion`, `kind` and `metadata`.
    pub(crate) fields: &'static [Field],
    pub(crate) family: Family,
    /// Whether status is written through `/status`, and only there.
    pub(crate) status: bool,
    /// Columns of a table beside the name, where they are not just the age.
    pub(crate) columns: &'static [Column],
}

/// Where a kind comes from; the API server treats them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Built into the API server.
    BuiltIn,
    /// From a CRD whose schema is not written down here: everything is kept.
    Foreign,
    /// From a CRD of Velero: pruned and validated.
    Velero,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// `string`, `integer`, `boolean` or `date`.
    pub(crate) type_: &'static str,
    /// Members from the object down.
    pub(crate) path: &'static [&'static str],
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Kind {
    /// The kind that a path names.
    pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .copied()
            .find(|kind| kind.plural == plural && kind.group == group && kind.version == version)
    }

    /// The kind that an object names; `None` where we serve none such.
    pub(crate) fn of(api_version: &str, kind: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .copied()
            .find(|known| known.kind == kind && known.api_version() == api_version)
    }

    /// `v1`, `velero.io/v1`.
    pub(crate) fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_owned(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `pods`, `backups.velero.io`: how messages name the resource.
    pub(crate) fn resource(&self) -> String {
        qualified(self.plural, self.group)
    }

    /// `Pod`, `Backup.velero.io`: how messages about invalid objects name the kind.
    pub(crate) fn qualified_kind(&self) -> String {
        qualified(self.kind, self.group)
    }

    /// What tells kinds apart.
    pub(crate) const fn key(&self) -> (&'static str, &'static str) {
        (self.group, self.plural)
    }

    pub(crate) fn custom(&self) -> bool {
        self.family != Family::BuiltIn
    }

    /// The type of a top-level field; `None` for one that the schema does not have.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Type> {
        match name {
            "apiVersion" | "kind" => Some(&Type::String),
            "metadata" => Some(&METADATA),
            _ => {
                let known = self.fields.iter().find(|field| field.name == name);
                let open = (self.family != Family::Velero).then_some(&Type::Any);
                known.map(|field| &field.type_).or(open)
            }
        }
    }
}

fn qualified(name: &str, group: &str) -> String {
    match group {
        "" => name.to_owned(),
        group => format!("{name}.{group}"),
    }
}

const fn built_in(
    group: &'static str,
    plural: &'static str,
    singular: &'static str,
    kind: &'static str,
    fields: &'static [Field],
) -> Kind {
    Kind {
        group,
        version: "v1",
        plural,
        singular,
        kind,
        namespaced: true,
        short_names: &[],
        fields,
        family: Family::BuiltIn,
        status: false,
        columns: &[],
    }
}

const fn core(
    plural: &'static str,
    singular: &'static str,
    kind: &'static str,
    short_names: &'static [&'static str],
    fields: &'static [Field],
) -> Kind {
    Kind {
        short_names,
        ..built_in("", plural, singular, kind, fields)
    }
}

const fn velero(plural: &'static str, singular: &'static str, kind: &'static str, fields: &'static [Field]) -> Kind {
    Kind {
        family: Family::Velero,
        ..built_in("velero.io", plural, singular, kind, fields)
    }
}

const fn snapshot(plural: &'static str, singular: &'static str, kind: &'static str, namespaced: bool) -> Kind {
    Kind {
        family: Family::Foreign,
        namespaced,
        ..built_in("snapshot.storage.k8s.io", plural, singular, kind, core::PLAIN)
    }
}

const fn column(name: &'static str, type_: &'static str, path: &'static [&'static str]) -> Column {
    Column { name, type_, path }
}

const fn age() -> Column {
    column("Age", "date", &["metadata", "creationTimestamp"])
}

pub(crate) static NAMESPACES: Kind = Kind {
    namespaced: false,
    status: true,
    columns: &[column("Status", "string", &["status", "phase"]), age()],
    ..core("namespaces", "namespace", "Namespace", &["ns"], core::WITH_CONDITIONS)
};
pub(crate) static PODS: Kind = Kind {
    status: true,
    columns: &[column("Status", "string", &["status", "phase"]), age()],
    ..core("pods", "pod", "Pod", &["po"], core::POD)
};
pub(crate) static PERSISTENT_VOLUMES: Kind = Kind {
    namespaced: false,
    status: true,
    columns: &[column("Status", "string", &["status", "phase"]), age()],
    ..core(
        "persistentvolumes",
        "persistentvolume",
        "PersistentVolume",
        &["pv"],
        core::PLAIN,
    )
};
pub(crate) static PERSISTENT_VOLUME_CLAIMS: Kind = Kind {
    status: true,
    columns: &[column("Status", "string", &["status", "phase"]), age()],
    ..core(
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        "PersistentVolumeClaim",
        &["pvc"],
        core::WITH_CONDITIONS,
    )
};
pub(crate) static SECRETS: Kind = core("secrets", "secret", "Secret", &[], core::DATA);
pub(crate) static CONFIG_MAPS: Kind = core("configmaps", "configmap", "ConfigMap", &["cm"], core::DATA);
pub(crate) static SERVICE_ACCOUNTS: Kind = core(
    "serviceaccounts",
    "serviceaccount",
    "ServiceAccount",
    &["sa"],
    core::SERVICE_ACCOUNT,
);
pub(crate) static EVENTS: Kind = core("events", "event", "Event", &["ev"], core::PLAIN);
pub(crate) static NODES: Kind = Kind {
    namespaced: false,
    status: true,
    ..core("nodes", "node", "Node", &["no"], core::WITH_CONDITIONS)
};
pub(crate) static SERVICES: Kind = Kind {
    status: true,
    ..core("services", "service", "Service", &["svc"], core::SERVICE)
};

pub(crate) static STORAGE_CLASSES: Kind = Kind {
    namespaced: false,
    short_names: &["sc"],
    columns: &[column("Provisioner", "string", &["provisioner"]), age()],
    ..built_in(
        "storage.k8s.io",
        "storageclasses",
        "storageclass",
        "StorageClass",
        core::PLAIN,
    )
};
pub(crate) static VOLUME_ATTACHMENTS: Kind = Kind {
    namespaced: false,
    status: true,
    ..built_in(
        "storage.k8s.io",
        "volumeattachments",
        "volumeattachment",
        "VolumeAttachment",
        core::PLAIN,
    )
};
pub(crate) static CSI_NODES: Kind = Kind {
    namespaced: false,
    ..built_in("storage.k8s.io", "csinodes", "csinode", "CSINode", core::PLAIN)
};

pub(crate) static DEPLOYMENTS: Kind = Kind {
    status: true,
    short_names: &["deploy"],
    ..built_in("apps", "deployments", "deployment", "Deployment", core::WORKLOAD)
};
pub(crate) static STATEFUL_SETS: Kind = Kind {
    status: true,
    short_names: &["sts"],
    ..built_in("apps", "statefulsets", "statefulset", "StatefulSet", core::WORKLOAD)
};
pub(crate) static DAEMON_SETS: Kind = Kind {
    status: true,
    short_names: &["ds"],
    ..built_in("apps", "daemonsets", "daemonset", "DaemonSet", core::WORKLOAD)
};

pub(crate) static CUSTOM_RESOURCE_DEFINITIONS: Kind = Kind {
    namespaced: false,
    status: true,
    short_names: &["crd", "crds"],
    columns: &[column("Created At", "date", &["metadata", "creationTimestamp"])],
    ..built_in(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "customresourcedefinition",
        "CustomResourceDefinition",
        core::WITH_CONDITIONS,
    )
};

pub(crate) static VOLUME_SNAPSHOTS: Kind = Kind {
    status: true,
    short_names: &["vs"],
    ..snapshot("volumesnapshots", "volumesnapshot", "VolumeSnapshot", true)
};
pub(crate) static VOLUME_SNAPSHOT_CONTENTS: Kind = Kind {
    status: true,
    short_names: &["vsc", "vscs"],
    ..snapshot(
        "volumesnapshotcontents",
        "volumesnapshotcontent",
        "VolumeSnapshotContent",
        false,
    )
};
pub(crate) static VOLUME_SNAPSHOT_CLASSES: Kind = Kind {
    short_names: &["vsclass", "vsclasses"],
    ..snapshot(
        "volumesnapshotclasses",
        "volumesnapshotclass",
        "VolumeSnapshotClass",
        false,
    )
};

pub(crate) static BACKUPS: Kind = velero("backups", "backup", "Backup", velero::BACKUP);
pub(crate) static RESTORES: Kind = velero("restores", "restore", "Restore", velero::RESTORE);
pub(crate) static SCHEDULES: Kind = Kind {
    columns: &[
        column("Status", "string", &["status", "phase"]),
        column("Schedule", "string", &["spec", "schedule"]),
        column("LastBackup", "date", &["status", "lastBackup"]),
        age(),
        column("Paused", "boolean", &["spec", "paused"]),
    ],
    ..velero("schedules", "schedule", "Schedule", velero::SCHEDULE)
};
pub(crate) static BACKUP_STORAGE_LOCATIONS: Kind = Kind {
    short_names: &["bsl"],
    columns: &[
        column("Phase", "string", &["status", "phase"]),
        column("Last Validated", "date", &["status", "lastValidationTime"]),
        age(),
        column("Default", "boolean", &["spec", "default"]),
    ],
    ..velero(
        "backupstoragelocations",
        "backupstoragelocation",
        "BackupStorageLocation",
        velero::BACKUP_STORAGE_LOCATION,
    )
};
pub(crate) static VOLUME_SNAPSHOT_LOCATIONS: Kind = Kind {
    short_names: &["vsl"],
    ..velero(
        "volumesnapshotlocations",
        "volumesnapshotlocation",
        "VolumeSnapshotLocation",
        velero::VOLUME_SNAPSHOT_LOCATION,
    )
};
pub(crate) static BACKUP_REPOSITORIES: Kind = Kind {
    columns: &[age(), column("Repository Type", "string", &["spec", "repositoryType"])],
    ..velero(
        "backuprepositories",
        "backuprepository",
        "BackupRepository",
        velero::BACKUP_REPOSITORY,
    )
};
pub(crate) static POD_VOLUME_BACKUPS: Kind = Kind {
    columns: UPLOAD_COLUMNS,
    ..velero(
        "podvolumebackups",
        "podvolumebackup",
        "PodVolumeBackup",
        velero::POD_VOLUME_BACKUP,
    )
};
pub(crate) static POD_VOLUME_RESTORES: Kind = Kind {
    columns: DOWNLOAD_COLUMNS,
    ..velero(
        "podvolumerestores",
        "podvolumerestore",
        "PodVolumeRestore",
        velero::POD_VOLUME_RESTORE,
    )
};
pub(crate) static DELETE_BACKUP_REQUESTS: Kind = Kind {
    columns: &[
        column("BackupName", "string", &["spec", "backupName"]),
        column("Status", "string", &["status", "phase"]),
    ],
    ..velero(
        "deletebackuprequests",
        "deletebackuprequest",
        "DeleteBackupRequest",
        velero::DELETE_BACKUP_REQUEST,
    )
};
pub(crate) static DOWNLOAD_REQUESTS: Kind = velero(
    "downloadrequests",
    "downloadrequest",
    "DownloadRequest",
    velero::DOWNLOAD_REQUEST,
);
pub(crate) static SERVER_STATUS_REQUESTS: Kind = Kind {
    short_names: &["ssr"],
    ..velero(
        "serverstatusrequests",
        "serverstatusrequest",
        "ServerStatusRequest",
        velero::SERVER_STATUS_REQUEST,
    )
};
pub(crate) static DATA_UPLOADS: Kind = Kind {
    version: "v2alpha1",
    columns: UPLOAD_COLUMNS,
    ..velero("datauploads", "dataupload", "DataUpload", velero::DATA_UPLOAD)
};
pub(crate) static DATA_DOWNLOADS: Kind = Kind {
    version: "v2alpha1",
    columns: DOWNLOAD_COLUMNS,
    ..velero("datadownloads", "datadownload", "DataDownload", velero::DATA_DOWNLOAD)
};

const UPLOAD_COLUMNS: &[Column] = &[
    column("Status", "string", &["status", "phase"]),
    column("Started", "date", &["status", "startTimestamp"]),
    column("Bytes Done", "integer", &["status", "progress", "bytesDone"]),
    column("Total Bytes", "integer", &["status", "progress", "totalBytes"]),
    column("Incremental Bytes", "integer", &["status", "incrementalBytes"]),
    column("Storage Location", "string", &["spec", "backupStorageLocation"]),
    age(),
    column("Node", "string", &["status", "node"]),
];

const DOWNLOAD_COLUMNS: &[Column] = &[
    column("Status", "string", &["status", "phase"]),
    column("Started", "date", &["status", "startTimestamp"]),
    column("Bytes Done", "integer", &["status", "progress", "bytesDone"]),
    column("Total Bytes", "integer", &["status", "progress", "totalBytes"]),
    column("Storage Location", "string", &["spec", "backupStorageLocation"]),
    age(),
    column("Node", "string", &["status", "node"]),
];

/// All of them, in the order of discovery.
pub(crate) static KINDS: &[&Kind] = &[
    &NAMESPACES,
    &PODS,
    &PERSISTENT_VOLUMES,
    &PERSISTENT_VOLUME_CLAIMS,
    &SECRETS,
    &CONFIG_MAPS,
    &SERVICE_ACCOUNTS,
    &EVENTS,
    &NODES,
    &SERVICES,
    &DEPLOYMENTS,
    &STATEFUL_SETS,
    &DAEMON_SETS,
    &STORAGE_CLASSES,
    &VOLUME_ATTACHMENTS,
    &CSI_NODES,
    &CUSTOM_RESOURCE_DEFINITIONS,
    &VOLUME_SNAPSHOTS,
    &VOLUME_SNAPSHOT_CONTENTS,
    &VOLUME_SNAPSHOT_CLASSES,
    &BACKUPS,
    &RESTORES,
    &SCHEDULES,
    &BACKUP_STORAGE_LOCATIONS,
    &VOLUME_SNAPSHOT_LOCATIONS,
    &BACKUP_REPOSITORIES,
    &POD_VOLUME_BACKUPS,
    &POD_VOLUME_RESTORES,
    &DELETE_BACKUP_REQUESTS,
    &DOWNLOAD_REQUESTS,
    &SERVER_STATUS_REQUESTS,
    &DATA_UPLOADS,
    &DATA_DOWNLOADS,
];
