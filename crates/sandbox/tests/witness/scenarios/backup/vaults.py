"""Backup vaults: life, names, lists, access policies, notifications, tags."""

import json

from ...trial import pages, scenario
from . import Desk, near


@scenario
def life(t):
    """API_CreateBackupVault, API_DescribeBackupVault, API_DeleteBackupVault."""
    d = Desk(t)
    before = t.world.now()
    made = d.api.create_backup_vault(BackupVaultName="first", CreatorRequestId="c-1")
    arn = d.arn("backup-vault:", "first")
    t.has("CreateBackupVault", made, BackupVaultName="first", BackupVaultArn=arn)
    t.true("CreateBackupVault.CreationDate is now", near(made.get("CreationDate"), before))
    vault = d.api.describe_backup_vault(BackupVaultName="first")
    t.has(
        "DescribeBackupVault",
        vault,
        BackupVaultName="first",
        BackupVaultArn=arn,
        VaultType="BACKUP_VAULT",
        NumberOfRecoveryPoints=0,
    )
    t.has(
        "DescribeBackupVault",
        vault,
        Locked=False,
        LockDate=None,
        MinRetentionDays=None,
        MaxRetentionDays=None,
        CreatorRequestId="c-1",
    )
    t.true(
        "a vault has the account's aws/backup key",
        vault.get("EncryptionKeyArn", "").startswith(f"arn:aws:kms:eu-west-1:{t.account.id}:key/"),
    )
    t.same("describe and create agree on the date", vault.get("CreationDate"), made.get("CreationDate"))
    d.api.delete_backup_vault(BackupVaultName="first")
    gone = "ResourceNotFoundException|AccessDeniedException"
    t.refused(gone, d.api.describe_backup_vault, BackupVaultName="first")
    t.refused(gone, d.api.delete_backup_vault, BackupVaultName="first")
    key = d.arn("key/", "11111111-2222-3333-4444-555555555555", "kms")
    d.vault("keyed", EncryptionKeyArn=key)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(BackupVaultName="keyed"), EncryptionKeyArn=key)


@scenario
def duplicates(t):
    """API_CreateBackupVault: AlreadyExistsException names the vault and its request; the same CreatorRequestId is a
    retry."""
    d = Desk(t)
    first = d.api.create_backup_vault(BackupVaultName="first", CreatorRequestId="c-1")
    again = t.accepted(d.api.create_backup_vault, BackupVaultName="first", CreatorRequestId="c-1")
    if again:
        t.has(
            "CreateBackupVault again", again, BackupVaultArn=first["BackupVaultArn"], CreationDate=first["CreationDate"]
        )
    for other in ({}, {"CreatorRequestId": "c-2"}):
        refused = t.refused("AlreadyExistsException", d.api.create_backup_vault, BackupVaultName="first", **other)
        if refused:
            t.has("AlreadyExistsException", refused, Arn=first["BackupVaultArn"], CreatorRequestId="c-1")
    t.account.sandbox("backup", "us-east-1").create_backup_vault(BackupVaultName="first")
    t.world.account().sandbox("backup").create_backup_vault(BackupVaultName="first")


@scenario
def names(t):
    """API_CreateBackupVault: BackupVaultName matches ^[a-zA-Z0-9-_]{2,50}$, CreatorRequestId has 1 to 50 alphanumeric
    or '-_.'."""
    d = Desk(t)
    for name in ("a", "b" * 51, "with.dot", "with space", "ü-vault"):
        t.refused(
            "InvalidParameterValueException",
            d.api.create_backup_vault,
            because=f"{name!r} is no name",
            BackupVaultName=name,
        )
    d.vault("a-B_9")
    d.vault("c" * 50)
    t.refused(
        "InvalidParameterValueException",
        d.api.create_backup_vault,
        because="the id is too long",
        BackupVaultName="ok",
        CreatorRequestId="x" * 51,
    )


