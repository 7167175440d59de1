//! Just enough of a tree to correct an answer of the query protocol.

use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

/// An element with either text or children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Raw, with their leading blank.
    pub(crate) attributes: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// `<name>text</name>`.
    pub(crate) fn of(name: &str, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::new(name)
        }
    }

    /// Adds `<name>text</name>`.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        self.with_child(Self::of(name, text))
    }

    pub(crate) fn with_child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Element> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// Text of a child; empty counts as absent.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name)
            .map(|child| child.text.as_str())
            .filter(|text| !text.is_empty())
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.text_of(name) == Some("true")
    }

    /// Whether there is neither text nor a child.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.children.is_empty()
    }

    /// Sets the child's text, adding the child where it is missing.
    pub(crate) fn set(&mut self, name: &str, text: &str) {
        self.put(Self::of(name, text));
    }

    /// Replaces the child of the same name, or adds it.
    pub(crate) fn put(&mut self, child: Element) {
        match self.child_mut(&child.name) {
            Some(old) => *old = child,
            None => self.children.push(child),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }

    /// The first element called `name`, at any depth.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The same, to be changed.
    pub(crate) fn find_mut(&mut self, name: &str) -> Option<&mut Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter_mut().find_map(|child| child.find_mut(name))
    }

    /// `None` where the text is not one well-formed element.
    pub(crate) fn parse(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        let mut open: Vec<Element> = Vec::new();
        loop {
            let closed = match reader.read_event().ok()? {
                Event::Start(start) => {
                    open.push(Self::opened(&start));
                    continue;
                }
                Event::Empty(start) => Self::opened(&start),
                Event::End(_) => open.pop()?.settled()?,
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text);
                    }
                    continue;
                }
                Event::GeneralRef(reference) => {
                    open.last_mut()?.text.push_str(&format!("&{};", &*reference));
                    continue;
                }
                Event::Eof => return None,
                _ => continue,
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => return Some(closed),
            }
        }
    }

    fn opened(start: &BytesStart<'_>) -> Self {
        Self {
            attributes: start.attributes_raw().to_owned(),
            ..Self::new(start.name().as_ref())
        }
    }

    /// Text is unescaped, and is only white space where there are children.
    fn settled(mut self) -> Option<Self> {
        self.text = if self.children.is_empty() {
            unescape(self.text.trim()).ok()?.into_owned()
        } else {
            String::new()
        };
        Some(self)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}{}>{}", self.name, self.attributes, escape(self.text.as_str()))?;
        self.children.iter().try_for_each(|child| write!(f, "{child}"))?;
        write!(f, "</{}>", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_is_written_back_the_same() {
        let xml = r#"<A xmlns="x"><B>1 &lt; 2 &amp;c</B><C><D></D></C></A>"#;
        let parsed = Element::parse(&format!("<?xml version=\"1.0\"?>\n{xml}\n")).unwrap();
        assert_eq!(parsed.text_of("B"), Some("1 < 2 &c"));
        assert_eq!(parsed.to_string(), xml);
    }

    #[test]
    fn a_truncated_document_is_none() {
        assert_eq!(Element::parse("<A><B>1</B>"), None);
    }
}
