//! By what a list of components is filtered, searched and ordered, as its address carries it.

use app::status::{Filter, Order, Shown};
use domain::component::{ComponentKind, Environment};
use domain::id::ComponentId;
use domain::protection::ProtectionState;
use domain::tier::Tier;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::{FilterBar, Format, Pager, Select, chosen, searched};

/// The query of a page that lists components. What a form left empty was not given.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ComponentQuery {
    q: Option<String>,
    #[serde(default, deserialize_with = "chosen")]
    state: Option<StateName>,
    #[serde(default, deserialize_with = "chosen")]
    environment: Option<Environment>,
    #[serde(default, deserialize_with = "chosen")]
    kind: Option<ComponentKind>,
    #[serde(default, deserialize_with = "chosen")]
    tier: Option<TierNumber>,
    #[serde(default, deserialize_with = "chosen")]
    order: Option<OrderName>,
    cursor: Option<Uuid>,
    #[serde(default)]
    pub(crate) format: Format,
}

/// What a component is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateName {
    Unprotected,
    AtRisk,
    Unknown,
    Protected,
    /// Kept for less than contracted, as was read lately.
    TooShort,
    /// Any of those before.
    InScope,
    /// Nobody decided.
    Undecided,
    /// Decided to be out of scope.
    Out,
}

/// A tier by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum TierNumber {
    #[serde(rename = "1")]
    One,
    #[serde(rename = "2")]
    Two,
    #[serde(rename = "3")]
    Three,
}

/// In which order components are listed; equals by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OrderName {
    /// Unprotected, at risk, unknown, undecided, protected, out of scope.
    Worst,
    Name,
    /// The shortest contracted retention first.
    Retention,
    /// The oldest recovery point first; what has none before all.
    Oldest,
}

const STATES: [(&str, &str, StateName); 8] = [
    ("unprotected", "Unprotected", StateName::Unprotected),
    ("at-risk", "At risk", StateName::AtRisk),
    ("unknown", "Unknown", StateName::Unknown),
    ("protected", "Protected", StateName::Protected),
    ("too-short", "Kept too short", StateName::TooShort),
    ("in-scope", "In scope", StateName::InScope),
    ("undecided", "Undecided", StateName::Undecided),
    ("out", "Out of scope", StateName::Out),
];

const TIERS: [(&str, &str, TierNumber); 3] = [
    ("1", "Tier 1", TierNumber::One),
    ("2", "Tier 2", TierNumber::Two),
    ("3", "Tier 3", TierNumber::Three),
];

const ORDERS: [(&str, &str, OrderName); 4] = [
    ("", "Worst first", OrderName::Worst),
    ("name", "By name", OrderName::Name),
    ("retention", "Shortest retention first", OrderName::Retention),
    ("oldest", "Oldest recovery point first", OrderName::Oldest),
];

impl ComponentQuery {
    /// What is listed; `default` where no state is chosen.
    pub(crate) fn filter(&self, default: Option<Shown>) -> Filter {
        Filter {
            state: self.state.map(Shown::from).or(default),
            environment: self.environment,
            kind: self.kind,
            tier: self.tier.map(Tier::from),
            text: searched(self.q.as_deref()).map(str::to_owned),
        }
    }

    /// The chosen order.
    pub(crate) fn order(&self) -> Order {
        self.order.map(Order::from).unwrap_or_default()
    }

    /// Where the page begins.
    pub(crate) fn after(&self) -> Option<ComponentId> {
        self.cursor.map(ComponentId)
    }

    /// The name of the chosen state in addresses.
    pub(crate) fn state(&self) -> Option<&'static str> {
        named(&STATES, self.state)
    }

    /// Whether anything but the order is chosen.
    pub(crate) fn narrows(&self) -> bool {
        self.filter(None) != Filter::default()
    }

    /// The same choices above the list at `path`; `default` is shown where no state is chosen.
    pub(crate) fn bar(&self, path: &str, default: Option<Shown>) -> FilterBar {
        let everything = if default == Some(Shown::InScope) {
            "In scope"
        } else {
            "All"
        };
        let states = STATES
            .iter()
            .filter(|(_, word, _)| *word != everything)
            .map(|(value, word, _)| (*value, *word));
        let environments = Environment::ALL.map(|one| (one.as_str(), one.as_str()));
        let kinds = ComponentKind::ALL.map(|one| (one.as_str(), one.words()));
        let tiers = TIERS.map(|(value, word, _)| (value, word));
        let orders = ORDERS.map(|(value, word, _)| (value, word));
        let all = |word: &'static str| std::iter::once(("", word));
        FilterBar {
            path: path.to_owned(),
            q: searched(self.q.as_deref()).unwrap_or_default().to_owned(),
            looks_in: "name, workload, owner, engine or ARN",
            selects: vec![
                Select::new("state", "State", all(everything).chain(states), self.state()),
                Select::new(
                    "environment",
                    "Environment",
                    all("All").chain(environments),
                    self.environment.map(Environment::as_str),
                ),
                Select::new(
                    "kind",
                    "Kind",
                    all("All").chain(kinds),
                    self.kind.map(ComponentKind::as_str),
                ),
                Select::new("tier", "Tier", all("All").chain(tiers), named(&TIERS, self.tier)),
                Select::new("order", "Order", orders, named(&ORDERS, self.order)),
            ],
            hidden: Vec::new(),
            clear: self.narrows().then(|| path.to_owned()),
            keeps: None,
        }
    }

    /// The next page of the list at `path`, and its download, under the same choices.
    pub(crate) fn pager(&self, path: &str, next: Option<String>) -> Pager {
        let chosen = [
            ("q", searched(self.q.as_deref())),
            ("state", self.state()),
            ("environment", self.environment.map(Environment::as_str)),
            ("kind", self.kind.map(ComponentKind::as_str)),
            ("tier", named(&TIERS, self.tier)),
            ("order", named(&ORDERS, self.order)),
        ];
        let chosen = chosen.into_iter().filter_map(|(key, value)| Some((key, value?)));
        Pager::new(path, chosen, next)
    }
}