@scenario
def lists(t):
    """API_ListBackupVaults: MaxResults 1 to 1000, ByVaultType, ByShared, NextToken."""
    d = Desk(t)
    t.same(
        "vaults of a new account but Default",
        [
            v["BackupVaultName"]
            for v in d.api.list_backup_vaults()["BackupVaultList"]
            if v["BackupVaultName"] != "Default"
        ],
        [],
    )
    for name in ("one", "two", "three"):
        d.vault(name)
    d.api.create_logically_air_gapped_backup_vault(BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    found, sizes = pages(d.api.list_backup_vaults, "BackupVaultList", size=2)
    t.same("names", {v["BackupVaultName"] for v in found} - {"Default"}, {"one", "two", "three", "gapped"})
    t.true("pages of at most two, all but the last full", max(sizes) <= 2 and all(size == 2 for size in sizes[:-1]))
    by_type = lambda kind: (
        {v["BackupVaultName"] for v in d.api.list_backup_vaults(ByVaultType=kind)["BackupVaultList"]} - {"Default"}
    )
    t.same("ByVaultType", by_type("BACKUP_VAULT"), {"one", "two", "three"})
    t.same("ByVaultType", by_type("LOGICALLY_AIR_GAPPED_BACKUP_VAULT"), {"gapped"})
    shared = {v["BackupVaultName"] for v in d.api.list_backup_vaults(ByShared=True)["BackupVaultList"]}
    t.same("ordinary vaults with ByShared", shared & {"one", "two", "three"}, set())
    one = next(v for v in found if v["BackupVaultName"] == "one")
    t.has("a listed vault", one, VaultType="BACKUP_VAULT", Locked=False, NumberOfRecoveryPoints=0)
    wrong = "InvalidParameterValueException"
    for params in ({"MaxResults": 0}, {"MaxResults": 1001}, {"NextToken": "nonsense"}, {"ByVaultType": "SAFE"}):
        t.refused(wrong, d.api.list_backup_vaults, because=f"{params} is out of range", **params)


@scenario
def not_empty(t):
    """API_DeleteBackupVault: a vault can be deleted only if it is empty."""
    d = Desk(t)
    d.vault()
    job = d.backed_up(d.volume())
    t.has("DescribeBackupVault", d.api.describe_backup_vault(BackupVaultName="vault"), NumberOfRecoveryPoints=1)
    t.refused(
        "InvalidRequestException", d.api.delete_backup_vault, says="contains recovery points", BackupVaultName="vault"
    )
    d.api.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=job["RecoveryPointArn"])
    t.world.advance(minutes=10)
    d.api.delete_backup_vault(BackupVaultName="vault")


