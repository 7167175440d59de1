//! The scope of work: what is contracted, where each value came from, and the versions that led there.

mod download;
pub(crate) mod show;
mod terms;
pub(crate) mod versions;

use app::sow::AsOf;
use http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;

pub(super) use show::{encryption, objectives};
pub(super) use terms::TermsView;
pub(super) use versions::MadeBy;

use crate::error::Failure;
use crate::view::chosen;

const ONE_OF_BOTH: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Give a version or a date, not both.",
);

/// Which version an address means; none given: the one in force.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct AsOfQuery {
    version: Option<i32>,
    #[serde(default, deserialize_with = "chosen")]
    on: Option<Date>,
}

impl AsOfQuery {
    /// # Errors
    /// When both are given.
    pub(crate) fn read(self) -> Result<AsOf, Failure> {
        match (self.version, self.on) {
            (None, None) => Ok(AsOf::Newest),
            (Some(version), None) => Ok(AsOf::Version(version)),
            (None, Some(day)) => Ok(AsOf::On(day)),
            (Some(_), Some(_)) => Err(ONE_OF_BOTH),
        }
    }
}
