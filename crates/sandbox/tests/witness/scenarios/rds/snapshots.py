"""Manual snapshots: life, lists, copies, sharing."""

from ...trial import pages, scenario
from . import Desk


@scenario
def life(t):
    """API_CreateDBSnapshot, API_DescribeDBSnapshots, API_DeleteDBSnapshot."""
    d = Desk(t)
    instance = d.instance(StorageEncrypted=True)
    made = d.snapshot(Tags=[{"Key": "a", "Value": "b"}])
    arn = d.arn("snapshot", "snap")
    t.has(
        "CreateDBSnapshot",
        made,
        DBSnapshotIdentifier="snap",
        DBInstanceIdentifier="db",
        SnapshotType="manual",
        DBSnapshotArn=arn,
        Engine="postgres",
    )
    t.same("DbiResourceId", made.get("DbiResourceId"), instance["DbiResourceId"])
    t.world.advance(minutes=30)
    seen = d.snapshots(DBSnapshotIdentifier="snap")[0]
    t.has(
        "DescribeDBSnapshots",
        seen,
        Status="available",
        PercentProgress=100,
        AllocatedStorage=20,
        Encrypted=True,
        MasterUsername="postgres",
    )
    t.true("SnapshotCreateTime is set", seen.get("SnapshotCreateTime"))
    t.same("tags", d.tags(arn), {"a": "b"})
    t.refused("DBSnapshotAlreadyExists", d.snapshot)
    t.refused("DBInstanceNotFound", d.snapshot, name="other", instance="none")
    for name in ("rds:mine", "1st", "two--hyphens", "ends-"):
        t.refused("InvalidParameterValue", d.snapshot, because=f"{name} is no identifier", name=name)
    gone = d.api.delete_db_snapshot(DBSnapshotIdentifier="snap")["DBSnapshot"]
    t.has("DeleteDBSnapshot", gone, DBSnapshotIdentifier="snap")
    t.refused("DBSnapshotNotFound", d.snapshots, DBSnapshotIdentifier="snap")
    t.refused("DBSnapshotNotFound", d.api.delete_db_snapshot, DBSnapshotIdentifier="snap")


