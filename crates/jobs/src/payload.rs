//! What a job carries, and what it is called.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ulid::Ulid;
use uuid::Uuid;

/// The content of a job. Ids only: no row-level security stands before this table.
pub trait Payload: Serialize + DeserializeOwned + Send + 'static {
    /// Name of the queue, one for each kind of payload.
    const QUEUE: &'static str;

    /// How often the job may be started in all, take-overs included; then it has failed.
    const MAX_ATTEMPTS: u32 = 5;
}

/// Names a job through all its attempts; equals the row id of the first one.
///
/// A `UUIDv7` in the text form (ULID) that the table uses, so that ids sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(Ulid);

impl JobId {
    pub(crate) fn new() -> Self {
        Self(Ulid::from(Uuid::now_v7().as_u128()))
    }

    pub(crate) fn parse(text: &str) -> Result<Self, ulid::DecodeError> {
        Ulid::from_string(text).map(Self)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
