//! By what a list of customers is filtered and searched, as its address carries it.

use app::fleet::{Filter, Show};
use domain::id::TenantId;
use domain::protection::ProtectionState;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Failure, PageError};

use super::list::{FilterBar, Format, Pager, Select, chosen, searched};

/// The query of a page that lists customers. What a form left empty was not given.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct CustomerQuery {
    q: Option<String>,
    #[serde(default, deserialize_with = "chosen")]
    state: Option<ShowName>,
    cursor: Option<Uuid>,
    #[serde(default)]
    pub(crate) format: Format,
}

/// Which customers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ShowName {
    Needy,
    Unprotected,
    AtRisk,
    Unknown,
    Protected,
    Suspended,
}

impl ShowName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Needy => "needy",
            Self::Unprotected => "unprotected",
            Self::AtRisk => "at-risk",
            Self::Unknown => "unknown",
            Self::Protected => "protected",
            Self::Suspended => "suspended",
        }
    }
}

impl From<ShowName> for Show {
    fn from(name: ShowName) -> Self {
        match name {
            ShowName::Needy => Self::Needy,
            ShowName::Unprotected => Self::State(ProtectionState::Unprotected),
            ShowName::AtRisk => Self::State(ProtectionState::AtRisk),
            ShowName::Unknown => Self::State(ProtectionState::Unknown),
            ShowName::Protected => Self::State(ProtectionState::Protected),
            ShowName::Suspended => Self::Suspended,
        }
    }
}

/// The choices of the fleet, as (value, word).
pub(crate) const FLEET: &[(&str, &str)] = &[
    ("", "All"),
    ("needy", "Needs someone"),
    ("unprotected", "With unprotected components"),
    ("at-risk", "With components at risk"),
    ("unknown", "With unknown components"),
    ("protected", "With protected components"),
    ("suspended", "Suspended or offboarded"),
];

/// The choices of a list that shows no work.
pub(crate) const NEEDY: &[(&str, &str)] = &[("", "All"), ("needy", "Not as contracted")];

impl CustomerQuery {
    /// What is listed.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            text: searched(self.q.as_deref()).map(str::to_owned),
            show: self.state.map(Show::from).unwrap_or_default(),
            by_name: false,
            after: self.cursor.map(TenantId),
        }
    }

    /// Refuses a choice that the list does not offer.
    pub(crate) fn among(self, choices: &[(&str, &str)]) -> Result<Self, PageError> {
        let offered = self
            .chosen()
            .is_none_or(|name| choices.iter().any(|(value, _)| *value == name));
        if offered {
            return Ok(self);
        }
        let names: Vec<_> = choices
            .iter()
            .map(|(value, _)| *value)
            .filter(|value| !value.is_empty())
            .collect();
        let failure = Failure::new(StatusCode::BAD_REQUEST, "This was not understood", "");
        Err(PageError(Failure {
            detail: format!("`state` of this list is empty or one of: {}.", names.join(", ")).into(),
            ..failure
        }))
    }

    /// What is chosen, by its name in addresses.
    pub(crate) fn chosen(&self) -> Option<&'static str> {
        self.state.map(ShowName::as_str)
    }

    /// Whether anything is left out.
    pub(crate) fn narrows(&self) -> bool {
        self.state.is_some() || searched(self.q.as_deref()).is_some()
    }

    /// The same choices above the list at `path`.
    pub(crate) fn bar(&self, path: &str, choices: &[(&'static str, &'static str)]) -> FilterBar {
        FilterBar {
            path: path.to_owned(),
            q: searched(self.q.as_deref()).unwrap_or_default().to_owned(),
            looks_in: "the customer's name",
            selects: vec![Select::new(
                "state",
                "Customers",
                choices.iter().copied(),
                self.chosen(),
            )],
            hidden: Vec::new(),
            clear: self.narrows().then(|| path.to_owned()),
            keeps: None,
        }
    }

    /// The next page of the list at `path`, and its download, under the same choices.
    pub(crate) fn pager(&self, path: &str, next: Option<String>) -> Pager {
        let chosen = [("q", searched(self.q.as_deref())), ("state", self.chosen())];
        Pager::new(
            path,
            chosen.into_iter().filter_map(|(key, value)| Some((key, value?))),
            next,
        )
    }
}
