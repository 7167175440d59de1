"""Fills the demo's AWS from outside, as its owners would: the provider's principal, and each customer's account with
the roles of deploy/customer/aws and its databases. Reads a document on standard input, writes the principal's key.

Runs in ministack's virtual environment, which has botocore. A 12-digit access key id is the root of that account.
"""

import json
import sys

import botocore.session

wanted = json.load(sys.stdin)


def client(service, account):
    return botocore.session.get_session().create_client(
        service,
        region_name=wanted["region"],
        endpoint_url=wanted["endpoint"],
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


def principal():
    iam = client("iam", wanted["provider_account"])
    user = iam.create_user(UserName="holdfast")["User"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                "Resource": "arn:aws:iam::*:role/holdfast/*",
            }
        ],
    }
    iam.put_user_policy(UserName="holdfast", PolicyName="customers", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="holdfast")["AccessKey"]
    return user["Arn"], key


def customer(account, principal_arn):
    cloudformation = client("cloudformation", account["id"])
    cloudformation.create_stack(
        StackName="holdfast-roles",
        TemplateBody=wanted["template"],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": "HoldfastPrincipalArn", "ParameterValue": principal_arn},
            {"ParameterKey": "ExternalId", "ParameterValue": account["external_id"]},
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="holdfast-roles", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    # ministack's CloudFormation leaves the roles' boundary out.
    iam = client("iam", account["id"])
    for role in ["observe", "configure", "tune", "restore"]:
        boundary = f"arn:aws:iam::{account['id']}:policy/holdfast/boundary"
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    rds = client("rds", account["id"])
    for instance in account["instances"]:
        rds.create_db_instance(
            DBInstanceIdentifier=instance["name"],
            Engine=instance["engine"],
            DBInstanceClass="db.t3.medium",
            AllocatedStorage=instance["gigabytes"],
            MasterUsername="portal",
            MasterUserPassword="not-used-by-anyone",
            BackupRetentionPeriod=0,
            StorageEncrypted=True,
            Tags=[{"Key": key, "Value": value} for key, value in instance["tags"].items()],
        )


arn, key = principal()
for account in wanted["customers"]:
    customer(account, arn)
json.dump({"principal_arn": arn, "access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}, sys.stdout)
