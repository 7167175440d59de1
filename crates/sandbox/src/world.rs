//! Everything that one sandbox holds.

use std::sync::Arc;

use jiff::Timestamp;

use crate::aws::Aws;
use crate::calls::Log;
use crate::clock::Clock;
use crate::cluster::Clusters;
use crate::faults::Faults;
use crate::github::GitHub;
use crate::velero::Velero;

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) calls: Log,
    pub(crate) faults: Faults,
    pub(crate) aws: Aws,
    pub(crate) clusters: Clusters,
    pub(crate) github: GitHub,
    pub(crate) velero: Velero,
}

impl World {
    /// When something is due by itself; `None`: never, as far as is known.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.aws.next_due().into_iter().chain(self.velero.next_due()).min()
    }

    /// Does what is due at `now`.
    pub(crate) async fn catch_up(self: &Arc<Self>, now: Timestamp) {
        self.run_velero(now).await;
        self.aws.catch_up(&self.faults, now).await;
    }

    /// Does what is due for Velero at `now`, beside the requests: a long leap of the clock is much work.
    pub(crate) async fn run_velero(self: &Arc<Self>, now: Timestamp) {
        let world = self.clone();
        let work = move || world.velero.catch_up(&world.clusters, &world.faults, now);
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "Velero stopped in the middle");
        }
    }
}
