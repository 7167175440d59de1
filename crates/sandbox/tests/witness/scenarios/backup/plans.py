"""Backup plans: documents, versions, templates, validation."""

import json

from ...trial import pages, scenario
from . import Desk, near

WRONG = "InvalidParameterValueException"


@scenario
def life(t):
    """API_CreateBackupPlan, API_GetBackupPlan, API_UpdateBackupPlan, API_ListBackupPlanVersions, API_DeleteBackupPlan.
    API_CreateBackupPlan, API_GetBackupPlan, API_UpdateBackupPlan, API_ListBackupPlanVersions, API_DeleteBackupPlan."""
    d = Desk(t)
    d.vault()
    before = t.world.now()
    made = d.plan("first", creator="c-1", ScheduleExpression="cron(0 3 ? * * *)", Lifecycle={"DeleteAfterDays": 35})
    plan = {"BackupPlanId": made["BackupPlanId"]}
    t.has("CreateBackupPlan", made, BackupPlanArn=d.arn("backup-plan:", plan["BackupPlanId"]))
    t.true("CreateBackupPlan.CreationDate is now", near(made.get("CreationDate"), before))
    got = d.api.get_backup_plan(**plan)
    t.has(
        "GetBackupPlan",
        got,
        **plan,
        BackupPlanArn=made["BackupPlanArn"],
        VersionId=made["VersionId"],
        CreatorRequestId="c-1",
        DeletionDate=None,
        LastExecutionDate=None,
    )
    rule = got["BackupPlan"]["Rules"][0]
    t.same("GetBackupPlan.BackupPlanName", got["BackupPlan"]["BackupPlanName"], "first")
    t.has("a rule", rule, RuleName="daily", TargetBackupVaultName="vault", ScheduleExpression="cron(0 3 ? * * *)")
    t.same("a rule's lifecycle", rule.get("Lifecycle"), {"DeleteAfterDays": 35})
    t.true("a rule has an id", rule.get("RuleId"))
    # The console's and API's defaults: 8 hours to start, 7 days to complete, UTC, snapshots.
    t.has(
        "a rule's defaults",
        rule,
        StartWindowMinutes=480,
        CompletionWindowMinutes=10080,
        ScheduleExpressionTimezone="Etc/UTC",
        EnableContinuousBackup=False,
    )

    changed = {
        "BackupPlanName": "renamed",
        "Rules": [
            {"RuleName": "weekly", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 3 ? * SUN *)"}
        ],
    }
    updated = d.api.update_backup_plan(**plan, BackupPlan=changed)
    t.has("UpdateBackupPlan", updated, **plan, BackupPlanArn=made["BackupPlanArn"])
    t.true("an update makes a version", updated["VersionId"] != made["VersionId"])
    t.same("the newest version", d.api.get_backup_plan(**plan)["BackupPlan"]["BackupPlanName"], "renamed")
    old = d.api.get_backup_plan(**plan, VersionId=made["VersionId"])
    t.same(
        "the version asked for", (old["VersionId"], old["BackupPlan"]["BackupPlanName"]), (made["VersionId"], "first")
    )
    versions, _ = pages(d.api.list_backup_plan_versions, "BackupPlanVersionsList", **plan)
    t.same("versions", {v["VersionId"] for v in versions}, {made["VersionId"], updated["VersionId"]})
    t.refused(
        "ResourceNotFoundException|InvalidParameterValueException", d.api.get_backup_plan, **plan, VersionId="none"
    )

    gone = d.api.delete_backup_plan(**plan)
    t.has("DeleteBackupPlan", gone, **plan, BackupPlanArn=made["BackupPlanArn"], VersionId=updated["VersionId"])
    t.true("DeleteBackupPlan.DeletionDate is now", near(gone.get("DeletionDate"), t.world.now()))
    t.same("ListBackupPlans", d.api.list_backup_plans()["BackupPlansList"], [])
    with_deleted = d.api.list_backup_plans(IncludeDeleted=True)["BackupPlansList"]
    t.true(
        "a deleted plan is listed with its DeletionDate",
        with_deleted and all(p.get("DeletionDate") for p in with_deleted),
    )
    for missing in (
        d.api.get_backup_plan,
        d.api.delete_backup_plan,
        d.api.list_backup_plan_versions,
        d.api.export_backup_plan_template,
    ):
        t.refused("ResourceNotFoundException", missing, BackupPlanId="11111111-2222-3333-4444-555555555555")