/// The name of a choice in addresses.
fn named<T: Copy + PartialEq>(names: &[(&'static str, &'static str, T)], chosen: Option<T>) -> Option<&'static str> {
    let chosen = chosen?;
    let found = names.iter().find(|(.., one)| *one == chosen);
    found.map(|(name, ..)| *name).filter(|name| !name.is_empty())
}

impl From<StateName> for Shown {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Unprotected => Self::State(ProtectionState::Unprotected),
            StateName::AtRisk => Self::State(ProtectionState::AtRisk),
            StateName::Unknown => Self::State(ProtectionState::Unknown),
            StateName::Protected => Self::State(ProtectionState::Protected),
            StateName::TooShort => Self::TooShort,
            StateName::InScope => Self::InScope,
            StateName::Undecided => Self::Undecided,
            StateName::Out => Self::Out,
        }
    }
}

impl From<TierNumber> for Tier {
    fn from(number: TierNumber) -> Self {
        match number {
            TierNumber::One => Self::Tier1,
            TierNumber::Two => Self::Tier2,
            TierNumber::Three => Self::Tier3,
        }
    }
}

impl From<OrderName> for Order {
    fn from(name: OrderName) -> Self {
        match name {
            OrderName::Worst => Self::Worst,
            OrderName::Name => Self::Name,
            OrderName::Retention => Self::Retention,
            OrderName::Oldest => Self::Oldest,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use http::Uri;

    use super::*;

    fn query(text: &str) -> Result<ComponentQuery, String> {
        let uri: Uri = format!("/c?{text}").parse().unwrap();
        let parsed = Query::<ComponentQuery>::try_from_uri(&uri);
        parsed.map(|Query(query)| query).map_err(|error| error.body_text())
    }

    #[test]
    fn a_form_that_was_left_empty_filters_nothing() {
        let empty = query("q=+&state=&environment=&kind=&tier=&order=").unwrap();
        assert_eq!(empty.filter(None), Filter::default());
        assert_eq!((empty.order(), empty.bar("/c", None).clear), (Order::Worst, None));
    }

    #[test]
    fn the_next_page_and_the_download_keep_every_choice() {
        let chosen = query("q=%26a&state=at-risk&environment=staging&kind=s3-bucket&tier=2&order=oldest").unwrap();
        let pager = chosen.pager("/c", Some("7".to_owned()));
        let kept = "/c?q=%26a&state=at-risk&environment=staging&kind=s3-bucket&tier=2&order=oldest";
        assert_eq!(pager.next.unwrap(), format!("{kept}&cursor=7"));
        assert_eq!(pager.csv, format!("{kept}&format=csv"));
        let filter = chosen.filter(None);
        assert_eq!(filter.tier, Some(Tier::Tier2));
        assert_eq!(filter.state, Some(Shown::State(ProtectionState::AtRisk)));
        for select in chosen.bar("/c", None).selects {
            let chosen: Vec<_> = select.options.iter().filter(|(.., chosen)| *chosen).collect();
            assert_eq!(chosen.len(), 1, "{}: {chosen:?}", select.name);
        }
    }

    #[test]
    fn what_is_no_choice_is_refused_with_those_there_are() {
        for (wrong, field, allowed) in [
            ("tier=4", "tier", "`3`"),
            ("state=fine", "state", "`at-risk`"),
            ("kind=vm", "kind", "`rds-instance`"),
        ] {
            let refused = query(wrong).unwrap_err();
            assert!(refused.contains(field) && refused.contains(allowed), "{refused}");
        }
    }
}
