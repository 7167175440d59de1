"""On-demand backup jobs."""

import datetime

from ...trial import pages, scenario
from . import Desk, near

WRONG = "InvalidParameterValueException"


def _job(t, resource, kind, point, tags=None):
    d = Desk(t)
    d.vault()
    arn = getattr(d, resource)()
    before = t.world.now()
    started = d.api.start_backup_job(BackupVaultName="vault", ResourceArn=arn, IamRoleArn=d.role)
    t.true("StartBackupJob.CreationDate is now", near(started.get("CreationDate"), before))
    first = d.api.describe_backup_job(BackupJobId=started["BackupJobId"])
    t.true(f"a new job is {first['State']}", first["State"] in ("CREATED", "PENDING", "RUNNING"))
    t.same("a new job has no CompletionDate", first.get("CompletionDate"), None)
    t.true(
        "StartBy is eight hours later", near(first.get("StartBy"), first["CreationDate"] + datetime.timedelta(hours=8))
    )
    job = d.ended(started["BackupJobId"])
    t.has(
        "DescribeBackupJob",
        job,
        State="COMPLETED",
        AccountId=t.account.id,
        ResourceArn=arn,
        ResourceType=kind,
        IamRoleArn=d.role,
    )
    t.has(
        "DescribeBackupJob",
        job,
        BackupVaultName="vault",
        BackupVaultArn=d.arn("backup-vault:", "vault"),
        PercentDone="100.0",
        CreatedBy=None,
        MessageCategory="SUCCESS",
    )
    t.true("it ends after it began", job["CreationDate"] < job.get("CompletionDate", job["CreationDate"]))
    t.true(
        f"recovery point {job.get('RecoveryPointArn')}",
        job.get("RecoveryPointArn", "").startswith(point.format(account=t.account.id)),
    )
    return d, arn, job


@scenario
def volume(t):
    """API_StartBackupJob, API_DescribeBackupJob, "Recovery point ARNs": an EBS volume's is its snapshot, which EC2
    lists."""
    d, arn, job = _job(t, "volume", "EBS", "arn:aws:ec2:eu-west-1::snapshot/snap-")
    snapshots = t.account.ministack("ec2").describe_snapshots(OwnerIds=[t.account.id])["Snapshots"]
    ours = [s for s in snapshots if s["SnapshotId"] == job["RecoveryPointArn"].rpartition("/")[2]]
    t.same("volumes of EC2's snapshot", [s["VolumeId"] for s in ours], [arn.rpartition("/")[2]])


@scenario
def database(t):
    """API_StartBackupJob: an RDS instance's recovery point is the snapshot awsbackup:job-…, of type awsbackup."""
    d, arn, job = _job(t, "database", "RDS", "arn:aws:rds:eu-west-1:{account}:snapshot:awsbackup:job-")
    rds = t.account.sandbox("rds")
    found = rds.describe_db_snapshots(SnapshotType="awsbackup")["DBSnapshots"]
    t.same("RDS's snapshots of type awsbackup", [s["DBSnapshotArn"] for s in found], [job["RecoveryPointArn"]])


@scenario
def table(t):
    """API_StartBackupJob: a DynamoDB table, with or without advanced features."""
    _job(t, "table", "DynamoDB", "arn:aws:")


@scenario
def file_system(t):
    """API_StartBackupJob: an EFS file system's recovery point is AWS Backup's own."""
    _job(t, "file_system", "EFS", "arn:aws:backup:eu-west-1:{account}:recovery-point:")


