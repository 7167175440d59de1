//! A value of the scope of work, and where it came from.

use app::sow::{Sourced, Sources};
use askama::Template;
use askama::filters::HtmlSafe;
use domain::sow::ValueSource;

use crate::links::Links;

/// A value with its source below it.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<span>{{ text }}{% if let Some(source) = source %}<span class="quiet">{{ source.words }}{% if let Some((word, href)) = source.link %} <a href="{{ href }}">{{ word }}</a>{% endif %}</span>{% endif %}</span>"#,
    ext = "html"
)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) source: Option<Source>,
}

impl HtmlSafe for Value {}

/// Where a value came from: in words, and the change or version that supplied it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) words: &'static str,
    pub(crate) link: Option<(String, String)>,
}

impl Value {
    /// The value of a field.
    pub(crate) fn of(field: &str, text: impl Into<String>, sources: &Sources, links: &Links) -> Self {
        Self {
            text: text.into(),
            source: sources.get(field).map(|sourced| Source::new(sourced, links)),
        }
    }

    /// A value that came from nowhere.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: None,
        }
    }

    /// A value that follows from another.
    pub(crate) fn because(text: String, words: &'static str) -> Self {
        Self {
            text,
            source: Some(Source { words, link: None }),
        }
    }
}

impl Source {
    fn new(sourced: &Sourced, links: &Links) -> Self {
        let version = sourced
            .version
            .map(|version| (format!("version {version}"), links.version(version)));
        let change = sourced
            .change
            .map(|change| (format!("change {change}"), links.change(change)));
        match sourced.source {
            ValueSource::Change => Self {
                words: "asked for in",
                link: change.or(version),
            },
            ValueSource::Sow => Self {
                words: "kept since",
                link: version,
            },
            ValueSource::Tier => Self {
                words: "the tier’s default, taken in",
                link: version,
            },
            ValueSource::Default => Self {
                words: "the mechanism’s default",
                link: None,
            },
            ValueSource::Regulation => Self {
                words: "the nearest that is allowed by",
                link: Some(("the contract".to_owned(), links.page("contract"))),
            },
        }
    }
}

/// The same for a download: `change (version 3, change 7)`.
pub(crate) fn source_text(field: &str, sources: &Sources) -> String {
    let Some(sourced) = sources.get(field) else {
        return String::new();
    };
    let source = match sourced.source {
        ValueSource::Change => "change",
        ValueSource::Sow => "sow",
        ValueSource::Tier => "tier",
        ValueSource::Default => "default",
        ValueSource::Regulation => "regulation",
    };
    match (sourced.version, sourced.change) {
        (Some(version), Some(change)) => format!("{source} (version {version}, change {change})"),
        (Some(version), None) => format!("{source} (version {version})"),
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_leads_to_what_supplied_it() {
        let sourced = |source, version, change| Sourced {
            source,
            version,
            change,
        };
        let sources = Sources::from([
            ("a".to_owned(), sourced(ValueSource::Change, Some(4), Some(9))),
            ("b".to_owned(), sourced(ValueSource::Sow, Some(2), Some(7))),
            ("c".to_owned(), sourced(ValueSource::Default, None, None)),
        ]);
        let links = Links::slug("acme");
        let shown = |field| Value::of(field, "35 days", &sources, &links).to_string();
        assert!(shown("a").contains(r#"asked for in <a href="/customers/acme/changes/9">change 9</a>"#));
        assert!(shown("b").contains(r#"kept since <a href="/customers/acme/scope/versions/2">version 2</a>"#));
        assert!(shown("c").contains("default</span>") && shown("d") == "<span>35 days</span>");
        assert_eq!(source_text("b", &sources), "sow (version 2, change 7)");
        assert_eq!(
            (source_text("c", &sources), source_text("d", &sources)),
            ("default".to_owned(), String::new())
        );
    }
}
