//! A time as a page shows it.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::civil::Date;

/// A moment, written in UTC. `static/js/app.js` rewrites it in the reader's own words and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl HtmlSafe for Moment {}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<time datetime="{}">{}</time>"#,
            self.0,
            self.0.strftime("%-d %b %Y, %H:%M UTC")
        )
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// When something was signed: the day that a document names, or the moment at which it was said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// By a document.
    On(Date),
    /// Here.
    At(Moment),
}

impl Signed {
    pub(crate) fn new(on: Option<Date>, at: Timestamp) -> Self {
        on.map_or(Self::At(Moment(at)), Self::On)
    }
}

impl HtmlSafe for Signed {}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(day) => write!(f, "on {}", day.strftime("%-d %b %Y")),
            Self::At(moment) => moment.fmt(f),
        }
    }
}

/// A moment that somebody chooses by: to the second, also in the reader's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExactMoment(pub(crate) Timestamp);

impl HtmlSafe for ExactMoment {}

impl fmt::Display for ExactMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<time datetime="{}" data-exact>{}</time>"#,
            self.0,
            self.0.strftime("%-d %b %Y, %H:%M:%S UTC")
        )
    }
}

/// When something is due to run: with its weekday and to the minute, also in the reader's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunMoment(pub(crate) Timestamp);

impl HtmlSafe for RunMoment {}

impl fmt::Display for RunMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<time datetime="{}" data-exact="run">{}</time>"#,
            self.0,
            self.0.strftime("%a %-d %b %Y, %H:%M UTC")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_script_a_time_says_its_zone() {
        let moment = Moment("2026-03-29T01:05:09Z".parse().unwrap());
        assert_eq!(
            moment.to_string(),
            r#"<time datetime="2026-03-29T01:05:09Z">29 Mar 2026, 01:05 UTC</time>"#
        );
        assert_eq!(
            ExactMoment(moment.0).to_string(),
            r#"<time datetime="2026-03-29T01:05:09Z" data-exact>29 Mar 2026, 01:05:09 UTC</time>"#
        );
        assert_eq!(
            RunMoment(moment.0).to_string(),
            r#"<time datetime="2026-03-29T01:05:09Z" data-exact="run">Sun 29 Mar 2026, 01:05 UTC</time>"#
        );
    }
}
