//! The fields of locations, repositories, requests, and of what moves data.

use super::super::schema::Type::{Atomic, Boolean, Bytes, DateTime, Enum, Integer, List, Object, String};
use super::super::schema::{Field, LABELS, STRINGS, Type, field, nullable, required};

const SECRET_KEY: Type = Atomic(&[
    required("key", String),
    field("name", String),
    field("optional", Boolean),
]);
const UPLOADER: Type = Enum(&["kopia", "restic", ""]);
const ACCESS_MODE: Type = Enum(&["ReadOnly", "ReadWrite"]);
const NODE_OS: Type = Enum(&["auto", "linux", "windows"]);
const DATA_PHASE: Type = Enum(&[
    "New",
    "Accepted",
    "Prepared",
    "InProgress",
    "Canceling",
    "Canceled",
    "Completed",
    "Failed",
]);
const BYTES_PROGRESS: Type = Object(&[field("bytesDone", Integer), field("totalBytes", Integer)]);

pub(crate) const BACKUP_STORAGE_LOCATION: &[Field] = &[
    field(
        "spec",
        Object(&[
            field("accessMode", ACCESS_MODE),
            nullable("backupSyncPeriod", String),
            field("config", LABELS),
            field("credential", SECRET_KEY),
            field("default", Boolean),
            required(
                "objectStorage",
                Object(&[
                    required("bucket", String),
                    field("caCert", Bytes),
                    field("caCertRef", SECRET_KEY),
                    field("prefix", String),
                ]),
            ),
            required("provider", String),
            nullable("validationFrequency", String),
        ]),
    ),
    field(
        "status",
        Object(&[
            field("accessMode", ACCESS_MODE),
            field("lastSyncedRevision", String),
            nullable("lastSyncedTime", DateTime),
            nullable("lastValidationTime", DateTime),
            field("message", String),
            field("phase", Enum(&["Available", "Unavailable"])),
        ]),
    ),
];

pub(crate) const VOLUME_SNAPSHOT_LOCATION: &[Field] = &[
    field(
        "spec",
        Object(&[
            field("config", LABELS),
            field("credential", SECRET_KEY),
            required("provider", String),
        ]),
    ),
    field("status", Object(&[field("phase", Enum(&["Available", "Unavailable"]))])),
];

pub(crate) const BACKUP_REPOSITORY: &[Field] = &[
    field(
        "spec",
        Object(&[
            required("backupStorageLocation", String),
            required("maintenanceFrequency", String),
            nullable("repositoryConfig", LABELS),
            field("repositoryType", UPLOADER),
            field("resticIdentifier", String),
            required("volumeNamespace", String),
        ]),
    ),
    field(
        "status",
        Object(&[
            nullable("lastMaintenanceTime", DateTime),
            field("message", String),
            field("phase", Enum(&["New", "Ready", "NotReady"])),
            field(
                "recentMaintenance",
                List(&Object(&[
                    nullable("completeTimestamp", DateTime),
                    field("message", String),
                    field("result", Enum(&["Succeeded", "Failed"])),
                    nullable("startTimestamp", DateTime),
                ])),
            ),
        ]),
    ),
];

const POD_REFERENCE: Type = Atomic(&[
    field("apiVersion", String),
    field("fieldPath", String),
    field("kind", String),
    field("name", String),
    field("namespace", String),
    field("resourceVersion", String),
    field("uid", String),
]);

pub(crate) const POD_VOLUME_BACKUP: &[Field] = &[
    field(
        "spec",
        Object(&[
            required("backupStorageLocation", String),
            field("cancel", Boolean),
            required("node", String),
            required("pod", POD_REFERENCE),
            required("repoIdentifier", String),
            field("tags", LABELS),
            nullable("uploaderSettings", LABELS),
            field("uploaderType", UPLOADER),
            required("volume", String),
        ]),
    ),
    field(
        "status",
        Object(&[
            nullable("acceptedTimestamp", DateTime),
            nullable("completionTimestamp", DateTime),
            field("incrementalBytes", Integer),
            field("message", String),
            field("path", String),
            field("phase", DATA_PHASE),
            field("progress", BYTES_PROGRESS),
            field("snapshotID", String),
            nullable("startTimestamp", DateTime),
        ]),
    ),
];

