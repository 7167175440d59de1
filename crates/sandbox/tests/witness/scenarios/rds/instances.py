"""Instances, their backup settings, automated backups, deletion."""

import datetime

from ...trial import pages, scenario
from . import Desk, available


@scenario
def life(t):
    """API_CreateDBInstance, API_DescribeDBInstances, API_ModifyDBInstance, API_DeleteDBInstance."""
    d = Desk(t)
    made = d.instance(Tags=[{"Key": "a", "Value": "b"}], StorageEncrypted=True)
    t.has(
        "CreateDBInstance",
        made,
        DBInstanceIdentifier="db",
        Engine="postgres",
        BackupRetentionPeriod=0,
        DBInstanceArn=d.arn("db", "db"),
        StorageEncrypted=True,
    )
    t.true("DbiResourceId is db-…", made["DbiResourceId"].startswith("db-"))
    seen = available(t, d.described, "DBInstanceStatus")
    t.same("LatestRestorableTime without backups", seen.get("LatestRestorableTime"), None)
    t.true("an available instance has an endpoint", seen.get("Endpoint", {}).get("Port"))
    t.same("tags", d.tags(made["DBInstanceArn"]), {"a": "b"})
    t.refused("DBInstanceAlreadyExists", d.instance)
    t.refused("DBInstanceNotFound", d.api.describe_db_instances, DBInstanceIdentifier="none")
    t.refused("DBInstanceNotFound", d.api.modify_db_instance, DBInstanceIdentifier="none", BackupRetentionPeriod=1)
    t.refused("DBInstanceNotFound", d.api.delete_db_instance, DBInstanceIdentifier="none", SkipFinalSnapshot=True)
    modify = lambda **params: d.api.modify_db_instance(DBInstanceIdentifier="db", ApplyImmediately=True, **params)
    for params in (
        {"BackupRetentionPeriod": 36},
        {"BackupRetentionPeriod": -1},
        {"PreferredBackupWindow": "02:00-02:20"},
        {"PreferredBackupWindow": "soon"},
    ):
        t.refused("InvalidParameterValue", modify, because=f"{params} is out of range", **params)
    changed = modify(BackupRetentionPeriod=7, PreferredBackupWindow="02:00-02:30")["DBInstance"]
    t.same("PreferredBackupWindow", changed["PreferredBackupWindow"], "02:00-02:30")
    protected = modify(DeletionProtection=True)["DBInstance"]
    t.same("DeletionProtection", protected["DeletionProtection"], True)
    delete = lambda **params: d.api.delete_db_instance(DBInstanceIdentifier="db", **params)
    t.refused("InvalidParameterCombination", delete, because="it is protected", SkipFinalSnapshot=True)
    modify(DeletionProtection=False)
    t.refused("InvalidParameterCombination", delete, because="neither a final snapshot nor its omission is asked for")
    delete(FinalDBSnapshotIdentifier="final")
    t.world.advance(minutes=30)
    t.refused("DBInstanceNotFound", d.described)
    t.same(
        "the final snapshot",
        [(s["DBSnapshotIdentifier"], s["SnapshotType"]) for s in d.snapshots()],
        [("final", "manual")],
    )


@scenario
def lists(t):
    """API_DescribeDBInstances: MaxRecords 20 to 100, Marker, Filters."""
    d = Desk(t)
    for n in range(21):
        d.instance(f"db-{n:02}")
    found, sizes = pages(d.api.describe_db_instances, "DBInstances", size_name="MaxRecords", token="Marker", size=20)
    t.same("pages", (len({i["DBInstanceIdentifier"] for i in found}), sizes), (21, [20, 1]))
    for size in (19, 101):
        t.refused(
            "InvalidParameterValue", d.api.describe_db_instances, because=f"{size} is out of range", MaxRecords=size
        )
    one = d.api.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": ["db-03"]}])["DBInstances"]
    t.same("db-instance-id", [i["DBInstanceIdentifier"] for i in one], ["db-03"])


@scenario
def tags(t):
    """API_AddTagsToResource, API_RemoveTagsFromResource, API_ListTagsForResource."""
    d = Desk(t)
    arn = d.instance()["DBInstanceArn"]
    d.api.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    d.api.remove_tags_from_resource(ResourceName=arn, TagKeys=["a", "none"])
    t.same("tags", d.tags(arn), {"b": "2"})
    t.same("TagList", d.described()["TagList"], [{"Key": "b", "Value": "2"}])
    t.refused("DBInstanceNotFound", d.api.list_tags_for_resource, ResourceName=d.arn("db", "none"))


