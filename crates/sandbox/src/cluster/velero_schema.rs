//! The fields of Velero 1.18's kinds, as its published CRDs have them.

mod data;

pub(crate) use self::data::*;

use super::schema::Type::{Atomic, Boolean, DateTime, Enum, Integer, List, Object, String};
use super::schema::{Field, LABELS, STRINGS, Type, field, nullable, required};

const REQUIREMENT: Type = Object(&[
    required("key", String),
    required("operator", String),
    field("values", STRINGS),
]);
const SELECTOR: Type = Atomic(&[
    field("matchExpressions", List(&REQUIREMENT)),
    field("matchLabels", LABELS),
]);
const LOCAL_REFERENCE: Type = Atomic(&[
    field("apiGroup", String),
    required("kind", String),
    required("name", String),
]);
const HOOK_ERROR: Type = Enum(&["Continue", "Fail"]);
const HOOK_STATUS: Type = Object(&[field("hooksAttempted", Integer), field("hooksFailed", Integer)]);

const BACKUP_HOOKS: Type = List(&Object(&[required(
    "exec",
    Object(&[
        required("command", STRINGS),
        field("container", String),
        field("onError", HOOK_ERROR),
        field("timeout", String),
    ]),
)]));

/// Also the template of a schedule.
const BACKUP_SPEC: &[Field] = &[
    field("csiSnapshotTimeout", String),
    field("datamover", String),
    nullable("defaultVolumesToFsBackup", Boolean),
    nullable("defaultVolumesToRestic", Boolean),
    nullable("excludedClusterScopedResources", STRINGS),
    nullable("excludedNamespaceScopedResources", STRINGS),
    nullable("excludedNamespaces", STRINGS),
    nullable("excludedResources", STRINGS),
    field(
        "hooks",
        Object(&[nullable(
            "resources",
            List(&Object(&[
                nullable("excludedNamespaces", STRINGS),
                nullable("excludedResources", STRINGS),
                nullable("includedNamespaces", STRINGS),
                nullable("includedResources", STRINGS),
                nullable("labelSelector", SELECTOR),
                required("name", String),
                field("post", BACKUP_HOOKS),
                field("pre", BACKUP_HOOKS),
            ])),
        )]),
    ),
    nullable("includeClusterResources", Boolean),
    nullable("includedClusterScopedResources", STRINGS),
    nullable("includedNamespaceScopedResources", STRINGS),
    nullable("includedNamespaces", STRINGS),
    nullable("includedResources", STRINGS),
    field("itemOperationTimeout", String),
    nullable("labelSelector", SELECTOR),
    field("metadata", Object(&[field("labels", LABELS)])),
    nullable("orLabelSelectors", List(&SELECTOR)),
    nullable("orderedResources", LABELS),
    field("resourcePolicy", LOCAL_REFERENCE),
    field("snapshotMoveData", Boolean),
    nullable("snapshotVolumes", Boolean),
    field("storageLocation", String),
    field("ttl", String),
    nullable("uploaderConfig", Object(&[field("parallelFilesUpload", Integer)])),
    field("volumeGroupSnapshotLabelKey", String),
    field("volumeSnapshotLocations", STRINGS),
];

pub(crate) const BACKUP: &[Field] = &[
    field("spec", Object(BACKUP_SPEC)),
    field(
        "status",
        Object(&[
            field("backupItemOperationsAttempted", Integer),
            field("backupItemOperationsCompleted", Integer),
            field("backupItemOperationsFailed", Integer),
            nullable("completionTimestamp", DateTime),
            field("csiVolumeSnapshotsAttempted", Integer),
            field("csiVolumeSnapshotsCompleted", Integer),
            field("errors", Integer),
            nullable("expiration", DateTime),
            field("failureReason", String),
            field("formatVersion", String),
            nullable("hookStatus", HOOK_STATUS),
            field(
                "phase",
                Enum(&[
                    "New",
                    "Queued",
                    "ReadyToStart",
                    "FailedValidation",
                    "InProgress",
                    "WaitingForPluginOperations",
                    "WaitingForPluginOperationsPartiallyFailed",
                    "Finalizing",
                    "FinalizingPartiallyFailed",
                    "Completed",
                    "PartiallyFailed",
                    "Failed",
                    "Deleting",
                ]),
            ),
            nullable(
                "progress",
                Object(&[field("itemsBackedUp", Integer), field("totalItems", Integer)]),
            ),
            field("queuePosition", Integer),
            nullable("startTimestamp", DateTime),
            nullable("validationErrors", STRINGS),
            field("version", Integer),
            field("volumeSnapshotsAttempted", Integer),
            field("volumeSnapshotsCompleted", Integer),
            field("warnings", Integer),
        ]),
    ),
];

