//! What ends next quarter unless somebody renews it (feature K132): one list of several sources, of the living tenants.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use domain::id::TenantId;
use domain::quarter;
use domain::scope_change::FormProblem;
use domain::tenant::{Tenant, TenantScope};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use store::expiring::Ending;
use uuid::Uuid;

use crate::authz::{self, Action};
use crate::page::ROWS;
use crate::{Actor, AppError, Cx, Page, tenant};

/// For so many years ahead one can ask.
const YEARS: i32 = 20;

/// A source of things that end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A customer's contract.
    Contract,
    /// A customer's signature under what it has to sign once a year.
    Acknowledgement,
    /// The decision that a component is out of scope, which is attested once a year.
    Decision,
    /// A hold on recovery points.
    Hold,
    /// An API token.
    Token,
}

impl Kind {
    /// Every source, in the order in which things of one day are listed.
    pub const ALL: [Self; 5] = [
        Self::Contract,
        Self::Acknowledgement,
        Self::Decision,
        Self::Hold,
        Self::Token,
    ];

    /// The name used in addresses and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Acknowledgement => "acknowledgement",
            Self::Decision => "out-decision",
            Self::Hold => "hold",
            Self::Token => "api-token",
        }
    }
}

/// Something that ends.
#[derive(Debug, Clone)]
pub struct Expiring {
    /// Its source.
    pub kind: Kind,
    /// Of what it is.
    pub id: Uuid,
    /// Whose; `None`: the provider's own.
    pub tenant: Option<Tenant>,
    /// Names it for people.
    pub name: String,
    /// Its last day, where the customer is; a hold's in UTC, as the hold itself counts.
    pub on: Date,
    /// Whether that day is over.
    pub over: bool,
    /// The last day on which notice can be given, where a contract asks for some.
    pub notice_by: Option<Date>,
    /// Whether that day is over.
    pub notice_over: bool,
}

impl Expiring {
    /// Where it stands in the list: by the day on which something can be done about it for the last time.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.notice_by.unwrap_or(self.on), self.kind, self.id)
    }
}

/// Where something stands in the list: the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Date, Kind, Uuid);

/// The text is no cursor of this list.
#[derive(Debug, thiserror::Error)]
#[error("this is no cursor that this list gave")]
pub struct NoKey;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1.as_str(), self.2)
    }
}

impl FromStr for Key {
    type Err = NoKey;
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(NoKey);
        let on = part()?.parse().map_err(|_| NoKey)?;
        let kind = part()?;
        let kind = Kind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or(NoKey)?;
        let id = part()?.parse().map_err(|_| NoKey)?;
        Ok(Self(on, kind, id))
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the customer's name, in any case; what is the provider's own has none.
    pub text: Option<String>,
    /// The last day; `None`: of the calendar quarter after today's, where the customer is.
    pub until: Option<Date>,
    /// Only of this source.
    pub kind: Option<Kind>,
    /// From the one after this: the cursor.
    pub after: Option<Key>,
}

/// A page of what ends, the first to end first, from what is over but was not renewed.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::Invalid`] for a day out of reach.
pub async fn page(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Page<Expiring>, AppError> {
    let rows = rows(cx, actor, filter).await?.into_iter();
    let rows = rows.filter(|row| filter.after.is_none_or(|after| row.key() > after));
    Ok(Page::of(rows.take(usize::try_from(ROWS).unwrap_or_default()).collect()))
}

/// All that ends: for a download.
///
/// # Errors
/// As [`page`].
pub async fn all(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Vec<Expiring>, AppError> {
    rows(cx, actor, filter).await
}

/// The last day of the calendar quarter after today's, where nothing else says where.
#[must_use]
pub fn next_quarter(cx: &Cx) -> Date {
    quarter::end_of_next(in_utc(cx.now()))
}

async fn rows(cx: &Cx, actor: &Actor, filter: &Filter) -> Result<Vec<Expiring>, AppError> {
    authz::check_somewhere(actor, Action::ReadRetention)?;
    let now = cx.now();
    in_reach(filter.until, now)?;
    // The day may have turned somewhere already, and with it the quarter.
    let latest = filter
        .until
        .unwrap_or_else(|| quarter::end_of_next(in_utc(now).saturating_add(1.day())));

    let living = actor.living();
    let mut tx = cx.db.begin(&living).await?;
    let tenants: HashMap<TenantId, Tenant> = store::tenant::list(&mut tx, &living)
        .await?
        .into_iter()
        .filter(|tenant| filter.text.as_deref().is_none_or(|text| is_named(tenant, text)))
        .map(|tenant| (tenant.id, tenant))
        .collect();
    let scope = &TenantScope::of(tenants.keys().copied());
    let providers = actor.covers_all() && filter.text.is_none();
    let mut endings: Vec<(Kind, Ending)> = Vec::new();
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| filter.kind.is_none_or(|only| only == *kind))
    {
        let found = match kind {
            Kind::Contract => store::expiring::contracts(&mut tx, scope, latest).await?,
            Kind::Acknowledgement => store::expiring::acknowledgements(&mut tx, scope, latest).await?,
            Kind::Decision => store::expiring::decisions(&mut tx, scope, latest).await?,
            Kind::Hold => store::expiring::holds(&mut tx, scope, now, latest).await?,
            Kind::Token => store::expiring::tokens(&mut tx, scope, providers, now, latest).await?,
        };
        endings.extend(found.into_iter().map(|ending| (kind, ending)));
    }
    let expiring = endings.into_iter().filter_map(|(kind, ending)| {
        let tenant = ending.tenant.and_then(|tenant| tenants.get(&tenant));
        let today = match (kind, tenant) {
            (Kind::Hold, _) | (_, None) => in_utc(now),
            (_, Some(tenant)) => tenant::today(cx, tenant),
        };
        let until = filter.until.unwrap_or_else(|| quarter::end_of_next(today));
        (ending.notice_by.unwrap_or(ending.on) <= until).then(|| Expiring {
            kind,
            id: ending.id,
            tenant: tenant.cloned(),
            name: ending.name,
            on: ending.on,
            over: ending.on < today,
            notice_by: ending.notice_by,
            notice_over: ending.notice_by.is_some_and(|day| day < today),
        })
    });
    let mut expiring: Vec<_> = expiring.collect();
    expiring.sort_by_key(Expiring::key);
    Ok(expiring)
}

/// Whether the text is part of the customer's name, or of its name in addresses.
fn is_named(tenant: &Tenant, text: &str) -> bool {
    let text = text.to_lowercase();
    tenant.name.to_lowercase().contains(&text) || tenant.slug.contains(&text)
}

fn in_utc(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

fn in_reach(until: Option<Date>, now: Timestamp) -> Result<(), AppError> {
    let Some(until) = until else { return Ok(()) };
    let today = in_utc(now);
    let last = today.saturating_add(YEARS.years());
    if (today..=last).contains(&until) {
        return Ok(());
    }
    Err(AppError::Invalid(vec![FormProblem {
        field: "until".to_owned(),
        label: "Until".to_owned(),
        given: Some(until.to_string()),
        why: format!(
            "`{until}` was given: a day from {today} to {last} is allowed, because what is asked for is what ends."
        ),
    }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        let key = Key("2027-03-31".parse().unwrap(), Kind::Token, Uuid::from_u128(7));
        let read: Key = key.to_string().parse().unwrap();
        assert_eq!(read, key);
        for text in [
            "",
            "2027-03-31",
            "2027-03-31.token.x",
            "x.contract.00000000-0000-0000-0000-000000000007",
        ] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }
}
