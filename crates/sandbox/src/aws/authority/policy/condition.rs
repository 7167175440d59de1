//! `Condition`.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::request::Context;
use super::pattern::{Pattern, Syntax};

/// One key under one operator.
#[derive(Debug)]
pub(crate) struct Condition {
    /// In lower case.
    key: String,
    over: Over,
    if_exists: bool,
    /// Met by a value that none of the policy's values matches.
    negated: bool,
    test: Test,
}

/// Which of the request's values must meet the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The key is to have one value.
    One,
    All,
    Any,
}

type Compared = fn(Ordering) -> bool;

/// The policy's values, and how the request's are compared with them.
#[derive(Debug)]
enum Test {
    Text(Vec<Pattern>),
    TextAnyCase(Vec<Pattern>),
    Arn(Vec<Pattern>),
    Number(Compared, Vec<f64>),
    Time(Compared, Vec<Timestamp>),
    Bool(Vec<bool>),
    Address(Vec<IpNet>),
    /// Whether the key is to be absent.
    Absent(Vec<bool>),
}

impl Condition {
    /// The error says what is wrong with the operator or with a value.
    pub(crate) fn parse(operator: &str, key: &str, values: &[String], variables: bool) -> Result<Self, String> {
        let name = operator.to_lowercase();
        let (over, rest) = match name.split_once(':') {
            None => (Over::One, name.as_str()),
            Some(("forallvalues", rest)) => (Over::All, rest),
            Some(("foranyvalue", rest)) => (Over::Any, rest),
            Some(_) => return Err(format!("`{operator}` is no condition operator")),
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let parsed = parse_test(rest, values, variables)?;
        let (negated, test) = parsed.ok_or_else(|| format!("`{operator}` is no condition operator"))?;
        if matches!(test, Test::Absent(_)) && (if_exists || over != Over::One) {
            return Err(format!("`{operator}` is no condition operator"));
        }
        Ok(Self {
            key: key.to_lowercase(),
            over,
            if_exists,
            negated,
            test,
        })
    }

    pub(crate) fn is_met(&self, context: &Context) -> bool {
        let mut values = context.values(&self.key);
        let absent = values.clone().next().is_none();
        if let Test::Absent(wanted) = &self.test {
            return wanted.contains(&absent);
        }
        if absent {
            return self.if_exists || self.over == Over::All || (self.negated && self.over == Over::One);
        }
        let mut met = |value: &str| self.test.matches(value, context) != self.negated;
        // A key with several values under an operator for one: none may speak against a negated one.
        if self.over == Over::All || (self.over == Over::One && self.negated) {
            values.all(&mut met)
        } else {
            values.any(&mut met)
        }
    }
}

impl Test {
    /// Whether one of the policy's values matches; a value of another type matches none.
    fn matches(&self, value: &str, context: &Context) -> bool {
        match self {
            Self::Text(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Self::TextAnyCase(patterns) => patterns.iter().any(|pattern| pattern.matches_any_case(value, context)),
            Self::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches_arn(value, context)),
            Self::Number(compared, numbers) => number(value).is_some_and(|value| {
                let order = |wanted: &f64| value.partial_cmp(wanted);
                numbers.iter().filter_map(order).any(compared)
            }),
            Self::Time(compared, times) => {
                time(value).is_some_and(|value| times.iter().any(|wanted| compared(value.cmp(wanted))))
            }
            Self::Bool(wanted) => boolean(value).is_some_and(|value| wanted.contains(&value)),
            Self::Address(networks) => value
                .parse::<IpAddr>()
                .is_ok_and(|value| networks.iter().any(|network| network.contains(&value))),
            Self::Absent(_) => false,
        }
    }
}

/// Of an operator in lower case, without what is said of sets and absence; `None` where there is no such operator.
fn parse_test(operator: &str, values: &[String], variables: bool) -> Result<Option<(bool, Test)>, String> {
    let patterns = |wildcards| {
        let syntax = Syntax { wildcards, variables };
        values
            .iter()
            .map(|value| Pattern::parse(value, syntax))
            .collect::<Result<_, _>>()
    };
    let kinds = ["string", "arn", "numeric", "date"];
    let kind = kinds
        .into_iter()
        .find_map(|kind| Some((kind, operator.strip_prefix(kind)?)));
    let (kind, how) = kind.unwrap_or((operator, ""));
    let (negated, how) = how.strip_prefix("not").map_or((false, how), |how| (true, how));
    let test = match (kind, how) {
        ("string", "equals") => Test::Text(patterns(false)?),
        ("string", "equalsignorecase") => Test::TextAnyCase(patterns(false)?),
        ("string", "like") => Test::Text(patterns(true)?),
        ("arn", "equals" | "like") => Test::Arn(patterns(true)?),
        ("numeric", how) => match comparison(how, negated) {
            Some(compared) => Test::Number(compared, parsed(values, number, "a number")?),
            None => return Ok(None),
        },
        ("date", how) => match comparison(how, negated) {
            Some(compared) => Test::Time(compared, parsed(values, time, "a time")?),
            None => return Ok(None),
        },
        ("bool", _) => Test::Bool(parsed(values, boolean, "true or false")?),
        ("ipaddress" | "notipaddress", _) => {
            let networks = parsed(values, network, "an IP address or CIDR block")?;
            return Ok(Some((operator == "notipaddress", Test::Address(networks))));
        }
        ("binaryequals", _) => Test::Text(parsed(
            values,
            |value| Pattern::parse(value, Syntax::PLAIN).ok(),
            "base64",
        )?),
        ("null", _) => Test::Absent(parsed(values, boolean, "true or false")?),
        _ => return Ok(None),
    };
    Ok(Some((negated, test)))
}

fn comparison(how: &str, negated: bool) -> Option<Compared> {
    Some(match how {
        "equals" => Ordering::is_eq,
        "lessthan" if !negated => Ordering::is_lt,
        "lessthanequals" if !negated => Ordering::is_le,
        "greaterthan" if !negated => Ordering::is_gt,
        "greaterthanequals" if !negated => Ordering::is_ge,
        _ => return None,
    })
}

fn parsed<T>(values: &[String], parse: fn(&str) -> Option<T>, what: &str) -> Result<Vec<T>, String> {
    let parse = |value: &String| parse(value).ok_or_else(|| format!("`{value}` is not {what}"));
    values.iter().map(parse).collect()
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// ISO 8601, in UTC unless it says otherwise, or seconds since 1970.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(utc)
}

fn boolean(text: &str) -> Option<bool> {
    text.to_lowercase().parse().ok()
}

fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::request::{Context, Request};
    use super::super::{Kind, Policy, Verdict};
    use crate::aws::authority::Principal;

