//! What regulation bounds: for how long backups are kept, where they are, and whether they are encrypted (feature B19).

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;

use crate::account::Region;
use crate::component::Component;
use crate::id::ComponentId;
use crate::retention::RetentionDays;
use crate::scope_change::{COMPONENT, FormProblem, LOCATION, RETENTION};
use crate::sow::{Location, Scope};
use crate::tier::Tier;

/// The bounds that a contract puts around every term of the scope of work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The regulation, in the contract's words; empty when it was not stated.
    pub regulation: String,
    /// The least that every backup is kept.
    pub minimum: Option<RetentionDays>,
    /// The most that any backup is kept. No lock may be longer either (feature F66).
    pub maximum: Option<RetentionDays>,
    /// Regions in which data and backups may be; empty: any.
    pub residency: BTreeSet<Region>,
    /// Whether every backup has to be encrypted at rest.
    pub encryption: bool,
}

/// Something in the scope of work that its contract does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The component.
    pub component: ComponentId,
    /// Its name and environment, for people.
    pub name: String,
    /// The field of the scope of work.
    pub field: &'static str,
    /// What the scope of work says.
    pub given: String,
    /// What the contract allows, and why.
    pub why: String,
}

impl Bounds {
    /// The days that are allowed, in words; `None`: any.
    #[must_use]
    pub fn days_allowed(&self) -> Option<String> {
        match (self.minimum, self.maximum) {
            (None, None) => None,
            (Some(least), None) => Some(format!("at least {least}")),
            (None, Some(most)) => Some(format!("at most {most}")),
            (Some(least), Some(most)) if least == most => Some(format!("exactly {least}")),
            (Some(least), Some(most)) => Some(format!("{} to {most}", least.get())),
        }
    }

    /// The regions that are allowed, in words; `None`: any.
    #[must_use]
    pub fn regions_allowed(&self) -> Option<String> {
        let names: Vec<_> = self.residency.iter().map(Region::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The same number of days, or the bound that it passes.
    #[must_use]
    pub fn nearest(&self, days: RetentionDays) -> RetentionDays {
        let days = self.minimum.map_or(days, |least| days.max(least));
        self.maximum.map_or(days, |most| days.min(most))
    }

    /// Why this retention is not allowed, with what is; `None`: it is.
    fn refuse_days(&self, days: RetentionDays) -> Option<String> {
        let allowed = self.days_allowed().filter(|_| self.nearest(days) != days)?;
        Some(self.because(&format!("the contract allows {allowed}")))
    }

    /// Why a backup that exists `today` may not be kept until the end of that day, with the last one on which it may;
    /// `None`: it may.
    #[must_use]
    pub fn refuse_keeping(&self, until: Date, today: Date) -> Option<String> {
        let most = self.maximum?;
        let last = today.saturating_add(Span::new().days(most.get()));
        (until > last).then(|| {
            self.because(&format!(
                "the contract allows {last} at the latest: no backup is kept for more than {most}"
            ))
        })
    }

    /// Why data of a component in this region may not be kept there; `None`: it may.
    #[must_use]
    pub fn refuse_region(&self, region: Option<&Region>) -> Option<String> {
        let allowed = self.regions_allowed()?;
        let region = region.filter(|region| !self.residency.contains(*region))?;
        Some(self.because(&format!(
            "it is in {region}, and the contract keeps data in {allowed} only"
        )))
    }

    /// What is not proven of a component in scope where the contract limits the regions and nobody stated its own.
    #[must_use]
    pub fn unproven_residency(&self, region: Option<&Region>) -> Option<String> {
        let allowed = self.regions_allowed().filter(|_| region.is_none())?;
        Some(self.because(&format!(
            "Its region is unknown: residency is not proven. The contract keeps data in {allowed} only"
        )))
    }

    /// Why a copy in another region is not allowed; `None`: it is.
    fn refuse_location(&self, location: Location) -> Option<String> {
        let allowed = self.regions_allowed()?;
        (location == Location::AnotherRegion && self.residency.len() == 1).then(|| {
            self.because(&format!(
                "the contract keeps data in {allowed} only, so there is no other region for a copy"
            ))
        })
    }

    /// Why this storage is not allowed; `None`: it is, or nobody knows.
    fn refuse_storage(&self, encrypted: Option<bool>) -> Option<String> {
        let refused = self.encryption && encrypted == Some(false);
        refused.then(|| self.because("the contract asks for encryption at rest"))
    }

    fn because(&self, what: &str) -> String {
        match self.regulation.as_str() {
            "" => what.to_owned(),
            regulation => format!("{what} ({regulation})"),
        }
    }

    /// A wish for exactly this retention that the contract does not allow.
    pub(crate) fn check_days(&self, days: RetentionDays) -> Result<(), FormProblem> {
        let given = days.to_string();
        self.refuse_days(days)
            .map_or(Ok(()), |why| Err(FormProblem::new(&RETENTION, Some(&given), why)))
    }

    /// A component, or a place for its copies, that the contract does not allow. `stated` tells whether the place was
    /// asked for just now, or stands in the scope of work already.
    pub(crate) fn check_place(
        &self,
        component: &str,
        region: Option<&Region>,
        location: Location,
        stated: bool,
    ) -> Vec<FormProblem> {
        let outside = self
            .refuse_region(region)
            .map(|why| FormProblem::new(&COMPONENT, Some(component), why));
        let nowhere = self.refuse_location(location).map(|why| {
            let given = stated.then_some("Another region");
            FormProblem::new(&LOCATION, given, why)
        });
        outside.into_iter().chain(nowhere).collect()
    }

    /// What the contract does not allow of a component's line in the scope of work. `encrypted` tells whether its storage,
    /// and so its backups, were observed to be encrypted; `None`: unknown.
    #[must_use]
    pub fn conflicts(&self, component: &Component, scope: &Scope, encrypted: Option<bool>) -> Vec<Conflict> {
        let Scope::In(terms) = scope else {
            return Vec::new();
        };
        let conflict = |field, given: String, why: Option<String>| {
            why.map(|why| Conflict {
                component: component.id,
                name: format!("{} ({})", component.name, component.environment),
                field,
                given,
                why,
            })
        };
        let region = component.region();
        let region_given = region.map(ToString::to_string).unwrap_or_default();
        [
            conflict(
                "retention_days",
                terms.retention.to_string(),
                self.refuse_days(terms.retention),
            ),
            conflict("region", region_given, self.refuse_region(region)),
            conflict(
                "location",
                "another region".to_owned(),
                self.refuse_location(terms.location),
            ),
            conflict(
                "encryption",
                "unencrypted storage".to_owned(),
                self.refuse_storage(encrypted),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The tiers whose default retention the contract moves, with what it becomes.
    #[must_use]
    pub fn moved_defaults(&self) -> Vec<(Tier, RetentionDays)> {
        [Tier::Tier1, Tier::Tier2, Tier::Tier3]
            .into_iter()
            .map(|tier| (tier, self.nearest(tier.retention())))
            .filter(|(tier, days)| tier.retention() != *days)
            .collect()
    }
}