@scenario
def idempotency(t):
    """API_StartBackupJob: the same IdempotencyToken is a success with no action."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    first, again, other = (d.start(volume, IdempotencyToken=token) for token in ("t-1", "t-1", "t-2"))
    t.same("a job with the same token", again, first)
    t.true("a job with another token is another", other != first)
    t.same("jobs", {job["BackupJobId"] for job in d.api.list_backup_jobs()["BackupJobs"]}, {first, other})


@scenario
def refusals(t):
    """API_StartBackupJob: errors of vault, role, resource, windows, lifecycle."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    start = lambda **params: d.api.start_backup_job(
        **{"BackupVaultName": "vault", "ResourceArn": volume, "IamRoleArn": d.role, **params}
    )
    t.refused(f"ResourceNotFoundException|{WRONG}", start, because="no such vault", BackupVaultName="none")
    t.refused(WRONG, start, because="no role's ARN", IamRoleArn="role")
    t.refused(WRONG, start, because="no ARN", ResourceArn="volume")
    t.refused(
        f"{WRONG}|InvalidRequestException",
        start,
        because="SQS cannot be backed up",
        ResourceArn=d.arn("", "queue", "sqs"),
    )
    t.refused(WRONG, start, because="60 minutes to start at least", StartWindowMinutes=59)
    t.refused(
        WRONG,
        start,
        because="kept for 90 days after cold storage",
        Lifecycle={"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 90},
    )
    t.refused(WRONG, start, because="no negative retention but -1", Lifecycle={"DeleteAfterDays": -2})
    t.refused(
        "MissingParameterValueException|InvalidParameterValueException",
        d.api.start_backup_job,
        because="no role",
        BackupVaultName="vault",
        ResourceArn=volume,
    )
    t.refused(
        "ResourceNotFoundException", d.api.describe_backup_job, BackupJobId="11111111-2222-3333-4444-555555555555"
    )
    t.refused("ResourceNotFoundException", d.api.stop_backup_job, BackupJobId="11111111-2222-3333-4444-555555555555")


@scenario
def missing_resource(t):
    """API_StartBackupJob: a resource that is not there is refused, or its job fails and says why."""
    d = Desk(t)
    d.vault()
    try:
        job = d.ended(d.start(d.arn("volume/", "vol-00000000000000000", "ec2")))
    except d.api.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        t.true(f"refused with {code}", code in (WRONG, "ResourceNotFoundException", "InvalidRequestException"))
        return
    t.same("state", job["State"], "FAILED")
    t.true("a failed job says why", job.get("StatusMessage"))
    t.true("a failed job has another category than SUCCESS", job.get("MessageCategory") != "SUCCESS")


@scenario
def stop(t):
    """API_StopBackupJob: a running job is aborted; RDS's cannot be; an ended one neither."""
    d = Desk(t)
    d.vault()
    running = d.start(d.volume())
    d.api.stop_backup_job(BackupJobId=running)
    t.true("it is being aborted", d.api.describe_backup_job(BackupJobId=running)["State"] in ("ABORTING", "ABORTED"))
    t.same("state", d.ended(running)["State"], "ABORTED")
    t.same("recovery points", d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"], [])
    refused = "InvalidRequestException|InvalidParameterValueException"
    t.refused(refused, d.api.stop_backup_job, because="it has ended", BackupJobId=running)
    done = d.backed_up(d.volume())["BackupJobId"]
    t.refused(refused, d.api.stop_backup_job, because="it has ended", BackupJobId=done)
    t.refused(refused, d.api.stop_backup_job, because="RDS's jobs cannot be stopped", BackupJobId=d.start(d.database()))


@scenario
def filters(t):
    """API_ListBackupJobs: each filter, alone, and pages; API_ListBackupJobSummaries."""
    d = Desk(t)
    d.vault()
    d.vault("other")
    volume = d.volume()
    first = d.backed_up(volume)
    t.world.advance(hours=2)
    between = t.world.now()
    t.world.advance(hours=2)
    second = d.backed_up(d.table(), "other")
    failed = d.start(volume)
    d.api.stop_backup_job(BackupJobId=failed)
    aborted = d.ended(failed)
    everything = {job["BackupJobId"] for job in (first, second, aborted)}
    by = lambda **params: {job["BackupJobId"] for job in d.api.list_backup_jobs(**params)["BackupJobs"]}
    one, two, three = first["BackupJobId"], second["BackupJobId"], failed
    expected = [
        ({}, everything),
        ({"ByResourceArn": volume}, {one, three}),
        ({"ByState": "COMPLETED"}, {one, two}),
        ({"ByState": "ABORTED"}, {three}),
        ({"ByState": "FAILED"}, set()),
        ({"ByBackupVaultName": "other"}, {two}),
        ({"ByCreatedBefore": between}, {one}),
        ({"ByCreatedAfter": between}, {two, three}),
        ({"ByCompleteBefore": between}, {one}),
        ({"ByCompleteAfter": between}, {two, three}),
        ({"ByResourceType": "DynamoDB"}, {two}),
        ({"ByResourceType": "EBS", "ByState": "COMPLETED"}, {one}),
        ({"ByAccountId": t.account.id}, everything),
        ({"ByParentJobId": one}, set()),
        ({"ByMessageCategory": "SUCCESS"}, {one, two}),
        ({"ByMessageCategory": "AccessDenied"}, set()),
    ]
    for params, ids in expected:
        t.same(f"ListBackupJobs {params}", by(**params), ids)
    t.refused(WRONG, d.api.list_backup_jobs, because="no such state", ByState="TIRED")
    found, sizes = pages(d.api.list_backup_jobs, "BackupJobs")
    t.same("jobs, page by page", ({job["BackupJobId"] for job in found}, sizes[:3]), (everything, [1, 1, 1]))
    t.refused(WRONG, d.api.list_backup_jobs, because="the token is none of ours", NextToken="nonsense")

    t.world.advance(days=1)
    for period in ("ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"):
        answer = d.api.list_backup_job_summaries(AggregationPeriod=period, State="COMPLETED", ResourceType="EBS")
        t.same("AggregationPeriod", answer.get("AggregationPeriod"), period)
        summaries = answer["BackupJobSummaries"]
        t.same(f"completed EBS jobs in {period}", sum(s["Count"] for s in summaries), 1)
        for summary in summaries:
            t.has(
                "a summary", summary, Region="eu-west-1", AccountId=t.account.id, State="COMPLETED", ResourceType="EBS"
            )
    t.refused(WRONG, d.api.list_backup_job_summaries, because="no such period", AggregationPeriod="ONE_YEAR")


@scenario
def forgotten(t):
    """API_ListBackupJobs: jobs of the last 30 days."""
    d = Desk(t)
    d.vault()
    d.backed_up(d.volume())
    t.world.advance(days=31)
    t.same("jobs after 31 days", d.api.list_backup_jobs()["BackupJobs"], [])
