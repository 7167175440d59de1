//! A claimed row: one attempt of one job, held by this worker.

use apalis::prelude::MetadataStore;
use apalis_postgres::PgTask;

use crate::JobId;

/// What a row knows about the attempts before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lineage {
    pub(crate) job: JobId,
    /// Attempts that earlier rows have used.
    pub(crate) earlier: u32,
}

const JOB: &str = "job";
const EARLIER: &str = "earlier_attempts";

impl From<Lineage> for MetadataStore {
    fn from(lineage: Lineage) -> Self {
        let pairs = [(JOB, lineage.job.to_string()), (EARLIER, lineage.earlier.to_string())];
        Self::from_map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

/// A row that this worker has taken and must settle.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) row: String,
    pub(crate) job: JobId,
    pub(crate) payload: Vec<u8>,
    /// How often the row was taken over; grows with each take-over, and so fences off whoever held it before.
    pub(crate) takeovers: i32,
    earlier: u32,
}

impl Claim {
    /// Reads a row of the queue. The first row of a job has no lineage, it is the job.
    pub(crate) fn new(task: PgTask) -> Result<Self, apalis_postgres::Error> {
        let row = task.task_id().map(ToString::to_string).unwrap_or_default();
        let number = |key| task.metadata().get(key).and_then(|text| text.parse().ok());
        let job = JobId::parse(task.metadata().get(JOB).unwrap_or(&row))
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Self {
            job,
            earlier: number(EARLIER).unwrap_or(0),
            takeovers: i32::try_from(task.attempt()).unwrap_or(i32::MAX),
            row,
            payload: task.args,
        })
    }

    /// Which attempt of the job this is, from 1.
    pub(crate) fn attempt(&self) -> u32 {
        self.earlier
            .saturating_add(self.takeovers.unsigned_abs())
            .saturating_add(1)
    }

    /// What the row of the next attempt must know.
    pub(crate) fn lineage(&self) -> Lineage {
        Lineage {
            job: self.job,
            earlier: self.attempt(),
        }
    }
}
