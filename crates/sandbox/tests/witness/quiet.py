"""Ends what a scenario leaves behind that would act later: schedules, and databases that are backed up each day."""

import botocore.exceptions


def _each(items, *ends):
    """Ends every item, as far as it lets itself be ended."""
    try:
        for item in items():
            for end in ends:
                end(item)
    except botocore.exceptions.ClientError:
        pass


def _backup(api):
    def selections(plan):
        id = plan["BackupPlanId"]
        _each(
            lambda: api.list_backup_selections(BackupPlanId=id)["BackupSelectionsList"],
            lambda selection: api.delete_backup_selection(BackupPlanId=id, SelectionId=selection["SelectionId"]),
        )

    def tests(plan):
        name = {"RestoreTestingPlanName": plan["RestoreTestingPlanName"]}
        _each(
            lambda: api.list_restore_testing_selections(**name)["RestoreTestingSelections"],
            lambda chosen: api.delete_restore_testing_selection(
                **name, RestoreTestingSelectionName=chosen["RestoreTestingSelectionName"]
            ),
        )

    _each(lambda: api.list_backup_plans()["BackupPlansList"], selections)
    _each(lambda: api.list_restore_testing_plans()["RestoreTestingPlans"], tests)


def _dlm(api):
    _each(
        lambda: api.get_lifecycle_policies()["Policies"],
        lambda policy: api.delete_lifecycle_policy(PolicyId=policy["PolicyId"]),
    )


def _rds(api):
    _each(
        lambda: api.describe_db_instances()["DBInstances"],
        lambda it: api.delete_db_instance(DBInstanceIdentifier=it["DBInstanceIdentifier"], SkipFinalSnapshot=True),
    )
    _each(
        lambda: api.describe_db_clusters()["DBClusters"],
        lambda it: api.delete_db_cluster(DBClusterIdentifier=it["DBClusterIdentifier"], SkipFinalSnapshot=True),
    )


ENDS = {"backup": _backup, "dlm": _dlm, "rds": _rds}
