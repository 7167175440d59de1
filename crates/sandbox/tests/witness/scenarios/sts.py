"""STS, which ministack answers and the sandbox passes on."""

import json

from ..trial import scenario

EXTERNAL_ID = "external-1"


def role(account, trusted, actions="*"):
    """A role that the root of `trusted` may assume with the ExternalId."""
    iam = account.ministack("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{trusted.id}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = lambda statement: json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    created = iam.create_role(RoleName="portal", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName="portal", PolicyName="portal", PolicyDocument=document(allow))
    return created["Role"]["Arn"]


@scenario
def identity(t):
    """API_GetCallerIdentity, API_GetAccessKeyInfo: a root's ARN, its account as user id."""
    sts = t.account.sandbox("sts")
    t.has("GetCallerIdentity", sts.get_caller_identity(), Account=t.account.id, Arn=f"arn:aws:iam::{t.account.id}:root")


@scenario
def assume_role(t):
    """API_AssumeRole: the session's ARN, its lifetime, ExternalId, session policy."""
    portal = t.world.account()
    arn = role(t.account, portal)
    sts = portal.sandbox("sts")
    params = {"RoleArn": arn, "RoleSessionName": "witness", "ExternalId": EXTERNAL_ID}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "rds:Describe*", "Resource": "*"}]}
    assumed = sts.assume_role(**params, DurationSeconds=900, Policy=json.dumps(policy), SourceIdentity="change-1")
    session_arn = f"arn:aws:sts::{t.account.id}:assumed-role/portal/witness"
    t.same("AssumeRole.AssumedRoleUser.Arn", assumed["AssumedRoleUser"]["Arn"], session_arn)
    t.true(
        "AssumeRole.AssumedRoleId ends with the session's name",
        assumed["AssumedRoleUser"]["AssumedRoleId"].endswith(":witness"),
    )
    credentials = assumed["Credentials"]
    key = credentials["AccessKeyId"]
    t.true("AccessKeyId of a session starts with ASIA", key.startswith("ASIA"))
    session = [key, credentials["SecretAccessKey"], credentials["SessionToken"]]
    mine = t.world.client("sts", t.world.sandbox, "eu-west-1", *session)
    t.has("GetCallerIdentity of the session", mine.get_caller_identity(), Account=t.account.id, Arn=session_arn)
    t.has("GetAccessKeyInfo", sts.get_access_key_info(AccessKeyId=key), Account=t.account.id)
    rds = t.world.client("rds", t.world.sandbox, "eu-west-1", *session)
    t.same("DescribeDBInstances of a new account", rds.describe_db_instances()["DBInstances"], [])
    t.refused(
        "AccessDenied",
        rds.create_db_snapshot,
        because="the session policy allows reading only",
        DBSnapshotIdentifier="s",
        DBInstanceIdentifier="i",
    )


@scenario
def assume_role_refused(t):
    """API_AssumeRole, "How to use an external ID": AccessDenied without the ExternalId, for an unknown role, for a
    stranger."""
    portal = t.world.account()
    arn = role(t.account, portal)
    sts = portal.sandbox("sts")
    params = {"RoleArn": arn, "RoleSessionName": "witness"}
    t.refused("AccessDenied", sts.assume_role, because="no ExternalId is given", **params)
    t.refused("AccessDenied", sts.assume_role, because="the ExternalId is wrong", **params, ExternalId="another")
    unknown = {**params, "RoleArn": f"arn:aws:iam::{t.account.id}:role/nobody", "ExternalId": EXTERNAL_ID}
    t.refused("AccessDenied", sts.assume_role, because="the role does not exist", **unknown)
    stranger = t.world.account().sandbox("sts")
    t.refused(
        "AccessDenied",
        stranger.assume_role,
        because="the trust policy names another account",
        **params,
        ExternalId=EXTERNAL_ID,
    )
