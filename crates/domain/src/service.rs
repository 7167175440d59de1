//! What the service protects against, what it does not, and what each of its two levels offers (features A2, B18,
//! B20-B22, J107).

use crate::contract::ServiceLevel;

/// What a level protects against, and what it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protects {
    /// In one sentence.
    pub purpose: &'static str,
    /// From what it protects.
    pub against: &'static [&'static str],
    /// From what it does not.
    pub not_against: &'static [&'static str],
}

/// What this level protects against.
#[must_use]
pub const fn protects(level: ServiceLevel) -> Protects {
    match level {
        ServiceLevel::Baseline => Protects {
            purpose: "Baseline is for everyday mishaps.",
            against: &[
                "Data that somebody deleted by accident",
                "A deploy that damaged the data",
            ],
            not_against: &[
                "An outage on a large scale",
                "The failure of a region",
                "A recovery that involves many systems at once",
            ],
        },
        ServiceLevel::DrBc => Protects {
            purpose: "The DR/BC add-on is for disasters, on top of the everyday mishaps of Baseline.",
            against: &[
                "Data that somebody deleted by accident",
                "A deploy that damaged the data",
                "An outage on a large scale, in the scenarios that were agreed",
                "The failure of a region, where a copy elsewhere is in scope",
                "A failure of many systems at once, by runbooks that are rehearsed",
            ],
            not_against: &["A scenario that nobody agreed on", "What is not in the scope of work"],
        },
    }
}

/// One row of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// What is compared.
    pub what: &'static str,
    /// Without the add-on.
    pub baseline: &'static str,
    /// With it.
    pub dr_bc: &'static str,
}

/// Baseline beside the DR/BC add-on.
pub const COMPARISON: [Compared; 6] = [
    Compared {
        what: "Scope",
        baseline: "What you put in scope; its backups stay in its own account and region",
        dr_bc: "Agreed for each scenario; may include other regions and accounts",
    },
    Compared {
        what: "Protects against",
        baseline: "Data deleted by accident",
        dr_bc: "Outages on a large scale; failures that are complex or hit several systems",
    },
    Compared {
        what: "How a restore goes",
        baseline: "By hand, when you ask for it",
        dr_bc: "By runbooks that are written down, practised and rehearsed",
    },
    Compared {
        what: "RTO and RPO",
        baseline: "Not included: objectives, not committed",
        dr_bc: "Committed targets, determined workload by workload",
    },
    Compared {
        what: "Testing",
        baseline: "Not included: you organise it, and we execute the restore",
        dr_bc: "Regular rehearsals, as an add-on",
    },
    Compared {
        what: "Round the clock",
        baseline: "By the standard escalation path only",
        dr_bc: "Available as an add-on",
    },
];

/// Something that the service leaves to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere {
    /// What.
    pub what: &'static str,
    /// Where it is covered, or what to do about it.
    pub where_to: &'static str,
    /// Whether keeping data there is itself a mistake.
    pub antipattern: bool,
}

const fn elsewhere(what: &'static str, where_to: &'static str) -> Elsewhere {
    Elsewhere {
        what,
        where_to,
        antipattern: false,
    }
}

/// What is no matter of backups, by design (feature B18).
pub const EXCLUDED: [Elsewhere; 3] = [
    elsewhere(
        "How long logs are kept",
        "Covered by the log aggregation and its own retention.",
    ),
    elsewhere(
        "How long metrics are kept",
        "Covered by the monitoring and its own retention.",
    ),
    elsewhere(
        "Source code",
        "Covered by your Git host, and by a mirror of the repositories that is made regularly.",
    ),
];

/// Data that nothing covers unless somebody asks for it (feature B21).
pub const UNCOVERED: [Elsewhere; 3] = [
    elsewhere(
        "Data in persistent volumes that are not in scope",
        "The recommended place for state, and yours to protect: put them in scope, or back them up with Velero yourself.",
    ),
    Elsewhere {
        antipattern: true,
        ..elsewhere(
            "Data on the disks of worker nodes",
            "It goes with the node. Keep containers stateless, and state in persistent volumes.",
        )
    },
    Elsewhere {
        antipattern: true,
        ..elsewhere(
            "Data in a container that is not in its image",
            "It goes with the container. Keep containers stateless, and state in persistent volumes.",
        )
    },
];

/// What is backed up by something else or without being asked for (feature B22).
pub const OTHERWISE: [Elsewhere; 2] = [
    elsewhere(
        "Container images",
        "Backed up by their registry (Harbor), not by Velero.",
    ),
    elsewhere("Dashboards of metrics and logs", "Backed up by default."),
];

/// The provider's own backup of a cluster's control plane (feature B20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlPlane {
    /// Hours between two full backups of etcd.
    pub full_every_hours: u16,
    /// Minutes between two deltas.
    pub delta_every_minutes: u16,
    /// What it is for.
    pub words: &'static str,
}

/// The provider's own backup of a cluster's control plane.
pub const CONTROL_PLANE: ControlPlane = ControlPlane {
    full_every_hours: 24,
    delta_every_minutes: 5,
    words: "Made automatically, for the provider's own recovery from a disaster of its infrastructure. It brings back what the API server knows, not your data, and cannot be restored on request.",
};