@scenario
def duplicates(t):
    """API_CreateBackupPlan: an equal document is AlreadyExistsException, an equal CreatorRequestId returns the plan."""
    d = Desk(t)
    d.vault()
    first = d.plan("same", creator="c-1")
    again = t.accepted(d.plan, name="same", creator="c-1")
    if again:
        t.has("CreateBackupPlan again", again, BackupPlanId=first["BackupPlanId"], VersionId=first["VersionId"])
    refused = t.refused("AlreadyExistsException", d.plan, says="same plan document", name="same")
    if refused:
        t.same("AlreadyExistsException.Arn", refused.get("Arn"), first["BackupPlanArn"])
    other = d.plan("same", ScheduleExpression="cron(0 4 ? * * *)")
    t.true("names need not be unique", other["BackupPlanId"] != first["BackupPlanId"])


@scenario
def lists(t):
    """API_ListBackupPlans: pages, and what a listed plan shows."""
    d = Desk(t)
    d.vault()
    made = [d.plan(f"plan-{n}")["BackupPlanId"] for n in range(3)]
    found, sizes = pages(d.api.list_backup_plans, "BackupPlansList")
    t.same("plans", {plan["BackupPlanId"] for plan in found}, set(made))
    t.true("pages of one", set(sizes[:3]) == {1})
    t.true("a listed plan has a version", all(plan.get("VersionId") and plan.get("BackupPlanName") for plan in found))
    t.refused(WRONG, d.api.list_backup_plans, because="the token is none of ours", NextToken="nonsense")


