//! The kinds, one by one.

use super::super::schema::Field;
use super::super::{core_schema as core, velero_schema as velero};
use super::{Column, Family, Kind};

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
