"""What AWS Backup has learnt lately: restore access vaults, approval teams, tiering, access points, malware scans."""

from ...trial import scenario
from . import Desk

WRONG = "InvalidParameterValueException"
REFUSED = f"InvalidRequestException|{WRONG}"


@scenario
def restore_access(t):
    """API_CreateRestoreAccessBackupVault, …List…, API_RevokeRestoreAccessBackupVault: only an air-gapped vault with an
    approval team."""
    d = Desk(t)
    vault = {"BackupVaultName": "gapped"}
    d.api.create_logically_air_gapped_backup_vault(**vault, MinRetentionDays=7, MaxRetentionDays=30)
    t.world.advance(minutes=10)
    source = {"SourceBackupVaultArn": d.arn("backup-vault:", "gapped")}
    t.refused(REFUSED, d.api.create_restore_access_backup_vault, because="the vault has no approval team", **source)
    team = f"arn:aws:mpa:eu-west-1:{t.account.id}:approval-team/people"
    d.api.associate_backup_vault_mpa_approval_team(**vault, MpaApprovalTeamArn=team)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), MpaApprovalTeamArn=team)
    made = d.api.create_restore_access_backup_vault(**source, BackupVaultName="opened")
    t.has("CreateRestoreAccessBackupVault", made, RestoreAccessBackupVaultName="opened")
    arn = made["RestoreAccessBackupVaultArn"]
    listed = d.api.list_restore_access_backup_vaults(**vault)["RestoreAccessBackupVaults"]
    t.same("ListRestoreAccessBackupVaults", [opened["RestoreAccessBackupVaultArn"] for opened in listed], [arn])
    d.api.revoke_restore_access_backup_vault(**vault, RestoreAccessBackupVaultArn=arn)
    d.api.disassociate_backup_vault_mpa_approval_team(**vault)
    t.has("DescribeBackupVault", d.api.describe_backup_vault(**vault), MpaApprovalTeamArn=None)


@scenario
def tiering(t):
    """API_CreateTieringConfiguration, …Get…, …List…, …Update…, …Delete…: of S3, after 60 days at least."""
    d = Desk(t)
    d.vault()
    choice = lambda days: [{"Resources": ["*"], "TieringDownSettingsInDays": days, "ResourceType": "S3"}]
    name = {"TieringConfigurationName": "cheaper"}
    create = lambda days: d.api.create_tiering_configuration(
        TieringConfiguration={**name, "BackupVaultName": "vault", "ResourceSelection": choice(days)}
    )
    t.refused(WRONG, create, because="60 days at least", days=59)
    made = create(60)
    t.has("CreateTieringConfiguration", made, **name)
    t.refused("AlreadyExistsException|ConflictException", create, days=60)
    changed = {"BackupVaultName": "vault", "ResourceSelection": choice(90)}
    d.api.update_tiering_configuration(**name, TieringConfiguration=changed)
    got = d.api.get_tiering_configuration(**name)["TieringConfiguration"]
    t.has("GetTieringConfiguration", got, **name, **changed)
    listed = d.api.list_tiering_configurations()["TieringConfigurations"]
    t.same("ListTieringConfigurations", [c["TieringConfigurationName"] for c in listed], ["cheaper"])
    d.api.delete_tiering_configuration(**name)
    t.refused("ResourceNotFoundException", d.api.get_tiering_configuration, **name)


@scenario
def access_points(t):
    """API_CreateBackupAccessPoint, …Describe…, …List…, …Delete…."""
    d = Desk(t)
    d.vault()
    point = d.backed_up(d.file_system())["RecoveryPointArn"]
    made = d.api.create_backup_access_point(Name="readers", RecoveryPointArn=point)
    access = {"AccessPointArn": made["AccessPointArn"]}
    t.world.advance(minutes=30)
    seen = d.api.describe_backup_access_point(**access)
    t.has("DescribeBackupAccessPoint", seen, **access, Name="readers", RecoveryPointArn=point, Status="AVAILABLE")
    lists = {
        "all": d.api.list_backup_access_points(),
        "by point": d.api.list_backup_access_points_by_recovery_point(RecoveryPointArn=point),
        "by resource": d.api.list_backup_access_points_by_resource(ResourceArn=seen["ResourceArn"]),
    }
    for what, listed in lists.items():
        t.same(what, [one["AccessPointArn"] for one in listed["BackupAccessPoints"]], [made["AccessPointArn"]])
    d.api.delete_backup_access_point(**access)
    t.world.advance(minutes=30)
    t.refused("ResourceNotFoundException", d.api.describe_backup_access_point, **access)


@scenario
def scans(t):
    """API_StartScanJob, API_DescribeScanJob, API_ListScanJobs, API_ListScanJobSummaries."""
    d = Desk(t)
    d.vault()
    point = d.backed_up(d.volume())["RecoveryPointArn"]
    asked = {
        "BackupVaultName": "vault",
        "RecoveryPointArn": point,
        "MalwareScanner": "GUARDDUTY",
        "ScanMode": "FULL_SCAN",
    }
    started = d.api.start_scan_job(**asked, IamRoleArn=d.role, ScannerRoleArn=d.role)
    t.world.advance(hours=2)
    done = d.api.describe_scan_job(ScanJobId=started["ScanJobId"])
    t.has("DescribeScanJob", done, **asked, State="COMPLETED", ScanResult={"ScanResultStatus": "NO_THREATS_FOUND"})
    listed = d.api.list_scan_jobs(ByState="COMPLETED")["ScanJobs"]
    t.same("ListScanJobs", [job["ScanJobId"] for job in listed], [started["ScanJobId"]])
    t.world.advance(days=1)
    summaries = d.api.list_scan_job_summaries(AggregationPeriod="SEVEN_DAYS")["ScanJobSummaries"]
    t.same("ListScanJobSummaries", sum(summary["Count"] for summary in summaries), 1)
