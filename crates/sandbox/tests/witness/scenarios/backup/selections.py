"""Selections: which resources a plan backs up."""

from ...trial import pages, scenario
from . import Desk

WRONG = "InvalidParameterValueException"


@scenario
def life(t):
    """API_CreateBackupSelection, API_GetBackupSelection, API_ListBackupSelections, API_DeleteBackupSelection."""
    d = Desk(t)
    d.vault()
    plan = {"BackupPlanId": d.plan()["BackupPlanId"]}
    conditions = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/env", "ConditionValue": "prod"}]}
    document = {
        "SelectionName": "all.of_it-1",
        "IamRoleArn": d.role,
        "Resources": ["*"],
        "NotResources": ["arn:aws:ec2:*:*:volume/*"],
        "Conditions": conditions,
    }
    made = d.api.create_backup_selection(**plan, BackupSelection=document, CreatorRequestId="c-1")
    t.has("CreateBackupSelection", made, **plan)
    selection = {**plan, "SelectionId": made["SelectionId"]}
    got = d.api.get_backup_selection(**selection)
    t.has("GetBackupSelection", got, **selection, CreatorRequestId="c-1", CreationDate=made["CreationDate"])
    kept = got["BackupSelection"]
    t.has(
        "GetBackupSelection.BackupSelection",
        kept,
        SelectionName="all.of_it-1",
        IamRoleArn=d.role,
        Resources=["*"],
        NotResources=document["NotResources"],
    )
    t.same("conditions", kept.get("Conditions", {}).get("StringEquals"), conditions["StringEquals"])
    d.select(
        plan["BackupPlanId"],
        "tagged",
        ListOfTags=[{"ConditionType": "STRINGEQUALS", "ConditionKey": "env", "ConditionValue": "prod"}],
    )
    listed, sizes = pages(d.api.list_backup_selections, "BackupSelectionsList", **plan)
    t.same("selections", {s["SelectionName"] for s in listed}, {"all.of_it-1", "tagged"})
    t.same("pages", sizes[:2], [1, 1])
    t.refused("InvalidRequestException", d.api.delete_backup_plan, says="selections must be deleted", **plan)
    for one in listed:
        d.api.delete_backup_selection(**plan, SelectionId=one["SelectionId"])
    t.refused("ResourceNotFoundException", d.api.get_backup_selection, **selection)
    d.api.delete_backup_plan(**plan)


@scenario
def validation(t):
    """API_BackupSelection: names, roles, something to select, how much of it."""
    d = Desk(t)
    d.vault()
    plan = d.plan()["BackupPlanId"]
    everything = {"Resources": ["*"]}
    missing = f"{WRONG}|MissingParameterValueException"
    t.refused(missing, d.select, because="nothing is selected", plan=plan)
    t.refused(WRONG, d.select, because="no name", plan=plan, name="two words", **everything)
    t.refused(WRONG, d.select, because="51 characters", plan=plan, name="x" * 51, **everything)
    t.refused(WRONG, d.select, because="no role's ARN", plan=plan, IamRoleArn="role", **everything)
    t.refused(
        WRONG,
        d.select,
        because="no such role",
        plan=plan,
        IamRoleArn=f"arn:aws:iam::{t.account.id}:role/nobody",
        **everything,
    )
    t.refused(WRONG, d.select, because="no ARN", plan=plan, Resources=["volume"])
    only_equals = [{"ConditionType": "STRINGLIKE", "ConditionKey": "env", "ConditionValue": "p*"}]
    t.refused(WRONG, d.select, because="ListOfTags knows STRINGEQUALS only", plan=plan, ListOfTags=only_equals)
    many = [d.arn("volume/", f"vol-{n:017x}", "ec2") for n in range(501)]
    t.refused(f"{WRONG}|LimitExceededException", d.select, because="500 ARNs at most", plan=plan, Resources=many)
    t.refused(
        f"{WRONG}|ResourceNotFoundException",
        d.select,
        because="there is no such plan",
        plan="11111111-2222-3333-4444-555555555555",
        **everything,
    )
    d.select(plan, **everything)
    t.refused("AlreadyExistsException", d.select, because="the name is taken", plan=plan, **everything)


def _selected(t, names, **selection):
    """Which of some tagged volumes are backed up by a selection."""
    d = Desk(t)
    d.vault()
    volumes = {
        "prod": d.volume(env="prod"),
        "prod-db": d.volume(env="prod", team="db"),
        "test": d.volume(env="test"),
        "none": d.volume(),
    }
    plan = d.plan(ScheduleExpression="cron(0 * ? * * *)")["BackupPlanId"]
    placed = {
        key: [volumes.get(arn, arn) for arn in value] if key.endswith("Resources") else value
        for key, value in selection.items()
    }
    d.select(plan, **placed)
    t.world.advance(hours=1, minutes=5)
    backed_up = {job["ResourceArn"] for job in d.api.list_backup_jobs()["BackupJobs"]}
    t.same(f"selected by {selection}", {name for name, arn in volumes.items() if arn in backed_up}, names)


@scenario
def by_wildcard(t):
    """API_BackupSelection, Resources: ARNs with a star at their end."""
    _selected(t, {"prod", "prod-db", "test", "none"}, Resources=["arn:aws:ec2:*:*:volume/*"])


@scenario
def by_arn(t):
    """API_BackupSelection, Resources: any of several ARNs."""
    _selected(t, {"prod", "none"}, Resources=["prod", "none"])


@scenario
def by_exclusion(t):
    """API_BackupSelection, NotResources."""
    _selected(t, {"prod", "prod-db", "none"}, Resources=["*"], NotResources=["test"])


@scenario
def by_tags(t):
    """API_BackupSelection, ListOfTags: any of several, keys without a prefix."""
    tag = lambda key, value: {"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value}
    _selected(t, {"prod-db", "test"}, ListOfTags=[tag("team", "db"), tag("env", "test")])


@scenario
def by_tags_or_arn(t):
    """API_BackupSelection: ListOfTags adds to Resources, it does not narrow them."""
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "env", "ConditionValue": "test"}
    _selected(t, {"none", "test"}, Resources=["none"], ListOfTags=[tag])


@scenario
def by_conditions(t):
    """API_BackupSelection, Conditions: all of them, keys as aws:ResourceTag/…, narrowing Resources."""
    on = lambda key, value: [{"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": value}]
    conditions = {"StringLike": on("env", "p*"), "StringNotEquals": on("team", "db")}
    _selected(t, {"prod"}, Resources=["*"], Conditions=conditions)


@scenario
def by_not_like(t):
    """API_Conditions, StringNotLike and StringEquals."""
    on = lambda key, value: [{"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": value}]
    _selected(
        t, {"prod"}, Resources=["*"], Conditions={"StringEquals": on("env", "prod"), "StringNotLike": on("team", "d*")}
    )