    const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:gold";

    /// Whether an Allow under the condition applies.
    fn under(condition: &Value, keys: &[(&str, &str)]) -> bool {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        let policy = Policy::parse(&document.to_string(), Kind::Identity).unwrap();
        let context = keys
            .iter()
            .fold(Context::default(), |context, (key, value)| context.with(key, *value));
        let verdict = policy.verdict(&Request {
            principal: &Principal::Service("backup.amazonaws.com".to_owned()),
            action: "backup:ListBackupVaults",
            resource: "*",
            context: &context,
        });
        verdict == Verdict::Allow
    }

    #[test]
    fn all_operators_and_all_keys_must_be_met_and_one_of_the_values() {
        let both = json!({"StringEquals": {"aws:a": ["x", "y"], "aws:b": "z"}, "NumericLessThan": {"aws:n": "5"}});
        assert!(under(&both, &[("aws:a", "y"), ("aws:b", "z"), ("aws:n", "4")]));
        assert!(!under(&both, &[("aws:a", "y"), ("aws:b", "z"), ("aws:n", "5")]));
        assert!(!under(&both, &[("aws:a", "y"), ("aws:n", "4")]));
        let neither = json!({"StringNotEquals": {"aws:a": ["x", "y"]}});
        assert!(under(&neither, &[("aws:a", "z")]));
        assert!(!under(&neither, &[("aws:a", "y")]));
    }

