"""What AWS documents, called as a customer calls it. A scenario uses accounts of its own."""

from . import dlm, sts  # noqa: F401
from .rds import clusters, instances, restores as rds_restores, snapshots  # noqa: F401
from .backup import audit, copies, holds, jobs, locks, plans, points, restores, selections, settings, testing, vaults  # noqa: F401
