//! What a customer has to sign once a year, so that nobody can say later that they did not know (features A1, A6).

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::id::{AcknowledgementId, TenantId};

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    /// The terms and conditions of the contract.
    Terms,
    /// The customer keeps copies of its own.
    IndependentCopies,
    /// The customer knows its duties.
    Duties,
    /// Of tier 1's seven years only each month's copy can be had (decisions.md).
    MonthlyGranularity,
}

/// Version of the wording below. Whoever changes a word raises it, and everybody signs anew.
const WORDING: &str = "2026-11";

impl Statement {
    /// Every statement, in the order in which pages show them.
    pub const ALL: [Self; 4] = [
        Self::Terms,
        Self::IndependentCopies,
        Self::Duties,
        Self::MonthlyGranularity,
    ];

    /// The name used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::IndependentCopies => "independent-copies",
            Self::Duties => "duties",
            Self::MonthlyGranularity => "monthly-granularity",
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Terms => "Terms and conditions",
            Self::IndependentCopies => "Copies of your own",
            Self::Duties => "Your duties",
            Self::MonthlyGranularity => "Seven years, monthly granularity",
        }
    }

    /// What the customer states.
    #[must_use]
    pub const fn wording(self) -> &'static str {
        match self {
            Self::Terms => {
                "We know the terms and conditions in this version, and that every backup and restore is subject to them and to our agreement."
            }
            Self::IndependentCopies => {
                "We keep copies of our data that do not depend on the provider, so that the provider is not the one point whose failure loses everything."
            }
            Self::Duties => {
                "We define what is in scope, say how long and how often each dataset is backed up, check that backups are there, whole and restorable, and organise the rehearsals."
            }
            Self::MonthlyGranularity => {
                "We accept that of the seven years of tier 1 any moment can be restored for the last 30 days only, and before that one copy of each month."
            }
        }
    }

    /// The version of the wording that has to be signed; `None`: of the contract's terms.
    #[must_use]
    pub const fn own_version(self) -> Option<&'static str> {
        match self {
            Self::Terms => None,
            Self::IndependentCopies | Self::Duties | Self::MonthlyGranularity => Some(WORDING),
        }
    }

    /// The version that has to be signed; `terms` is the contract's.
    #[must_use]
    pub fn version(self, terms: &str) -> String {
        self.own_version().unwrap_or(terms).to_owned()
    }
}

/// A signature of the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Its id.
    pub id: AcknowledgementId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What was signed.
    pub statement: Statement,
    /// In which version.
    pub text_version: String,
    /// Name of the person who signed.
    pub signed_by: String,
    /// When.
    pub signed_at: Timestamp,
    /// Until when it holds: to the end of that day, where the customer is.
    pub until: Timestamp,
    /// When it was taken back, and by whom.
    pub withdrawn: Option<(Timestamp, String)>,
}

/// How a statement stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nobody ever signed it, or the last signature was taken back.
    Missing,
    /// The last signature is over a year old.
    Expired,
    /// The last signature is under another version.
    Outdated,
    /// Signed, but within 90 days it expires.
    Expiring,
    /// Signed.
    Signed,
}

impl Standing {
    /// The name used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Expired => "expired",
            Self::Outdated => "outdated",
            Self::Expiring => "expiring",
            Self::Signed => "signed",
        }
    }

    /// Whether somebody has to sign now.
    #[must_use]
    pub const fn is_due(self) -> bool {
        matches!(self, Self::Missing | Self::Expired | Self::Outdated)
    }
}

/// A statement with the signature that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The statement.
    pub statement: Statement,
    /// The version that has to be signed.
    pub version: String,
    /// How it stands.
    pub standing: Standing,
    /// The last signature; `None`: there is none, or it was taken back.
    pub signature: Option<Acknowledgement>,
}

/// A year after the signature, by the calendar of the contract's time zone.
#[must_use]
pub fn holds_until(signed_at: Timestamp, zone: &TimeZone) -> Timestamp {
    let year_later = signed_at.to_zoned(zone.clone()).checked_add(jiff::Span::new().years(1));
    year_later.map_or(Timestamp::MAX, |moment| moment.timestamp())
}

/// How each statement that the customer owes stands at `now` in `zone`, the customer's, the worst first. `signatures` come
/// newest first, and the newest under a statement decides: an earlier one does not come back when that is taken back.
/// Monthly granularity is owed only where tier 1 is in scope.
#[must_use]
pub fn owed(
    signatures: &[Acknowledgement],
    terms: &str,
    has_tier_1: bool,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Owed> {
    let asked = |statement: &Statement| has_tier_1 || *statement != Statement::MonthlyGranularity;
    let mut owed: Vec<_> = Statement::ALL
        .into_iter()
        .filter(asked)
        .map(|statement| {
            let version = statement.version(terms);
            let last = signatures.iter().find(|one| one.statement == statement);
            let signature = last.filter(|one| one.withdrawn.is_none());
            Owed {
                statement,
                standing: standing(signature, &version, zone, now),
                signature: signature.cloned(),
                version,
            }
        })
        .collect();
    owed.sort_by_key(|one| one.standing);
    owed
}

/// A signature holds through its last day.
fn standing(signature: Option<&Acknowledgement>, version: &str, zone: &TimeZone, now: Timestamp) -> Standing {
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let today = day(now);
    match signature {
        None => Standing::Missing,
        Some(signature) if day(signature.until) < today => Standing::Expired,
        Some(signature) if signature.text_version != version => Standing::Outdated,
        Some(signature) if day(signature.until) <= today.saturating_add(90.days()) => Standing::Expiring,
        Some(_) => Standing::Signed,
    }
}
