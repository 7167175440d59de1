"""The same calls to the sandbox, to moto and to ministack: where they differ, `differences` says who is right and why.

A step returns the facts that count; a refusal's fact is its code. What only one of them offers is not compared.
"""

import re

import botocore.exceptions
from moto import mock_aws

from .differences import KNOWN

STEPS = []
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}", re.I)
ABSENT = "not offered"


def step(function):
    STEPS.append(function)
    return function


class Party:
    """Whom the steps are run against: its clients, and its account, which is left out of the facts."""

    def __init__(self, client, account):
        self._client = client
        self.account = account
        self._made = {}

    def client(self, service):
        if service not in self._made:
            self._made[service] = self._client(service)
        return self._made[service]

    @property
    def rds(self):
        return self.client("rds")

    @property
    def backup(self):
        return self.client("backup")

    def facts(self, function):
        try:
            return self._plain(function(self))
        except botocore.exceptions.ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"].get("HTTPStatusCode")
            unknown = (
                code in ("InvalidAction", "NotImplemented", "404", "501", "UnknownOperationException") or status == 501
            )
            return ABSENT if unknown else f"{status} {code}"
        except NotImplementedError:
            return ABSENT

    def _plain(self, value):
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._plain(item) for item in value]
        return UUID.sub("UUID", value.replace(self.account, "ACCOUNT")) if isinstance(value, str) else value


def some(answer, *members):
    return {member: answer.get(member) for member in members}


@step
def create_instance(p):
    made = p.rds.create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t3.medium",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="postgres",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=7,
        Tags=[{"Key": "a", "Value": "b"}],
    )["DBInstance"]
    return some(
        made, "DBInstanceIdentifier", "DBInstanceArn", "Engine", "BackupRetentionPeriod", "TagList", "AllocatedStorage"
    )


@step
def create_instance_twice(p):
    return create_instance(p)


@step
def describe_unknown_instance(p):
    return p.rds.describe_db_instances(DBInstanceIdentifier="none")["DBInstances"]


@step
def list_tags(p):
    arn = p.rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]["DBInstanceArn"]
    p.rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    p.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    return p.rds.list_tags_for_resource(ResourceName=arn)["TagList"]


@step
def retain_for_too_long(p):
    return p.rds.modify_db_instance(DBInstanceIdentifier="db", BackupRetentionPeriod=36)["DBInstance"][
        "BackupRetentionPeriod"
    ]


@step
def create_snapshot(p):
    made = p.rds.create_db_snapshot(DBSnapshotIdentifier="snap", DBInstanceIdentifier="db")["DBSnapshot"]
    return some(
        made,
        "DBSnapshotIdentifier",
        "DBInstanceIdentifier",
        "SnapshotType",
        "DBSnapshotArn",
        "Engine",
        "AllocatedStorage",
    )


@step
def create_snapshot_twice(p):
    return create_snapshot(p)


@step
def create_snapshot_of_unknown_instance(p):
    return p.rds.create_db_snapshot(DBSnapshotIdentifier="other", DBInstanceIdentifier="none")["DBSnapshot"]["Status"]


@step
def list_snapshots(p):
    return sorted(
        (s["DBSnapshotIdentifier"], s["SnapshotType"])
        for s in p.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    )


@step
def list_automated_snapshots(p):
    return len(p.rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"])


@step
def describe_unknown_snapshot(p):
    return p.rds.describe_db_snapshots(DBSnapshotIdentifier="none")["DBSnapshots"]


@step
def copy_snapshot(p):
    made = p.rds.copy_db_snapshot(SourceDBSnapshotIdentifier="snap", TargetDBSnapshotIdentifier="copy")["DBSnapshot"]
    return some(made, "DBSnapshotIdentifier", "DBInstanceIdentifier", "SnapshotType", "DBSnapshotArn")


@step
def copy_snapshot_twice(p):
    return copy_snapshot(p)


@step
def copy_unknown_snapshot(p):
    return p.rds.copy_db_snapshot(SourceDBSnapshotIdentifier="none", TargetDBSnapshotIdentifier="other")["DBSnapshot"][
        "Status"
    ]


@step
def share_snapshot(p):
    shared = p.rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="snap", AttributeName="restore", ValuesToAdd=["111122223333"]
    )
    return shared["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]


@step
def restore_from_snapshot(p):
    made = p.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="again", DBSnapshotIdentifier="snap", Tags=[{"Key": "a", "Value": "b"}]
    )["DBInstance"]
    return some(made, "DBInstanceIdentifier", "DBInstanceStatus", "Engine", "TagList", "AllocatedStorage")


@step
def restore_onto_an_instance(p):
    return restore_from_snapshot(p)


@step
def restore_from_unknown_snapshot(p):
    return p.rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="x", DBSnapshotIdentifier="none")[
        "DBInstance"
    ]["DBInstanceStatus"]


@step
def restore_to_point_in_time(p):
    made = p.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="db", TargetDBInstanceIdentifier="latest", UseLatestRestorableTime=True
    )["DBInstance"]
    return some(made, "DBInstanceIdentifier", "DBInstanceStatus", "Engine")


@step
def automated_backups(p):
    found = p.rds.describe_db_instance_automated_backups(DBInstanceIdentifier="db")["DBInstanceAutomatedBackups"]
    return some(found[0], "DBInstanceIdentifier", "Status", "Engine", "BackupRetentionPeriod")