@scenario
def access_policy(t):
    """API_PutBackupVaultAccessPolicy, API_GetBackupVaultAccessPolicy, API_DeleteBackupVaultAccessPolicy."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    t.refused("ResourceNotFoundException", d.api.get_backup_vault_access_policy, because="none is set", **vault)
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["backup:DeleteRecoveryPoint"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    d.api.put_backup_vault_access_policy(**vault, Policy=json.dumps(policy))
    got = d.api.get_backup_vault_access_policy(**vault)
    t.has("GetBackupVaultAccessPolicy", got, **vault, BackupVaultArn=d.arn("backup-vault:", "vault"))
    t.same("GetBackupVaultAccessPolicy.Policy", json.loads(got["Policy"]), policy)
    job = d.backed_up(d.volume())
    denied = {**vault, "RecoveryPointArn": job["RecoveryPointArn"]}
    t.refused("AccessDeniedException", d.api.delete_recovery_point, because="the vault's policy denies it", **denied)
    d.api.delete_backup_vault_access_policy(**vault)
    t.refused("ResourceNotFoundException", d.api.get_backup_vault_access_policy, because="it was deleted", **vault)
    d.api.delete_recovery_point(**denied)
    for text in ("no json", json.dumps({"Statement": "x"})):
        t.refused(
            "InvalidParameterValueException",
            d.api.put_backup_vault_access_policy,
            because="that is no policy",
            **vault,
            Policy=text,
        )
    t.refused(
        "ResourceNotFoundException|AccessDeniedException",
        d.api.put_backup_vault_access_policy,
        BackupVaultName="none",
        Policy=json.dumps(policy),
    )


@scenario
def notifications(t):
    """API_PutBackupVaultNotifications, API_GetBackupVaultNotifications, API_DeleteBackupVaultNotifications."""
    d = Desk(t)
    vault = {"BackupVaultName": d.vault()}
    t.refused("ResourceNotFoundException", d.api.get_backup_vault_notifications, because="none is set", **vault)
    topic = t.account.ministack("sns").create_topic(Name="backups")["TopicArn"]
    events = ["BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED"]
    d.api.put_backup_vault_notifications(**vault, SNSTopicArn=topic, BackupVaultEvents=events)
    got = d.api.get_backup_vault_notifications(**vault)
    t.has(
        "GetBackupVaultNotifications", got, **vault, BackupVaultArn=d.arn("backup-vault:", "vault"), SNSTopicArn=topic
    )
    t.same("GetBackupVaultNotifications.BackupVaultEvents", set(got["BackupVaultEvents"]), set(events))
    wrong = "InvalidParameterValueException"
    t.refused(
        wrong,
        d.api.put_backup_vault_notifications,
        because="no such event",
        **vault,
        SNSTopicArn=topic,
        BackupVaultEvents=["LUNCH"],
    )
    t.refused(
        wrong,
        d.api.put_backup_vault_notifications,
        because="no topic's ARN",
        **vault,
        SNSTopicArn="topic",
        BackupVaultEvents=events,
    )
    d.api.delete_backup_vault_notifications(**vault)
    t.refused("ResourceNotFoundException", d.api.get_backup_vault_notifications, because="it was deleted", **vault)


@scenario
def tags(t):
    """API_ListTags, API_TagResource, API_UntagResource: on vaults and plans."""
    d = Desk(t)
    d.vault(BackupVaultTags={"team": "db", "env": "prod"})
    plan = d.plan(tags={"team": "db", "env": "prod"})["BackupPlanArn"]
    for arn in (d.arn("backup-vault:", "vault"), plan):
        t.same("ListTags", d.api.list_tags(ResourceArn=arn)["Tags"], {"team": "db", "env": "prod"})
        d.api.tag_resource(ResourceArn=arn, Tags={"env": "test", "x": ""})
        d.api.untag_resource(ResourceArn=arn, TagKeyList=["team", "unknown"])
        t.same("ListTags", d.api.list_tags(ResourceArn=arn)["Tags"], {"env": "test", "x": ""})
        t.refused(
            "InvalidParameterValueException",
            d.api.tag_resource,
            because="aws: is reserved",
            ResourceArn=arn,
            Tags={"aws:x": "y"},
        )
    t.refused("ResourceNotFoundException", d.api.list_tags, ResourceArn=d.arn("backup-vault:", "none"))
    t.refused("InvalidParameterValueException|ResourceNotFoundException", d.api.list_tags, ResourceArn="no-arn")


@scenario
def air_gapped(t):
    """API_CreateLogicallyAirGappedBackupVault: 7 days at least, locked from the start."""
    d = Desk(t)
    create = d.api.create_logically_air_gapped_backup_vault
    made = create(BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30, BackupVaultTags={"a": "b"})
    t.has(
        "CreateLogicallyAirGappedBackupVault",
        made,
        BackupVaultName="gapped",
        BackupVaultArn=d.arn("backup-vault:", "gapped"),
    )
    t.true("a new vault is being created or available", made.get("VaultState") in ("CREATING", "AVAILABLE"))
    t.world.advance(minutes=10)
    vault = d.api.describe_backup_vault(BackupVaultName="gapped")
    t.has(
        "DescribeBackupVault", vault, VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT", VaultState="AVAILABLE", Locked=True
    )
    t.has("DescribeBackupVault", vault, MinRetentionDays=7, MaxRetentionDays=30, NumberOfRecoveryPoints=0)
    wrong = "InvalidParameterValueException"
    t.refused(
        wrong, create, because="7 days is the least", BackupVaultName="short", MinRetentionDays=6, MaxRetentionDays=30
    )
    t.refused(
        wrong,
        create,
        because="the least is above the most",
        BackupVaultName="odd",
        MinRetentionDays=30,
        MaxRetentionDays=8,
    )
    t.refused(
        "MissingParameterValueException|InvalidParameterValueException",
        create,
        BackupVaultName="missing",
        MinRetentionDays=7,
    )
    t.refused("AlreadyExistsException", create, BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    lock = d.api.put_backup_vault_lock_configuration
    t.refused(
        "InvalidRequestException|InvalidParameterValueException",
        lock,
        because="its lock cannot be changed",
        BackupVaultName="gapped",
        MinRetentionDays=1,
    )
    t.refused(
        "InvalidRequestException",
        d.api.delete_backup_vault_lock_configuration,
        because="its lock cannot be taken off",
        BackupVaultName="gapped",
    )
