//! Everything that one sandbox holds.

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