pub(crate) const POD_VOLUME_RESTORE: &[Field] = &[
    field(
        "spec",
        Object(&[
            required("backupStorageLocation", String),
            field("cancel", Boolean),
            required("pod", POD_REFERENCE),
            required("repoIdentifier", String),
            required("snapshotID", String),
            field("snapshotSize", Integer),
            required("sourceNamespace", String),
            nullable("uploaderSettings", LABELS),
            field("uploaderType", UPLOADER),
            required("volume", String),
        ]),
    ),
    field(
        "status",
        Object(&[
            nullable("acceptedTimestamp", DateTime),
            nullable("completionTimestamp", DateTime),
            field("message", String),
            field("node", String),
            field("phase", DATA_PHASE),
            field("progress", BYTES_PROGRESS),
            nullable("startTimestamp", DateTime),
        ]),
    ),
];

pub(crate) const DELETE_BACKUP_REQUEST: &[Field] = &[
    field("spec", Object(&[required("backupName", String)])),
    field(
        "status",
        Object(&[
            nullable("errors", STRINGS),
            field("phase", Enum(&["New", "InProgress", "Processed"])),
        ]),
    ),
];

pub(crate) const DOWNLOAD_REQUEST: &[Field] = &[
    field(
        "spec",
        Object(&[required(
            "target",
            Object(&[
                required(
                    "kind",
                    Enum(&[
                        "BackupLog",
                        "BackupContents",
                        "BackupVolumeSnapshots",
                        "BackupItemOperations",
                        "BackupResourceList",
                        "BackupResults",
                        "RestoreLog",
                        "RestoreResults",
                        "RestoreResourceList",
                        "RestoreItemOperations",
                        "CSIBackupVolumeSnapshots",
                        "CSIBackupVolumeSnapshotContents",
                        "BackupVolumeInfos",
                        "RestoreVolumeInfo",
                    ]),
                ),
                required("name", String),
            ]),
        )]),
    ),
    field(
        "status",
        Object(&[
            field("downloadURL", String),
            nullable("expiration", DateTime),
            field("phase", Enum(&["New", "Processed"])),
        ]),
    ),
];

pub(crate) const SERVER_STATUS_REQUEST: &[Field] = &[
    field("spec", Object(&[])),
    field(
        "status",
        Object(&[
            field("phase", Enum(&["New", "Processed"])),
            nullable(
                "plugins",
                List(&Object(&[required("kind", String), required("name", String)])),
            ),
            nullable("processedTimestamp", DateTime),
            field("serverVersion", String),
        ]),
    ),
];

pub(crate) const DATA_UPLOAD: &[Field] = &[
    field(
        "spec",
        Object(&[
            required("backupStorageLocation", String),
            field("cancel", Boolean),
            nullable(
                "csiSnapshot",
                Object(&[
                    field("driver", String),
                    field("snapshotClass", String),
                    required("storageClass", String),
                    required("volumeSnapshot", String),
                ]),
            ),
            nullable("dataMoverConfig", LABELS),
            field("datamover", String),
            required("operationTimeout", String),
            required("snapshotType", String),
            required("sourceNamespace", String),
            required("sourcePVC", String),
        ]),
    ),
    field(
        "status",
        Object(&[
            field("acceptedByNode", String),
            nullable("acceptedTimestamp", DateTime),
            nullable("completionTimestamp", DateTime),
            nullable("dataMoverResult", LABELS),
            field("incrementalBytes", Integer),
            field("message", String),
            field("node", String),
            field("nodeOS", NODE_OS),
            field("path", String),
            field("phase", DATA_PHASE),
            field("progress", BYTES_PROGRESS),
            field("snapshotID", String),
            nullable("startTimestamp", DateTime),
        ]),
    ),
];

pub(crate) const DATA_DOWNLOAD: &[Field] = &[
    field(
        "spec",
        Object(&[
            required("backupStorageLocation", String),
            field("cancel", Boolean),
            field("dataMoverConfig", LABELS),
            field("datamover", String),
            field("nodeOS", NODE_OS),
            required("operationTimeout", String),
            required("snapshotID", String),
            field("snapshotSize", Integer),
            required("sourceNamespace", String),
            required(
                "targetVolume",
                Object(&[
                    required("namespace", String),
                    required("pv", String),
                    required("pvc", String),
                ]),
            ),
        ]),
    ),
    field(
        "status",
        Object(&[
            field("acceptedByNode", String),
            nullable("acceptedTimestamp", DateTime),
            nullable("completionTimestamp", DateTime),
            field("message", String),
            field("node", String),
            field("phase", DATA_PHASE),
            field("progress", BYTES_PROGRESS),
            nullable("startTimestamp", DateTime),
        ]),
    ),
];
