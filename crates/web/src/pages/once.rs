//! A form is carried out once, however often its button was pressed.

use std::collections::BTreeMap;
use std::fmt;

use app::idempotency::Idempotency;
use domain::digest::Digest;
use http::StatusCode;
use uuid::Uuid;

use crate::error::{Failure, PageError};

const MISSHAPEN: Failure = Failure::new(
    StatusCode::BAD_REQUEST,
    "This was not understood",
    "Open the form again and send it once more.",
);

/// The number of a form that was shown; sent back with it in the field `once`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Once(Uuid);

impl Once {
    pub(super) fn new() -> Self {
        Self(Uuid::new_v4())
    }

    /// Takes the number out of what was sent; the rest are the answers, one for each field.
    pub(super) fn take(pairs: Vec<(String, String)>) -> Result<(Self, BTreeMap<String, String>), PageError> {
        let mut answers = BTreeMap::new();
        for (field, answer) in pairs {
            if answers.insert(field, answer).is_some() {
                return Err(PageError(MISSHAPEN));
            }
        }
        let once = answers
            .remove("once")
            .and_then(|text| text.parse().ok())
            .ok_or(PageError(MISSHAPEN))?;
        Ok((Self(once), answers))
    }

    /// The key under which the answers are carried out.
    pub(super) fn key(self, answers: &BTreeMap<String, String>) -> Idempotency {
        Idempotency {
            key: format!("form:{}", self.0),
            request: Digest::of(answers),
        }
    }
}

impl fmt::Display for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned()))
            .collect()
    }

    #[test]
    fn the_number_is_no_answer_and_a_doubled_field_is_refused() {
        let once = Once::new().to_string();
        let (_, answers) = Once::take(pairs(&[("once", &once), ("component", "prod-pg")])).unwrap();
        assert_eq!(
            answers,
            BTreeMap::from([("component".to_owned(), "prod-pg".to_owned())])
        );
        assert!(
            Once::take(pairs(&[
                ("once", &once),
                ("scope", "In scope"),
                ("scope", "Out of scope")
            ]))
            .is_err()
        );
        assert!(Once::take(pairs(&[("component", "prod-pg")])).is_err());
    }
}