pub(crate) const SCHEDULE: &[Field] = &[
    field(
        "spec",
        Object(&[
            field("paused", Boolean),
            required("schedule", String),
            field("skipImmediately", Boolean),
            required("template", Object(BACKUP_SPEC)),
            nullable("useOwnerReferencesInBackup", Boolean),
        ]),
    ),
    field(
        "status",
        Object(&[
            nullable("lastBackup", DateTime),
            nullable("lastSkipped", DateTime),
            field("phase", Enum(&["New", "Enabled", "FailedValidation"])),
            field("validationErrors", STRINGS),
        ]),
    ),
];

const RESTORE_HOOK: Type = Object(&[
    field(
        "exec",
        Object(&[
            required("command", STRINGS),
            field("container", String),
            field("execTimeout", String),
            field("onError", HOOK_ERROR),
            nullable("waitForReady", Boolean),
            field("waitTimeout", String),
        ]),
    ),
    field(
        "init",
        Object(&[field("initContainers", List(&Type::Any)), field("timeout", String)]),
    ),
]);

pub(crate) const RESTORE: &[Field] = &[
    field(
        "spec",
        Object(&[
            field("backupName", String),
            nullable("excludedNamespaces", STRINGS),
            nullable("excludedResources", STRINGS),
            nullable("existingResourcePolicy", String),
            field(
                "hooks",
                Object(&[field(
                    "resources",
                    List(&Object(&[
                        nullable("excludedNamespaces", STRINGS),
                        nullable("excludedResources", STRINGS),
                        nullable("includedNamespaces", STRINGS),
                        nullable("includedResources", STRINGS),
                        nullable("labelSelector", SELECTOR),
                        required("name", String),
                        field("postHooks", List(&RESTORE_HOOK)),
                    ])),
                )]),
            ),
            nullable("includeClusterResources", Boolean),
            nullable("includedNamespaces", STRINGS),
            nullable("includedResources", STRINGS),
            field("itemOperationTimeout", String),
            nullable("labelSelector", SELECTOR),
            field("namespaceMapping", LABELS),
            nullable("orLabelSelectors", List(&SELECTOR)),
            nullable("preserveNodePorts", Boolean),
            nullable("resourceModifier", LOCAL_REFERENCE),
            nullable("restorePVs", Boolean),
            nullable(
                "restoreStatus",
                Object(&[
                    nullable("excludedResources", STRINGS),
                    nullable("includedResources", STRINGS),
                ]),
            ),
            field("scheduleName", String),
            nullable(
                "uploaderConfig",
                Object(&[
                    field("parallelFilesDownload", Integer),
                    nullable("writeSparseFiles", Boolean),
                ]),
            ),
        ]),
    ),
    field(
        "status",
        Object(&[
            nullable("completionTimestamp", DateTime),
            field("errors", Integer),
            field("failureReason", String),
            nullable("hookStatus", HOOK_STATUS),
            field(
                "phase",
                Enum(&[
                    "New",
                    "FailedValidation",
                    "InProgress",
                    "WaitingForPluginOperations",
                    "WaitingForPluginOperationsPartiallyFailed",
                    "Completed",
                    "PartiallyFailed",
                    "Failed",
                    "Finalizing",
                    "FinalizingPartiallyFailed",
                ]),
            ),
            nullable(
                "progress",
                Object(&[field("itemsRestored", Integer), field("totalItems", Integer)]),
            ),
            field("restoreItemOperationsAttempted", Integer),
            field("restoreItemOperationsCompleted", Integer),
            field("restoreItemOperationsFailed", Integer),
            nullable("startTimestamp", DateTime),
            nullable("validationErrors", STRINGS),
            field("warnings", Integer),
        ]),
    ),
];
