//! Who may do what in a repository.

use serde_json::{Value, json};

/// What somebody may do in a repository; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Permission {
    None,
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

impl Permission {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::None, "none"),
        (Self::Read, "read"),
        (Self::Triage, "triage"),
        (Self::Write, "write"),
        (Self::Maintain, "maintain"),
        (Self::Admin, "admin"),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(permission, _)| *permission)
    }

    /// The role's name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(permission, _)| *permission == self)
            .map_or("none", |(_, name)| name)
    }

    /// The nearest of the four levels that GitHub's older field knows.
    pub(crate) fn level(self) -> Self {
        match self {
            Self::Maintain => Self::Write,
            Self::Triage => Self::Read,
            other => other,
        }
    }
}

/// The permission as the field `permissions` shows it.
pub(crate) fn flags(permission: Permission) -> Value {
    json!({
        "pull": permission >= Permission::Read,
        "triage": permission >= Permission::Triage,
        "push": permission >= Permission::Write,
        "maintain": permission >= Permission::Maintain,
        "admin": permission >= Permission::Admin,
    })
}
