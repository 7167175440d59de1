//! The questions of the scope change, and what each choice stands for.

use super::{Field, FieldKind, Wish, options};
use crate::component::Environment;
use crate::schedule::{Preset, Schedule};
use crate::sow::Location;
use crate::tier::Tier;

pub(crate) const ENVIRONMENTS: [(&str, Environment); 4] = {
    let [a, b, c, d] = Environment::ALL;
    [(a.as_str(), a), (b.as_str(), b), (c.as_str(), c), (d.as_str(), d)]
};
pub(super) const SCOPES: [(&str, bool); 2] = [("In scope", true), ("Out of scope", false)];
/// `None`: the tier's default.
pub(super) const FREQUENCIES: [(&str, Option<Preset>); 10] = [
    ("Daily", Some(Preset::Daily)),
    ("Hourly", Some(Preset::Hourly)),
    ("Weekly", Some(Preset::Weekly)),
    ("Continuous (point in time)", Some(Preset::Continuous)),
    ("Tier default", None),
    ("Weekly on Sunday at 00:00", Some(Preset::WeeklyOnSunday)),
    ("Every two weeks", Some(Preset::EveryTwoWeeks)),
    ("Monthly on the 1st", Some(Preset::Monthly)),
    ("Every two months on the 1st", Some(Preset::EveryTwoMonths)),
    ("Custom (as the schedule says)", Some(Preset::Custom)),
];
pub(super) const TIERS: [(&str, Option<Tier>); 4] = [
    ("Keep as it is", None),
    ("Tier 1", Some(Tier::Tier1)),
    ("Tier 2", Some(Tier::Tier2)),
    ("Tier 3", Some(Tier::Tier3)),
];
pub(super) const LOCATIONS: [(&str, Option<Location>); 4] = [
    ("Keep as it is", None),
    ("Same account and region", Some(Location::SameAccountAndRegion)),
    ("Another region", Some(Location::AnotherRegion)),
    ("Another account", Some(Location::AnotherAccount)),
];

/// Which component.
pub const COMPONENT: Field = Field {
    id: "component",
    label: "Component",
    help: "The component's name as the inventory has it.",
    required: true,
    newer: false,
    kind: FieldKind::Input { placeholder: "prod-pg" },
};
/// In which environment.
pub const ENVIRONMENT: Field = Field {
    id: "environment",
    label: "Environment",
    help: "The environment that the component belongs to.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&ENVIRONMENTS),
    },
};
/// In or out.
pub const SCOPE: Field = Field {
    id: "scope",
    label: "Scope",
    help: "Out of scope means that no backup is configured.",
    required: true,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&SCOPES),
    },
};
/// For how long.
pub const RETENTION: Field = Field {
    id: "retention",
    label: "Retention",
    help: "How long a backup is kept: such as `14 days`, `35 days`, `5 weeks` or `720 hours` (30 days), or `tier default`. Mandatory when in scope.",
    required: false,
    newer: false,
    kind: FieldKind::Input { placeholder: "35 days" },
};
/// How often.
pub const FREQUENCY: Field = Field {
    id: "frequency",
    label: "Frequency",
    help: "How often a backup is made. Mandatory when in scope.",
    required: false,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&FREQUENCIES),
    },
};
/// When exactly.
pub const SCHEDULE: Field = Field {
    id: "schedule",
    label: "When exactly",
    help: "The times, in UTC unless a zone ends it: `daily at 03:00`, `weekly on Sunday at 00:00 Europe/Brussels`, `every 6 hours`, \
        or cron as AWS or Velero reads it. Empty: no wish. It has to agree with the frequency.",
    required: false,
    newer: true,
    kind: FieldKind::Input {
        placeholder: "daily at 03:00",
    },
};
/// In which window.
pub const BACKUP_WINDOW: Field = Field {
    id: "backup_window",
    label: "Backup window (UTC)",
    help: "When the daily backup may run, at least 30 minutes. Empty: no wish.",
    required: false,
    newer: false,
    kind: FieldKind::Input {
        placeholder: "03:00-04:00",
    },
};
/// How much it matters.
pub const TIER: Field = Field {
    id: "tier",
    label: "Tier",
    help: "How much the component matters.",
    required: false,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&TIERS),
    },
};
/// Where.
pub const LOCATION: Field = Field {
    id: "location",
    label: "Location",
    help: "Where the backups are kept.",
    required: false,
    newer: false,
    kind: FieldKind::Choice {
        options: &options(&LOCATIONS),
    },
};
/// Free text.
pub const FURTHER_NEEDS: Field = Field {
    id: "further_needs",
    label: "Further needs",
    help: "Anything else that we should know; mandatory when out of scope: why it is not backed up. People read this, it changes no other answer.",
    required: false,
    newer: false,
    kind: FieldKind::Text,
};

/// The frequency and the schedule of the form that stand for a wish.
#[must_use]
pub fn schedule_answers(wish: &Wish<Schedule>) -> (&'static str, Option<String>) {
    let preset = match wish {
        Wish::TierDefault => None,
        Wish::Exactly(schedule) => Some(schedule.preset()),
    };
    let chosen = FREQUENCIES.iter().find(|(_, stands_for)| *stands_for == preset);
    let unsaid = preset.and_then(Preset::schedule);
    let said = match wish {
        Wish::Exactly(schedule) if unsaid.as_ref() != Some(schedule) => Some(schedule.to_string()),
        _ => None,
    };
    (chosen.map_or("", |(option, _)| *option), said)
}
