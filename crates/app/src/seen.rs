//! The revision of a record that somebody read before deciding.

use crate::AppError;

/// A record, and the revision of it that the caller read if they say which: only then it has to stand still.
#[derive(Debug, Clone, Copy)]
pub struct Seen<Id> {
    /// The record.
    pub id: Id,
    /// Counts its changes; `None`: any will do.
    pub revision: Option<i64>,
}

impl<Id> From<Id> for Seen<Id> {
    fn from(id: Id) -> Self {
        Self { id, revision: None }
    }
}

impl<Id> Seen<Id> {
    /// To be asked with the record locked.
    ///
    /// # Errors
    /// [`AppError::Changed`] when another revision stands.
    pub(crate) fn check(&self, stands: i64) -> Result<(), AppError> {
        match self.revision {
            Some(read) if read != stands => Err(AppError::Changed),
            _ => Ok(()),
        }
    }
}