@scenario
def rules(t):
    """API_BackupRuleInput, API_Lifecycle: what a rule may not say."""
    d = Desk(t)
    d.vault()
    for name in ("", "x" * 51, "two words"):
        t.refused(
            f"{WRONG}|MissingParameterValueException", d.plan, because=f"{name!r} is no rule's name", RuleName=name
        )
    t.refused(WRONG, d.plan, because="there is no such vault", TargetBackupVaultName="none")
    crons = {
        "cron(0 5 * * * *)": "one of the day fields must be ?",
        "cron(0 5 ? * ? *)": "only one of the day fields may be ?",
        "cron(0 5 ? * *)": "a field is missing",
        "cron(61 5 ? * * *)": "there is no minute 61",
        "0 5 ? * * *": "it is not in cron(…)",
        "cron(0/30 * ? * * *)": "an hour is the shortest interval",
    }
    for cron, because in crons.items():
        t.refused(WRONG, d.plan, because=f"{cron}: {because}", ScheduleExpression=cron)
    for cron in (
        "cron(0 5 ? * MON-FRI *)",
        "cron(0 5 1 * ? *)",
        "cron(15 0/6 ? * * *)",
        "cron(0 5 L * ? *)",
        "cron(0 5 ? * 2#1 *)",
    ):
        t.accepted(d.plan, name=f"plan-{abs(hash(cron))}", ScheduleExpression=cron)
    t.accepted(d.plan, name="zone", ScheduleExpression="cron(0 5 ? * * *)", ScheduleExpressionTimezone="Europe/Berlin")
    t.refused(WRONG, d.plan, because="there is no such zone", ScheduleExpressionTimezone="Mars/Olympus")
    t.refused(WRONG, d.plan, because="60 minutes to start at least", StartWindowMinutes=59)
    t.refused(
        WRONG,
        d.plan,
        because="it must complete after it could start",
        StartWindowMinutes=120,
        CompletionWindowMinutes=60,
    )
    lifecycles = [
        ({"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119}, "90 days"),
        ({"DeleteAfterDays": 0}, "DeleteAfterDays cannot be less than 1"),
        ({"DeleteAfterDays": 36501}, "36500"),
    ]
    for lifecycle, says in lifecycles:
        t.refused(WRONG, d.plan, says=says, because=f"{lifecycle}", Lifecycle=lifecycle)
        target = {"DestinationBackupVaultArn": d.arn("backup-vault:", "vault"), "Lifecycle": lifecycle}
        t.refused(WRONG, d.plan, because=f"a copy has {lifecycle}", CopyActions=[target])
    t.accepted(d.plan, name="cold", Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120})
    continuous = lambda **lifecycle: {"EnableContinuousBackup": True, "Lifecycle": lifecycle}
    t.refused(WRONG, d.plan, because="continuous backups keep 35 days at most", **continuous(DeleteAfterDays=36))
    t.refused(
        WRONG,
        d.plan,
        says="MoveToColdStorageAfterDays",
        because="continuous backups cannot be cold",
        **continuous(MoveToColdStorageAfterDays=1, DeleteAfterDays=91),
    )
    t.accepted(d.plan, name="continuous", **continuous(DeleteAfterDays=35))
    t.refused(WRONG, d.plan, because="a copy goes to a vault", CopyActions=[{"DestinationBackupVaultArn": "vault"}])
    create = d.api.create_backup_plan
    missing = f"MissingParameterValueException|{WRONG}"
    t.refused(missing, create, because="no rules", BackupPlan={"BackupPlanName": "x", "Rules": []})
    t.refused(
        missing, create, because="no name", BackupPlan={"Rules": [{"RuleName": "r", "TargetBackupVaultName": "vault"}]}
    )
    t.refused(missing, create, because="no vault", BackupPlan={"BackupPlanName": "x", "Rules": [{"RuleName": "r"}]})


@scenario
def templates(t):
    """API_ListBackupPlanTemplates, API_GetBackupPlanFromTemplate, API_ExportBackupPlanTemplate,
    API_GetBackupPlanFromJSON."""
    d = Desk(t)
    d.vault()
    plan = d.plan("exported", Lifecycle={"DeleteAfterDays": 7})["BackupPlanId"]
    text = d.api.export_backup_plan_template(BackupPlanId=plan)["BackupPlanTemplateJson"]
    t.same("an exported plan's name", json.loads(text).get("BackupPlanName"), "exported")
    read = d.api.get_backup_plan_from_json(BackupPlanTemplateJson=text)["BackupPlan"]
    t.same("a plan read back", (read["BackupPlanName"], read["Rules"][0]["RuleName"]), ("exported", "daily"))
    t.refused(f"InvalidRequestException|{WRONG}", d.api.get_backup_plan_from_json, BackupPlanTemplateJson="no json")
    listed = d.api.list_backup_plan_templates()["BackupPlanTemplatesList"]
    t.true("AWS offers templates", listed)
    for template in listed[:1]:
        document = d.api.get_backup_plan_from_template(BackupPlanTemplateId=template["BackupPlanTemplateId"])[
            "BackupPlanDocument"
        ]
        t.true("a template has rules", document["Rules"])
    t.refused(
        "ResourceNotFoundException",
        d.api.get_backup_plan_from_template,
        BackupPlanTemplateId="11111111-2222-3333-4444-555555555555",
    )


@scenario
def runs(t):
    """ "Managing backup plans": a rule fires at its cron's time, its jobs and recovery points name it; a preview says
    when."""
    d = Desk(t)
    d.vault()
    volume = d.volume()
    made = d.plan(
        ScheduleExpression="cron(0 5 ? * * *)", Lifecycle={"DeleteAfterDays": 7}, RecoveryPointTags={"from": "plan"}
    )
    plan = {"BackupPlanId": made["BackupPlanId"]}
    preview = d.api.get_backup_plan(**plan, MaxScheduledRunsPreview=3).get("ScheduledRunsPreview", [])
    t.same("hours of the next three runs", [run["ExecutionTime"].strftime("%H:%M") for run in preview], ["05:00"] * 3)
    d.select(made["BackupPlanId"], Resources=[volume])
    t.world.advance(days=1, hours=1)
    jobs = d.api.list_backup_jobs(ByResourceArn=volume)["BackupJobs"]
    t.true("one or two days' runs", 1 <= len(jobs) <= 2)
    job = d.ended(jobs[0]["BackupJobId"])
    t.same("state", job["State"], "COMPLETED")
    rule = d.api.get_backup_plan(**plan)["BackupPlan"]["Rules"][0]
    created_by = job.get("CreatedBy", {})
    t.has(
        "CreatedBy",
        created_by,
        **plan,
        BackupPlanArn=made["BackupPlanArn"],
        BackupPlanVersion=made["VersionId"],
        BackupRuleId=rule["RuleId"],
    )
    t.has("DescribeBackupJob", job, IamRoleArn=d.role, ResourceType="EBS", BackupVaultName="vault")
    point = d.api.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=job["RecoveryPointArn"])
    t.same("CreatedBy of the recovery point", point.get("CreatedBy", {}).get("BackupPlanId"), made["BackupPlanId"])
    t.same("its lifecycle", point.get("Lifecycle"), {"DeleteAfterDays": 7})
    t.same("its tags", d.api.list_tags(ResourceArn=job["RecoveryPointArn"])["Tags"].get("from"), "plan")
    t.true("LastExecutionDate is set", d.api.get_backup_plan(**plan).get("LastExecutionDate"))
    by_plan = d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault", ByBackupPlanId=made["BackupPlanId"])[
        "RecoveryPoints"
    ]
    t.true("ByBackupPlanId", by_plan)
    t.world.advance(days=30)
    points = d.api.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    t.true(f"seven days of retention leave seven or eight points, not {len(points)}", 6 <= len(points) <= 8)