@scenario
def automated(t):
    """ "Introduction to backups", API_DescribeDBInstanceAutomatedBackups: daily, kept, restorable to five minutes ago.
    "Introduction to backups", API_DescribeDBInstanceAutomatedBackups: daily, kept, restorable to five minutes ago."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=2, PreferredBackupWindow="02:00-02:30")
    t.world.advance(days=1)
    now = t.world.now()
    seen = d.described()
    latest = seen.get("LatestRestorableTime")
    t.true("LatestRestorableTime is minutes ago", latest and now - datetime.timedelta(minutes=10) <= latest <= now)
    found = d.snapshots(SnapshotType="automated")
    t.same("automated snapshots", len(found), 2)
    for snapshot in found:
        t.true("named rds:…", snapshot["DBSnapshotIdentifier"].startswith("rds:db-"))
        t.has(
            "an automated snapshot",
            snapshot,
            SnapshotType="automated",
            Status="available",
            DBInstanceIdentifier="db",
            PercentProgress=100,
        )
    t.refused(
        "InvalidParameterValue|InvalidDBSnapshotState",
        d.api.delete_db_snapshot,
        because="it is automated",
        DBSnapshotIdentifier=found[0]["DBSnapshotIdentifier"],
    )
    backups = d.api.describe_db_instance_automated_backups(DBInstanceIdentifier="db")["DBInstanceAutomatedBackups"]
    t.same("backups", len(backups), 1)
    backup = backups[0]
    t.has(
        "a backup",
        backup,
        Status="active",
        DBInstanceIdentifier="db",
        DbiResourceId=seen["DbiResourceId"],
        BackupRetentionPeriod=2,
        Region="eu-west-1",
        Engine="postgres",
    )
    t.true("its ARN", backup["DBInstanceAutomatedBackupsArn"].startswith(d.arn("auto-backup", "ab-")))
    t.same("restorable until", backup["RestoreWindow"]["LatestTime"], latest)
    t.same(
        "by DbiResourceId",
        len(
            d.api.describe_db_instance_automated_backups(DbiResourceId=seen["DbiResourceId"])[
                "DBInstanceAutomatedBackups"
            ]
        ),
        1,
    )
    t.refused(
        "DBInstanceAutomatedBackupNotFound", d.api.describe_db_instance_automated_backups, DBInstanceIdentifier="none"
    )
    d.api.modify_db_instance(DBInstanceIdentifier="db", BackupRetentionPeriod=0, ApplyImmediately=True)
    t.same("snapshots after backups were switched off", d.snapshots(SnapshotType="automated"), [])


@scenario
def retained(t):
    """ "Retaining automated backups", API_DeleteDBInstance, API_DeleteDBInstanceAutomatedBackup."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=3)
    t.world.advance(hours=1)
    resource = d.described()["DbiResourceId"]
    d.api.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    t.world.advance(minutes=30)
    kept = d.api.describe_db_instance_automated_backups(DbiResourceId=resource)["DBInstanceAutomatedBackups"]
    t.same("status", [backup["Status"] for backup in kept], ["retained"])
    restored = d.api.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=resource, TargetDBInstanceIdentifier="again", UseLatestRestorableTime=True
    )["DBInstance"]
    t.same("restored from a retained backup", restored["DBInstanceIdentifier"], "again")
    gone = d.api.delete_db_instance_automated_backup(DbiResourceId=resource)["DBInstanceAutomatedBackup"]
    t.has("DeleteDBInstanceAutomatedBackup", gone, DbiResourceId=resource)
    t.refused("DBInstanceAutomatedBackupNotFound", d.api.delete_db_instance_automated_backup, DbiResourceId=resource)


@scenario
def expiring(t):
    """ "Retaining automated backups": a retained backup goes when its retention has passed."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=2)
    t.world.advance(hours=1)
    d.api.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    t.world.advance(days=4)
    t.same("backups", d.api.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"], [])


@scenario
def replication(t):
    """API_StartDBInstanceAutomatedBackupsReplication, API_StopDBInstanceAutomatedBackupsReplication: called in the
    target region."""
    here, there = Desk(t), Desk(t, region="eu-central-1")
    source = here.instance(BackupRetentionPeriod=7)["DBInstanceArn"]
    t.world.advance(hours=1)
    start = there.api.start_db_instance_automated_backups_replication
    backup = start(SourceDBInstanceArn=source, BackupRetentionPeriod=14)["DBInstanceAutomatedBackup"]
    t.has(
        "StartDBInstanceAutomatedBackupsReplication",
        backup,
        DBInstanceArn=source,
        BackupRetentionPeriod=14,
        Region="eu-west-1",
    )
    t.true(
        "its ARN is the target region's",
        backup["DBInstanceAutomatedBackupsArn"].startswith(there.arn("auto-backup", "ab-")),
    )
    t.world.advance(hours=1)
    found = there.api.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    t.same("status", [b["Status"] for b in found], ["replicating"])
    replicas = here.described().get("DBInstanceAutomatedBackupsReplications", [])
    t.same(
        "the source names it",
        [r["DBInstanceAutomatedBackupsArn"] for r in replicas],
        [backup["DBInstanceAutomatedBackupsArn"]],
    )
    restored = there.api.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="again",
        UseLatestRestorableTime=True,
    )["DBInstance"]
    t.same("restored there", restored["DBInstanceArn"], there.arn("db", "again"))
    there.api.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    t.same("the source names none", here.described().get("DBInstanceAutomatedBackupsReplications", []), [])
    t.refused("DBInstanceNotFound", start, SourceDBInstanceArn=here.arn("db", "none"))
