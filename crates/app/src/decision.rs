//! What a decision on a record comes with.

use uuid::Uuid;

use crate::idempotency::{self, Idempotency};
use crate::{Actor, AppError, Cx};

/// The record that is decided on, what its reader had seen of it, and the post that says so.
#[derive(Debug, Clone)]
pub struct Decision<Id> {
    /// The record.
    pub on: Id,
    /// Counts its changes; the one that was read has to stand still. `None`: any will do.
    pub revision: Option<i64>,
    /// Under which the decision is carried out once.
    pub key: Option<Idempotency>,
}

impl<Id> From<Id> for Decision<Id> {
    fn from(on: Id) -> Self {
        Self {
            on,
            revision: None,
            key: None,
        }
    }
}

impl<Id> Decision<Id> {
    /// To be asked with the record locked, in the transaction that decides: `false` when the same post has decided before.
    ///
    /// # Errors
    /// [`AppError::Changed`] when another revision stands, [`AppError::KeyReused`], [`AppError::Conflict`].
    pub(crate) async fn is_new(
        &self,
        cx: &Cx,
        tx: &mut store::Connection,
        actor: &Actor,
        record: Uuid,
        stands: i64,
    ) -> Result<bool, AppError> {
        let key = self.key.as_ref();
        if idempotency::earlier(tx, actor, key).await?.is_some() {
            return Ok(false);
        }
        if self.revision.is_some_and(|read| read != stands) {
            return Err(AppError::Changed);
        }
        idempotency::remember(cx, tx, actor, key, record).await?;
        Ok(true)
    }
}
