//! What is contracted beside what is kept, as JSON.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One customer: what is contracted beside what is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Retention {
    /// The customer's slug.
    customer: String,
    name: String,
    /// Components in scope.
    components: usize,
    /// Those that are kept for less than contracted, as was read lately.
    too_short: usize,
    /// Those of which there is no recovery point.
    without_recovery_point: usize,
    /// Those of which nobody knows: not read, or too long ago.
    unknown: usize,
    /// What is contracted.
    contracted: Option<Days>,
    /// What is kept, of what was read lately; `null`: nothing was.
    effective: Option<Days>,
    /// The oldest recovery point that was read lately; `null`: there is none, or nothing was read.
    oldest_recovery_point_at: Option<Timestamp>,
}

/// From the least to the most days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Days {
    least: i32,
    most: i32,
}

impl From<app::fleet::Retention> for Retention {
    fn from(line: app::fleet::Retention) -> Self {
        let days = |(least, most)| Days { least, most };
        Self {
            customer: line.tenant.slug,
            name: line.tenant.name,
            components: line.components,
            too_short: line.short,
            without_recovery_point: line.without,
            unknown: line.unknown,
            contracted: line.contracted.map(days),
            effective: line.effective.map(days),
            oldest_recovery_point_at: line.oldest_recovery_point_at,
        }
    }
}
