"""Recovery points and protected resources."""

import datetime

from ...trial import pages, scenario
from . import Desk, near

WRONG = "InvalidParameterValueException"


@scenario
def described(t):
    """API_DescribeRecoveryPoint, API_ListRecoveryPointsByBackupVault, API_ListRecoveryPointsByResource."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    job = d.backed_up(volume, Lifecycle={"DeleteAfterDays": 30}, RecoveryPointTags={"a": "b"})
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    seen = d.api.describe_recovery_point(**point)
    t.has(
        "DescribeRecoveryPoint",
        seen,
        **point,
        Status="COMPLETED",
        ResourceArn=volume,
        ResourceType="EBS",
        IamRoleArn=d.role,
    )
    t.has(
        "DescribeRecoveryPoint",
        seen,
        BackupVaultArn=d.arn("backup-vault:", "vault"),
        StorageClass="WARM",
        SourceBackupVaultArn=None,
        CreatedBy=None,
    )
    t.has("DescribeRecoveryPoint", seen, VaultType="BACKUP_VAULT", IsParent=False, LastRestoreTime=None)
    t.same("its lifecycle", seen.get("Lifecycle"), {"DeleteAfterDays": 30})
    due = seen["CreationDate"] + datetime.timedelta(days=30)
    t.true(
        "DeleteAt is 30 days after its creation", near(seen.get("CalculatedLifecycle", {}).get("DeleteAt"), due, 86_400)
    )
    t.same("its tags", d.api.list_tags(ResourceArn=job["RecoveryPointArn"])["Tags"], {"a": "b"})
    listed = d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    for member in (
        "RecoveryPointArn",
        "Status",
        "CreationDate",
        "ResourceArn",
        "Lifecycle",
        "BackupSizeInBytes",
        "IsEncrypted",
    ):
        t.same(f"{member} listed and described", [p.get(member) for p in listed], [seen.get(member)])
    by_resource = d.api.list_recovery_points_by_resource(ResourceArn=volume)["RecoveryPoints"]
    t.same("by resource", [p["RecoveryPointArn"] for p in by_resource], [job["RecoveryPointArn"]])
    t.has(
        "a point by resource",
        by_resource[0],
        BackupVaultName="vault",
        Status="COMPLETED",
        BackupSizeBytes=seen.get("BackupSizeInBytes"),
    )
    unknown = f"{point['RecoveryPointArn']}0"
    gone = "ResourceNotFoundException"
    t.refused(gone, d.api.describe_recovery_point, BackupVaultName="vault", RecoveryPointArn=unknown)
    t.refused(gone, d.api.get_recovery_point_restore_metadata, BackupVaultName="vault", RecoveryPointArn=unknown)
    t.refused(f"{gone}|AccessDeniedException", d.api.list_recovery_points_by_backup_vault, BackupVaultName="none")


@scenario
def filters(t):
    """API_ListRecoveryPointsByBackupVault: each filter, and pages."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    first = d.backed_up(volume)["RecoveryPointArn"]
    t.world.advance(hours=1)
    between = t.world.now()
    t.world.advance(hours=1)
    second = d.backed_up(d.file_system())["RecoveryPointArn"]
    by = lambda **params: {
        p["RecoveryPointArn"]
        for p in d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault", **params)["RecoveryPoints"]
    }
    expected = [
        ({}, {first, second}),
        ({"ByResourceArn": volume}, {first}),
        ({"ByResourceType": "EFS"}, {second}),
        ({"ByCreatedBefore": between}, {first}),
        ({"ByCreatedAfter": between}, {second}),
        ({"ByBackupPlanId": "11111111-2222-3333-4444-555555555555"}, set()),
        ({"ByParentRecoveryPointArn": first}, set()),
        ({"ByResourceType": "EFS", "ByResourceArn": volume}, set()),
    ]
    for params, arns in expected:
        t.same(f"ListRecoveryPointsByBackupVault {params}", by(**params), arns)
    found, sizes = pages(d.api.list_recovery_points_by_backup_vault, "RecoveryPoints", BackupVaultName="vault")
    t.same("points, page by page", ({p["RecoveryPointArn"] for p in found}, sizes[:2]), ({first, second}, [1, 1]))
    protected, sizes = pages(d.api.list_protected_resources, "Results")
    t.same("protected resources", {(r["ResourceArn"], r["ResourceType"]) for r in protected} >= {(volume, "EBS")}, True)
    t.same("ListProtectedResources", len(protected), 2)
    one = d.api.describe_protected_resource(ResourceArn=volume)
    t.has("DescribeProtectedResource", one, ResourceArn=volume, ResourceType="EBS")
    t.true("LastBackupTime is set", one.get("LastBackupTime"))
    in_vault = d.api.list_protected_resources_by_backup_vault(BackupVaultName="vault")["Results"]
    t.same("ListProtectedResourcesByBackupVault", len(in_vault), 2)
    t.refused("ResourceNotFoundException", d.api.describe_protected_resource, ResourceArn=f"{volume}0")


