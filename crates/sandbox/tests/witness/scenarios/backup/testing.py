"""Restore testing: plans, selections, their runs, validation."""

from ...trial import pages, scenario
from . import Desk

WRONG = "InvalidParameterValueException"
CHOICE = {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": ["*"],
    "RecoveryPointTypes": ["SNAPSHOT"],
    "SelectionWindowDays": 7,
}


def _plan(d, name="drill", **params):
    plan = {
        "RestoreTestingPlanName": name,
        "ScheduleExpression": "cron(0 * ? * * *)",
        "RecoveryPointSelection": CHOICE,
        **params,
    }
    return d.api.create_restore_testing_plan(RestoreTestingPlan=plan)


def _selection(d, plan="drill", name="volumes", **params):
    selection = {
        "RestoreTestingSelectionName": name,
        "IamRoleArn": d.role,
        "ProtectedResourceType": "EBS",
        "ProtectedResourceArns": ["*"],
        **params,
    }
    return d.api.create_restore_testing_selection(RestoreTestingPlanName=plan, RestoreTestingSelection=selection)


@scenario
def life(t):
    """API_CreateRestoreTestingPlan, …Get…, …Update…, …List…, …Delete…; the same of selections."""
    d = Desk(t)
    made = _plan(d)
    plan = {"RestoreTestingPlanName": "drill"}
    t.same("CreateRestoreTestingPlan", made["RestoreTestingPlanName"], "drill")
    t.true("its ARN", made["RestoreTestingPlanArn"].startswith(d.arn("restore-testing-plan:", "drill")))
    got = d.api.get_restore_testing_plan(**plan)["RestoreTestingPlan"]
    t.has(
        "GetRestoreTestingPlan",
        got,
        **plan,
        RestoreTestingPlanArn=made["RestoreTestingPlanArn"],
        ScheduleExpression="cron(0 * ? * * *)",
        StartWindowHours=24,
        ScheduleExpressionTimezone="Etc/UTC",
    )
    t.same("its choice", {key: got["RecoveryPointSelection"].get(key) for key in CHOICE}, CHOICE)
    t.refused("AlreadyExistsException", _plan, d=d)
    t.refused("AlreadyExistsException|ConflictException", _plan, d=d, StartWindowHours=2)
    updated = d.api.update_restore_testing_plan(**plan, RestoreTestingPlan={"StartWindowHours": 2})
    t.same("UpdateRestoreTestingPlan", updated["RestoreTestingPlanArn"], made["RestoreTestingPlanArn"])
    t.has(
        "GetRestoreTestingPlan",
        d.api.get_restore_testing_plan(**plan)["RestoreTestingPlan"],
        StartWindowHours=2,
        ScheduleExpression="cron(0 * ? * * *)",
    )
    _plan(d, "second")
    listed, sizes = pages(d.api.list_restore_testing_plans, "RestoreTestingPlans")
    t.same("plans", ({p["RestoreTestingPlanName"] for p in listed}, sizes[:2]), ({"drill", "second"}, [1, 1]))

    chosen = _selection(d)
    t.has(
        "CreateRestoreTestingSelection",
        chosen,
        **plan,
        RestoreTestingSelectionName="volumes",
        RestoreTestingPlanArn=made["RestoreTestingPlanArn"],
    )
    selection = {**plan, "RestoreTestingSelectionName": "volumes"}
    seen = d.api.get_restore_testing_selection(**selection)["RestoreTestingSelection"]
    t.has(
        "GetRestoreTestingSelection",
        seen,
        **selection,
        IamRoleArn=d.role,
        ProtectedResourceType="EBS",
        ProtectedResourceArns=["*"],
    )
    t.refused("AlreadyExistsException", _selection, d=d)
    changed = {"ValidationWindowHours": 4, "RestoreMetadataOverrides": {"availabilityZone": "eu-west-1b"}}
    d.api.update_restore_testing_selection(**selection, RestoreTestingSelection=changed)
    t.has(
        "GetRestoreTestingSelection",
        d.api.get_restore_testing_selection(**selection)["RestoreTestingSelection"],
        **changed,
        IamRoleArn=d.role,
    )
    listed = d.api.list_restore_testing_selections(**plan)["RestoreTestingSelections"]
    t.same("selections", [s["RestoreTestingSelectionName"] for s in listed], ["volumes"])
    t.refused("InvalidRequestException", d.api.delete_restore_testing_plan, because="it has selections", **plan)
    d.api.delete_restore_testing_selection(**selection)
    d.api.delete_restore_testing_plan(**plan)
    gone = "ResourceNotFoundException"
    t.refused(gone, d.api.get_restore_testing_plan, **plan)
    t.refused(gone, d.api.get_restore_testing_selection, **selection)
    t.refused(gone, d.api.list_restore_testing_selections, **plan)
    t.refused(gone, d.api.delete_restore_testing_selection, **selection)
    t.refused(gone, _selection, d=d)


