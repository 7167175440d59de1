"""No operation that the sandbox offers may be without a scenario, and none may get lost.

Each operation of each service's model that no scenario called is asked for once, with made-up parameters, in a fresh
account. What answers anything else than "not implemented" is offered.
"""

import re

import botocore.exceptions

SERVICES = ("backup", "dlm", "rds", "sts")

# Elsewhere the sandbox offers nothing of its own: it hands these services' calls on to ministack.
OF_CONCERN = {
    "rds": (
        r"(Create|Modify|Delete|Describe)DB(Instance|Cluster)s?|\w*Snapshot\w*|\w*AutomatedBackup\w*|\w*ExportTasks?"
        r"|Restore\w+ToPointInTime|\w+Resource|DescribeEvents"
    ),
    "sts": r"AssumeRole|GetCallerIdentity|GetAccessKeyInfo",
}

# What the sandbox leaves out. An operation that is missing here and is not offered has got lost.
NOT_OFFERED = {
    "backup": (
        # Audit Manager's frameworks are judged by AWS Config, which nothing here plays.
        r"\w+Frameworks?"
        # Approval teams, access points, tiers, scans, indexes: nobody here needs them.
        r"|\w+MpaApprovalTeam|\w+RestoreAccessBackupVaults?|\w+AccessPoint\w*|\w+TieringConfigurations?|\w+Scan\w+"
        r"|\w+RecoveryPointIndex\w+|ListIndexedRecoveryPoints"
    ),
    "rds": "ModifyDBSnapshot|DescribeDBSnapshotTenantDatabases",
}


def run(world, listing):
    world.scenario = "coverage"
    account = world.account()
    # The one ARN that every call can be given: roles are looked at before anything else is.
    role = account.role()
    for service in SERVICES:
        model = world.session.get_service_model(service)
        exercised = set(world.report.exercised[service])
        concern = re.compile(OF_CONCERN.get(service, r"\w+"))
        names = [name for name in model.operation_names if concern.fullmatch(name)]
        left = [name for name in names if name not in exercised]
        offered = [name for name in left if _offered(world, model, name, account, role)]
        for name in offered:
            world.report.found("coverage", f"{service}:{name} is offered, and no scenario calls it")
        missing = sorted(set(left) - set(offered))
        known = re.compile(NOT_OFFERED.get(service, ""))
        for name in missing:
            if not known.fullmatch(name):
                world.report.found("coverage", f"{service}:{name} is not offered")
        print(f"{service}: {len(exercised)} of {len(names)} operations exercised, {len(missing)} not offered")
        if listing:
            print(f"  exercised: {', '.join(sorted(exercised))}\n  not offered: {', '.join(missing)}")


def _offered(world, model, name, account, role):
    client = account.sandbox(model.service_name)
    method = next(method for method, operation in client.meta.method_to_api_mapping.items() if operation == name)
    try:
        getattr(client, method)(**_made_up(model.operation_model(name).input_shape, role))
    except botocore.exceptions.ClientError:
        pass
    return name in world.report.exercised[model.service_name]


def _made_up(shape, role):
    """The required members of a structure, with values that its model allows."""
    return {} if shape is None else {name: _value(name, shape.members[name], role) for name in shape.required_members}


def _value(name, shape, role):
    kind = shape.type_name
    if kind == "structure":
        return _made_up(shape, role)
    if kind in ("list", "map"):
        return [] if kind == "list" else {}
    if kind in ("integer", "long"):
        return shape.metadata.get("min", 1)
    if kind == "boolean":
        return False
    if kind == "timestamp":
        return "2026-01-01T00:00:00Z"
    if name.lower().endswith("arn"):
        return role
    return (shape.metadata.get("enum") or ["made-up"])[0]