@scenario
def lifecycle(t):
    """API_UpdateRecoveryPointLifecycle: new dates, refusals, -1 for ever; expiry deletes the snapshot too."""
    d = Desk(t)
    d.vault()
    job = d.backed_up(d.volume())
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    update = d.api.update_recovery_point_lifecycle
    t.refused(
        WRONG,
        update,
        because="90 days of cold storage",
        **point,
        Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119},
    )
    t.refused(WRONG, update, because="one day at least", **point, Lifecycle={"DeleteAfterDays": 0})
    made = update(**point, Lifecycle={"DeleteAfterDays": 5})
    t.has(
        "UpdateRecoveryPointLifecycle",
        made,
        RecoveryPointArn=job["RecoveryPointArn"],
        BackupVaultArn=d.arn("backup-vault:", "vault"),
        Lifecycle={"DeleteAfterDays": 5},
    )
    t.true("DeleteAt is set", made.get("CalculatedLifecycle", {}).get("DeleteAt"))
    t.same("described", d.api.describe_recovery_point(**point).get("Lifecycle"), {"DeleteAfterDays": 5})
    t.world.advance(days=4)
    t.same("before", d.api.describe_recovery_point(**point)["Status"], "COMPLETED")
    t.world.advance(days=2)
    t.refused("ResourceNotFoundException", d.api.describe_recovery_point, because="its lifecycle has ended", **point)
    snapshots = t.account.ministack("ec2").describe_snapshots(OwnerIds=[t.account.id])["Snapshots"]
    t.same("EC2's snapshots", [s["SnapshotId"] for s in snapshots if s["SnapshotId"] in job["RecoveryPointArn"]], [])


@scenario
def cold(t):
    """API_Lifecycle: a file system's recovery point moves to cold storage when it is due."""
    d = Desk(t)
    d.vault()
    job = d.backed_up(d.file_system(), Lifecycle={"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 91})
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    t.same("at first", d.api.describe_recovery_point(**point).get("StorageClass"), "WARM")
    t.world.advance(days=2)
    t.same("after a day", d.api.describe_recovery_point(**point).get("StorageClass"), "COLD")
    t.world.advance(days=91)
    t.refused("ResourceNotFoundException", d.api.describe_recovery_point, because="its lifecycle has ended", **point)


@scenario
def deletion(t):
    """API_DeleteRecoveryPoint, API_DisassociateRecoveryPoint: snapshots cannot be disassociated."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    job = d.backed_up(volume)
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    t.refused(
        f"InvalidRequestException|{WRONG}", d.api.disassociate_recovery_point, because="it is a snapshot", **point
    )
    t.refused(
        f"InvalidRequestException|{WRONG}",
        d.api.disassociate_recovery_point_from_parent,
        because="it has no parent",
        **point,
    )
    d.api.delete_recovery_point(**point)
    t.world.advance(minutes=10)
    t.refused("ResourceNotFoundException", d.api.describe_recovery_point, **point)
    t.refused("ResourceNotFoundException", d.api.delete_recovery_point, **point)
    t.same("by resource", d.api.list_recovery_points_by_resource(ResourceArn=volume)["RecoveryPoints"], [])
    snapshots = t.account.ministack("ec2").describe_snapshots(OwnerIds=[t.account.id])["Snapshots"]
    t.same("EC2's snapshots", [s["SnapshotId"] for s in snapshots if s["SnapshotId"] in job["RecoveryPointArn"]], [])


@scenario
def continuous(t):
    """ "Continuous backups and point-in-time recovery": one recovery point for RDS that goes on; disassociating hands
    it to RDS."""
    d = Desk(t)
    d.vault()
    database = d.database()
    plan = d.plan(
        EnableContinuousBackup=True, ScheduleExpression="cron(0 * ? * * *)", Lifecycle={"DeleteAfterDays": 14}
    )["BackupPlanId"]
    d.select(plan, Resources=[database])
    t.world.advance(hours=3)
    points = d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault", ByResourceArn=database)[
        "RecoveryPoints"
    ]
    ongoing = [p for p in points if "continuous:" in p["RecoveryPointArn"]]
    t.same("continuous recovery points", len(ongoing), 1)
    instance = t.account.sandbox("rds").describe_db_instances()["DBInstances"][0]
    t.same("RDS keeps its backups as long", instance["BackupRetentionPeriod"], 14)
    if not ongoing:
        return
    point = {"BackupVaultName": "vault", "RecoveryPointArn": ongoing[0]["RecoveryPointArn"]}
    t.true("it is available", d.api.describe_recovery_point(**point)["Status"] in ("AVAILABLE", "COMPLETED"))
    d.api.disassociate_recovery_point(**point)
    t.world.advance(minutes=10)
    after = [
        p
        for p in d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
        if p["RecoveryPointArn"] == point["RecoveryPointArn"] and p["Status"] != "STOPPED"
    ]
    t.same("after it was disassociated", after, [])


@scenario
def index(t):
    """API_UpdateRecoveryPointIndexSettings, API_GetRecoveryPointIndexDetails, API_ListIndexedRecoveryPoints."""
    d = Desk(t)
    d.vault()
    job = d.backed_up(d.volume())
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    changed = d.api.update_recovery_point_index_settings(**point, Index="ENABLED", IamRoleArn=d.role)
    t.has("UpdateRecoveryPointIndexSettings", changed, **point, Index="ENABLED")
    t.world.advance(hours=1)
    details = d.api.get_recovery_point_index_details(**point)
    t.has(
        "GetRecoveryPointIndexDetails",
        details,
        RecoveryPointArn=job["RecoveryPointArn"],
        IndexStatus="ACTIVE",
        SourceResourceArn=job["ResourceArn"],
    )
    listed = d.api.list_indexed_recovery_points(IndexStatus="ACTIVE")["IndexedRecoveryPoints"]
    t.same("ListIndexedRecoveryPoints", [p["RecoveryPointArn"] for p in listed], [job["RecoveryPointArn"]])