    #[test]
    fn each_operator_compares_as_documented() {
        for (operator, wanted, met, unmet) in [
            ("StringEquals", json!("a*"), "a*", "ab"),
            ("StringEqualsIgnoreCase", json!("Prod"), "pROD", "prod2"),
            ("StringNotEqualsIgnoreCase", json!("Prod"), "test", "pROD"),
            ("StringLike", json!("prod-*"), "prod-pg", "Prod-pg"),
            ("StringNotLike", json!("prod-*"), "test", "prod-pg"),
            (
                "ArnLike",
                json!("arn:aws:backup:*:111122223333:*"),
                VAULT,
                "arn:aws:backup:eu-west-1:444455556666:x",
            ),
            (
                "ArnEquals",
                json!("arn:aws:backup:*:111122223333:*"),
                VAULT,
                "arn:aws:backup::111122223333",
            ),
            (
                "ArnNotLike",
                json!("arn:aws:backup:*:111122223333:*"),
                "arn:aws:rds:x:111122223333:db",
                VAULT,
            ),
            ("NumericEquals", json!(7), "7.0", "8"),
            ("NumericNotEquals", json!("7"), "8", "7"),
            ("NumericLessThanEquals", json!("35"), "35", "36"),
            ("NumericGreaterThan", json!("9"), "10", "9"),
            ("NumericGreaterThanEquals", json!("9"), "9", "many"),
            (
                "DateEquals",
                json!("2026-01-02"),
                "2026-01-02T00:00:00Z",
                "2026-01-02T00:00:01Z",
            ),
            (
                "DateLessThan",
                json!("2026-01-02T00:00:00Z"),
                "1767225600",
                "2026-01-02T00:00:00Z",
            ),
            (
                "DateGreaterThanEquals",
                json!("2026-01-02T02:00:00+02:00"),
                "2026-01-02T00:00:00Z",
                "2026-01-01T23:59:59Z",
            ),
            (
                "DateNotEquals",
                json!(1_767_225_600),
                "2026-01-02T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
            ("Bool", json!(true), "True", "false"),
            (
                "IpAddress",
                json!(["10.0.0.0/8", "2001:db8::/32"]),
                "2001:db8::1",
                "11.0.0.1",
            ),
            ("NotIpAddress", json!("10.1.2.3"), "10.1.2.4", "10.1.2.3"),
            ("BinaryEquals", json!("QmluYXJ5"), "QmluYXJ5", "qmluYXJ5"),
        ] {
            let condition = json!({operator: {"aws:Key": wanted}});
            assert!(under(&condition, &[("aws:key", met)]), "{condition} {met}");
            assert!(!under(&condition, &[("aws:key", unmet)]), "{condition} {unmet}");
        }
    }

    #[test]
    fn a_missing_key_meets_what_is_negated_or_said_to_be_optional() {
        for (operator, value, expected) in [
            ("StringEquals", "x", false),
            ("StringNotEquals", "x", true),
            ("StringNotLike", "x", true),
            ("ArnNotEquals", "arn:aws:iam::111122223333:role/x", true),
            ("NumericNotEquals", "1", true),
            ("NotIpAddress", "10.0.0.0/8", true),
            ("NumericLessThan", "1", false),
            ("Bool", "true", false),
            ("StringEqualsIfExists", "x", true),
            ("BoolIfExists", "true", true),
            ("NumericLessThanIfExists", "1", true),
            ("Null", "true", true),
            ("Null", "false", false),
            ("ForAllValues:StringEquals", "x", true),
            ("ForAnyValue:StringEquals", "x", false),
            ("ForAnyValue:StringNotEquals", "x", false),
            ("ForAnyValue:StringEqualsIfExists", "x", true),
        ] {
            let condition = json!({operator: {"aws:Key": value}});
            assert_eq!(under(&condition, &[]), expected, "{condition}");
        }
        assert!(!under(
            &json!({"StringEqualsIfExists": {"aws:Key": "x"}}),
            &[("aws:Key", "y")]
        ));
        assert!(under(&json!({"Null": {"aws:Key": false}}), &[("aws:Key", "y")]));
    }

    #[test]
    fn sets_are_compared_value_by_value() {
        let keys = |values: &[&'static str]| -> Vec<(&str, &str)> {
            values.iter().map(|value| ("aws:TagKeys", *value)).collect()
        };
        for (operator, values, expected) in [
            ("ForAllValues:StringEquals", &["a", "b"][..], true),
            ("ForAllValues:StringEquals", &["a", "c"], false),
            ("ForAnyValue:StringEquals", &["c", "b"], true),
            ("ForAnyValue:StringEquals", &["c", "d"], false),
            ("ForAllValues:StringNotEquals", &["c", "d"], true),
            ("ForAllValues:StringNotEquals", &["c", "a"], false),
            ("ForAnyValue:StringNotEquals", &["c", "a"], true),
            ("ForAnyValue:StringNotEquals", &["b", "a"], false),
            ("ForAllValues:StringLike", &["a"], true),
        ] {
            let condition = json!({operator: {"aws:TagKeys": ["a", "b"]}});
            assert_eq!(under(&condition, &keys(values)), expected, "{condition} {values:?}");
        }
    }
}
