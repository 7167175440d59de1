"""Copies: to another region, to another account, by a plan."""

import json

from ...trial import pages, scenario
from . import Desk, near

WRONG = "InvalidParameterValueException"


def _to_region(t):
    """A desk with a recovery point, another in another region with a vault, and the parameters of a copy."""
    here, there = Desk(t), Desk(t, region="eu-central-1")
    here.vault()
    there.vault("target")
    point = here.backed_up(here.volume(), Lifecycle={"DeleteAfterDays": 30})
    copy = {
        "RecoveryPointArn": point["RecoveryPointArn"],
        "SourceBackupVaultName": "vault",
        "DestinationBackupVaultArn": there.arn("backup-vault:", "target"),
        "IamRoleArn": here.role,
    }
    return here, there, point, copy


@scenario
def to_region(t):
    """API_StartCopyJob, API_DescribeCopyJob, API_ListCopyJobs; "Creating backup copies across AWS Regions"."""
    here, there, point, copy = _to_region(t)
    before = t.world.now()
    started = here.api.start_copy_job(**copy, Lifecycle={"DeleteAfterDays": 60}, IdempotencyToken="t-1")
    t.true("StartCopyJob.CreationDate is now", near(started.get("CreationDate"), before))
    t.same(
        "the same token",
        here.api.start_copy_job(**copy, Lifecycle={"DeleteAfterDays": 60}, IdempotencyToken="t-1")["CopyJobId"],
        started["CopyJobId"],
    )
    t.true(
        "a new copy is under way",
        here.api.describe_copy_job(CopyJobId=started["CopyJobId"])["CopyJob"]["State"] in ("CREATED", "RUNNING"),
    )
    job = here.copied(started["CopyJobId"])
    t.has(
        "DescribeCopyJob",
        job,
        State="COMPLETED",
        AccountId=t.account.id,
        ResourceArn=point["ResourceArn"],
        ResourceType="EBS",
        IamRoleArn=here.role,
    )
    t.has(
        "DescribeCopyJob",
        job,
        SourceRecoveryPointArn=point["RecoveryPointArn"],
        SourceBackupVaultArn=here.arn("backup-vault:", "vault"),
        DestinationBackupVaultArn=copy["DestinationBackupVaultArn"],
    )
    arn = job.get("DestinationRecoveryPointArn", "")
    t.true(f"the copy {arn} is in the other region", arn.startswith("arn:aws:ec2:eu-central-1::snapshot/snap-"))
    seen = there.api.describe_recovery_point(BackupVaultName="target", RecoveryPointArn=arn)
    t.has(
        "the copy",
        seen,
        Status="COMPLETED",
        ResourceArn=point["ResourceArn"],
        SourceBackupVaultArn=here.arn("backup-vault:", "vault"),
        Lifecycle={"DeleteAfterDays": 60},
    )
    bare = here.copied(here.api.start_copy_job(**copy)["CopyJobId"])
    kept = there.api.describe_recovery_point(
        BackupVaultName="target", RecoveryPointArn=bare["DestinationRecoveryPointArn"]
    )
    t.same("DeleteAfterDays of a copy without a lifecycle", kept.get("Lifecycle", {}).get("DeleteAfterDays"), None)
    t.same(
        "the source's lifecycle",
        here.api.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=point["RecoveryPointArn"])[
            "Lifecycle"
        ],
        {"DeleteAfterDays": 30},
    )


@scenario
def filters(t):
    """API_ListCopyJobs: each filter; API_ListCopyJobSummaries."""
    here, there, point, copy = _to_region(t)
    first = here.copied(here.api.start_copy_job(**copy)["CopyJobId"])["CopyJobId"]
    t.world.advance(hours=1)
    between = t.world.now()
    t.world.advance(hours=1)
    second = here.copied(here.api.start_copy_job(**copy)["CopyJobId"])["CopyJobId"]
    by = lambda **params: {job["CopyJobId"] for job in here.api.list_copy_jobs(**params)["CopyJobs"]}
    expected = [
        ({}, {first, second}),
        ({"ByResourceArn": point["ResourceArn"]}, {first, second}),
        ({"ByState": "COMPLETED"}, {first, second}),
        ({"ByState": "FAILED"}, set()),
        ({"ByCreatedBefore": between}, {first}),
        ({"ByCreatedAfter": between}, {second}),
        ({"ByCompleteBefore": between}, {first}),
        ({"ByCompleteAfter": between}, {second}),
        ({"ByResourceType": "EBS"}, {first, second}),
        ({"ByResourceType": "RDS"}, set()),
        ({"ByDestinationVaultArn": copy["DestinationBackupVaultArn"]}, {first, second}),
        ({"ByDestinationVaultArn": here.arn("backup-vault:", "vault")}, set()),
        ({"ByAccountId": t.account.id}, {first, second}),
        ({"ByParentJobId": first}, set()),
        ({"BySourceRecoveryPointArn": point["RecoveryPointArn"]}, {first, second}),
        ({"BySourceRecoveryPointArn": f"{point['RecoveryPointArn']}0"}, set()),
        ({"ByMessageCategory": "AccessDenied"}, set()),
    ]
    for params, ids in expected:
        t.same(f"ListCopyJobs {params}", by(**params), ids)
    found, sizes = pages(here.api.list_copy_jobs, "CopyJobs")
    t.same("pages", (len(found), sizes[:2]), (2, [1, 1]))
    t.world.advance(days=1)
    summaries = here.api.list_copy_job_summaries(AggregationPeriod="SEVEN_DAYS", State="COMPLETED")["CopyJobSummaries"]
    t.same("completed copies", sum(s["Count"] for s in summaries), 2)