@scenario
def validation(t):
    """API_RestoreTestingPlanForCreate, API_RestoreTestingSelectionForCreate: names, windows, types."""
    d = Desk(t)
    refused = lambda because, **params: t.refused(WRONG, _plan, because=because, d=d, **params)
    refused("names have letters, digits and underscores", name="my-drill")
    refused("that is no cron", ScheduleExpression="daily")
    refused("168 hours at most", StartWindowHours=169)
    refused("365 days at most", RecoveryPointSelection={**CHOICE, "SelectionWindowDays": 366})
    refused("no such algorithm", RecoveryPointSelection={**CHOICE, "Algorithm": "OLDEST"})
    _plan(d)
    refused = lambda because, **params: t.refused(WRONG, _selection, because=because, d=d, **params)
    refused("names have letters, digits and underscores", name="my-volumes")
    refused("no such type", ProtectedResourceType="Toaster")
    refused("168 hours at most", ValidationWindowHours=169)
    refused("no role's ARN", IamRoleArn="role")


@scenario
def run(t):
    """ "Restore testing": at its time the newest recovery point is restored, waits for validation, and is deleted."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    point = d.backed_up(volume)["RecoveryPointArn"]
    inferred = d.api.get_restore_testing_inferred_metadata(BackupVaultName="vault", RecoveryPointArn=point)[
        "InferredMetadata"
    ]
    t.true("inferred metadata", inferred)
    plan = _plan(d)["RestoreTestingPlanArn"]
    _selection(d, ValidationWindowHours=2)
    t.world.advance(hours=2)
    jobs = d.api.list_restore_jobs(ByRestoreTestingPlanArn=plan)["RestoreJobs"]
    t.true("there is a restore", jobs)
    if not jobs:
        return
    # Two hours hold one or two full ones; the oldest is done.
    job = d.restored(min(jobs, key=lambda job: job["CreationDate"])["RestoreJobId"])
    t.has(
        "DescribeRestoreJob",
        job,
        Status="COMPLETED",
        RecoveryPointArn=point,
        CreatedBy={"RestoreTestingPlanArn": plan},
        ValidationStatus="VALIDATING",
    )
    d.api.put_restore_validation_result(
        RestoreJobId=job["RestoreJobId"], ValidationStatus="SUCCESSFUL", ValidationStatusMessage="read back"
    )
    t.has(
        "DescribeRestoreJob",
        d.api.describe_restore_job(RestoreJobId=job["RestoreJobId"]),
        ValidationStatus="SUCCESSFUL",
        ValidationStatusMessage="read back",
    )
    d.api.delete_restore_testing_selection(RestoreTestingPlanName="drill", RestoreTestingSelectionName="volumes")
    t.world.advance(hours=4)
    t.has(
        "DescribeRestoreJob", d.api.describe_restore_job(RestoreJobId=job["RestoreJobId"]), DeletionStatus="SUCCESSFUL"
    )
    t.true(
        "LastExecutionTime is set",
        d.api.get_restore_testing_plan(RestoreTestingPlanName="drill")["RestoreTestingPlan"].get("LastExecutionTime"),
    )
    t.refused(
        "ResourceNotFoundException",
        d.api.put_restore_validation_result,
        RestoreJobId="11111111-2222-3333-4444-555555555555",
        ValidationStatus="SUCCESSFUL",
    )


@scenario
def validation_of_others(t):
    """API_PutRestoreValidationResult: only restores that a testing plan made, only with a status that it knows."""
    d = Desk(t)
    d.vault()
    point = d.backed_up(d.volume())["RecoveryPointArn"]
    metadata = d.api.get_recovery_point_restore_metadata(BackupVaultName="vault", RecoveryPointArn=point)[
        "RestoreMetadata"
    ]
    job = d.api.start_restore_job(
        RecoveryPointArn=point, Metadata={**metadata, "availabilityZone": "eu-west-1a"}, IamRoleArn=d.role
    )["RestoreJobId"]
    d.restored(job)
    put = d.api.put_restore_validation_result
    t.refused(
        f"InvalidRequestException|{WRONG}",
        put,
        because="no testing plan made it",
        RestoreJobId=job,
        ValidationStatus="SUCCESSFUL",
    )
    t.refused(WRONG, put, because="no such status", RestoreJobId=job, ValidationStatus="FINE")
