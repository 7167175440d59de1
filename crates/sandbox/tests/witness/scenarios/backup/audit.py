"""AWS Backup Audit Manager: frameworks, report plans, report jobs."""

from ...trial import pages, scenario
from . import Desk

WRONG = "InvalidParameterValueException"
CONTROLS = [
    {
        "ControlName": "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
        "ControlInputParameters": [{"ParameterName": "requiredRetentionDays", "ParameterValue": "35"}],
    },
    {"ControlName": "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "ControlScope": {"ComplianceResourceTypes": ["RDS"]}},
]


@scenario
def frameworks(t):
    """API_CreateFramework, …Describe…, …List…, …Update…, …Delete…."""
    d = Desk(t)
    made = d.api.create_framework(
        FrameworkName="rules",
        FrameworkDescription="ours",
        FrameworkControls=CONTROLS,
        IdempotencyToken="t-1",
        FrameworkTags={"a": "b"},
    )
    t.same("CreateFramework", made["FrameworkName"], "rules")
    t.true("its ARN", made["FrameworkArn"].startswith(d.arn("framework:", "rules")))
    t.refused("AlreadyExistsException", d.api.create_framework, FrameworkName="rules", FrameworkControls=CONTROLS)
    t.world.advance(minutes=30)
    seen = d.api.describe_framework(FrameworkName="rules")
    t.has(
        "DescribeFramework",
        seen,
        FrameworkArn=made["FrameworkArn"],
        FrameworkDescription="ours",
        DeploymentStatus="COMPLETED",
        FrameworkStatus="ACTIVE",
    )
    t.same("controls", [c["ControlName"] for c in seen["FrameworkControls"]], [c["ControlName"] for c in CONTROLS])
    listed, _ = pages(d.api.list_frameworks, "Frameworks")
    t.same("ListFrameworks", [(f["FrameworkName"], f["NumberOfControls"]) for f in listed], [("rules", 2)])
    d.api.update_framework(FrameworkName="rules", FrameworkDescription="theirs", FrameworkControls=CONTROLS[:1])
    t.world.advance(minutes=30)
    seen = d.api.describe_framework(FrameworkName="rules")
    t.same("after an update", (seen["FrameworkDescription"], len(seen["FrameworkControls"])), ("theirs", 1))
    t.refused(
        WRONG,
        d.api.create_framework,
        because="no such control",
        FrameworkName="odd",
        FrameworkControls=[{"ControlName": "BE_NICE"}],
    )
    t.refused(
        WRONG,
        d.api.create_framework,
        because="names start with a letter and have no hyphen",
        FrameworkName="1-odd",
        FrameworkControls=CONTROLS,
    )
    d.api.delete_framework(FrameworkName="rules")
    t.world.advance(minutes=30)
    for call in (d.api.describe_framework, d.api.delete_framework):
        t.refused("ResourceNotFoundException", call, FrameworkName="rules")


@scenario
def reports(t):
    """API_CreateReportPlan, …Describe…, …List…, …Update…, …Delete…, API_StartReportJob, API_DescribeReportJob,
    API_ListReportJobs."""
    d = Desk(t)
    t.account.ministack("s3").create_bucket(
        Bucket=f"reports-{t.account.id}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    channel = {"S3BucketName": f"reports-{t.account.id}", "S3KeyPrefix": "backup", "Formats": ["CSV", "JSON"]}
    setting = {"ReportTemplate": "BACKUP_JOB_REPORT"}
    create = lambda **params: d.api.create_report_plan(
        **{"ReportPlanName": "daily", "ReportDeliveryChannel": channel, "ReportSetting": setting, **params}
    )
    made = create(ReportPlanTags={"a": "b"})
    plan = {"ReportPlanName": "daily"}
    t.has("CreateReportPlan", made, **plan)
    t.true("its ARN", made["ReportPlanArn"].startswith(d.arn("report-plan:", "daily")))
    t.refused("AlreadyExistsException", create)
    t.world.advance(minutes=30)
    seen = d.api.describe_report_plan(**plan)["ReportPlan"]
    t.has(
        "DescribeReportPlan",
        seen,
        **plan,
        ReportPlanArn=made["ReportPlanArn"],
        ReportDeliveryChannel=channel,
        DeploymentStatus="COMPLETED",
    )
    t.same("its template", seen["ReportSetting"]["ReportTemplate"], "BACKUP_JOB_REPORT")
    d.api.update_report_plan(**plan, ReportPlanDescription="ours")
    t.world.advance(minutes=30)
    listed, _ = pages(d.api.list_report_plans, "ReportPlans")
    t.same(
        "ListReportPlans", [(p["ReportPlanName"], p.get("ReportPlanDescription")) for p in listed], [("daily", "ours")]
    )
    job = d.api.start_report_job(**plan, IdempotencyToken="t-1")["ReportJobId"]
    t.same("the same token", d.api.start_report_job(**plan, IdempotencyToken="t-1")["ReportJobId"], job)
    t.world.advance(hours=1)
    done = d.api.describe_report_job(ReportJobId=job)["ReportJob"]
    t.has(
        "DescribeReportJob",
        done,
        ReportJobId=job,
        ReportPlanArn=made["ReportPlanArn"],
        ReportTemplate="BACKUP_JOB_REPORT",
        Status="COMPLETED",
    )
    keys = done.get("ReportDestination", {}).get("S3Keys", [])
    t.same("formats of the report", {key.rpartition(".")[2] for key in keys}, {"csv", "json"})
    jobs = d.api.list_report_jobs(ByReportPlanName="daily", ByStatus="COMPLETED")["ReportJobs"]
    t.true("ListReportJobs", job in {j["ReportJobId"] for j in jobs})
    t.refused(
        WRONG, create, because="no such template", ReportPlanName="odd", ReportSetting={"ReportTemplate": "WEATHER"}
    )
    t.refused(
        WRONG,
        create,
        because="no such format",
        ReportPlanName="odd",
        ReportDeliveryChannel={**channel, "Formats": ["PDF"]},
    )
    d.api.delete_report_plan(**plan)
    t.world.advance(minutes=30)
    gone = "ResourceNotFoundException"
    t.refused(gone, d.api.describe_report_plan, **plan)
    t.refused(gone, d.api.start_report_job, **plan)
    t.refused(gone, d.api.describe_report_job, ReportJobId="11111111-2222-3333-4444-555555555555")
