//! What names and labels may look like.

use serde_json::Value;

use super::kind::{Kind, NAMESPACES, SERVICES};
use super::meta;
use super::refusal::Cause;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// What is wrong with the name and the labels of an object.
pub(crate) fn check(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let (field, name) = match (meta::name(object), meta::text(object, "generateName")) {
        // What comes behind the prefix is a letter or a digit.
        ("", prefix) => ("metadata.generateName", prefix.trim_end_matches(['-', '.'])),
        (name, _) => ("metadata.name", name),
    };
    if !name.is_empty() {
        causes.extend(name_faults(kind, name).map(|why| Cause::invalid(field, format!("{name:?}"), &why)));
    }
    for place in ["labels", "annotations"] {
        let entries = object["metadata"][place].as_object();
        for (key, value) in entries.into_iter().flatten() {
            let field = format!("metadata.{place}");
            if !label_key(key) {
                causes.push(Cause::invalid(&*field, format!("{key:?}"), KEY));
            }
            if place == "annotations" {
                continue;
            }
            let value = value.as_str().unwrap_or_default();
            if value.len() > 63 {
                causes.push(Cause::invalid(
                    &*field,
                    format!("{value:?}"),
                    "must be no more than 63 bytes",
                ));
            } else if !label_value(value) {
                causes.push(Cause::invalid(&*field, format!("{value:?}"), VALUE));
            }
        }
    }
    causes
}

fn name_faults(kind: &Kind, name: &str) -> Option<String> {
    let (longest, valid, why) = if kind == &NAMESPACES || kind == &SERVICES {
        (63, dns_label(name), LABEL)
    } else {
        (253, name.split('.').all(dns_label), SUBDOMAIN)
    };
    if name.len() > longest {
        return Some(format!("must be no more than {longest} bytes"));
    }
    (!valid).then(|| why.to_owned())
}

fn dns_label(name: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    bounded(name, plain, |letter| plain(letter) || letter == b'-')
}

/// Whether this can be the key of a label: a name with an optional domain before it.
pub(crate) fn label_key(key: &str) -> bool {
    let (domain, name) = key
        .split_once('/')
        .map_or((None, key), |(domain, name)| (Some(domain), name));
    let domain_fits = domain.is_none_or(|domain| domain.len() <= 253 && domain.split('.').all(dns_label));
    domain_fits && name.len() <= 63 && word(name)
}

/// Whether this can be the value of a label.
pub(crate) fn label_value(value: &str) -> bool {
    value.is_empty() || (value.len() <= 63 && word(value))
}

fn word(text: &str) -> bool {
    bounded(
        text,
        |letter| letter.is_ascii_alphanumeric(),
        |letter| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter),
    )
}

/// Whether the text is not empty, its ends pass `end` and all of it passes `any`.
fn bounded(text: &str, end: impl Fn(u8) -> bool, any: impl Fn(u8) -> bool) -> bool {
    let ends = [text.bytes().next(), text.bytes().last()];
    ends.into_iter().all(|letter| letter.is_some_and(&end)) && text.bytes().all(any)
}
