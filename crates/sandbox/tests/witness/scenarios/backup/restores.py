"""Restore jobs of each type of resource, and what they create."""

from ...trial import pages, scenario
from . import Desk

WRONG = "InvalidParameterValueException"


def _restored(t, resource, keys, metadata, **params):
    """Backs a resource up, restores it, and returns desk, recovery point and job. `keys` must be among its metadata."""
    d = Desk(t)
    d.vault()
    arn = getattr(d, resource)()
    point = d.backed_up(arn)
    named = {"BackupVaultName": "vault", "RecoveryPointArn": point["RecoveryPointArn"]}
    given = d.api.get_recovery_point_restore_metadata(**named)
    t.has(
        "GetRecoveryPointRestoreMetadata",
        given,
        RecoveryPointArn=point["RecoveryPointArn"],
        BackupVaultArn=d.arn("backup-vault:", "vault"),
    )
    t.same(
        f"restore metadata lacks, of {sorted(given['RestoreMetadata'])}", keys - set(given["RestoreMetadata"]), set()
    )
    wanted = {**given["RestoreMetadata"], **metadata}
    started = d.api.start_restore_job(
        RecoveryPointArn=point["RecoveryPointArn"], Metadata=wanted, IamRoleArn=d.role, **params
    )["RestoreJobId"]
    first = d.api.describe_restore_job(RestoreJobId=started)
    t.true(f"a new restore is {first['Status']}", first["Status"] in ("PENDING", "RUNNING"))
    t.same("a new restore has created nothing", first.get("CreatedResourceArn"), None)
    job = d.restored(started)
    t.has(
        "DescribeRestoreJob",
        job,
        Status="COMPLETED",
        AccountId=t.account.id,
        RecoveryPointArn=point["RecoveryPointArn"],
        IamRoleArn=d.role,
        PercentDone="100.00%",
    )
    t.true("CompletionDate is set", job.get("CompletionDate"))
    t.true("CreatedResourceArn is another resource", job.get("CreatedResourceArn") not in (None, arn))
    kept = d.api.get_restore_job_metadata(RestoreJobId=started)
    t.same(
        "GetRestoreJobMetadata",
        (kept["RestoreJobId"], {key: kept["Metadata"].get(key) for key in metadata}),
        (started, metadata),
    )
    return d, point, job


@scenario
def database(t):
    """ "Restore metadata, Amazon RDS": DBInstanceIdentifier names the new instance."""
    d, point, job = _restored(
        t, "database", {"DBInstanceIdentifier", "DBInstanceClass", "Engine"}, {"DBInstanceIdentifier": "restored"}
    )
    t.has("DescribeRestoreJob", job, ResourceType="RDS", CreatedResourceArn=d.arn("db:", "restored", "rds"))
    found = t.account.sandbox("rds").describe_db_instances(DBInstanceIdentifier="restored")["DBInstances"]
    t.same("the new instance's engine", [instance["Engine"] for instance in found], ["postgres"])


@scenario
def volume(t):
    """ "Restore metadata, Amazon EBS": availabilityZone and volumeSize."""
    d, point, job = _restored(
        t, "volume", {"encrypted", "volumeId"}, {"availabilityZone": "eu-west-1b", "volumeSize": "10"}
    )
    t.same("ResourceType", job.get("ResourceType"), "EBS")
    id = job.get("CreatedResourceArn", "").rpartition("/")[2]
    made = t.account.ministack("ec2").describe_volumes(VolumeIds=[id])["Volumes"][0]
    t.has("the new volume", made, AvailabilityZone="eu-west-1b", Size=10)


@scenario
def table(t):
    """ "Restore metadata, Amazon DynamoDB": targetTableName."""
    d, point, job = _restored(t, "table", {"originalTableName"}, {"targetTableName": "restored"})
    t.has(
        "DescribeRestoreJob", job, ResourceType="DynamoDB", CreatedResourceArn=d.arn("table/", "restored", "dynamodb")
    )
    t.same(
        "the new table",
        t.account.ministack("dynamodb").describe_table(TableName="restored")["Table"]["TableName"],
        "restored",
    )


@scenario
def file_system(t):
    """ "Restore metadata, Amazon EFS": file-system-id, Encrypted, PerformanceMode, CreationToken, newFileSystem."""
    metadata = {
        "newFileSystem": "true",
        "CreationToken": "restored",
        "Encrypted": "true",
        "PerformanceMode": "generalPurpose",
    }
    d, point, job = _restored(t, "file_system", {"file-system-id"}, metadata)
    t.same("ResourceType", job.get("ResourceType"), "EFS")
    systems = t.account.ministack("efs").describe_file_systems()["FileSystems"]
    t.true(
        "the new file system exists", job.get("CreatedResourceArn") in {system["FileSystemArn"] for system in systems}
    )


