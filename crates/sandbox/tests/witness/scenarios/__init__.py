"""What AWS documents, called as a customer calls it. A scenario uses accounts of its own."""

from . import dlm, sts
from .backup import (
    audit,
    copies,
    holds,
    jobs,
    locks,
    newer,
    plans,
    points,
    restores,
    selections,
    settings,
    testing,
    vaults,
)
from .rds import clusters, instances, snapshots
from .rds import restores as rds_restores

# Importing a module registers its scenarios.
MODULES = (
    *(audit, copies, holds, jobs, locks, newer, plans, points, restores, selections, settings, testing, vaults),
    *(clusters, instances, rds_restores, snapshots),
    *(dlm, sts),
)
