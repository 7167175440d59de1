//! The scope of work: what is contracted, where each value came from, and the versions that led there.

mod download;
pub(crate) mod show;
mod terms;
pub(crate) mod versions;

use app::sow::AsOf;
use jiff::civil::Date;
use serde::Deserialize;

pub(super) use show::{encryption, objectives};
pub(super) use terms::TermsView;
pub(super) use versions::MadeBy;

use crate::error::{Failure, PageError};
use crate::view::chosen;

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
    fn read(self) -> Result<AsOf, PageError> {
        AsOf::of(self.version, self.on).ok_or(PageError(Failure::ONE_OF_BOTH))
    }
}