@scenario
def idempotency_and_lists(t):
    """API_StartRestoreJob's IdempotencyToken, API_ListRestoreJobs, API_ListRestoreJobsByProtectedResource,
    API_ListRestoreJobSummaries."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    point = d.backed_up(volume)["RecoveryPointArn"]
    metadata = d.api.get_recovery_point_restore_metadata(BackupVaultName="vault", RecoveryPointArn=point)[
        "RestoreMetadata"
    ]
    metadata = {**metadata, "availabilityZone": "eu-west-1a"}
    start = lambda token: d.api.start_restore_job(
        RecoveryPointArn=point, Metadata=metadata, IamRoleArn=d.role, IdempotencyToken=token
    )["RestoreJobId"]
    first = start("t-1")
    t.same("the same token", start("t-1"), first)
    d.restored(first)
    t.world.advance(hours=1)
    between = t.world.now()
    t.world.advance(hours=1)
    second = start("t-2")
    t.true("another token is another job", second != first)
    d.restored(second)
    by = lambda **params: {job["RestoreJobId"] for job in d.api.list_restore_jobs(**params)["RestoreJobs"]}
    expected = [
        ({}, {first, second}),
        ({"ByStatus": "COMPLETED"}, {first, second}),
        ({"ByStatus": "FAILED"}, set()),
        ({"ByAccountId": t.account.id}, {first, second}),
        ({"ByResourceType": "EBS"}, {first, second}),
        ({"ByResourceType": "EFS"}, set()),
        ({"ByCreatedBefore": between}, {first}),
        ({"ByCreatedAfter": between}, {second}),
        ({"ByCompleteBefore": between}, {first}),
        ({"ByCompleteAfter": between}, {second}),
        ({"ByRestoreTestingPlanArn": d.arn("restore-testing-plan:", "none")}, set()),
        ({"ByParentJobId": first}, set()),
    ]
    for params, ids in expected:
        t.same(f"ListRestoreJobs {params}", by(**params), ids)
    found, sizes = pages(d.api.list_restore_jobs, "RestoreJobs")
    t.same("pages", (len(found), sizes[:2]), (2, [1, 1]))
    of_resource = d.api.list_restore_jobs_by_protected_resource(ResourceArn=volume)["RestoreJobs"]
    t.same("ListRestoreJobsByProtectedResource", {job["RestoreJobId"] for job in of_resource}, {first, second})
    t.same(
        "by status",
        d.api.list_restore_jobs_by_protected_resource(ResourceArn=volume, ByStatus="FAILED")["RestoreJobs"],
        [],
    )
    t.true(
        "LastRestoreTime is set",
        d.api.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=point).get("LastRestoreTime"),
    )
    t.world.advance(days=1)
    summaries = d.api.list_restore_job_summaries(AggregationPeriod="SEVEN_DAYS", State="COMPLETED")[
        "RestoreJobSummaries"
    ]
    t.same("completed restores", sum(s["Count"] for s in summaries), 2)


@scenario
def refusals(t):
    """API_StartRestoreJob: errors of recovery point, role, metadata."""
    d = Desk(t)
    d.vault()
    database = d.backed_up(d.database())["RecoveryPointArn"]
    start = lambda **params: d.api.start_restore_job(
        **{"RecoveryPointArn": database, "IamRoleArn": d.role, "Metadata": {"DBInstanceIdentifier": "new"}, **params}
    )
    t.refused(
        f"ResourceNotFoundException|{WRONG}",
        start,
        because="no such recovery point",
        RecoveryPointArn=d.arn("snapshot:", "awsbackup:job-0", "rds"),
    )
    t.refused(f"ResourceNotFoundException|{WRONG}", start, because="no ARN", RecoveryPointArn="point")
    t.refused(WRONG, start, because="no role's ARN", IamRoleArn="role")
    t.refused(
        "MissingParameterValueException|InvalidParameterValueException",
        d.api.start_restore_job,
        because="no metadata",
        RecoveryPointArn=database,
        IamRoleArn=d.role,
    )
    t.refused(
        "ResourceNotFoundException", d.api.describe_restore_job, RestoreJobId="11111111-2222-3333-4444-555555555555"
    )
    t.refused(
        "ResourceNotFoundException", d.api.get_restore_job_metadata, RestoreJobId="11111111-2222-3333-4444-555555555555"
    )
    try:
        job = d.restored(start(Metadata={"DBInstanceIdentifier": "db"})["RestoreJobId"])
        t.same("status of a restore onto an instance that exists", job["Status"], "FAILED")
        t.true("a failed restore says why", job.get("StatusMessage"))
    except (d.api.exceptions.InvalidParameterValueException, d.api.exceptions.InvalidRequestException):
        pass


@scenario
def point_in_time(t):
    """ "Continuous backups and point-in-time recovery": RestoreTime or UseLatestRestorableTime in the metadata."""
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
    ongoing = [p["RecoveryPointArn"] for p in points if "continuous:" in p["RecoveryPointArn"]]
    t.same("continuous recovery points", len(ongoing), 1)
    for arn in ongoing:
        metadata = d.api.get_recovery_point_restore_metadata(BackupVaultName="vault", RecoveryPointArn=arn)[
            "RestoreMetadata"
        ]
        metadata |= {"DBInstanceIdentifier": "restored", "UseLatestRestorableTime": "true"}
        job = d.restored(
            d.api.start_restore_job(RecoveryPointArn=arn, Metadata=metadata, IamRoleArn=d.role)["RestoreJobId"]
        )
        t.has("DescribeRestoreJob", job, Status="COMPLETED", CreatedResourceArn=d.arn("db:", "restored", "rds"))
