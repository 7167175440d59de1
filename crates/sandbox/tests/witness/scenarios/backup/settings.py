"""Settings of the account and the region, and which types AWS Backup knows."""

from ...trial import scenario
from . import Desk

WRONG = "InvalidParameterValueException"
KNOWN = {
    "Aurora",
    "DocumentDB",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "FSx",
    "Neptune",
    "RDS",
    "S3",
    "Storage Gateway",
    "VirtualMachine",
}


@scenario
def types(t):
    """API_GetSupportedResourceTypes."""
    d = Desk(t)
    types = set(d.api.get_supported_resource_types()["ResourceTypes"])
    t.same("missing types", KNOWN - types - {"Storage Gateway"}, set())


@scenario
def region(t):
    """API_DescribeRegionSettings, API_UpdateRegionSettings: a type that is opted out is not backed up by plans."""
    d = Desk(t)
    before = d.api.describe_region_settings()
    t.true(
        "types that can be opted in", {"EBS", "EFS", "RDS", "DynamoDB"} <= set(before["ResourceTypeOptInPreference"])
    )
    t.true("types that can be managed", {"DynamoDB", "EFS"} <= set(before["ResourceTypeManagementPreference"]))
    d.api.update_region_settings(ResourceTypeOptInPreference={"EBS": False, "EFS": True})
    after = d.api.describe_region_settings()["ResourceTypeOptInPreference"]
    t.same("after an update", (after["EBS"], after["EFS"]), (False, True))
    t.same(
        "the others stay",
        {k: v for k, v in after.items() if k not in ("EBS", "EFS")},
        {k: v for k, v in before["ResourceTypeOptInPreference"].items() if k not in ("EBS", "EFS")},
    )
    t.refused(
        WRONG, d.api.update_region_settings, because="no such type", ResourceTypeOptInPreference={"Toaster": True}
    )
    d.vault()
    volume = d.volume(env="prod")
    plan = d.plan(ScheduleExpression="cron(0 * ? * * *)")["BackupPlanId"]
    d.select(plan, ListOfTags=[{"ConditionType": "STRINGEQUALS", "ConditionKey": "env", "ConditionValue": "prod"}])
    t.world.advance(hours=2)
    t.same("jobs of a type that is opted out", d.api.list_backup_jobs(ByResourceArn=volume)["BackupJobs"], [])


@scenario
def organisation(t):
    """API_DescribeGlobalSettings, API_UpdateGlobalSettings: strings, for the organisation's management account only."""
    d = Desk(t)
    settings = d.api.describe_global_settings()["GlobalSettings"]
    t.same("isCrossAccountBackupEnabled", settings.get("isCrossAccountBackupEnabled"), "false")
    try:
        d.api.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        changed = d.api.describe_global_settings()
        t.same("after an update", changed["GlobalSettings"]["isCrossAccountBackupEnabled"], "true")
        t.true("LastUpdateTime is set", changed.get("LastUpdateTime"))
    except d.api.exceptions.InvalidRequestException:
        pass  # This account manages no organisation.
    refused = f"InvalidRequestException|{WRONG}"
    t.refused(
        refused,
        d.api.update_global_settings,
        because="neither true nor false",
        GlobalSettings={"isCrossAccountBackupEnabled": "maybe"},
    )
    t.refused(refused, d.api.update_global_settings, because="no such setting", GlobalSettings={"isSunny": "true"})
