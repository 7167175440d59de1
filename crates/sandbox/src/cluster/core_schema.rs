//! What is known of the built-in kinds: the lists that several writers share, and a little more.

use super::schema::Type::{Any, Keyed, Open};
use super::schema::{Field, LABELS, Type, field};

const CONDITIONS: Type = Keyed(&["type"], &Open(&[]));

const CONTAINER: Type = Open(&[
    field("env", Keyed(&["name"], &Open(&[]))),
    field("ports", Keyed(&["containerPort", "protocol"], &Open(&[]))),
    field("volumeDevices", Keyed(&["devicePath"], &Open(&[]))),
    field("volumeMounts", Keyed(&["mountPath"], &Open(&[]))),
]);

const POD_SPEC: Type = Open(&[
    field("containers", Keyed(&["name"], &CONTAINER)),
    field("ephemeralContainers", Keyed(&["name"], &CONTAINER)),
    field("imagePullSecrets", Keyed(&["name"], &Open(&[]))),
    field("initContainers", Keyed(&["name"], &CONTAINER)),
    field("volumes", Keyed(&["name"], &Open(&[]))),
]);

const CONDITIONED: Type = Open(&[field("conditions", CONDITIONS)]);

/// A kind with nothing but what every kind has.
pub(crate) const PLAIN: &[Field] = &[];

/// `status.conditions`, told apart by their type.
pub(crate) const WITH_CONDITIONS: &[Field] = &[field("status", CONDITIONED)];

pub(crate) const POD: &[Field] = &[field("spec", POD_SPEC), field("status", CONDITIONED)];

pub(crate) const WORKLOAD: &[Field] = &[
    field("spec", Open(&[field("template", Open(&[field("spec", POD_SPEC)]))])),
    field("status", CONDITIONED),
];

pub(crate) const SERVICE: &[Field] = &[
    field(
        "spec",
        Open(&[field("ports", Keyed(&["port", "protocol"], &Open(&[])))]),
    ),
    field("status", CONDITIONED),
];

/// Secrets and config maps.
pub(crate) const DATA: &[Field] = &[field("data", LABELS)];

pub(crate) const SERVICE_ACCOUNT: &[Field] = &[
    field("imagePullSecrets", Type::List(&Any)),
    field("secrets", Keyed(&["name"], &Open(&[]))),
];
