"""Aurora clusters: life, snapshots, copies, sharing, restores, automated backups."""

import datetime

from ...trial import scenario
from . import Desk, available


def _snapshot(d, name="snap"):
    return d.api.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier="cl")[
        "DBClusterSnapshot"
    ]


def _described(d, name="cl"):
    return d.api.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


@scenario
def life(t):
    """API_CreateDBCluster, API_ModifyDBCluster, API_DeleteDBCluster: retention is 1 to 35, never 0."""
    d = Desk(t)
    made = d.cluster(Tags=[{"Key": "a", "Value": "b"}])
    t.has(
        "CreateDBCluster",
        made,
        DBClusterIdentifier="cl",
        DBClusterArn=d.arn("cluster", "cl"),
        Engine="aurora-postgresql",
        BackupRetentionPeriod=1,
    )
    t.true("DbClusterResourceId is cluster-…", made.get("DbClusterResourceId", "").startswith("cluster-"))
    t.same("tags", d.tags(made["DBClusterArn"]), {"a": "b"})
    modify = lambda **params: d.api.modify_db_cluster(DBClusterIdentifier="cl", ApplyImmediately=True, **params)[
        "DBCluster"
    ]
    t.same("ModifyDBCluster", modify(BackupRetentionPeriod=5)["BackupRetentionPeriod"], 5)
    for days in (0, 36):
        t.refused("InvalidParameterValue", modify, because=f"{days} days are out of range", BackupRetentionPeriod=days)
    t.refused("DBClusterAlreadyExistsFault", d.cluster)
    t.refused("DBClusterNotFoundFault", _described, d=d, name="none")
    t.refused("DBClusterNotFoundFault", d.api.modify_db_cluster, DBClusterIdentifier="none", BackupRetentionPeriod=1)
    t.refused(
        "InvalidParameterCombination",
        d.api.delete_db_cluster,
        because="neither a final snapshot nor its omission is asked for",
        DBClusterIdentifier="cl",
    )
    d.api.delete_db_cluster(DBClusterIdentifier="cl", SkipFinalSnapshot=True)
    t.world.advance(minutes=30)
    t.refused("DBClusterNotFoundFault", _described, d=d)
    t.refused("DBClusterNotFoundFault", d.api.delete_db_cluster, DBClusterIdentifier="none", SkipFinalSnapshot=True)


@scenario
def snapshots(t):
    """API_CreateDBClusterSnapshot, API_DescribeDBClusterSnapshots, API_CopyDBClusterSnapshot,
    API_DeleteDBClusterSnapshot."""
    d = Desk(t)
    d.cluster()
    made = _snapshot(d)
    arn = d.arn("cluster-snapshot", "snap")
    t.has(
        "CreateDBClusterSnapshot",
        made,
        DBClusterSnapshotIdentifier="snap",
        DBClusterIdentifier="cl",
        SnapshotType="manual",
        DBClusterSnapshotArn=arn,
    )
    t.world.advance(minutes=30)
    found = d.api.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="snap")["DBClusterSnapshots"]
    t.same("status", [(s["Status"], s["PercentProgress"]) for s in found], [("available", 100)])
    t.refused("DBClusterSnapshotAlreadyExistsFault", _snapshot, d=d)
    copy = lambda **params: d.api.copy_db_cluster_snapshot(
        **{"SourceDBClusterSnapshotIdentifier": "snap", "TargetDBClusterSnapshotIdentifier": "copy", **params}
    )["DBClusterSnapshot"]
    copied = copy(Tags=[{"Key": "a", "Value": "b"}])
    t.has(
        "CopyDBClusterSnapshot",
        copied,
        DBClusterSnapshotIdentifier="copy",
        SnapshotType="manual",
        SourceDBClusterSnapshotArn=arn,
    )
    t.same("tags", d.tags(d.arn("cluster-snapshot", "copy")), {"a": "b"})
    t.refused("DBClusterSnapshotAlreadyExistsFault", copy)
    t.refused(
        "DBClusterSnapshotNotFoundFault",
        copy,
        SourceDBClusterSnapshotIdentifier="none",
        TargetDBClusterSnapshotIdentifier="x",
    )
    d.api.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="snap")
    t.refused("DBClusterSnapshotNotFoundFault", d.api.describe_db_cluster_snapshots, DBClusterSnapshotIdentifier="snap")
    t.refused("DBClusterSnapshotNotFoundFault", d.api.delete_db_cluster_snapshot, DBClusterSnapshotIdentifier="snap")


