//! Everything that one sandbox holds.

use jiff::Timestamp;

use crate::aws::Aws;
use crate::calls::Log;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::github::GitHub;

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) calls: Log,
    pub(crate) faults: Faults,
    pub(crate) aws: Aws,
    pub(crate) github: GitHub,
}

impl World {
    /// Does what is due at `now`.
    pub(crate) async fn catch_up(&self, now: Timestamp) {
        self.aws.catch_up(&self.faults, now).await;
    }
}
