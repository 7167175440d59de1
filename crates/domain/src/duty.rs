//! Who answers for what: the duties of both sides and the checks, for a customer as agreed (features A3-A5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contract::ServiceLevel;

/// Who answers for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Responsible {
    /// The provider.
    Provider,
    /// The customer.
    Customer,
    /// Each does a part, as the words say.
    Both,
}

impl Responsible {
    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Customer => "customer",
            Self::Both => "both",
        }
    }

    /// Whether the provider has a part in it.
    #[must_use]
    pub const fn is_providers(self) -> bool {
        matches!(self, Self::Provider | Self::Both)
    }

    /// Whether the customer has a part in it.
    #[must_use]
    pub const fn is_customers(self) -> bool {
        matches!(self, Self::Customer | Self::Both)
    }
}

/// What somebody answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// Its name in addresses, the API and the database.
    pub id: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it takes, and who does which part.
    pub words: &'static str,
    /// Whether it is a check of the backups rather than a task.
    pub is_check: bool,
    /// Who answers for it in a Baseline contract, and who with the DR/BC add-on.
    default: [Responsible; 2],
}

/// A duty as agreed with one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsibility {
    /// The duty.
    pub duty: &'static Duty,
    /// Who answers for it.
    pub responsible: Responsible,
    /// How it came to differ from what is usual; `None`: it does not.
    pub agreed: Option<Override>,
}

/// What was agreed with one customer instead of what is usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The duty's id.
    pub duty: String,
    /// Who answers for it.
    pub responsible: Responsible,
    /// Why, in the account manager's words.
    pub reason: String,
    /// Name of the person who wrote it down.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// Counts the changes, for `If-Match` and guarded writes.
    pub revision: i64,
}

use Responsible::{Both, Customer, Provider};

const fn task(id: &'static str, title: &'static str, words: &'static str, default: [Responsible; 2]) -> Duty {
    Duty {
        id,
        title,
        words,
        is_check: false,
        default,
    }
}

const fn check(id: &'static str, title: &'static str, words: &'static str, default: [Responsible; 2]) -> Duty {
    Duty {
        is_check: true,
        ..task(id, title, words, default)
    }
}

/// Every duty and every check: the provider's tasks, the customer's, then the checks.
pub const DUTIES: [Duty; 21] = [
    task(
        "configure-mechanisms",
        "Set up and maintain the backups",
        "Of each component that is in scope, as the scope of work says.",
        [Provider, Provider],
    ),
    task(
        "monitor-backups",
        "Watch the backups and raise the alarm",
        "Every failure is noticed by the provider, not by the customer.",
        [Provider, Provider],
    ),
    task(
        "correct-failures",
        "Mend what fails",
        "Until backups are made again as contracted.",
        [Provider, Provider],
    ),
    task(
        "platform-backups",
        "Back up the Kubernetes platform",
        "Cluster state and EBS volume snapshots, for 14 days unless the customer asks for another retention.",
        [Provider, Provider],
    ),
    task(
        "control-plane",
        "Back up the control plane",
        "For the provider's own disaster recovery; it cannot be restored on request.",
        [Provider, Provider],
    ),
    task(
        "perform-restores",
        "Carry out restores",
        "On request, from the last available copy, in business hours; critical incidents take the path round the clock.",
        [Provider, Provider],
    ),
    task(
        "define-scope",
        "Decide what is in scope",
        "For each component and environment: what is not put in scope is not backed up.",
        [Customer, Customer],
    ),
    task(
        "state-requirements",
        "State retention, frequency and further needs",
        "When a component is set up, and whenever they change.",
        [Customer, Customer],
    ),
    task(
        "validate-backups",
        "Validate the backups",
        "That they are made and work, that the data in them is whole and right, and that it can be restored as needed.",
        [Customer, Customer],
    ),
    task(
        "organise-rehearsals",
        "Organise the rehearsals",
        "In Baseline the customer plans and verifies them, and the provider executes the restores; with the DR/BC add-on the provider organises them too.",
        [Customer, Both],
    ),
    task(
        "independent-copies",
        "Keep independent copies",
        "Copies that do not depend on the provider, which must not be a single point of failure.",
        [Customer, Customer],
    ),
    task(
        "persistent-volumes",
        "Protect data in persistent volumes that are not in scope",
        "By asking for a backup with Velero, or by one of the customer's own.",
        [Customer, Customer],
    ),
    check(
        "check-restore-tests",
        "Restores were tested",
        "Tier 1 within 30 days, tier 2 within 90. In Baseline the customer organises and verifies, and the provider executes the test as a restore.",
        [Customer, Both],
    ),
    check(
        "check-3-2-1",
        "Three copies, two media, one off-site",
        "For tiers 1 and 2. Where copies stay in one account, Baseline needs an exception that the customer signed.",
        [Customer, Provider],
    ),
    check(
        "check-worm",
        "The off-site copy cannot be changed",
        "For tier 1: nobody can overwrite or delete it before its term ends.",
        [Customer, Provider],
    ),
    check(
        "check-last-run",
        "The last run of every schedule completed",
        "A run that failed or was partial does not pass.",
        [Provider, Provider],
    ),
    check(
        "check-gap",
        "No gap of twice the interval",
        "The newest recovery point is younger than two intervals of its schedule.",
        [Provider, Provider],
    ),
    check(
        "check-rds-retention",
        "Production RDS is kept at least 7 days",
        "The customer states the retention; the provider says where it is too short.",
        [Both, Both],
    ),
    check(
        "check-calendar",
        "The test calendar is filled for 12 months",
        "Each entry has an owner. In Baseline the customer fills it; with the DR/BC add-on the provider does so with the customer.",
        [Customer, Both],
    ),
    check(
        "check-checklist",
        "The checklist is complete",
        "For every workload, and attached to its ticket.",
        [Provider, Provider],
    ),
    check(
        "check-encryption",
        "Every backup is encrypted",
        "Where AWS can encrypt it. The customer decides about a source that has to be replaced for it.",
        [Both, Both],
    ),
];

impl Duty {
    /// The duty of that name.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        DUTIES.iter().find(|duty| duty.id == id)
    }

    /// Who answers for it unless something else was agreed.
    #[must_use]
    pub const fn usually(&self, level: ServiceLevel) -> Responsible {
        match level {
            ServiceLevel::Baseline => self.default[0],
            ServiceLevel::DrBc => self.default[1],
        }
    }
}

/// The whole matrix of one customer.
#[must_use]
pub fn matrix(level: ServiceLevel, agreed: &[Override]) -> Vec<Responsibility> {
    let of = |duty: &'static Duty| {
        let agreed = agreed.iter().find(|one| one.duty == duty.id).cloned();
        Responsibility {
            duty,
            responsible: agreed.as_ref().map_or(duty.usually(level), |one| one.responsible),
            agreed,
        }
    };
    DUTIES.iter().map(of).collect()
}
