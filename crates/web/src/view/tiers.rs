//! What each tier stands for, as a page shows it.

use domain::contract::ServiceLevel;
use domain::tier::Tier;

use super::words;

/// The tiers side by side; `templates/partials/tiers.html` draws them.
#[derive(Debug, Clone)]
pub(crate) struct TiersView {
    /// Whether the objectives are promised (decisions.md).
    pub(crate) promise: &'static str,
    /// What tier 1 asks for beyond what can be had, and what stands for it (decisions.md).
    pub(crate) had: &'static str,
    pub(crate) rows: Vec<TierRow>,
}

/// One tier.
#[derive(Debug, Clone)]
pub(crate) struct TierRow {
    pub(crate) name: &'static str,
    /// Workloads that belong there.
    pub(crate) examples: &'static str,
    pub(crate) rpo: String,
    pub(crate) rto: String,
    pub(crate) schedule: String,
    pub(crate) retention: String,
    /// What is kept beyond the retention.
    pub(crate) archive: Option<String>,
}

impl TiersView {
    pub(crate) fn new(level: ServiceLevel) -> Self {
        let row = |tier: Tier| TierRow {
            name: words::tier(tier),
            examples: match tier {
                Tier::Tier1 => "customer-facing, payments: production databases, payment buckets",
                Tier::Tier2 => "production Kubernetes state, internal databases",
                Tier::Tier3 => "development, staging, analytics",
            },
            rpo: words::span(tier.rpo()),
            rto: words::span(tier.rto()),
            schedule: words::schedule(&tier.schedule()),
            retention: tier.retention().to_string(),
            archive: tier
                .archive()
                .map(|archive| format!("monthly for {} years ({0} years, monthly granularity)", archive.years)),
        };
        Self {
            promise: match level {
                ServiceLevel::Baseline => "Objectives, not committed: this contract has no DR/BC add-on.",
                ServiceLevel::DrBc => "Committed: this contract has the DR/BC add-on.",
            },
            had: "Tier 1 asks for continuous WAL and snapshots every 15 minutes, kept for 30 days and as point in time for 7 years. AWS Backup takes snapshots hourly at most and keeps continuous backups for 35 days at most: a continuous backup meets the RPO of 5 minutes, and a monthly archive stands for the 7 years.",
            rows: Tier::ALL.map(row).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tier_1_says_what_its_seven_years_are() {
        let tiers = TiersView::new(ServiceLevel::Baseline);
        let said = tiers.rows.iter().map(|row| {
            let archive = row.archive.as_deref().unwrap_or("-");
            format!(
                "{}: {}, {}, {}, {}, {archive}",
                row.name, row.rpo, row.rto, row.schedule, row.retention
            )
        });
        let expected = [
            "tier 1: 5 min, 1 h, continuous (point in time), 30 days, monthly for 7 years (7 years, monthly granularity)",
            "tier 2: 1 h, 4 h, hourly, 30 days, -",
            "tier 3: 24 h, 24 h, daily, 14 days, -",
        ];
        assert_eq!(said.collect::<Vec<_>>(), expected);
        assert!(tiers.promise.starts_with("Objectives, not committed"));
        assert!(tiers.had.contains("15 minutes") && tiers.had.contains("35 days at most"));
    }
}
