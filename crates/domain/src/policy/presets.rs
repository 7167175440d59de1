//! The presets that are built in, each with where it comes from.

use std::collections::BTreeMap;

use crate::component::ComponentKind::{
    self, AuroraCluster, Elasticache, Kubernetes, KubernetesPlatform, Opensearch, RdsInstance, Redshift,
    SelfManagedDatabase,
};

/// Terms that are built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name in addresses and in the API.
    pub id: &'static str,
    /// What the form offers it as.
    pub name: &'static str,
    /// What it stands for.
    pub description: &'static str,
    /// Where its figures come from.
    pub source: &'static str,
    /// The kinds that it fits; empty: every kind.
    pub kinds: &'static [ComponentKind],
    answers: &'static [(&'static str, &'static str)],
}

impl Preset {
    /// The preset of that id, if there is one.
    #[must_use]
    pub fn of(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// Whether it is offered for a kind.
    #[must_use]
    pub fn fits(&self, kind: ComponentKind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && super::suits(kind, self.answers())
    }

    /// What it fills in, by the change form's field ids.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        let answers = self.answers.iter();
        answers
            .map(|(id, text)| ((*id).to_owned(), (*text).to_owned()))
            .collect()
    }
}

const IN: (&str, &str) = ("scope", "In scope");
const TIERING: &str = "the service's default tiers";
const COMPONENT_DEFAULTS: &str = "the service's defaults by component";

/// The presets, the tiers first.
pub const PRESETS: [Preset; 11] = [
    Preset {
        id: "tier-1",
        name: "Tier 1: customer-facing, payments",
        description: "RPO 5 min, RTO 1 h: continuous, 30 days, and the archive of 7 years where a mechanism has one.",
        source: TIERING,
        kinds: &[],
        answers: &[
            IN,
            ("tier", "Tier 1"),
            ("retention", "tier default"),
            ("frequency", "Tier default"),
        ],
    },
    Preset {
        id: "tier-2",
        name: "Tier 2: internal critical",
        description: "RPO 1 h, RTO 4 h: hourly, 30 days.",
        source: TIERING,
        kinds: &[],
        answers: &[
            IN,
            ("tier", "Tier 2"),
            ("retention", "tier default"),
            ("frequency", "Tier default"),
        ],
    },
    Preset {
        id: "tier-3",
        name: "Tier 3: development, staging, analytics",
        description: "RPO 24 h, RTO 24 h: daily, 14 days.",
        source: TIERING,
        kinds: &[],
        answers: &[
            IN,
            ("tier", "Tier 3"),
            ("retention", "tier default"),
            ("frequency", "Tier default"),
        ],
    },
    Preset {
        id: "kubernetes-14-days",
        name: "Kubernetes: daily, 14 calendar days",
        description: "The platform's own default; 336 hours in Velero.",
        source: "the service description",
        kinds: &[Kubernetes, KubernetesPlatform],
        answers: &[IN, ("retention", "14 days"), ("frequency", "Daily")],
    },
    Preset {
        id: "kubernetes-720-hours",
        name: "Kubernetes: daily, 720 hours",
        description: "30 days instead of 14.",
        source: "the compliance profile of Kubernetes backups",
        kinds: &[Kubernetes, KubernetesPlatform],
        answers: &[IN, ("retention", "30 days"), ("frequency", "Daily")],
    },
    Preset {
        id: "rds-35-days",
        name: "RDS: 35 days, window 03:00-04:00",
        description: "The longest that RDS keeps by itself, applied immediately.",
        source: "the backup procedure's RDS example",
        kinds: &[RdsInstance, AuroraCluster],
        answers: &[
            IN,
            ("retention", "35 days"),
            ("frequency", "Daily"),
            ("backup_window", "03:00-04:00"),
        ],
    },
    Preset {
        id: "rds-14-days",
        name: "RDS: daily with point in time, 14 days",
        description: "One snapshot a day and any moment between them.",
        source: COMPONENT_DEFAULTS,
        kinds: &[RdsInstance, AuroraCluster],
        answers: &[
            IN,
            ("retention", "14 days"),
            ("frequency", "Continuous (point in time)"),
        ],
    },
    Preset {
        id: "elasticache-off",
        name: "ElastiCache: off",
        description: "A cache is filled again from what it caches: no backup is configured.",
        source: COMPONENT_DEFAULTS,
        kinds: &[Elasticache],
        answers: &[
            ("scope", "Out of scope"),
            ("further_needs", "A cache is filled again from what it caches."),
        ],
    },
    Preset {
        id: "mongodb-14-days",
        name: "MongoDB: daily, 14 days",
        description: "For a MongoDB that the customer runs itself.",
        source: COMPONENT_DEFAULTS,
        kinds: &[SelfManagedDatabase],
        answers: &[IN, ("retention", "14 days"), ("frequency", "Daily")],
    },
    Preset {
        id: "redshift-1-day",
        name: "Redshift: 1 day",
        description: "Redshift's own automated snapshots, kept one day.",
        source: COMPONENT_DEFAULTS,
        kinds: &[Redshift],
        answers: &[IN, ("retention", "1 day"), ("frequency", "Daily")],
    },
    Preset {
        id: "opensearch-14-days",
        name: "OpenSearch: hourly, 14 days",
        description: "Its own hourly snapshots, which cannot be set otherwise, and one every 6 hours kept 14 days.",
        source: COMPONENT_DEFAULTS,
        kinds: &[Opensearch],
        answers: &[IN, ("retention", "14 days"), ("frequency", "Hourly")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope_change::ScopeChangeForm;

    #[test]
    fn every_preset_is_a_request_once_its_component_is_named() {
        for preset in PRESETS {
            let mut answers = preset.answers();
            let named = [("component", "any"), ("environment", "production")];
            answers.extend(named.map(|(id, text)| (id.to_owned(), text.to_owned())));
            let form = ScopeChangeForm::from_fields(&answers);
            assert!(form.is_ok(), "{}: {form:?}", preset.id);
            assert_eq!(Preset::of(preset.id), Some(&preset), "its id is its own");
        }
    }

    #[test]
    fn a_platform_is_offered_only_what_sets_its_retention() {
        let offered = PRESETS.iter().filter(|preset| preset.fits(KubernetesPlatform));
        let offered: Vec<_> = offered.map(|preset| preset.id).collect();
        assert_eq!(offered, ["kubernetes-14-days", "kubernetes-720-hours"]);
    }
}
