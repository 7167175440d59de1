"""Vault Lock in governance and in compliance mode."""

import datetime

from ...trial import scenario
from . import Desk, near

WRONG = "InvalidParameterValueException"
LOCKED = "InvalidRequestException|InvalidParameterValueException"


@scenario
def governance(t):
    """API_PutBackupVaultLockConfiguration without ChangeableForDays; "AWS Backup Vault Lock", governance mode."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    d.api.put_backup_vault_lock_configuration(**vault, MinRetentionDays=7, MaxRetentionDays=35)
    seen = d.api.describe_backup_vault(**vault)
    t.has("DescribeBackupVault", seen, Locked=True, LockDate=None, MinRetentionDays=7, MaxRetentionDays=35)
    d.api.put_backup_vault_lock_configuration(**vault, MinRetentionDays=1)
    t.has(
        "DescribeBackupVault",
        d.api.describe_backup_vault(**vault),
        Locked=True,
        MinRetentionDays=1,
        MaxRetentionDays=None,
    )
    t.world.advance(days=40)
    d.api.delete_backup_vault_lock_configuration(**vault)
    t.has(
        "DescribeBackupVault", d.api.describe_backup_vault(**vault), Locked=False, MinRetentionDays=None, LockDate=None
    )


@scenario
def compliance(t):
    """API_PutBackupVaultLockConfiguration with ChangeableForDays: changeable before LockDate, immutable from then on.
    API_PutBackupVaultLockConfiguration with ChangeableForDays: changeable before LockDate, immutable from then on."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    put, delete = d.api.put_backup_vault_lock_configuration, d.api.delete_backup_vault_lock_configuration
    put(**vault, MinRetentionDays=7, ChangeableForDays=3)
    seen = d.api.describe_backup_vault(**vault)
    t.has("DescribeBackupVault", seen, Locked=True, MinRetentionDays=7, MaxRetentionDays=None)
    t.true("LockDate is in three days", near(seen.get("LockDate"), t.world.now() + datetime.timedelta(days=3)))
    delete(**vault)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), Locked=False, LockDate=None)
    put(**vault, MinRetentionDays=7, ChangeableForDays=4)
    put(**vault, MinRetentionDays=8, ChangeableForDays=3)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), MinRetentionDays=8)
    t.world.advance(days=3, minutes=5)
    for change in ({"MinRetentionDays": 9}, {"MinRetentionDays": 1}, {"MinRetentionDays": 8, "ChangeableForDays": 30}):
        t.refused("InvalidRequestException", put, because="LockDate has passed", **vault, **change)
    t.refused("InvalidRequestException", delete, because="LockDate has passed", **vault)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), Locked=True, MinRetentionDays=8)


@scenario
def ranges(t):
    """API_PutBackupVaultLockConfiguration: ChangeableForDays 3 to 36500, MinRetentionDays 1 at least, MaxRetentionDays
    36500 at most."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    put = d.api.put_backup_vault_lock_configuration
    t.refused(WRONG, put, because="72 hours of grace at least", **vault, MinRetentionDays=1, ChangeableForDays=2)
    t.refused(WRONG, put, because="36500 days of grace at most", **vault, MinRetentionDays=1, ChangeableForDays=36501)
    t.refused(WRONG, put, because="one day at least", **vault, MinRetentionDays=0)
    t.refused(WRONG, put, because="36500 days at most", **vault, MaxRetentionDays=36501)
    t.refused(WRONG, put, because="the least is above the most", **vault, MinRetentionDays=10, MaxRetentionDays=9)
    t.refused("ResourceNotFoundException|AccessDeniedException", put, BackupVaultName="none", MinRetentionDays=1)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), Locked=False)


@scenario
def recovery_points(t):
    """ "AWS Backup Vault Lock": a locked vault refuses deletes and lifecycle changes, and fails jobs outside its
    retention."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    volume = d.volume()
    kept = d.backed_up(volume, Lifecycle={"DeleteAfterDays": 10})
    d.api.put_backup_vault_lock_configuration(**vault, MinRetentionDays=7, MaxRetentionDays=35)
    point = {**vault, "RecoveryPointArn": kept["RecoveryPointArn"]}
    t.refused(LOCKED, d.api.delete_recovery_point, because="the vault is locked", **point)
    t.refused(
        LOCKED,
        d.api.update_recovery_point_lifecycle,
        because="the vault is locked",
        **point,
        Lifecycle={"DeleteAfterDays": 8},
    )
    for lifecycle in ({"DeleteAfterDays": 6}, {"DeleteAfterDays": 36}):
        _fails(t, d, volume, Lifecycle=lifecycle)
    # No lifecycle means for ever, which is above the most.
    _fails(t, d, volume)
    d.backed_up(volume, Lifecycle={"DeleteAfterDays": 35})
    t.refused("InvalidRequestException", d.api.delete_backup_vault, because="it holds recovery points", **vault)
    d.api.delete_backup_vault_lock_configuration(**vault)
    d.api.delete_recovery_point(**point)


def _fails(t, d, volume, **params):
    """At once, or as a job: AWS documents that "the vault fails the job"."""
    try:
        job = d.ended(d.start(volume, **params))
    except d.api.exceptions.InvalidParameterValueException:
        return
    t.same(f"state of a job with {params} in a vault locked to 7..35 days", job["State"], "FAILED")
    t.true("a failed job says why", job.get("StatusMessage"))


@scenario
def expiry_under_lock(t):
    """ "AWS Backup Vault Lock": lifecycles go on; what expires is deleted although the vault is locked."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    d.api.put_backup_vault_lock_configuration(**vault, MinRetentionDays=1)
    d.backed_up(d.volume(), Lifecycle={"DeleteAfterDays": 2})
    t.world.advance(days=2, hours=12)
    left = [
        p for p in d.api.list_recovery_points_by_backup_vault(**vault)["RecoveryPoints"] if p["Status"] == "COMPLETED"
    ]
    t.same("recovery points after their lifecycle", left, [])