@scenario
def refusals(t):
    """API_StartCopyJob: errors of vaults, recovery point, lifecycle."""
    here, there, point, copy = _to_region(t)
    start = lambda **params: here.api.start_copy_job(**{**copy, **params})
    unknown = f"ResourceNotFoundException|{WRONG}"
    t.refused(unknown, start, because="no such source vault", SourceBackupVaultName="none")
    t.refused(unknown, start, because="no such recovery point", RecoveryPointArn=f"{point['RecoveryPointArn']}0")
    t.refused(WRONG, start, because="no vault's ARN", DestinationBackupVaultArn="target")
    t.refused(WRONG, start, because="no role's ARN", IamRoleArn="role")
    t.refused(
        WRONG,
        start,
        because="90 days of cold storage",
        Lifecycle={"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 90},
    )
    t.refused("ResourceNotFoundException", here.api.describe_copy_job, CopyJobId="11111111-2222-3333-4444-555555555555")


@scenario
def to_account(t):
    """ "Creating backup copies across AWS accounts": the target vault's policy must allow backup:CopyIntoBackupVault.
    "Creating backup copies across AWS accounts": the target vault's policy must allow backup:CopyIntoBackupVault."""
    here = Desk(t)
    there = Desk(t, t.world.account())
    here.vault()
    there.vault("target")
    for desk in (here, there):
        try:
            desk.api.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        except desk.api.exceptions.InvalidRequestException:
            pass  # Only a management account may.
    point = here.backed_up(here.file_system())
    copy = {
        "RecoveryPointArn": point["RecoveryPointArn"],
        "SourceBackupVaultName": "vault",
        "DestinationBackupVaultArn": there.arn("backup-vault:", "target"),
        "IamRoleArn": here.role,
        "Lifecycle": {"DeleteAfterDays": 7},
    }
    denied = here.copied(here.api.start_copy_job(**copy)["CopyJobId"])
    t.same("state without the target's permission", denied["State"], "FAILED")
    t.true("a failed copy says why", denied.get("StatusMessage"))
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{here.account.id}:root"},
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }
    there.api.put_backup_vault_access_policy(
        BackupVaultName="target", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    )
    job = here.copied(here.api.start_copy_job(**copy)["CopyJobId"])
    t.same("state with the target's permission", job["State"], "COMPLETED")
    owned = there.api.list_recovery_points_by_backup_vault(BackupVaultName="target")["RecoveryPoints"]
    t.same("in the other account", [p["RecoveryPointArn"] for p in owned], [job.get("DestinationRecoveryPointArn")])
    t.same("its resource stays the first account's", [p["ResourceArn"] for p in owned], [point["ResourceArn"]])


@scenario
def locked_target(t):
    """ "AWS Backup Vault Lock": a copy outside the target's retention fails."""
    here, there, point, copy = _to_region(t)
    there.api.put_backup_vault_lock_configuration(BackupVaultName="target", MinRetentionDays=7, MaxRetentionDays=35)
    try:
        job = here.copied(here.api.start_copy_job(**copy, Lifecycle={"DeleteAfterDays": 6})["CopyJobId"])
        t.same("state of a copy that is kept too short", job["State"], "FAILED")
    except here.api.exceptions.InvalidParameterValueException:
        pass
    job = here.copied(here.api.start_copy_job(**copy, Lifecycle={"DeleteAfterDays": 7})["CopyJobId"])
    t.same("state of a copy that fits", job["State"], "COMPLETED")


@scenario
def by_plan(t):
    """API_CopyAction: each run's recovery point is copied, with the action's own lifecycle."""
    here, there = Desk(t), Desk(t, region="eu-central-1")
    here.vault()
    there.vault("target")
    action = {"DestinationBackupVaultArn": there.arn("backup-vault:", "target"), "Lifecycle": {"DeleteAfterDays": 90}}
    made = here.plan(ScheduleExpression="cron(0 * ? * * *)", Lifecycle={"DeleteAfterDays": 7}, CopyActions=[action])
    here.select(made["BackupPlanId"], Resources=[here.file_system()])
    t.world.advance(hours=2)
    t.world.advance(minutes=50)
    copies = there.api.list_recovery_points_by_backup_vault(BackupVaultName="target")["RecoveryPoints"]
    t.true("there are copies", copies)
    for copy in copies[:1]:
        t.same("a copy's lifecycle", copy.get("Lifecycle"), {"DeleteAfterDays": 90})
    jobs = here.api.list_copy_jobs()["CopyJobs"]
    t.true(
        "copies name their plan",
        jobs and all(job.get("CreatedBy", {}).get("BackupPlanId") == made["BackupPlanId"] for job in jobs),
    )
