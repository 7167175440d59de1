"""Where moto or ministack differ from the sandbox, and why the sandbox is the one that is right."""

AT_ONCE = "restores take time at AWS, so the sandbox's do on its clock"
FINAL = "API_DeleteDBInstance: either SkipFinalSnapshot or a final snapshot's name must be given"
DEFAULTS = "API_BackupRule: AWS fills in 8 hours, 7 days, UTC and snapshots"
RANGE = "API_ModifyDBInstance: 0 to 35 days"
FINAL = "API_DeleteDBInstance: without SkipFinalSnapshot it needs the name of a final snapshot"

KNOWN = {
    ("moto", "retain_for_too_long"): RANGE,
    ("moto", "restore_from_snapshot.DBInstanceStatus"): AT_ONCE,
    ("moto", "restore_to_point_in_time.DBInstanceStatus"): AT_ONCE,
    ("moto", "automated_backups.Engine"): "API_DBInstanceAutomatedBackup has it; moto leaves it out",
    ("moto", "automated_backups.BackupRetentionPeriod"): "API_DBInstanceAutomatedBackup has it; moto leaves it out",
    ("moto", "describe_vault.NumberOfRecoveryPoints"): "API_DescribeBackupVault has it; moto leaves it out",
    ("moto", "delete_without_saying_what_of_a_final_snapshot"): FINAL,
    ("ministack", "retain_for_too_long"): RANGE,
    ("ministack", "delete_without_saying_what_of_a_final_snapshot"): FINAL,
    ("ministack", "list_automated_snapshots"): "it takes none; the sandbox does",
    ("ministack", "restore_from_snapshot.DBInstanceStatus"): AT_ONCE,
    (
        "ministack",
        "restore_from_snapshot.TagList",
    ): "it drops a restore's tags; API_RestoreDBInstanceFromDBSnapshot sets them",
    ("ministack", "first_page_of_instances.instances"): "it ignores MaxRecords",
    ("ministack", "first_page_of_instances.Marker"): "it ignores MaxRecords",
    ("ministack", "create_vault_twice"): "API_CreateBackupVault: AlreadyExistsException is a 400",
    ("ministack", "describe_unknown_vault"): "API_DescribeBackupVault: ResourceNotFoundException is a 400",
    ("moto", "delete_without_saying_what_of_a_final_snapshot"): FINAL,
    ("ministack", "delete_without_saying_what_of_a_final_snapshot"): FINAL,
    ("moto", "get_plan.EnableContinuousBackup"): DEFAULTS,
    ("ministack", "create_plan_twice"): "API_CreateBackupPlan: an equal plan is AlreadyExistsException",
    ("ministack", "delete_plan"): "it let an equal plan be made, which is still there",
    ("ministack", "get_plan.StartWindowMinutes"): DEFAULTS,
    ("ministack", "get_plan.CompletionWindowMinutes"): DEFAULTS,
    ("ministack", "get_plan.ScheduleExpressionTimezone"): DEFAULTS,
    ("ministack", "get_plan.EnableContinuousBackup"): DEFAULTS,
    ("ministack", "get_unknown_plan"): "API_GetBackupPlan: ResourceNotFoundException is a 400",
    ("ministack", "lock_vault"): "it has no vault lock",
    ("ministack", "unlock_vault"): "it has no vault lock",
}