@scenario
def copies_across_regions(t):
    """API_CopyDBClusterSnapshot: called in the target region with the source's ARN."""
    here, there = Desk(t), Desk(t, region="eu-central-1")
    here.cluster()
    source = _snapshot(here)["DBClusterSnapshotArn"]
    made = there.api.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=source, TargetDBClusterSnapshotIdentifier="copy", SourceRegion="eu-west-1"
    )["DBClusterSnapshot"]
    t.has(
        "CopyDBClusterSnapshot",
        made,
        DBClusterSnapshotArn=there.arn("cluster-snapshot", "copy"),
        SourceDBClusterSnapshotArn=source,
    )
    t.same(
        "in the other region",
        [s["DBClusterSnapshotIdentifier"] for s in there.api.describe_db_cluster_snapshots()["DBClusterSnapshots"]],
        ["copy"],
    )


@scenario
def sharing(t):
    """API_ModifyDBClusterSnapshotAttribute, API_DescribeDBClusterSnapshotAttributes."""
    d = Desk(t)
    other = t.world.account().id
    d.cluster()
    _snapshot(d)
    modify = lambda **params: d.api.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="snap", AttributeName="restore", **params
    )
    modify(ValuesToAdd=[other])
    result = d.api.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="snap")[
        "DBClusterSnapshotAttributesResult"
    ]
    t.same(
        "shared",
        {a["AttributeName"]: a["AttributeValues"] for a in result["DBClusterSnapshotAttributes"]}.get("restore"),
        [other],
    )
    modify(ValuesToRemove=[other])
    t.refused(
        "DBClusterSnapshotNotFoundFault",
        d.api.describe_db_cluster_snapshot_attributes,
        DBClusterSnapshotIdentifier="none",
    )


@scenario
def restores(t):
    """API_RestoreDBClusterFromSnapshot, API_RestoreDBClusterToPointInTime."""
    d = Desk(t)
    d.cluster(BackupRetentionPeriod=3)
    _snapshot(d)
    t.world.advance(hours=6)
    restore = lambda **params: d.api.restore_db_cluster_from_snapshot(
        **{"DBClusterIdentifier": "again", "SnapshotIdentifier": "snap", "Engine": "aurora-postgresql", **params}
    )["DBCluster"]
    made = restore(Tags=[{"Key": "a", "Value": "b"}])
    t.has(
        "RestoreDBClusterFromSnapshot", made, DBClusterIdentifier="again", Status="creating", Engine="aurora-postgresql"
    )
    seen = available(t, lambda: _described(d, "again"), "Status")
    t.has("restored", seen, Status="available", DBClusterMembers=[])
    t.same("tags", d.tags(d.arn("cluster", "again")), {"a": "b"})
    t.refused("DBClusterAlreadyExistsFault", restore)
    t.refused("DBClusterSnapshotNotFoundFault", restore, DBClusterIdentifier="x", SnapshotIdentifier="none")
    back = lambda target, **params: d.api.restore_db_cluster_to_point_in_time(
        **{"DBClusterIdentifier": target, "SourceDBClusterIdentifier": "cl", **params}
    )["DBCluster"]
    source = _described(d)
    t.true("a cluster has its window", source.get("EarliestRestorableTime") and source.get("LatestRestorableTime"))
    t.same("RestoreDBClusterToPointInTime", back("latest", UseLatestRestorableTime=True)["Status"], "creating")
    late = source["LatestRestorableTime"] + datetime.timedelta(hours=1)
    t.refused(
        "InvalidParameterValue|InvalidRestoreFault",
        back,
        because="that is after the window",
        target="x",
        RestoreToTime=late,
    )
    t.refused(
        "DBClusterNotFoundFault", back, target="x", SourceDBClusterIdentifier="none", UseLatestRestorableTime=True
    )


@scenario
def automated(t):
    """API_DescribeDBClusterAutomatedBackups, API_DeleteDBClusterAutomatedBackup; automated snapshots of a cluster."""
    d = Desk(t)
    resource = d.cluster(BackupRetentionPeriod=2)["DbClusterResourceId"]
    t.world.advance(days=1)
    found = d.api.describe_db_cluster_snapshots(SnapshotType="automated")["DBClusterSnapshots"]
    t.true("named rds:cl-…", found and all(s["DBClusterSnapshotIdentifier"].startswith("rds:cl-") for s in found))
    backups = d.api.describe_db_cluster_automated_backups(DBClusterIdentifier="cl")["DBClusterAutomatedBackups"]
    t.same(
        "backups",
        [(b["Status"], b["DbClusterResourceId"], b["BackupRetentionPeriod"]) for b in backups],
        [("active", resource, 2)],
    )
    d.api.delete_db_cluster(DBClusterIdentifier="cl", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    t.world.advance(minutes=30)
    kept = d.api.describe_db_cluster_automated_backups(DbClusterResourceId=resource)["DBClusterAutomatedBackups"]
    t.same("status", [b["Status"] for b in kept], ["retained"])
    d.api.delete_db_cluster_automated_backup(DbClusterResourceId=resource)
    t.refused(
        "DBClusterAutomatedBackupNotFoundFault", d.api.delete_db_cluster_automated_backup, DbClusterResourceId=resource
    )