@scenario
def lists(t):
    """API_DescribeDBSnapshots: by instance, type, filters, pages."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=1)
    d.instance("other")
    for n in range(21):
        d.snapshot(f"snap-{n:02}")
    d.snapshot("of-other", "other")
    names = lambda **params: {s["DBSnapshotIdentifier"] for s in d.snapshots(**params)}
    t.same("by instance and type", len(names(DBInstanceIdentifier="db", SnapshotType="manual")), 21)
    t.same("by instance", names(DBInstanceIdentifier="other"), {"of-other"})
    t.same("by filter", names(Filters=[{"Name": "db-instance-id", "Values": ["other"]}]), {"of-other"})
    t.same("by type", len(names(SnapshotType="automated")), 1)
    both = names()
    t.true("without a type: manual and automated", len(both) == 23)
    found, sizes = pages(
        d.api.describe_db_snapshots,
        "DBSnapshots",
        size_name="MaxRecords",
        token="Marker",
        size=20,
        SnapshotType="manual",
    )
    t.same("pages", (len(found), sizes), (22, [20, 2]))


@scenario
def copies(t):
    """API_CopyDBSnapshot: within a region, tags, an automated one, names that are taken."""
    d = Desk(t)
    d.instance(BackupRetentionPeriod=1)
    d.snapshot(Tags=[{"Key": "a", "Value": "b"}])
    copy = lambda **params: d.api.copy_db_snapshot(
        **{"SourceDBSnapshotIdentifier": "snap", "TargetDBSnapshotIdentifier": "copy", **params}
    )["DBSnapshot"]
    made = copy(CopyTags=True)
    t.has(
        "CopyDBSnapshot",
        made,
        DBSnapshotIdentifier="copy",
        SnapshotType="manual",
        DBInstanceIdentifier="db",
        DBSnapshotArn=d.arn("snapshot", "copy"),
    )
    t.same("its source", made.get("SourceDBSnapshotIdentifier"), d.arn("snapshot", "snap"))
    t.same("copied tags", d.tags(d.arn("snapshot", "copy")), {"a": "b"})
    copy(TargetDBSnapshotIdentifier="tagged", Tags=[{"Key": "c", "Value": "d"}])
    t.same("own tags", d.tags(d.arn("snapshot", "tagged")), {"c": "d"})
    automated = d.snapshots(SnapshotType="automated")[0]["DBSnapshotIdentifier"]
    kept = copy(SourceDBSnapshotIdentifier=automated, TargetDBSnapshotIdentifier="kept")
    t.same("a copy of an automated snapshot", kept["SnapshotType"], "manual")
    t.refused("DBSnapshotAlreadyExists", copy)
    t.refused("DBSnapshotNotFound", copy, SourceDBSnapshotIdentifier="none", TargetDBSnapshotIdentifier="x")
    t.refused("InvalidParameterValue", copy, because="that is no identifier", TargetDBSnapshotIdentifier="rds:x")


@scenario
def copies_across_regions(t):
    """API_CopyDBSnapshot: called in the target region, with the source's ARN and, if it is encrypted, a key of the
    target region."""
    here, there = Desk(t), Desk(t, region="eu-central-1")
    here.instance()
    source = here.snapshot()["DBSnapshotArn"]
    params = {"SourceDBSnapshotIdentifier": source, "TargetDBSnapshotIdentifier": "copy", "SourceRegion": "eu-west-1"}
    made = there.api.copy_db_snapshot(**params)["DBSnapshot"]
    t.has(
        "CopyDBSnapshot",
        made,
        DBSnapshotArn=there.arn("snapshot", "copy"),
        SourceRegion="eu-west-1",
        SourceDBSnapshotIdentifier=source,
        SnapshotType="manual",
    )
    t.world.advance(hours=1)
    t.same(
        "in the other region",
        [(s["DBSnapshotIdentifier"], s["Status"]) for s in there.snapshots()],
        [("copy", "available")],
    )
    t.same("in the first", [s["DBSnapshotIdentifier"] for s in here.snapshots()], ["snap"])
    restored = there.api.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="again", DBSnapshotIdentifier="copy"
    )["DBInstance"]
    t.same("restored there", restored["DBInstanceArn"], there.arn("db", "again"))
    here.instance("secret", StorageEncrypted=True)
    encrypted = here.snapshot("sealed", "secret")["DBSnapshotArn"]
    sealed = {**params, "SourceDBSnapshotIdentifier": encrypted, "TargetDBSnapshotIdentifier": "sealed"}
    t.refused(
        "InvalidParameterCombination|InvalidParameterValue|KMSKeyNotAccessibleFault",
        there.api.copy_db_snapshot,
        because="an encrypted snapshot needs a key of the target region",
        **sealed,
    )
    key = f"arn:aws:kms:eu-central-1:{t.account.id}:key/11111111-2222-3333-4444-555555555555"
    copied = there.api.copy_db_snapshot(**sealed, KmsKeyId=key)["DBSnapshot"]
    t.has("an encrypted copy", copied, Encrypted=True, KmsKeyId=key)


@scenario
def sharing(t):
    """API_ModifyDBSnapshotAttribute, API_DescribeDBSnapshotAttributes, "Sharing a DB snapshot"."""
    d = Desk(t)
    other = Desk(t, t.world.account())
    d.instance(BackupRetentionPeriod=1)
    arn = d.snapshot()["DBSnapshotArn"]
    attributes = lambda: {
        a["AttributeName"]: a["AttributeValues"]
        for a in d.api.describe_db_snapshot_attributes(DBSnapshotIdentifier="snap")["DBSnapshotAttributesResult"][
            "DBSnapshotAttributes"
        ]
    }
    t.same("at first", attributes().get("restore", []), [])
    modify = lambda **params: d.api.modify_db_snapshot_attribute(
        **{"DBSnapshotIdentifier": "snap", "AttributeName": "restore", **params}
    )
    shared = modify(ValuesToAdd=[other.account.id])["DBSnapshotAttributesResult"]
    t.same("ModifyDBSnapshotAttribute", shared["DBSnapshotIdentifier"], "snap")
    t.same("shared", attributes()["restore"], [other.account.id])
    t.same("the other's own", other.snapshots(), [])
    t.same("shared with the other", [s["DBSnapshotArn"] for s in other.snapshots(SnapshotType="shared")], [arn])
    t.same("with IncludeShared", [s["DBSnapshotArn"] for s in other.snapshots(IncludeShared=True)], [arn])
    copy = other.api.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier="mine")["DBSnapshot"]
    t.has("copied by the other", copy, DBSnapshotArn=other.arn("snapshot", "mine"), SourceDBSnapshotIdentifier=arn)
    modify(ValuesToRemove=[other.account.id])
    t.same("no longer shared", other.snapshots(SnapshotType="shared"), [])
    t.refused(
        "DBSnapshotNotFound",
        other.api.copy_db_snapshot,
        SourceDBSnapshotIdentifier=arn,
        TargetDBSnapshotIdentifier="again",
    )
    automated = d.snapshots(SnapshotType="automated")[0]["DBSnapshotIdentifier"]
    t.refused(
        "InvalidDBSnapshotState|InvalidParameterValue",
        modify,
        because="automated snapshots cannot be shared",
        DBSnapshotIdentifier=automated,
        ValuesToAdd=[other.account.id],
    )
    t.refused(
        "InvalidParameterValue",
        modify,
        because="there is no such attribute",
        AttributeName="colour",
        ValuesToAdd=["red"],
    )
    t.refused("DBSnapshotNotFound", d.api.describe_db_snapshot_attributes, DBSnapshotIdentifier="none")


@scenario
def export(t):
    """API_StartExportTask, API_DescribeExportTasks, API_CancelExportTask."""
    d = Desk(t)
    d.instance()
    arn = d.snapshot()["DBSnapshotArn"]
    bucket = f"exports-{t.account.id}"
    t.account.ministack("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    key = f"arn:aws:kms:eu-west-1:{t.account.id}:key/11111111-2222-3333-4444-555555555555"
    params = {
        "SourceArn": arn,
        "S3BucketName": bucket,
        "IamRoleArn": t.account.role("export", "export.rds.amazonaws.com"),
        "KmsKeyId": key,
    }
    started = d.api.start_export_task(ExportTaskIdentifier="one", **params)
    t.has("StartExportTask", started, ExportTaskIdentifier="one", SourceArn=arn, S3Bucket=bucket, Status="STARTING")
    t.refused("ExportTaskAlreadyExists", d.api.start_export_task, ExportTaskIdentifier="one", **params)
    t.refused(
        "DBSnapshotNotFound",
        d.api.start_export_task,
        ExportTaskIdentifier="two",
        **{**params, "SourceArn": d.arn("snapshot", "none")},
    )
    t.world.advance(days=1)
    t.same(
        "status",
        [
            (task["Status"], task["PercentProgress"])
            for task in d.api.describe_export_tasks(ExportTaskIdentifier="one")["ExportTasks"]
        ],
        [("COMPLETE", 100)],
    )
    d.api.start_export_task(ExportTaskIdentifier="two", **params)
    cancelled = d.api.cancel_export_task(ExportTaskIdentifier="two")
    t.true("being cancelled", cancelled["Status"] in ("CANCELING", "CANCELED"))
    t.refused("ExportTaskNotFound", d.api.cancel_export_task, ExportTaskIdentifier="none")


@scenario
def events(t):
    """API_DescribeEvents: of the last hour, or of a duration in minutes; by source."""
    d = Desk(t)
    d.instance()
    d.snapshot()
    t.world.advance(minutes=20)
    of = lambda **params: [event["Message"] for event in d.api.describe_events(**params)["Events"]]
    t.true(
        "the instance's creation",
        any("created" in message.lower() for message in of(SourceType="db-instance", SourceIdentifier="db")),
    )
    t.true("the snapshot's creation", any("snapshot" in message.lower() for message in of(SourceType="db-snapshot")))
    t.same("of another source", of(SourceType="db-instance", SourceIdentifier="other"), [])
    for event in d.api.describe_events()["Events"]:
        t.true(
            "an event has a date, a source and categories",
            event.get("Date") and event.get("SourceArn") and event.get("EventCategories"),
        )
    t.world.advance(hours=2)
    t.same("of the last hour", of(), [])
    t.true("of the last three hours", of(Duration=180))