@step
def first_page_of_instances(p):
    for n in range(21):
        p.rds.create_db_instance(
            DBInstanceIdentifier=f"more-{n:02}",
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="postgres",
            MasterUserPassword="not-a-secret",
        )
    page = p.rds.describe_db_instances(MaxRecords=20)
    return {"instances": len(page["DBInstances"]), "Marker": "Marker" in page}


@step
def delete_without_saying_what_of_a_final_snapshot(p):
    return p.rds.delete_db_instance(DBInstanceIdentifier="db")["DBInstance"]["DBInstanceStatus"]


@step
def delete_snapshot(p):
    return p.rds.delete_db_snapshot(DBSnapshotIdentifier="snap")["DBSnapshot"]["DBSnapshotIdentifier"]


@step
def delete_snapshot_twice(p):
    return delete_snapshot(p)


@step
def create_vault(p):
    made = p.backup.create_backup_vault(BackupVaultName="vault", BackupVaultTags={"a": "b"})
    return some(made, "BackupVaultName", "BackupVaultArn")


@step
def create_vault_twice(p):
    return create_vault(p)


@step
def describe_vault(p):
    return some(
        p.backup.describe_backup_vault(BackupVaultName="vault"),
        "BackupVaultName",
        "BackupVaultArn",
        "NumberOfRecoveryPoints",
        "Locked",
    )


@step
def describe_unknown_vault(p):
    return p.backup.describe_backup_vault(BackupVaultName="none")["BackupVaultName"]


@step
def vault_tags(p):
    arn = p.backup.describe_backup_vault(BackupVaultName="vault")["BackupVaultArn"]
    p.backup.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    p.backup.untag_resource(ResourceArn=arn, TagKeyList=["a"])
    return p.backup.list_tags(ResourceArn=arn)["Tags"]


@step
def lock_vault(p):
    p.backup.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=7, MaxRetentionDays=35)
    return some(
        p.backup.describe_backup_vault(BackupVaultName="vault"),
        "Locked",
        "MinRetentionDays",
        "MaxRetentionDays",
        "LockDate",
    )


@step
def unlock_vault(p):
    p.backup.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    return p.backup.describe_backup_vault(BackupVaultName="vault").get("Locked")


def _plan(p, vault="vault"):
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": vault,
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "Lifecycle": {"DeleteAfterDays": 7},
    }
    return p.backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})


@step
def create_plan(p):
    return some(_plan(p), "BackupPlanArn")


@step
def create_plan_twice(p):
    return some(_plan(p), "BackupPlanArn")


@step
def get_plan(p):
    plan = p.backup.list_backup_plans()["BackupPlansList"][0]["BackupPlanId"]
    rule = p.backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
    return some(
        rule,
        "RuleName",
        "TargetBackupVaultName",
        "ScheduleExpression",
        "Lifecycle",
        "StartWindowMinutes",
        "CompletionWindowMinutes",
        "ScheduleExpressionTimezone",
        "EnableContinuousBackup",
    )


@step
def get_unknown_plan(p):
    return p.backup.get_backup_plan(BackupPlanId="11111111-2222-3333-4444-555555555555")["BackupPlanId"]


@step
def delete_plan(p):
    plan = p.backup.list_backup_plans()["BackupPlansList"][0]["BackupPlanId"]
    p.backup.delete_backup_plan(BackupPlanId=plan)
    return len(p.backup.list_backup_plans()["BackupPlansList"])


@step
def delete_vault(p):
    p.backup.delete_backup_vault(BackupVaultName="vault")
    return [vault["BackupVaultName"] for vault in p.backup.list_backup_vaults()["BackupVaultList"]]


def run(world):
    world.scenario = "compare"
    here = world.account()
    sandbox = _all(Party(here.sandbox, here.id))
    there = world.account()
    seen = {"ministack": _all(Party(there.ministack, there.id))}
    with mock_aws():
        moto = lambda service: world.client(service, None, "eu-west-1", "123456789012")
        seen["moto"] = _all(Party(moto, "123456789012"))
    left, rows = dict(KNOWN), []
    for witness, facts in seen.items():
        for name, ours in sandbox.items():
            for member, our, their in _differences(ours, facts[name]):
                where = f"{name}.{member}" if member else name
                reason = left.pop((witness, where), None)
                rows.append((where, witness, str(our), str(their), reason or "NOT EXPLAINED"))
                if reason is None:
                    world.report.found("compare", f"{where}: sandbox {our}, {witness} {their}")
    for witness, where in left:
        if sandbox.get(where.partition(".")[0]) != ABSENT:
            world.report.found("compare", f"{witness} no longer differs in {where}: take it out of differences.py")
    world.report.checks += 2 * len(sandbox)
    for row in [("what", "who", "sandbox", "they", "why"), *sorted(rows)]:
        print("  {:42} {:9} {:28} {:28} {}".format(*row))


def _differences(ours, theirs):
    """(member, ours, theirs), with an empty member where the facts are no objects."""
    if ABSENT in (ours, theirs) or ours == theirs:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from ((key, ours[key], theirs[key]) for key in ours if ours[key] != theirs[key])
    else:
        yield "", ours, theirs


def _all(party):
    return {function.__name__: party.facts(function) for function in STEPS}
