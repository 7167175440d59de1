//! What the customer states of a component: never read by a machine, and stated anew without a change of the scope of work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Component;
use crate::scope_change::{Answers, Field, FieldKind, FormProblem, superseded};

/// The facts of a component that people keep up to date (feature B15). `None`: not stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The business unit that it belongs to.
    pub workload: Option<String>,
    /// Who answers for it at the customer.
    pub owner: Option<String>,
    /// Its engine.
    pub engine: Option<String>,
    /// The engine's version.
    pub version: Option<String>,
    /// Its size in bytes.
    pub size_bytes: Option<i64>,
}

const WORKLOAD: Field = field(
    "workload",
    "Workload",
    "The business unit that it belongs to.",
    "payments",
);
const OWNER: Field = field("owner", "Owner", "Who answers for it.", "platform team");
const ENGINE: Field = field("engine", "Engine", "Such as PostgreSQL.", "PostgreSQL");
const VERSION: Field = field("version", "Version", "The engine's version.", "16.4");
const SIZE: Field = field(
    "size_bytes",
    "Size",
    "In bytes, or with KiB, MiB, GiB, TiB or PiB.",
    "120 GiB",
);

/// The question for the resource that a component is. No fact of the customer's: what is observed hangs on it.
pub const RESOURCE: Field = field(
    "arn",
    "Resource",
    "Its ARN, in a linked account and region. State another one where the resource was replaced, such as after a restore: what was read of the old one no longer counts, and its recovery points stay at AWS but are no longer shown.",
    "arn:aws:rds:eu-west-1:111122223333:db:prod-pg",
);

const fn field(id: &'static str, label: &'static str, help: &'static str, placeholder: &'static str) -> Field {
    Field {
        id,
        label,
        help,
        required: false,
        newer: false,
        kind: FieldKind::Input { placeholder },
    }
}

impl Facts {
    /// The questions, in the form's order.
    pub const FIELDS: [Field; 5] = [WORKLOAD, OWNER, ENGINE, VERSION, SIZE];

    /// What is stated now.
    #[must_use]
    pub fn of(component: &Component) -> Self {
        Self {
            workload: component.workload.clone(),
            owner: component.owner.clone(),
            engine: component.engine.clone(),
            version: component.version.clone(),
            size_bytes: component.size_bytes,
        }
    }

    /// Reads the answers, by field id; what is empty is not stated.
    ///
    /// # Errors
    /// Every answer that is not understood.
    pub fn from_fields(given: &BTreeMap<String, String>) -> Result<Self, Vec<FormProblem>> {
        let mut answers = Answers::new(&Self::FIELDS, given);
        let facts = Self {
            workload: answers.line(&WORKLOAD),
            owner: answers.line(&OWNER),
            engine: answers.line(&ENGINE),
            version: answers.line(&VERSION),
            size_bytes: answers.parsed(&SIZE, parse_size),
        };
        answers.finish(Some(facts))
    }

    /// The answers that say the same: read back they give these facts.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, String> {
        let lines = [
            (WORKLOAD.id, self.workload.clone()),
            (OWNER.id, self.owner.clone()),
            (ENGINE.id, self.engine.clone()),
            (VERSION.id, self.version.clone()),
            (SIZE.id, self.size_bytes.map(|size| size.to_string())),
        ];
        let stated = lines.into_iter().filter_map(|(id, line)| Some((id.to_owned(), line?)));
        stated.collect()
    }

    /// Where these facts, which somebody else stated first, say something else than what was to be stated over them, by
    /// field id; `None` takes a statement back.
    #[must_use]
    pub fn differences(&self, wanted: &BTreeMap<String, Option<String>>) -> Vec<FormProblem> {
        let stated = |(field, answer): (&String, &Option<String>)| (field.clone(), answer.clone().unwrap_or_default());
        let named = Self::FIELDS.into_iter().filter(|field| wanted.contains_key(field.id));
        superseded(named, &self.answers(), &wanted.iter().map(stated).collect())
    }
}

/// `1073741824`, `1 GiB` or `1.5 TiB` in bytes.
fn parse_size(text: &str) -> Result<i64, String> {
    const UNITS: [(&str, u32); 6] = [("b", 0), ("kib", 1), ("mib", 2), ("gib", 3), ("tib", 4), ("pib", 5)];
    let (number, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len()),
    );
    let unit = unit.trim().to_ascii_lowercase();
    let power = if unit.is_empty() {
        Some(0)
    } else {
        UNITS.iter().find(|(name, _)| *name == unit).map(|(_, power)| *power)
    };
    let bytes = || {
        let unit = 1024_i64.checked_pow(power?)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        // More decimals than these make no difference of a byte that anybody states.
        let part = &part[..part.len().min(6)];
        let whole = whole.parse::<i64>().ok()?.checked_mul(unit)?;
        let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
        let part = if part.is_empty() { 0 } else { part.parse::<i128>().ok()? };
        whole.checked_add(i64::try_from(i128::from(unit) * part / scale).ok()?)
    };
    bytes().ok_or_else(|| {
        "a size is expected, such as `120 GiB`, `1.5 TiB` or a number of bytes, up to 8191 PiB".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str, text: &str) -> Result<Facts, Vec<String>> {
        Facts::from_fields(&BTreeMap::from([(field.to_owned(), text.to_owned())]))
            .map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn a_size_is_bytes_or_has_a_binary_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("120 GiB", 120 << 30),
            ("1.5tib", 3 << 39),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(read("size_bytes", text).unwrap().size_bytes, Some(bytes), "{text}");
        }
        for text in [
            "-1",
            "GiB",
            "1 GB",
            "1.2.3 GiB",
            "8192 PiB",
            "99999999999999999999",
            ".",
            "1. é",
        ] {
            assert_eq!(read("size_bytes", text), Err(vec!["size_bytes".to_owned()]), "{text}");
        }
    }

    #[test]
    fn what_is_stated_is_read_back_and_what_is_empty_is_not_stated() {
        let facts = Facts {
            owner: Some("Ana".to_owned()),
            size_bytes: Some(7),
            ..Facts::default()
        };
        assert_eq!(Facts::from_fields(&facts.answers()), Ok(facts));
        assert_eq!(read("owner", "  "), Ok(Facts::default()));
        assert_eq!(read("owner", "a\nb"), Err(vec!["owner".to_owned()]));
        assert_eq!(read("colour", "red"), Err(vec!["colour".to_owned()]));
    }
}
