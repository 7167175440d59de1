//! A text of a policy, with its wildcards and variables.

use std::borrow::Cow;
use std::str::Chars;

use super::super::request::Context;

/// What is special in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${…}`, of policies since version 2012-10-17.
    pub(crate) variables: bool,
}

impl Syntax {
    pub(crate) const PLAIN: Self = Self {
        wildcards: false,
        variables: false,
    };
}

#[derive(Debug)]
pub(crate) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Char(char),
    One,
    Any,
    /// A context key in lower case, and what stands for it where the request does not have it.
    Variable(String, Option<String>),
}

impl Pattern {
    /// The error says what is wrong with the text.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            if syntax.variables
                && let Some(after) = rest.strip_prefix("${")
            {
                let (variable, after) = after
                    .split_once('}')
                    .ok_or_else(|| format!("`{text}` has a variable without its closing brace"))?;
                pieces.push(Piece::variable(variable));
                rest = after;
                continue;
            }
            pieces.push(match char {
                '*' if syntax.wildcards => Piece::Any,
                '?' if syntax.wildcards => Piece::One,
                other => Piece::Char(other),
            });
            rest = &rest[char.len_utf8()..];
        }
        Ok(Self(pieces))
    }

    pub(crate) fn matches(&self, text: &str, context: &Context) -> bool {
        self.expanded(context)
            .is_some_and(|pieces| glob(&pieces, text, |a, b| a == b))
    }

    pub(crate) fn matches_any_case(&self, text: &str, context: &Context) -> bool {
        self.expanded(context)
            .is_some_and(|pieces| glob(&pieces, text, |a, b| a.to_lowercase().eq(b.to_lowercase())))
    }

    /// Compares the six parts of an ARN one by one: no wildcard reaches beyond its part, but for a lone `*`.
    pub(crate) fn matches_arn(&self, arn: &str, context: &Context) -> bool {
        let Some(pieces) = self.expanded(context) else {
            return false;
        };
        let mut parts = pieces.splitn(6, |piece| matches!(piece, Piece::Char(':')));
        let mut texts = arn.splitn(6, ':');
        if let [Piece::Any] = *pieces {
            return true;
        }
        loop {
            match (parts.next(), texts.next()) {
                (Some(part), Some(text)) if glob(part, text, |a, b| a == b) => {}
                (None, None) => return true,
                _ => return false,
            }
        }
    }

    /// With the values of its variables, in which nothing is special; `None` where one has no single value.
    fn expanded(&self, context: &Context) -> Option<Cow<'_, [Piece]>> {
        if !self.0.iter().any(|piece| matches!(piece, Piece::Variable(..))) {
            return Some(Cow::Borrowed(&self.0));
        }
        let mut pieces = Vec::new();
        for piece in &self.0 {
            if let Piece::Variable(key, default) = piece {
                let value = context.single(key).or(default.as_deref())?;
                pieces.extend(value.chars().map(Piece::Char));
            } else {
                pieces.push(piece.clone());
            }
        }
        Some(Cow::Owned(pieces))
    }
}

impl Piece {
    /// Of what stands between the braces: a special character, a key, or a key and its default in quotes.
    fn variable(inner: &str) -> Self {
        if let "*" | "?" | "$" = inner {
            return inner.chars().next().map_or(Self::Any, Self::Char);
        }
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key, Some(default.trim().trim_matches('\'').to_owned())),
            None => (inner, None),
        };
        Self::Variable(key.trim().to_lowercase(), default)
    }
}

/// Goes back to the last `*` wherever the text leads astray.
fn glob(pieces: &[Piece], text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut at, mut rest) = (0, text.chars());
    let mut star: Option<(usize, Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        let fits = match (pieces.get(at), ahead.next()) {
            (Some(Piece::Any), _) => {
                star = Some((at + 1, rest.clone()));
                at += 1;
                continue;
            }
            (None, None) => return true,
            (Some(Piece::One), Some(_)) => true,
            (Some(Piece::Char(a)), Some(b)) => same(*a, b),
            _ => false,
        };
        if fits {
            (at, rest) = (at + 1, ahead);
            continue;
        }
        // The star takes one more character.
        let Some((after, from)) = &mut star else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        (at, rest) = (*after, from.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let syntax = Syntax {
            wildcards: true,
            variables: true,
        };
        Pattern::parse(text, syntax).unwrap()
    }

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character() {
        let none = Context::default();
        for (text, matching, other) in [
            ("*", "", None),
            ("a*c", "abbbc", Some("abbb")),
            ("a?c", "aéc", Some("ac")),
            ("*ab*ab", "xabyabab", Some("xab")),
            (
                "arn:aws:rds:*:*:db:prod-*",
                "arn:aws:rds:eu-west-1:1:db:prod-pg",
                Some("arn:aws:rds:eu-west-1:1:db:test"),
            ),
            (
                "arn:aws:rds:*",
                "arn:aws:rds:eu-west-1:1:db:x",
                Some("arn:aws:ec2:eu-west-1:1:x"),
            ),
        ] {
            assert!(pattern(text).matches(matching, &none), "{text} {matching}");
            assert!(
                other.is_none_or(|other| !pattern(text).matches(other, &none)),
                "{text} {other:?}"
            );
        }
        assert!(!pattern("Prod").matches("prod", &none));
        assert!(pattern("Backup:List*").matches_any_case("backup:listJobs", &none));
    }

    #[test]
    fn nothing_in_the_value_of_a_variable_is_special() {
        let context = Context::default().with("aws:PrincipalTag/Team", "a*");
        assert!(pattern("db-${aws:principaltag/team}").matches("db-a*", &context));
        assert!(!pattern("db-${aws:principaltag/team}").matches("db-ab", &context));
        assert!(pattern("${aws:PrincipalTag/team}-*").matches("a*-x", &context));
        assert!(pattern("a${*}${?}${$}").matches("a*?$", &context));
        assert!(!pattern("a${*}").matches("ab", &context));
    }

    #[test]
    fn a_variable_without_a_value_matches_nothing_but_its_default() {
        let none = Context::default();
        assert!(!pattern("${aws:username}*").matches("", &none));
        assert!(pattern("${aws:username, 'nobody'}").matches("nobody", &none));
        let two = none.with("aws:TagKeys", "a").with("aws:TagKeys", "b");
        assert!(!pattern("${aws:TagKeys}").matches("a", &two));
    }

    #[test]
    fn variables_are_text_where_they_are_not_known() {
        let old = Syntax {
            wildcards: true,
            variables: false,
        };
        let old = Pattern::parse("${aws:username}", old).unwrap();
        assert!(old.matches("${aws:username}", &Context::default()));
    }

    #[test]
    fn the_parts_of_an_arn_are_compared_one_by_one() {
        let none = Context::default();
        let arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:gold";
        assert!(pattern("arn:*:backup:*:111122223333:backup-vault:*").matches_arn(arn, &none));
        assert!(!pattern("arn:aws:backup:*:backup-vault:gold").matches_arn(arn, &none));
        assert!(!pattern("arn:aws:*").matches_arn(arn, &none));
        assert!(pattern("*").matches_arn(arn, &none));
        let role = Context::default().with("aws:PrincipalArn", arn);
        assert!(pattern("${aws:PrincipalArn}").matches_arn(arn, &role));
    }
}
