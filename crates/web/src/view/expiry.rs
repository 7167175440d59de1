//! When a recovery point goes by itself, as a page says it.

use std::fmt;

use app::recovery_point::OfComponent;
use askama::filters::HtmlSafe;
use domain::recovery_point::Expiry;

use super::Moment;

/// A moment, or why there is none. The words are ours: there is nothing in them to escape.
#[derive(Debug, Clone)]
pub(crate) enum ExpiryView {
    /// Then.
    At(Moment),
    /// Not at one moment, or nobody knows.
    Words(String),
}

impl HtmlSafe for ExpiryView {}

impl fmt::Display for ExpiryView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl ExpiryView {
    pub(crate) fn of_listed(listed: &OfComponent) -> Self {
        Expiry::of(&listed.point, listed.automated_days).into()
    }

    /// The same for a spreadsheet.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::At(at) => at.0.to_string(),
            Self::Words(words) => words.clone(),
        }
    }
}

impl From<Expiry> for ExpiryView {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::At(at) => Self::At(at.into()),
            Expiry::Rolling { days: 1 } => Self::Words("each moment after 1 day".to_owned()),
            Expiry::Rolling { days } => Self::Words(format!("each moment after {days} days")),
            Expiry::Never => Self::Words("never by itself".to_owned()),
            Expiry::Unknown => Self::Words("unknown".to_owned()),
        }
    }
}
