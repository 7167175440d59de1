//! A document that is no policy.

/// Where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

impl From<serde_path_to_error::Error<serde_json::Error>> for Malformed {
    fn from(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        // The path of what is not even JSON, or misses its beginning, says nothing.
        let path = Some(error.path().to_string()).filter(|path| path != "." && path != "?");
        let path = path.map(|path| format!("{path}: ")).unwrap_or_default();
        Self(format!("{path}{}", error.inner()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Kind, Policy};

    #[test]
    fn what_is_malformed_is_named() {
        let statement = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let twice = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": "true"}, "Bool": {"b": "true"}}}}"#;
        for (kind, document, expected) in [
            (Kind::Identity, "{".to_owned(), "EOF while parsing an object"),
            (
                Kind::Identity,
                "[]".to_owned(),
                "invalid length 0, expected a policy document",
            ),
            (
                Kind::Identity,
                r#"{"Version": "2012-10-17"}"#.to_owned(),
                "missing field `Statement`",
            ),
            (
                Kind::Identity,
                r#"{"Version": "2020-01-01", "Statement": []}"#.to_owned(),
                "Version: unknown variant `2020-01-01`, expected `2008-10-17` or `2012-10-17`",
            ),
            (Kind::Identity, r#"{"Statement": []}"#.to_owned(), "Statement: is empty"),
            (
                Kind::Identity,
                twice.to_owned(),
                "Statement.Condition: `Bool` is there twice",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "allow", "Action": "*", "Resource": "*"})),
                "Statement[0].Effect: unknown variant `allow`, expected `Allow` or `Deny`",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Resource": "*"})),
                "Statement[0].Action is missing",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"})),
                "Statement[0].Action and NotAction exclude each other",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Action": "DeleteVault", "Resource": "*"})),
                "Statement[0].Action: `DeleteVault` is not `*` or `service:Operation`",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Action": "*", "NotResource": "gold"})),
                "Statement[0].NotResource: `gold` must be in ARN format or `*`",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})),
                "Statement[0].Principal has no place in this kind of policy",
            ),
            (
                Kind::Resource,
                statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})),
                "Statement[0].Principal is missing",
            ),
            (
                Kind::Resource,
                statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": "bob"}})),
                "Statement[0].Principal: `bob` is no principal",
            ),
            (
                Kind::Trust,
                statement(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})),
                "Statement[0].Resource has no place in this kind of policy",
            ),
            (
                Kind::Identity,
                statement(
                    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}}),
                ),
                "Statement[0].Condition.StringEqual.a: `StringEqual` is no condition operator",
            ),
            (
                Kind::Identity,
                statement(
                    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"a": "b"}}}),
                ),
                "Statement[0].Condition.NumericLessThan.a: `b` is not a number",
            ),
            (
                Kind::Identity,
                statement(
                    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NullIfExists": {"a": "true"}}}),
                ),
                "Statement[0].Condition.NullIfExists.a: `NullIfExists` is no condition operator",
            ),
            (
                Kind::Identity,
                statement(json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username"})),
                "Statement[0].Resource: `arn:aws:s3:::${aws:username` has a variable without its closing brace",
            ),
        ] {
            let wrong = Policy::parse(&document, kind).unwrap_err().to_string();
            assert!(wrong.starts_with(expected), "{wrong}: {document}");
        }
    }
}
