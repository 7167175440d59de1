//! Policies: parsed once, then asked.
//!
//! Source: IAM User Guide, "IAM JSON policy element reference" and "Policy evaluation logic".

mod condition;
mod document;
mod malformed;
mod pattern;
mod principals;
mod statement;
#[cfg(test)]
mod tests;

use self::document::{Document, Version};
pub(crate) use self::malformed::Malformed;
use self::statement::Statement;
use super::request::Request;

/// A policy document. The default says nothing.
#[derive(Debug, Default)]
pub(crate) struct Policy(Vec<Statement>);

/// Where a policy hangs, which decides what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// On a role, on a session, or as a boundary: resources and no principal.
    Identity,
    /// On a resource, such as a vault: resources and principals.
    Resource,
    /// On a role, about who may assume it: principals and no resource.
    Trust,
}

/// What policies say about a request; the greater overrules the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Nothing,
    Allow,
    /// Explicitly.
    Deny,
}

impl Policy {
    pub(crate) fn parse(json: &str, kind: Kind) -> Result<Self, Malformed> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let written: Document = serde_path_to_error::deserialize(&mut reader)?;
        reader.end().map_err(|error| Malformed(error.to_string()))?;
        let statements = written.statement.0;
        if statements.is_empty() {
            return Err(Malformed("Statement: is empty".to_owned()));
        }
        for (at, statement) in statements.iter().enumerate() {
            let same = |earlier: &&document::Written| earlier.sid.is_some() && earlier.sid == statement.sid;
            if statements[..at].iter().find(same).is_some() {
                return Err(Malformed(format!("Statement[{at}].Sid: is there twice")));
            }
        }
        let version = written.version.unwrap_or(Version::V2008);
        let parsed = statements.iter().enumerate().map(|(at, statement)| {
            Statement::parse(statement, kind, version).map_err(|wrong| Malformed(format!("Statement[{at}].{wrong}")))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn verdict(&self, request: &Request<'_>) -> Verdict {
        let each = self.0.iter().map(|statement| statement.verdict(request));
        each.max().unwrap_or(Verdict::Nothing)
    }
}
