"""Restores of instances, from a snapshot and to a point in time."""

import datetime

from ...trial import scenario
from . import Desk, available


@scenario
def from_snapshot(t):
    """API_RestoreDBInstanceFromDBSnapshot: creating, then available, with the given tags and settings."""
    d = Desk(t)
    d.instance()
    d.snapshot()
    restore = lambda **params: d.api.restore_db_instance_from_db_snapshot(
        **{"DBInstanceIdentifier": "again", "DBSnapshotIdentifier": "snap", **params}
    )["DBInstance"]
    made = restore(DBInstanceClass="db.t3.large", Tags=[{"Key": "a", "Value": "b"}])
    t.has(
        "RestoreDBInstanceFromDBSnapshot",
        made,
        DBInstanceIdentifier="again",
        DBInstanceStatus="creating",
        DBInstanceClass="db.t3.large",
        Engine="postgres",
        AllocatedStorage=20,
        Endpoint=None,
    )
    seen = available(t, lambda: d.described("again"), "DBInstanceStatus")
    t.has(
        "restored",
        seen,
        DBInstanceStatus="available",
        MasterUsername="postgres",
        DBInstanceArn=d.arn("db", "again"),
        TagList=[{"Key": "a", "Value": "b"}],
    )
    t.true("another resource id", seen["DbiResourceId"] != d.described()["DbiResourceId"])
    t.refused("DBInstanceAlreadyExists", restore)
    t.refused("DBSnapshotNotFound", restore, DBInstanceIdentifier="x", DBSnapshotIdentifier="none")


@scenario
def to_point_in_time(t):
    """API_RestoreDBInstanceToPointInTime: within the restorable window only."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=2)
    t.world.advance(hours=6)
    window = d.api.describe_db_instance_automated_backups(DBInstanceIdentifier="db")["DBInstanceAutomatedBackups"][0][
        "RestoreWindow"
    ]
    restore = lambda target, **params: d.api.restore_db_instance_to_point_in_time(
        **{"SourceDBInstanceIdentifier": "db", "TargetDBInstanceIdentifier": target, **params}
    )["DBInstance"]
    middle = window["EarliestTime"] + datetime.timedelta(hours=1)
    made = restore("again", RestoreTime=middle, Tags=[{"Key": "a", "Value": "b"}])
    t.has(
        "RestoreDBInstanceToPointInTime",
        made,
        DBInstanceIdentifier="again",
        DBInstanceStatus="creating",
        Engine="postgres",
    )
    seen = available(t, lambda: d.described("again"), "DBInstanceStatus")
    t.has("restored", seen, DBInstanceStatus="available", TagList=[{"Key": "a", "Value": "b"}])
    t.same("latest", restore("latest", UseLatestRestorableTime=True)["DBInstanceStatus"], "creating")
    hour = datetime.timedelta(hours=1)
    wrong = "InvalidParameterValue"
    t.refused(
        wrong, restore, because="that is before the window", target="x", RestoreTime=window["EarliestTime"] - hour
    )
    t.refused(wrong, restore, because="that is after the window", target="x", RestoreTime=window["LatestTime"] + hour)
    t.refused("InvalidParameterCombination", restore, because="no time is given", target="x")
    t.refused(
        "InvalidParameterCombination",
        restore,
        because="two times are given",
        target="x",
        RestoreTime=middle,
        UseLatestRestorableTime=True,
    )
    t.refused(
        "DBInstanceNotFound", restore, target="x", SourceDBInstanceIdentifier="none", UseLatestRestorableTime=True
    )
    t.refused("DBInstanceAlreadyExists", restore, target="again", UseLatestRestorableTime=True)
    d.instance("bare")
    t.refused(
        "PointInTimeRestoreNotEnabled",
        restore,
        target="x",
        SourceDBInstanceIdentifier="bare",
        UseLatestRestorableTime=True,
    )
